package dev.segue.bench.contender;

import dev.segue.bench.server.Database;

/** A contender that copies what is there. */
public interface Copier extends Contender {
  /**
   * Copies all rows into tables that are there and empty, and returns when they are visible.
   *
   * @return what is still running or standing then; closing it removes that
   * @throws ContenderFailedException if it gives up
   */
  AutoCloseable copy(Database source, Database target) throws Exception;
}
