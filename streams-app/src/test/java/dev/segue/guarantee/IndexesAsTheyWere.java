package dev.segue.guarantee;

import dev.segue.support.Migration;
import java.util.List;

/** The target has the indexes that it had before history was copied. */
final class IndexesAsTheyWere implements Guarantee {
  private static final String INDEXES =
      "SELECT string_agg(indexdef, ', ' ORDER BY indexdef) FROM pg_indexes"
          + " WHERE schemaname = 'aria_engine'";

  private final Migration migration;
  private final String before;

  IndexesAsTheyWere(Migration migration) throws Exception {
    this.migration = migration;
    this.before = migration.askTarget(INDEXES);
  }

  @Override
  public void watch() {
    // What counts is what is there in the end.
  }

  @Override
  public List<String> verdict() throws Exception {
    String after = migration.askTarget(INDEXES);
    return after.equals(before)
        ? List.of()
        : List.of("the target's indexes were " + before + ", and are " + after);
  }

  @Override
  public void close() {
    // Nothing was opened.
  }
}
