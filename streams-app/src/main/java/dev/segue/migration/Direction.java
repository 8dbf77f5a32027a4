package dev.segue.migration;

import dev.segue.spi.Source;
import dev.segue.spi.Target;

/**
 * One of the two ways that rows take in a migration.
 *
 * @param name the migration's on the way there, a name of its own on the way back
 * @param source what is read, whichever side it is
 * @param target what is written
 */
record Direction(String name, Source source, Target target) implements AutoCloseable {
  @Override
  public void close() {
    source.close();
    target.close();
  }
}
