package dev.segue.openclaw;

import dev.segue.finding.Finding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the database has of what is read, and what it has besides.
 *
 * @param found the columns of each table; none if there is no such table
 * @param others all other tables
 * @param version what OpenClaw calls its schema
 * @param encoding of all texts
 */
record AgentSchema(
    Map<AgentTable, Set<String>> found, Set<String> others, long version, String encoding) {
  /**
   * Tables of what people said or wait for, whose rows are counted so that nobody misses them
   * unawares. None of them has a credential.
   */
  private static final List<String> COUNTED =
      List.of(
          "acp_parent_stream_events",
          "board_widgets",
          "conversation_deliveries",
          "conversations",
          "memory_index_chunks",
          "session_pending_inputs",
          "session_progress_cards",
          "session_suggestions",
          "standing_intents",
          "trajectory_runtime_events");

  private static final String UTF_8 = "UTF-8";

  AgentSchema {
    found = Map.copyOf(found);
    others = Set.copyOf(others);
  }

  /** Looks at the names of tables and columns; no row is read. */
  static AgentSchema of(Connection connection) throws SQLException {
    Map<AgentTable, Set<String>> found = new EnumMap<>(AgentTable.class);
    for (AgentTable table : AgentTable.values()) {
      found.put(table, columns(connection, table));
    }
    Set<String> others = new TreeSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
      while (rows.next()) {
        others.add(rows.getString(1));
      }
    }
    for (AgentTable table : AgentTable.values()) {
      others.remove(table.sqlName());
    }
    return new AgentSchema(
        found,
        others,
        Long.parseLong(pragma(connection, "user_version")),
        pragma(connection, "encoding"));
  }

  private static Set<String> columns(Connection connection, AgentTable table) throws SQLException {
    Set<String> columns = new LinkedHashSet<>();
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT name FROM pragma_table_info(?)")) {
      statement.setString(1, table.sqlName());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          columns.add(rows.getString(1));
        }
      }
    }
    return columns;
  }

  private static String pragma(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA " + name)) {
      return rows.next() ? rows.getString(1) : "";
    }
  }

  boolean has(AgentTable table) {
    return !found.get(table).isEmpty();
  }

  /** Columns for a SELECT; those that this version does not have are null. */
  String select(AgentTable table, Collection<String> columns) {
    return columns.stream()
        .map(column -> found.get(table).contains(column) ? column : "NULL AS " + column)
        .collect(Collectors.joining(", "));
  }

  /** What is missing of what is needed, each as one sentence. */
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (AgentTable table : AgentTable.values()) {
      List<String> columns = new ArrayList<>(table.columns());
      columns.removeAll(found.get(table));
      if (has(table) ? !columns.isEmpty() : table.isNeeded()) {
        missing.add(
            (has(table)
                    ? "table " + table.sqlName() + " has no " + String.join(", ", columns)
                    : "there is no table " + table.sqlName())
                + "; expected is "
                + table.sqlName()
                + " ("
                + String.join(", ", table.columns())
                + "), found a schema of version "
                + version);
      }
    }
    if (!encoding.equals(UTF_8)) {
      missing.add("its texts are " + encoding + ", expected is " + UTF_8);
    }
    return missing;
  }

  /** What is to be known before anything is moved. */
  List<Finding> findings(String subject, Connection connection) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    missing().forEach(what -> findings.add(Finding.error(subject, what, REMEDY)));
    Map<String, Long> counts = new LinkedHashMap<>();
    Set<String> unread = new TreeSet<>(others);
    for (String table : COUNTED) {
      if (unread.remove(table)) {
        counts.put(table, count(connection, table));
      }
    }
    counts.values().removeIf(count -> count == 0);
    counts.forEach(
        (table, count) ->
            findings.add(
                Finding.lossy(
                    subject,
                    table + ": " + count + (count == 1 ? " row" : " rows") + ", not carried")));
    unread.removeIf(table -> table.startsWith("sqlite_") || table.contains("_fts"));
    if (!unread.isEmpty()) {
      findings.add(
          Finding.warning(
              subject, "is never asked for rows of " + String.join(", ", unread), "nothing to do"));
    }
    return findings;
  }

  private static long count(Connection connection, String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }

  /** What to do where something is missing. */
  static final String REMEDY =
      "start the present version of OpenClaw once, which brings its database up to date; for"
          + " transcripts in files the layout is openclaw-store";
}
