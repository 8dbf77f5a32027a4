package dev.segue.layout;

import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.util.List;
import java.util.Optional;

/** Layouts and tables for tests of archives. */
final class ArchiveTables {
  private ArchiveTables() {}

  static Layout read(String text) {
    return new LayoutReader(Optional.empty()).read("mine.yaml", text);
  }

  private static Column column(String name) {
    Family family = name.equals("extra") ? Family.JSON : Family.TEXT;
    String type = name.equals("number") ? "bigint" : family.name();
    return new Column(
        name.equals("number") ? "id" : name,
        new ColumnType(family, type, type, Limits.NONE, null),
        false,
        false,
        false,
        false);
  }

  /** A table of texts; {@code extra} is JSON, and {@code number} makes its id a number. */
  static Table table(String name, String... columns) {
    return new Table(
        new TableId("public", name),
        List.of(columns).stream().map(ArchiveTables::column).toList(),
        List.of("id"));
  }
}
