package dev.segue.examples;

import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.util.stream.Stream;

/** {@code examples/aria} on the servers of the tests. */
final class AriaExample {
  /** A session that a scheduler began. */
  static final String CRON = "7c1e9a52-6d0b-5f3a-9b51-0c5d2f6a8e10";

  /** A session of somebody who talks. */
  static final String CHAT = "b9d4f0c3-2a17-5e6b-8c44-91e3a7f2d605";

  /** A session of which little is told. */
  static final String BARE = "1f8e6d2c-93b5-5a70-ae19-4c0b8d7e6f51";

  private AriaExample() {}

  /**
   * Makes both databases and the configuration.
   *
   * @param more SQL for the source, behind the example's own
   * @param lines further ones of {@code migration.yaml}
   */
  static Migration migration(String name, String more, String... lines) throws Exception {
    Migration migration = new Migration(name);
    migration.onSource(Example.text("aria/source.sql") + more);
    migration.onTarget(Example.text("compose/target.sql"));
    Example.configure(
        migration,
        "aria/migration.yaml",
        Stream.concat(
                Stream.of(
                    "capture: {heartbeat: 300ms}",
                    "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}"),
                Stream.of(lines))
            .toArray(String[]::new));
    return migration;
  }
}
