package dev.segue.relational;

import java.util.Objects;

/** A table's schema and name, as the database spells them. */
public record TableId(String schema, String name) implements Comparable<TableId> {
  public TableId {
    Objects.requireNonNull(schema, "schema");
    Objects.requireNonNull(name, "name");
  }

  /** Reads {@code schema.name}. */
  public static TableId parse(String text) {
    int dot = text.indexOf('.');
    if (dot <= 0 || dot == text.length() - 1) {
      throw new IllegalArgumentException("'" + text + "' is not schema.table");
    }
    return new TableId(text.substring(0, dot), text.substring(dot + 1));
  }

  /** The name as SQL takes it, quoted. */
  public String sql() {
    return quote(schema) + "." + quote(name);
  }

  /** An identifier as SQL takes it, quoted. */
  public static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  @Override
  public int compareTo(TableId other) {
    int order = schema.compareTo(other.schema);
    return order == 0 ? name.compareTo(other.name) : order;
  }

  @Override
  public String toString() {
    return schema + "." + name;
  }
}
