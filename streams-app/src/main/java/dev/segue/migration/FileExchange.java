package dev.segue.migration;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import dev.segue.canonical.TranscriptOrder;
import dev.segue.config.SystemConfig;
import dev.segue.finding.Finding;
import dev.segue.layout.Variables;
import dev.segue.ownership.HashSlot;
import dev.segue.spi.DocumentReader;
import dev.segue.spi.DocumentWriter;
import dev.segue.spi.Intake;
import dev.segue.spi.SessionQuery;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.Source;
import dev.segue.spi.Target;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sessions of one system to files and from files, without a migration. */
public final class FileExchange {
  private static final int TOGETHER = 200;

  /** So many entities are written in one transaction, unless one session has more. */
  private static final long ENTITIES_TOGETHER = 20_000;

  private static final int MOST_LISTED = 100;

  private FileExchange() {}

  /**
   * What was done with sessions.
   *
   * @param errors the first of the sessions that could not be, with the reason
   */
  public record Exported(long sessions, long entities, long failed, Map<String, String> errors) {}

  /**
   * What was done with sessions.
   *
   * @param skipped sessions that were there already
   * @param failures the first of those that could not be added, with the reason
   */
  public record Imported(long imported, long skipped, long errors, Map<String, String> failures) {}

  /**
   * Writes sessions out, each as of one moment.
   *
   * @param some which; empty for all
   * @param to is opened once it is known that the system can be read
   * @param progress is told how many there are so far
   */
  public static Exported export(
      SystemConfig from, Optional<List<String>> some, Opening to, LongConsumer progress)
      throws IOException, InterruptedException {
    try (Source source = Systems.source(from, "export")) {
      refuse(source.binding().findings());
      try (DocumentWriter writer = to.open()) {
        return export(source, some, writer, progress);
      }
    }
  }

  /** Makes the files ready. */
  public interface Opening {
    DocumentWriter open() throws IOException, InterruptedException;
  }

  private static Exported export(
      Source source, Optional<List<String>> some, DocumentWriter to, LongConsumer progress) {
    List<String> sessions = some.orElseGet(() -> all(source));
    long entities = 0;
    Failures failures = new Failures();
    for (int i = 0; i < sessions.size(); i += TOGETHER) {
      List<String> batch = sessions.subList(i, Math.min(sessions.size(), i + TOGETHER));
      for (SessionDocument document : read(source, batch, failures)) {
        try {
          to.write(document);
          entities += document.entities().size();
        } catch (MalformedRecordException e) {
          failures.add(document.sessionId(), e.getMessage());
        }
      }
      progress.accept(i + batch.size());
    }
    return new Exported(sessions.size() - failures.count, entities, failures.count, failures.first);
  }

  private static void refuse(List<Finding> findings) {
    List<Finding> errors = findings.stream().filter(Finding::isError).toList();
    if (!errors.isEmpty()) {
      throw new BlockedException(errors);
    }
  }

  private static List<String> all(Source source) {
    return source
        .find(
            new SessionQuery.InSlots(
                IntStream.range(0, HashSlot.COUNT).boxed().collect(Collectors.toSet())))
        .stream()
        .sorted()
        .toList();
  }

  private static final class Failures {
    private final Map<String, String> first = new LinkedHashMap<>();
    private long count;

    void add(String session, String reason) {
      count++;
      if (first.size() < MOST_LISTED) {
        first.put(session, reason);
      }
    }
  }

  private static List<SessionDocument> read(
      Source source, Collection<String> sessions, Failures failures) {
    Map<String, List<Entity>> found = new LinkedHashMap<>();
    Map<String, String> unmappable = new LinkedHashMap<>();
    sessions.forEach(session -> found.put(session, new ArrayList<>()));
    source.read(
        sessions,
        new SnapshotReader.RowConsumer() {
          @Override
          public void accept(Entity entity) {
            found.computeIfAbsent(entity.sessionId(), unused -> new ArrayList<>()).add(entity);
          }

          @Override
          public void reject(String session, String reason) {
            unmappable.putIfAbsent(String.valueOf(session), reason);
          }
        });
    unmappable.forEach(failures::add);
    found.keySet().removeAll(unmappable.keySet());
    found
        .entrySet()
        .removeIf(
            session -> {
              boolean gone = session.getValue().isEmpty();
              if (gone) {
                failures.add(session.getKey(), "there is no such session");
              }
              return gone;
            });
    return found.entrySet().stream()
        .map(session -> new SessionDocument(session.getKey(), inOrder(session.getValue())))
        .toList();
  }

  /** The session, its messages as they were said, then whatever else it has. */
  private static List<Entity> inOrder(List<Entity> entities) {
    List<Entity> ordered = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      List<Entity> some = entities.stream().filter(entity -> entity.kind() == kind).toList();
      ordered.addAll(kind == Kind.MESSAGE ? TranscriptOrder.of(some) : some);
    }
    return ordered;
  }

  /**
   * Adds the sessions of files that are not there yet.
   *
   * @param name what the layout's constants call this import
   * @param progress is told how many were read so far
   */
  public static Imported importInto(
      SystemConfig to, DocumentReader from, String name, LongConsumer progress) {
    try (Target target = Systems.target(to, "import")) {
      refuse(target.binding().findings());
      Variables variables = new Variables("files", "", name, Instant.now().toString());
      Failures failures = new Failures();
      long[] counts = new long[2];
      try (Intake intake = target.intake(variables)) {
        List<SessionDocument> batch = new ArrayList<>();
        long entities = 0;
        for (Next next = Next.of(from, failures); !next.atEnd(); next = Next.of(from, failures)) {
          if (next.document() != null) {
            batch.add(next.document());
            entities += next.document().entities().size();
          }
          if (batch.size() == TOGETHER || entities > ENTITIES_TOGETHER) {
            add(intake, batch, counts, failures);
            entities = 0;
            progress.accept(counts[0] + counts[1] + failures.count);
          }
        }
        add(intake, batch, counts, failures);
      }
      return new Imported(counts[0], counts[1], failures.count, failures.first);
    }
  }

  /** What stands next in the files: a session, something that is none (null), or the end. */
  private record Next(SessionDocument document, boolean atEnd) {
    static Next of(DocumentReader from, Failures failures) {
      try {
        Optional<SessionDocument> document = from.next();
        return new Next(document.orElse(null), document.isEmpty());
      } catch (MalformedRecordException e) {
        failures.add("?" + (failures.count + 1), e.getMessage());
        return new Next(null, false);
      }
    }
  }

  private static void add(
      Intake intake, List<SessionDocument> batch, long[] counts, Failures failures) {
    List<Intake.Outcome> outcomes = intake.add(batch);
    for (int i = 0; i < batch.size(); i++) {
      if (outcomes.get(i) instanceof Intake.Outcome.Failed failed) {
        failures.add(batch.get(i).sessionId(), failed.reason());
      } else {
        counts[outcomes.get(i) instanceof Intake.Outcome.Imported ? 0 : 1]++;
      }
    }
    batch.clear();
  }
}
