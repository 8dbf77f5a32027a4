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

  /** Takes rows into the table itself. */
  String copy() {
    return copy(table.id().sql());
  }

  /** Takes rows into the stage. */
  String copyBeside() {
    return copy("pg_temp." + name());
  }

  private String copy(String into) {
    return "COPY " + into + " (" + columns() + ") FROM STDIN";
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
        + " FROM pg_temp."
        + name()
        + table.conflictUpdate(all, new BitSet());
  }
}
