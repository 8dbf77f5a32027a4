package dev.segue.openclaw;

import static dev.segue.openclaw.AgentTable.SESSION_NODES;
import static dev.segue.openclaw.AgentTable.SESSION_TRANSCRIPT_ARCHIVES;
import static dev.segue.openclaw.AgentTable.SESSION_WINDOWS;

import dev.segue.canonical.JsonText;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks OpenClaw's database for sessions. All that is ever asked for stands here. */
final class AgentRows {
  private static final String LAST_LINES =
      "SELECT l.session_id, l.lines, l.first, l.last, e.event_json FROM"
          + " (SELECT session_id, count(*) AS lines, min(seq) AS first, max(seq) AS last"
          + " FROM transcript_events%s GROUP BY session_id) l"
          + " JOIN transcript_events e ON e.session_id = l.session_id AND e.seq = l.last";
  private static final String ARCHIVED =
      "SELECT session_id, generation, encoding, archive_sha256 FROM session_transcript_archives"
          + " WHERE reason = 'reset'%s ORDER BY created_at, generation";
  private static final String GENERATIONS =
      "SELECT session_id, generation FROM transcript_rewrite_watermarks%s";
  private static final String LINES =
      "SELECT session_id, event_json FROM transcript_events WHERE session_id = ? ORDER BY seq";
  private static final String ARCHIVE =
      "SELECT session_key, encoding, archive_blob FROM session_transcript_archives"
          + " WHERE session_id = ? AND reason = 'reset' ORDER BY created_at DESC, generation DESC"
          + " LIMIT 1";

  private final Connection connection;
  private final AgentSchema schema;
  private final String nodes;
  private final String windows;

  AgentRows(Connection connection, AgentSchema schema) {
    this.connection = connection;
    this.schema = schema;
    this.nodes =
        "SELECT current_session_id, session_key, entry_json, updated_at, "
            + schema.select(SESSION_NODES, SESSION_NODES.optional())
            + " FROM session_nodes%s ORDER BY session_key";
    this.windows =
        "SELECT session_id, session_key, previous_session_id, reason, created_at, updated_at, "
            + schema.select(SESSION_WINDOWS, SESSION_WINDOWS.optional())
            + " FROM session_windows%s";
  }

  /** What stands of each session; its lines are counted, and only the last one is read. */
  Map<String, ByteBuffer> stamps() throws SQLException {
    return stamps(Optional.empty());
  }

  private Map<String, ByteBuffer> stamps(Optional<String> only) throws SQLException {
    RowStamps stamps = new RowStamps();
    boolean one = only.isPresent();
    each(nodes.formatted(one ? " WHERE current_session_id = ?" : ""), only, stamps::add);
    each(windows.formatted(one ? " WHERE session_id = ?" : ""), only, stamps::add);
    each(LAST_LINES.formatted(one ? " WHERE session_id = ?" : ""), only, stamps::add);
    if (schema.has(SESSION_TRANSCRIPT_ARCHIVES)) {
      each(ARCHIVED.formatted(one ? " AND session_id = ?" : ""), only, stamps::add);
    }
    each(GENERATIONS.formatted(one ? " WHERE session_id = ?" : ""), only, stamps::addToKnown);
    return stamps.all();
  }

  /** What all lines of a session say. */
  ByteBuffer lines(String session) throws SQLException {
    RowStamps lines = new RowStamps();
    each(LINES, Optional.of(session), lines::add);
    return RowStamps.Stamp.of(session, Map.of(), lines.all()).lines();
  }

  /** A session, and what stands of it at the same moment. */
  SessionRows session(String session) throws SQLException {
    Optional<String> only = Optional.of(session);
    Map<String, byte[]> entries = new LinkedHashMap<>();
    Map<String, String> node = new LinkedHashMap<>();
    each(
        nodes.formatted(" WHERE current_session_id = ?"),
        only,
        row -> {
          entries.put(row.getString("session_key"), row.getBytes("entry_json"));
          node.putAll(members(row, SESSION_NODES.optional()));
        });
    Map<String, String> window = new LinkedHashMap<>();
    each(
        windows.formatted(" WHERE session_id = ?"),
        only,
        row -> {
          window.putAll(members(row, SESSION_WINDOWS.columns()));
          window.putAll(members(row, SESSION_WINDOWS.optional()));
        });
    node.forEach(window::putIfAbsent);
    List<byte[]> lines = new ArrayList<>();
    RowStamps all = new RowStamps();
    each(
        LINES,
        only,
        row -> {
          lines.add(row.getBytes("event_json"));
          all.add(row);
        });
    Optional<TranscriptArchive> archive = lines.isEmpty() ? archive(session) : Optional.empty();
    archive.ifPresent(packed -> packed.window().forEach(window::putIfAbsent));
    return new SessionRows(
        session,
        RowStamps.Stamp.of(session, stamps(only), all.all()),
        entries,
        window,
        lines,
        archive);
  }

  private Optional<TranscriptArchive> archive(String session) throws SQLException {
    List<TranscriptArchive> archives = new ArrayList<>();
    if (schema.has(SESSION_TRANSCRIPT_ARCHIVES)) {
      each(
          ARCHIVE,
          Optional.of(session),
          row ->
              archives.add(
                  new TranscriptArchive(
                      members(row, List.of("session_key")),
                      row.getString("encoding"),
                      row.getBytes("archive_blob"))));
    }
    return archives.stream().findFirst();
  }

  /** Columns that are not null, as JSON. */
  private static Map<String, String> members(ResultSet row, List<String> columns)
      throws SQLException {
    Map<String, String> members = new LinkedHashMap<>();
    for (String column : columns) {
      Object value = row.getObject(column);
      if (value != null) {
        members.put(
            column, value instanceof Number ? value.toString() : JsonText.quote(value.toString()));
      }
    }
    return members;
  }

  private interface Row {
    void take(ResultSet row) throws SQLException;
  }

  private void each(String sql, Optional<String> parameter, Row row) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      if (parameter.isPresent()) {
        statement.setString(1, parameter.get());
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          row.take(rows);
        }
      }
    }
  }
}
