package dev.segue.layout;

import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.finding.Finding;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether what identifies an entity finds its row in the target, however often it is written, and
 * whether rows that the target numbers itself keep their order.
 */
final class IdentityCheck {
  private final TableBinding source;
  private final TableBinding target;
  private final RowWriter writer;
  private final List<Finding> findings = new ArrayList<>();

  IdentityCheck(TableBinding source, TableBinding target, RowWriter writer) {
    this.source = source;
    this.target = target;
    this.writer = writer;
    checkKey();
    for (int i = 0; i < writer.columns().size(); i++) {
      if (writer.spec(i) instanceof ColumnSpec.OfField of && of.field().identity()) {
        checkType(writer.columns().get(i), of.field());
      }
    }
    checkOrder();
  }

  List<Finding> findings() {
    return findings;
  }

  private String name(String column) {
    return "target " + target.table().id() + "." + column;
  }

  private void checkKey() {
    if (target.layout().keys().isPresent()) {
      // A store of keys has no primary keys; its binding says whether keys tell what identifies.
      return;
    }
    Kind kind = target.layout().kind();
    if (target.table().primaryKey().isEmpty()) {
      findings.add(
          Finding.error(
              "target " + target.table().id(),
              "has no primary key, so a change cannot find its row",
              "ALTER TABLE " + target.table().id() + " ADD PRIMARY KEY (…)"));
    }
    for (String key : target.table().primaryKey()) {
      boolean fromIdentity = false;
      for (int i = 0; i < writer.columns().size(); i++) {
        fromIdentity |=
            writer.columns().get(i).name().equals(key)
                && writer.spec(i) instanceof ColumnSpec.OfField of
                && of.field().identity();
      }
      if (!fromIdentity) {
        findings.add(
            Finding.error(
                name(key),
                "is part of the primary key, but the layout does not fill it from what identifies"
                    + " a "
                    + kind.wireName()
                    + " ("
                    + kind.identity()
                    + ")",
                otherKey().orElse("map the column to one of them in the target's layout")));
      }
    }
  }

  /** Where the layout leaves the key alone, another of its columns is meant to be it. */
  private Optional<String> otherKey() {
    TableId table = target.table().id();
    boolean leftAlone =
        target.table().primaryKey().stream()
            .allMatch(key -> target.layout().columns().get(key) instanceof ColumnSpec.LeftAlone);
    return target.layout().columns().entrySet().stream()
        .filter(unused -> leftAlone)
        .filter(
            e ->
                e.getValue() instanceof ColumnSpec.OfField of
                    && of.field().identity()
                    && !of.field().equals(target.layout().kind().sessionField()))
        .map(Map.Entry::getKey)
        .map(column -> "ALTER TABLE " + table + " " + key(column))
        .findFirst();
  }

  private String key(String column) {
    return "DROP CONSTRAINT "
        + target.table().id().name()
        + "_pkey, ADD PRIMARY KEY ("
        + column
        + "), ADD UNIQUE ("
        + String.join(", ", target.table().primaryKey())
        + ")";
  }

  private void checkType(Column column, Field field) {
    Optional<Column> from = source.layout().columnOf(field.name()).flatMap(source.table()::column);
    if (column.type().family() != Family.INTEGER
        || from.isEmpty()
        || from.get().type().family() == Family.INTEGER) {
      return;
    }
    TableId table = target.table().id();
    Optional<String> other =
        target.layout().columns().entrySet().stream()
            .filter(e -> e.getValue() instanceof ColumnSpec.OfField of && of.field().equals(field))
            .map(Map.Entry::getKey)
            .filter(name -> target.table().column(name).isEmpty())
            .findFirst();
    findings.add(
        Finding.error(
            name(column.name()),
            "is "
                + column.type()
                + ", but "
                + source.table().id()
                + "."
                + from.get().name()
                + " is "
                + from.get().type(),
            other
                .map(
                    name ->
                        "ALTER TABLE "
                            + table
                            + " ADD COLUMN "
                            + name
                            + " text NOT NULL DEFAULT gen_random_uuid()::text, "
                            + key(name))
                .orElse("map the column to another field in the target's layout")));
  }

  /** Only stores without tables are read session by session, in a session's order. */
  private void checkOrder() {
    boolean ofTables = !source.table().primaryKey().isEmpty();
    target.table().columns().stream()
        .filter(
            column -> target.layout().columns().get(column.name()) instanceof ColumnSpec.LeftAlone)
        .filter(unused -> ofTables)
        .map(
            column ->
                Finding.warning(
                    name(column.name()),
                    "is numbered as rows are written, and rows of tables are not written in the"
                        + " order of their session",
                    "if the source's ids are whole numbers, use a table without the column that"
                        + " the layout puts in its place: then they are kept"))
        .forEach(findings::add);
  }
}
