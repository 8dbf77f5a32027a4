package dev.segue.redis;

import dev.segue.layout.UnmappableRowException;

/** What it means that a row which is to be written over is not there. */
final class Missing {
  private Missing() {}

  /**
   * @throws UnmappableRowException unless it may be missing
   */
  static void check(WritableTable table, boolean mayBeMissing) {
    if (!mayBeMissing) {
      throw new UnmappableRowException(
          "the row to be updated is missing in table " + table + "; read the session again");
    }
  }
}
