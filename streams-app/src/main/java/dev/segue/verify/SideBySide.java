package dev.segue.verify;

import dev.segue.canonical.Entity;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.Embeddings;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Reads some sessions on both sides and says where they differ.
 *
 * <p>A row that went one way and was written on there may not look as if it had just been brought:
 * the way there may add an envelope, or a default. It is the same all the same if, brought back, it
 * is what the other side has. So where a way back exists, a difference counts only if the row
 * differs in both directions.
 */
public final class SideBySide {
  private final Terms terms;
  private final Optional<Terms> back;
  private final boolean showValues;

  /**
   * @param terms the direction from the side that owns the sessions
   * @param back the other direction, if there is one
   */
  public SideBySide(Terms terms, Optional<Terms> back, boolean showValues) {
    this.terms = terms;
    this.back = back;
    this.showValues = showValues;
  }

  /** Compares sessions that nobody writes to. */
  public List<Parity> compare(Collection<String> sessions) {
    // Writers wait for this.
    CompletableFuture<Reading> other = CompletableFuture.supplyAsync(() -> held(sessions));
    Reading expected = expected(sessions);
    Reading held = joined(other);
    Map<String, List<Difference>> plain = new HashMap<>();
    sessions.forEach(session -> plain.put(session, held.plainDifferences(session, expected)));
    Map<String, List<Difference>> differences = inBothDirections(plain);
    Map<String, Embeddings.Waiting> waiting = terms.waiting(sessions);
    return sessions.stream()
        .map(
            session ->
                judge(session, expected.of(session), differences.get(session))
                    .waitingFor(waiting.get(session)))
        .toList();
  }

  private static Reading joined(CompletableFuture<Reading> reading) {
    try {
      return reading.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : SystemFault.passing("reading failed", e.getCause());
    }
  }

  static Parity judge(String session, SessionRows expected, List<Difference> differences) {
    return expected.unmappable().isEmpty()
        ? Parity.of(session, expected.digest(), differences)
        : Parity.refused(session, "cannot be mapped: " + String.join("; ", expected.unmappable()));
  }

  /** What the other side should hold, as of now. */
  Reading expected(Collection<String> sessions) {
    Reading reading = new Reading(terms.holdings());
    read(terms.source(), sessions, terms.holdings(), reading, null);
    return reading;
  }

  /** What the other side holds, as of now. */
  Reading held(Collection<String> sessions) {
    Reading reading = new Reading(terms.holdings());
    hold(terms.holdings(), sessions, reading);
    return reading;
  }

  private static void hold(Holdings holdings, Collection<String> sessions, Reading reading) {
    holdings.read(
        sessions.stream().map(holdings::sessionText).toList(),
        row -> reading.rows(row.session()).add(row));
  }

  /**
   * @param names where not null, takes what each entity's rows are called
   */
  private void read(
      Source source,
      Collection<String> sessions,
      Holdings holdings,
      Reading reading,
      BothNames names) {
    source.read(
        sessions,
        new SnapshotReader.RowConsumer() {
          @Override
          public void accept(Entity entity) {
            try {
              for (Entity item : holdings.items(entity)) {
                holdings
                    .expected(item)
                    .ifPresent(
                        row -> {
                          reading.rows(row.session()).add(row);
                          if (names != null) {
                            names.add(entity, item, row);
                          }
                        });
              }
            } catch (UnmappableRowException e) {
              reject(entity.sessionId(), e.getMessage());
            }
          }

          @Override
          public void reject(String sessionId, String reason) {
            if (sessionId != null) {
              reading.rows(holdings.sessionText(sessionId)).unmappable(reason);
            }
          }
        });
  }

  /** What the rows of the other direction are called in the terms of the first. */
  private final class BothNames {
    private final Map<String, Set<String>> others = new HashMap<>();

    /**
     * @param item the entity itself, or what it is there; where it is several, it is the same only
     *     if all of these are
     */
    void add(Entity entity, Entity item, HeldRow row) {
      put(entity, row);
      put(item, row);
    }

    private void put(Entity called, HeldRow row) {
      String kind = called.kind().wireName();
      terms
          .holdings()
          .key(called)
          .ifPresent(
              key ->
                  others
                      .computeIfAbsent(name(kind, key), unused -> new HashSet<>())
                      .add(name(kind, row.key())));
    }

    /** Whether a row of the first direction is known to be the same in the other. */
    boolean isSame(Difference difference, Set<String> different) {
      Set<String> names = others.get(name(difference.kind(), difference.key()));
      return names != null && Collections.disjoint(names, different);
    }
  }

  private static String name(String kind, List<String> key) {
    return name(kind, String.join("/", key));
  }

  private static String name(String kind, String key) {
    return kind + " " + key;
  }

  /**
   * Leaves out the differences of rows that are the same in the other direction; those are read
   * now.
   */
  Map<String, List<Difference>> inBothDirections(Map<String, List<Difference>> found) {
    Set<String> different = new HashSet<>();
    found.forEach(
        (session, differences) -> {
          if (!differences.isEmpty()) {
            different.add(session);
          }
        });
    if (back.isEmpty() || different.isEmpty()) {
      return found;
    }
    Holdings opposite = back.get().holdings();
    BothNames names = new BothNames();
    Reading expected = new Reading(opposite);
    read(back.get().source(), different, opposite, expected, names);
    Reading held = new Reading(opposite);
    hold(opposite, different, held);
    Map<String, List<Difference>> both = new HashMap<>(found);
    for (String session : different) {
      Set<String> also = new HashSet<>();
      held.plainDifferences(session, expected)
          .forEach(difference -> also.add(name(difference.kind(), difference.key())));
      both.put(
          session,
          found.get(session).stream()
              .filter(difference -> !names.isSame(difference, also))
              .toList());
    }
    return both;
  }

  /** One reading of sessions, by how the holdings spell them. */
  final class Reading {
    private final Holdings holdings;
    private final Map<String, SessionRows> sessions = new HashMap<>();

    Reading(Holdings holdings) {
      this.holdings = holdings;
    }

    private SessionRows rows(String spelled) {
      return sessions.computeIfAbsent(spelled, unused -> new SessionRows());
    }

    SessionRows of(String session) {
      return sessions.getOrDefault(holdings.sessionText(session), new SessionRows());
    }

    /** Where what is held is not what is expected, in this direction. */
    List<Difference> plainDifferences(String session, Reading expected) {
      boolean kept =
          terms.source().keepsExpired()
              && expected.of(session).isGone()
              && of(session).isExpired(holdings);
      boolean lapsed =
          holdings.forgetsExpired()
              && of(session).isGone()
              && expected.of(session).isExpired(holdings);
      return kept || lapsed
          ? List.of()
          : expected.of(session).differencesOf(of(session), holdings, showValues);
    }
  }
}
