package dev.segue.postgres;

import dev.segue.relational.Column;
import dev.segue.relational.TableId;
import java.util.BitSet;
import java.util.stream.Collectors;

/** The SQL by which a snapshot's rows are copied into a table, or beside it and then over it. */
record TargetStage(TargetTable table) {
  private String name() {
    return "segue_stage_" + table.writer().kind().wireName();
  }

  private String columns() {
    return table.writer().columns().stream()
        .map(Column::name)
        .map(TableId::quote)
        .collect(Collectors.joining(", "));
  }

  /** What the stage is called. */
  String stage() {
    return "pg_temp." + name();
  }

  /** The table itself, with the columns to be copied. */
  String whole() {
    return table.id().sql() + " (" + columns() + ")";
  }

  /** The stage, with the columns to be copied. */
  String beside() {
    return stage() + " (" + columns() + ")";
  }

  /** Makes the stage, if it is not there. */
  String create() {
    return "CREATE TEMP TABLE IF NOT EXISTS "
        + name()
        + " ON COMMIT DELETE ROWS AS SELECT "
        + columns()
        + " FROM "
        + table.id().sql()
        + " WITH NO DATA";
  }

  String empty() {
    return "TRUNCATE " + name();
  }

  /** Overwrites rows with those of the stage. */
  String merge() {
    BitSet all = new BitSet();
    all.set(0, table.writer().columns().size());
    return "INSERT INTO "
        + table.id().sql()
        + " ("
        + columns()
        + ") OVERRIDING SYSTEM VALUE SELECT "
        + columns()
        + " FROM "
        + stage()
        + table.statements().conflictUpdate(all, new BitSet());
  }
}
