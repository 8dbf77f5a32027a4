package dev.segue.postgres;

import dev.segue.layout.ColumnSpec;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a table's log must tell a row's former values in full. */
final class ReplicaIdentity {
  private static final Set<String> MARKED_ELEMENTS =
      Set.of("text", "character varying", "character", "json", "jsonb");

  private ReplicaIdentity() {}

  /** Why it must, if it must. */
  static Optional<String> needed(LayoutBinding all, TableBinding binding, PostgresNames names) {
    return all.all(binding.layout().kind()).stream()
        .filter(other -> !other.equals(binding))
        .findFirst()
        .map(
            other ->
                "rows may be moved between it and "
                    + other.table().id()
                    + ", so that each change must tell all of its row")
        .or(() -> needed(binding, names));
  }

  private static Optional<String> needed(TableBinding binding, PostgresNames names) {
    Optional<String> untold =
        binding.layout().columns().entrySet().stream()
            .filter(e -> e.getValue() instanceof ColumnSpec.OfField of && of.field().identity())
            .map(java.util.Map.Entry::getKey)
            .filter(column -> binding.table().column(column).isPresent())
            .filter(column -> !binding.table().primaryKey().contains(column))
            .findFirst();
    if (untold.isPresent()) {
      return untold.map(
          column -> "a delete must tell its session, and " + column + " is not in the primary key");
    }
    Optional<String> keeping = names.isBack() ? keepingColumn(binding) : Optional.empty();
    if (keeping.isPresent()) {
      return keeping.map(
          column ->
              "column "
                  + column
                  + " keeps what the source has no other place for, and the log would leave it out"
                  + " where it is large");
    }
    Optional<Column> silent =
        binding.table().columns().stream()
            .filter(column -> !binding.layout().isSetAside(column.name()))
            .filter(column -> !column.generated() && isLeftOutSilently(column.type()))
            .findFirst();
    if (silent.isPresent()) {
      return silent.map(
          column ->
              "column "
                  + column.name()
                  + " is "
                  + column.type()
                  + ", and where such a value is large and did not change, the log would leave it"
                  + " out without a sign");
    }
    return binding.table().columns().stream()
        .filter(column -> !binding.layout().columns().containsKey(column.name()))
        .filter(column -> !binding.layout().isSetAside(column.name()))
        .filter(column -> !column.generated() && isLarge(column))
        .findFirst()
        .map(
            column ->
                "column "
                    + column.name()
                    + " is not in the layout and may hold large values, which the log would leave"
                    + " out");
  }

  /**
   * Debezium marks a large value that the log left out, but knows no mark for arrays of most types
   * nor for vectors: it tells them as null, or as an array of something else.
   */
  private static boolean isLeftOutSilently(ColumnType type) {
    return type.family() == Family.VECTOR
        || (type.family() == Family.ARRAY && !MARKED_ELEMENTS.contains(type.element().name()));
  }

  private static Optional<String> keepingColumn(TableBinding binding) {
    return binding.layout().columns().entrySet().stream()
        .filter(
            e ->
                e.getValue() instanceof ColumnSpec.OfDocument
                    || (e.getValue() instanceof ColumnSpec.OfObject of && of.rest().isPresent()))
        .map(java.util.Map.Entry::getKey)
        .filter(column -> binding.table().column(column).isPresent())
        .findFirst();
  }

  /** The table and its partitions, as far as they do not have it yet. */
  static List<TableId> withoutFull(Connection connection, TableId table) throws SQLException {
    List<TableId> without = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT n.nspname, c.relname
            FROM (SELECT relid FROM pg_partition_tree(?::regclass)
                  UNION SELECT ?::regclass) t
            JOIN pg_class c ON c.oid = t.relid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relreplident <> 'f'
            ORDER BY c.relkind = 'p', 1, 2
            """)) {
      statement.setString(1, table.sql());
      statement.setString(2, table.sql());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          without.add(new TableId(rows.getString(1), rows.getString(2)));
        }
      }
    }
    return without;
  }

  /** What the table has, as {@code ALTER TABLE … REPLICA IDENTITY} takes it. */
  static String clause(Connection connection, TableId table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT CASE c.relreplident WHEN 'd' THEN 'DEFAULT' WHEN 'n' THEN 'NOTHING'
              WHEN 'f' THEN 'FULL' ELSE coalesce('USING INDEX ' || (
                SELECT quote_ident(i.relname) FROM pg_index x JOIN pg_class i
                ON i.oid = x.indexrelid WHERE x.indrelid = c.oid AND x.indisreplident),
                'NOTHING') END
            FROM pg_class c WHERE c.oid = ?::regclass
            """)) {
      statement.setString(1, table.sql());
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getString(1);
      }
    }
  }

  /** Whether the table, and the index if one is named, are still there. */
  static boolean canBe(Connection connection, TableId table, String clause) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT to_regclass(?) IS NOT NULL AND (? NOT LIKE 'USING INDEX %' OR EXISTS (
              SELECT FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
              WHERE x.indrelid = to_regclass(?) AND 'USING INDEX ' || quote_ident(i.relname) = ?))
            """)) {
      statement.setString(1, table.sql());
      statement.setString(2, clause);
      statement.setString(3, table.sql());
      statement.setString(4, clause);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  private static boolean isLarge(Column column) {
    Family family = column.type().family();
    return switch (family) {
      case TEXT, JSON, BYTES, ARRAY -> true;
      default -> false;
    };
  }
}
