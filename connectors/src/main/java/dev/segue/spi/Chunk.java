package dev.segue.spi;

import java.util.Objects;

/**
 * A range of a table that is read and written as one piece.
 *
 * @param id its number within the migration
 * @param table the source's table
 * @param part the physical table that it lies in; the same, unless the table is partitioned
 * @param from first block
 * @param to first block behind it, or -1 for the end of the table
 * @param bytes about how much it holds
 */
public record Chunk(int id, String table, String part, long from, long to, long bytes) {
  public Chunk {
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(part, "part");
  }
}
