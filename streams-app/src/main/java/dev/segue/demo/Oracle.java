package dev.segue.demo;

import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.UUID;
import org.postgresql.PGConnection;

/**
 * Judges a migration from {@code callsphere} to {@code aria-engine} in plain SQL: what each target
 * row must be is written down here a second time, by hand, so that a mistake in the mapping cannot
 * hide itself.
 */
public final class Oracle {
  private static final String SOURCE_SESSIONS =
      """
      SELECT id::text, md5(jsonb_build_array(id, coalesce(agent_name, 'main'),
        coalesce(metadata->>'model', metadata->'openclaw_session'->>'model', 'unknown'), 'active',
        created_at, updated_at, metadata, user_id, 'sessions')::text)
      FROM sessions WHERE NOT EXISTS (SELECT FROM pg_temp.talked t WHERE t.id = sessions.id)
      """;
  private static final String TARGET_SESSIONS =
      """
      SELECT id::text, md5(jsonb_build_array(id, agent_id, model, status, created_at, updated_at,
        metadata->'original_metadata', metadata->'segue'->>'user_id',
        metadata->>'migrated_from')::text)
      FROM aria_engine.chat_sessions s
      WHERE NOT EXISTS (SELECT FROM pg_temp.talked t WHERE t.id = s.id)
      """;
  private static final String SOURCE_MESSAGES =
      """
      SELECT id::text, md5(jsonb_build_array(id, session_id, role, content, created_at,
        tool_call_id, tool_name, metadata)::text)
      FROM messages m WHERE NOT EXISTS (SELECT FROM pg_temp.talked t WHERE t.id = m.session_id)
      """;
  private static final String TARGET_MESSAGES =
      """
      SELECT id::text, md5(jsonb_build_array(id, session_id, role,
        CASE WHEN metadata->'_segue' ? 'content' THEN metadata->'_segue'->>'content'
             ELSE content END,
        created_at, metadata->'_segue'->>'tool_call_id', metadata->'_segue'->>'tool_name',
        metadata - '_segue')::text)
      FROM aria_engine.chat_messages m
      WHERE NOT EXISTS (SELECT FROM pg_temp.talked t WHERE t.id = m.session_id)
      """;

  private Oracle() {}

  /**
   * What was found.
   *
   * @param sessions compared
   * @param messages compared
   * @param lost rows of the source that the target does not have
   * @param duplicated rows of the target that the source does not have (any more), or has once
   * @param altered rows that both have and that differ
   */
  public record Verdict(long sessions, long messages, long lost, long duplicated, long altered) {
    public boolean foundNothing() {
      return sessions > 0 && messages > 0 && lost == 0 && duplicated == 0 && altered == 0;
    }
  }

  /** Compares both sides; nobody may write meanwhile. */
  public static Verdict judge(Connection source, Connection target) throws SQLException {
    return judge(source, target, Set.of());
  }

  /**
   * Likewise, without some sessions: those that the target's own writers wrote to need not look as
   * if they had just been brought.
   */
  public static Verdict judge(Connection source, Connection target, Set<UUID> without)
      throws SQLException {
    leaveOut(source, without);
    leaveOut(target, without);
    long[] sessions = compare(source, SOURCE_SESSIONS, target, TARGET_SESSIONS);
    long[] messages = compare(source, SOURCE_MESSAGES, target, TARGET_MESSAGES);
    return new Verdict(
        sessions[0],
        messages[0],
        sessions[1] + messages[1],
        sessions[2] + messages[2],
        sessions[3] + messages[3]);
  }

  private static long[] compare(
      Connection source, String expectedSql, Connection target, String actualSql)
      throws SQLException {
    utc(source);
    utc(target);
    try (Statement statement = target.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS pg_temp.expected");
      statement.execute("CREATE TEMP TABLE expected (id text, hash text)");
      pipe(source, expectedSql, target);
      statement.execute("ANALYZE pg_temp.expected");
      try (ResultSet rows =
          statement.executeQuery(
              "WITH actual AS MATERIALIZED ("
                  + actualSql
                      .replace("SELECT id::text, md5(", "SELECT id::text AS id, md5(")
                      .replace(")::text)\nFROM", ")::text) AS hash\nFROM")
                  + "), e AS (SELECT id, min(hash) AS hash, count(*) AS n FROM pg_temp.expected"
                  + " GROUP BY id), a AS (SELECT id, min(hash) AS hash, count(*) AS n FROM actual"
                  + " GROUP BY id) SELECT count(e.id), count(*) FILTER (WHERE a.id IS NULL),"
                  + " coalesce(sum(a.n) FILTER (WHERE e.id IS NULL), 0)"
                  + " + coalesce(sum(greatest(a.n - 1, 0)) FILTER (WHERE e.id IS NOT NULL), 0),"
                  + " count(*) FILTER (WHERE a.hash <> e.hash) FROM e FULL JOIN a USING (id)")) {
        rows.next();
        return new long[] {rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getLong(4)};
      }
    }
  }

  private static void leaveOut(Connection connection, Set<UUID> sessions) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS pg_temp.talked");
      statement.execute("CREATE TEMP TABLE talked (id uuid PRIMARY KEY)");
    }
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO pg_temp.talked SELECT unnest(?::uuid[])")) {
      insert.setArray(1, connection.createArrayOf("uuid", sessions.toArray()));
      insert.executeUpdate();
    }
  }

  private static void utc(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET timezone = 'UTC'");
    }
  }

  private static void pipe(Connection source, String sql, Connection target) throws SQLException {
    try (PipedInputStream in = new PipedInputStream(1 << 20);
        PipedOutputStream out = new PipedOutputStream(in)) {
      Thread reader =
          new Thread(
              () -> {
                try (out) {
                  source
                      .unwrap(PGConnection.class)
                      .getCopyAPI()
                      .copyOut("COPY (" + sql + ") TO STDOUT", out);
                } catch (SQLException | IOException e) {
                  throw new IllegalStateException("reading the source failed", e);
                }
              },
              "oracle-reader");
      reader.start();
      target.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY pg_temp.expected FROM STDIN", in);
      reader.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
