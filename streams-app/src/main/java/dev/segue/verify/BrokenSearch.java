package dev.segue.verify;

import dev.segue.canonical.Entity;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Looks at sessions that seem to lack something that their rows refer to. */
final class BrokenSearch {
  /** So many of them are looked at. */
  private static final int MOST = 10_000;

  /** So many rows are held at a time, unless one session has more. */
  private static final long ROWS_TOGETHER = 20_000;

  private final Source source;
  private final References references;

  BrokenSearch(Source source) {
    this.source = source;
    this.references = new References(source.supplies());
  }

  /**
   * Looks at sessions.
   *
   * @param sessions with about how many rows they have
   */
  void run(Map<String, Long> sessions, Consumer<BrokenReference> found) {
    List<String> some = new ArrayList<>();
    long rows = 0;
    int looked = 0;
    for (Map.Entry<String, Long> session : sessions.entrySet()) {
      if (++looked > MOST) {
        break;
      }
      if (!some.isEmpty() && rows + session.getValue() > ROWS_TOGETHER) {
        look(some, found);
        some.clear();
        rows = 0;
      }
      some.add(session.getKey());
      rows += session.getValue();
    }
    if (!some.isEmpty()) {
      look(some, found);
    }
  }

  private void look(List<String> sessions, Consumer<BrokenReference> found) {
    Map<String, List<Entity>> rows = new HashMap<>();
    source.read(
        sessions,
        new SnapshotReader.RowConsumer() {
          @Override
          public void accept(Entity entity) {
            rows.computeIfAbsent(entity.sessionId(), unused -> new ArrayList<>()).add(entity);
          }

          @Override
          public void reject(String sessionId, String reason) {
            // It is named where parity is told.
          }
        });
    rows.forEach((session, all) -> Integrity.check(session, all, references).forEach(found));
  }
}
