package dev.segue.postgres;

import dev.segue.canonical.Entity;
import dev.segue.layout.Written;
import dev.segue.spi.SnapshotWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows of a snapshot that do not tell all of their columns, as those of an archive that lacks some.
 * COPY would write nulls there: over what a row that is there has, or in place of a default.
 */
final class SparseRows {
  private static final int MOST = 1000;

  /** A row of the same key is there. */
  private static final String TAKEN = "23505";

  private final TargetTable table;
  private final List<Entity> entities = new ArrayList<>();
  private final List<Written> rows = new ArrayList<>();

  SparseRows(TargetTable table) {
    this.table = table;
  }

  /**
   * Whether a row has to be written so.
   *
   * @param overwrite whether it may be there
   */
  boolean takes(Written row, boolean overwrite) {
    if (overwrite) {
      return !row.tellsAll();
    }
    BitSet insertOnly = row.insertOnly();
    for (int c = insertOnly.nextSetBit(0); c >= 0; c = insertOnly.nextSetBit(c + 1)) {
      if (row.values()[c] == null && table.writer().columns().get(c).hasDefault()) {
        return true;
      }
    }
    return false;
  }

  void add(Entity entity, Written row) {
    entities.add(entity);
    rows.add(row);
  }

  boolean isFull() {
    return rows.size() >= MOST;
  }

  /**
   * Writes them; where the target refuses some, halves them until one is left.
   *
   * @param overwrite whether they may be there
   * @param rejected gets those that are refused
   */
  void flush(Connection connection, boolean overwrite, List<SnapshotWriter.Rejected> rejected)
      throws SQLException {
    TargetRows target = new TargetRows(connection);
    new Halving(
            connection,
            (from, to) -> write(target, overwrite, rows.subList(from, to)),
            (row, why) ->
                rejected.add(PostgresSnapshotWriter.refused(table, entities.get(row), why)))
        .write(0, rows.size());
    entities.clear();
    rows.clear();
  }

  private void write(TargetRows target, boolean overwrite, List<Written> some) throws SQLException {
    Map<Batch.Signature, List<Written>> groups = new LinkedHashMap<>();
    for (Written row : some) {
      groups.computeIfAbsent(Batch.signature(table, row), unused -> new ArrayList<>()).add(row);
    }
    for (Map.Entry<Batch.Signature, List<Written>> group : groups.entrySet()) {
      if (overwrite) {
        target.merge(table, group.getKey(), group.getValue());
      } else if (target.insert(table, group.getKey().columns(), group.getValue())
          < group.getValue().size()) {
        throw new SQLException("another row has its key", TAKEN);
      }
    }
  }
}
