package dev.segue.demo;

import dev.segue.client.SegueRoutes.Side;
import dev.segue.status.PauseMs;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What was said, as the sides acknowledged it: an oracle that knows nothing of how rows are moved.
 * May be used by many threads.
 */
public final class Spoken {
  private final Map<UUID, Said> acknowledged = new ConcurrentHashMap<>();
  private final Set<UUID> deleted = ConcurrentHashMap.newKeySet();
  private final Set<UUID> opened = ConcurrentHashMap.newKeySet();
  private final List<Long> pauses = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong transactions = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong atTarget = new AtomicLong();

  /** What a message must be on both sides, and where it was said. */
  private record Said(UUID session, String content, Side at) {
    boolean isSameAs(Application.Message held) {
      return session.equals(held.session()) && content.equals(held.content());
    }
  }

  void said(UUID message, UUID session, String content, Side at) {
    acknowledged.put(message, new Said(session, content, at));
  }

  void deleted(UUID message) {
    acknowledged.remove(message);
    deleted.add(message);
  }

  void opened(UUID session) {
    opened.add(session);
  }

  void committed(Side at) {
    transactions.incrementAndGet();
    if (at == Side.TARGET) {
      atTarget.incrementAndGet();
    }
  }

  void waited(long millis) {
    pauses.add(millis);
  }

  void failed() {
    failed.incrementAndGet();
  }

  /** Transactions that a side accepted. */
  public long transactions() {
    return transactions.get();
  }

  /** Transactions that the target accepted. */
  public long atTarget() {
    return atTarget.get();
  }

  /** Transactions that no side acknowledged within ten seconds. */
  public long failures() {
    return failed.get();
  }

  /** Writes that met a session while it changed hands. */
  public int waits() {
    return pauses.size();
  }

  /** How long these took. */
  public PauseMs pauseMs() {
    synchronized (pauses) {
      return PauseMs.of(pauses.stream().mapToLong(Long::longValue));
    }
  }

  /** Sessions that were begun. */
  Set<UUID> opened() {
    return Set.copyOf(opened);
  }

  /** Messages, by id, that were said at the target, with their sessions. */
  Map<UUID, UUID> saidAtTarget() {
    Map<UUID, UUID> messages = new HashMap<>();
    acknowledged.forEach(
        (message, said) -> {
          if (said.at() == Side.TARGET) {
            messages.put(message, said.session());
          }
        });
    return messages;
  }

  /** Whether a message was not deleted since. */
  boolean isStillSaid(UUID message) {
    return acknowledged.containsKey(message);
  }

  /**
   * What became of what was acknowledged.
   *
   * @param messages that must be on both sides
   * @param lost those that a side does not have, and sessions likewise
   * @param altered those that are not as they were said
   * @param undead those that are there although their deletion was acknowledged
   */
  public record Verdict(long messages, long lost, long altered, long undead) {
    public boolean foundNothing() {
      return messages > 0 && lost == 0 && altered == 0 && undead == 0;
    }
  }

  /** Compares what was acknowledged with what each side has; nobody may write meanwhile. */
  Verdict judge(Map<Side, Workload.Connector> sides) throws SQLException {
    long lost = 0;
    long altered = 0;
    long undead = 0;
    for (Map.Entry<Side, Workload.Connector> side : sides.entrySet()) {
      try (Connection connection = side.getValue().open()) {
        Map<UUID, Application.Message> held = Application.messages(connection, side.getKey());
        for (Map.Entry<UUID, Said> said : acknowledged.entrySet()) {
          Application.Message found = held.get(said.getKey());
          if (found == null) {
            lost++;
          } else if (!said.getValue().isSameAs(found)) {
            altered++;
          }
        }
        Set<UUID> sessions = Application.sessions(connection, side.getKey());
        lost += opened.stream().filter(session -> !sessions.contains(session)).count();
        undead += deleted.stream().filter(held::containsKey).count();
      }
    }
    return new Verdict(acknowledged.size(), lost, altered, undead);
  }
}
