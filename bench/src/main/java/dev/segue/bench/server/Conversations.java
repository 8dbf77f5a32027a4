package dev.segue.bench.server;

import java.sql.SQLException;

/**
 * The data of every measurement, which their size alone determines: sessions, and messages of some
 * 380 bytes each. Source and target have the same tables, keys, foreign key and index.
 *
 * @param sessions how many
 * @param messages in all, spread evenly
 */
public record Conversations(int sessions, int messages) {
  /** What {@code --scale 1} stands for: some 590 MB. */
  public static final Conversations WHOLE = new Conversations(50_000, 1_500_000);

  private static final String[] TABLES = {
    """
    CREATE TABLE sessions (
      id uuid PRIMARY KEY, user_id text NOT NULL, agent_name text NOT NULL,
      created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
      metadata jsonb NOT NULL)
    """,
    """
    CREATE TABLE messages (
      id uuid PRIMARY KEY, session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
      role text NOT NULL, content text NOT NULL, created_at timestamptz NOT NULL,
      tool_call_id text, tool_name text, metadata jsonb NOT NULL)
    """,
    "CREATE INDEX messages_by_session ON messages (session_id, created_at)",
  };

  private static final String SESSIONS =
      """
      INSERT INTO sessions
      SELECT md5('session/' || i)::uuid, 'user-' || i % 9973,
        (ARRAY['support', 'sales', 'coder'])[1 + i % 3],
        timestamptz '2026-01-01' + i * interval '1 second',
        timestamptz '2026-01-01' + i * interval '1 second' + interval '1 hour',
        jsonb_build_object('model', 'kimi-' || i % 3, 'locale', 'nb', 'score', 1.10,
          'tags', jsonb_build_array('a', i))
      FROM generate_series(0, :sessions - 1) i
      """;

  private static final String MESSAGES =
      """
      INSERT INTO messages
      SELECT md5('message/' || i)::uuid, md5('session/' || i % :sessions)::uuid,
        (ARRAY['user', 'assistant', 'assistant', 'tool'])[1 + i % 4],
        'Message ' || i || ' — ' || repeat(md5(i::text) || ' so it goes on. ', 3 + i % 4),
        timestamptz '2026-01-01' + i * interval '1 second',
        CASE WHEN i % 4 = 3 THEN 'call_' || i END,
        CASE WHEN i % 4 = 3 THEN 'lookup' END,
        jsonb_build_object('model', 'kimi-' || i % 3, 'tokens', i % 900, 'latency_ms', i % 4000)
      FROM generate_series(0, :messages - 1) i
      """;

  public Conversations {
    if (sessions < 1 || messages < 0) {
      throw new IllegalArgumentException(
          "at least one session is needed, found " + sessions + " and " + messages + " messages");
    }
  }

  /** A share of it, at least 500 sessions. */
  public Conversations times(double scale) {
    return new Conversations(
        (int) Math.max(500, Math.round(sessions * scale)), (int) Math.round(messages * scale));
  }

  /** The same sessions with fewer messages. */
  public Conversations withMessages(int fewer) {
    return new Conversations(sessions, fewer);
  }

  public long rows() {
    return (long) sessions + messages;
  }

  /** Makes the tables, empty. */
  public static void createTables(Database database) throws SQLException {
    database.execute(TABLES);
  }

  /** Makes the tables and fills them. */
  public void createIn(Database database) throws SQLException {
    createTables(database);
    database.execute(
        sized(SESSIONS), sized(MESSAGES), "VACUUM (ANALYZE) sessions", "VACUUM (ANALYZE) messages");
  }

  private String sized(String sql) {
    return sql.replace(":sessions", Integer.toString(sessions))
        .replace(":messages", Integer.toString(messages));
  }
}
