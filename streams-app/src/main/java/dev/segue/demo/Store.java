package dev.segue.demo;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** The two schemas of the demo, and a history that a seed determines. */
public final class Store {
  /** Messages that a session of the history has. */
  public static final int MESSAGES = 20;

  private static final String SOURCE =
      """
      CREATE TABLE sessions (
        id uuid PRIMARY KEY, user_id text NOT NULL, agent_name text,
        created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
        metadata jsonb NOT NULL DEFAULT '{}');
      CREATE TABLE messages (
        id uuid PRIMARY KEY, session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
        role text NOT NULL, content text, created_at timestamptz NOT NULL,
        tool_call_id text, tool_name text, metadata jsonb NOT NULL DEFAULT '{}');
      CREATE INDEX ON messages (session_id, created_at);
      """;

  private static final String TARGET =
      """
      CREATE SCHEMA aria_engine;
      CREATE TABLE aria_engine.chat_sessions (
        id uuid PRIMARY KEY, agent_id varchar(100) NOT NULL, session_type varchar(50)
        DEFAULT 'interactive', title varchar(500), system_prompt text, model varchar(200),
        temperature double precision, max_tokens int, context_window int,
        status varchar(20) DEFAULT 'active', message_count int DEFAULT 0,
        total_tokens int DEFAULT 0, total_cost numeric(10,6) DEFAULT 0,
        metadata jsonb DEFAULT '{}', created_at timestamptz DEFAULT now(),
        updated_at timestamptz DEFAULT now(), ended_at timestamptz);
      CREATE TABLE aria_engine.chat_messages (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES aria_engine.chat_sessions ON DELETE CASCADE,
        agent_id varchar(100), role varchar(20) NOT NULL, content text NOT NULL, thinking text,
        tool_calls jsonb, tool_results jsonb, model varchar(200), tokens_input int,
        tokens_output int, cost numeric(10,6), latency_ms int, metadata jsonb DEFAULT '{}',
        created_at timestamptz DEFAULT now());
      CREATE INDEX ON aria_engine.chat_messages (session_id, created_at);
      """;

  private static final String HISTORY_SESSIONS =
      """
      INSERT INTO sessions
      SELECT md5('session/' || ? || '/' || i)::uuid, 'user-' || i % 997,
        (ARRAY['support', 'sales', NULL, 'coder'])[1 + i % 4],
        timestamptz '2026-01-01' + i * interval '1 second',
        timestamptz '2026-01-01' + i * interval '1 second' + interval '1 hour',
        CASE i % 5
          WHEN 0 THEN '{}'::jsonb
          WHEN 1 THEN jsonb_build_object('model', 'kimi-' || i % 3, 'score', 1.10)
          WHEN 2 THEN jsonb_build_object('locale', 'nb', 'note', 'blåbær "' || i || E'"\\n\\t\\\\')
          WHEN 3 THEN jsonb_build_object('big', (SELECT string_agg(md5(i || '/' || k), '')
            FROM generate_series(1, 100) k))
          ELSE jsonb_build_object('tags', jsonb_build_array('a', i, NULL, true))
        END
      FROM generate_series(0, ? - 1) i
      """;

  private static final String HISTORY_MESSAGES =
      """
      INSERT INTO messages
      SELECT md5('message/' || ? || '/' || i || '/' || j)::uuid,
        md5('session/' || ? || '/' || i)::uuid,
        (ARRAY['user', 'assistant', 'assistant', 'tool'])[1 + j % 4],
        CASE WHEN j % 4 = 2 THEN NULL
             ELSE 'message ' || j || ' of ' || i || repeat(' — so it goes', j % 7) END,
        timestamptz '2026-01-01' + i * interval '1 second' + j * interval '1 minute',
        CASE WHEN j % 4 >= 2 THEN 'call_' || j / 4 END,
        CASE WHEN j % 4 >= 2 THEN 'lookup' END,
        CASE WHEN j % 4 = 2 THEN jsonb_build_object('arguments', jsonb_build_object('q', i))
             ELSE '{}' END
      FROM generate_series(0, ? - 1) i CROSS JOIN generate_series(0, ? - 1) j
      """;

  private Store() {}

  /** Creates the source's tables, layout {@code callsphere}. */
  public static void createSource(Connection connection) throws SQLException {
    execute(connection, SOURCE);
  }

  /** Creates the target's tables, layout {@code aria-engine}. */
  public static void createTarget(Connection connection) throws SQLException {
    execute(connection, TARGET);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Fills the source. */
  public static void writeHistory(Connection connection, int sessions, long seed)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(HISTORY_SESSIONS)) {
      statement.setString(1, Long.toString(seed));
      statement.setInt(2, sessions);
      statement.executeUpdate();
    }
    try (PreparedStatement statement = connection.prepareStatement(HISTORY_MESSAGES)) {
      statement.setString(1, Long.toString(seed));
      statement.setString(2, Long.toString(seed));
      statement.setInt(3, sessions);
      statement.setInt(4, MESSAGES);
      statement.executeUpdate();
    }
    execute(connection, "ANALYZE");
  }

  /** The id of a session of the history. */
  static UUID session(long seed, int number) {
    return md5("session/" + seed + "/" + number);
  }

  /** The id of a message of the history. */
  static UUID message(long seed, int session, int number) {
    return md5("message/" + seed + "/" + session + "/" + number);
  }

  private static UUID md5(String text) {
    try {
      byte[] hash = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
      java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(hash);
      return new UUID(buffer.getLong(), buffer.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }
}
