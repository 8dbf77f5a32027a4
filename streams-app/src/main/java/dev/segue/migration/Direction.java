package dev.segue.migration;

import dev.segue.postgres.PostgresSource;
import dev.segue.postgres.PostgresTarget;

/**
 * One of the two ways that rows take in a migration.
 *
 * @param name the migration's on the way there, a name of its own on the way back
 * @param source what is read, whichever side it is
 * @param target what is written
 */
record Direction(String name, PostgresSource source, PostgresTarget target)
    implements AutoCloseable {
  @Override
  public void close() {
    source.close();
    target.close();
  }
}
