package dev.segue.bench.server;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What people wrote while nobody followed: transactions of two changes each, a new message and an
 * update of its session.
 *
 * @param sessions that there are, written to in turn
 */
public record Backlog(int sessions, int transactions) implements Writing {
  /** How many transactions {@code --scale 1} stands for. */
  public static final int WHOLE = 300_000;

  /**
   * Of so many different sessions the last transactions are looked at: enough for every partition.
   */
  private static final int TAIL = 256;

  private static final String WRITING =
      """
      DO $$
      BEGIN
        FOR i IN 0 .. :transactions - 1 LOOP
          INSERT INTO messages VALUES (md5('backlog/' || i)::uuid, md5('session/' || i % :sessions)::uuid,
            'user', 'Backlog ' || i || ' — ' || repeat(md5(i::text) || ' so it goes on. ', 3 + i % 4),
            timestamptz '2026-06-01' + i * interval '1 second', NULL, NULL,
            jsonb_build_object('model', 'kimi-' || i % 3, 'tokens', i % 900));
          UPDATE sessions SET updated_at = timestamptz '2026-06-01' + i * interval '1 second',
            metadata = metadata || jsonb_build_object('turns', i)
          WHERE id = md5('session/' || i % :sessions)::uuid;
          COMMIT;
        END LOOP;
      END $$
      """;

  private static final String LAST =
      """
      SELECT coalesce(sum(hashtextextended(t, 0)::numeric), 0) FROM (
        SELECT m::text t FROM messages m WHERE id = ANY (
          SELECT md5('backlog/' || i)::uuid FROM generate_series(GREATEST(0, :transactions - :tail), :transactions - 1) i)
        UNION ALL
        SELECT s::text FROM sessions s WHERE id = ANY (
          SELECT md5('session/' || i % :sessions)::uuid FROM generate_series(GREATEST(0, :transactions - :tail), :transactions - 1) i)) rows
      """;

  public long changes() {
    return 2L * transactions;
  }

  @Override
  public void writeTo(Database source) throws SQLException {
    source.execute(
        "SET synchronous_commit = off",
        sized(WRITING),
        "SET synchronous_commit = on",
        // Makes what was written before it durable too.
        "SELECT pg_logical_emit_message(true, 'bench', 'the end')");
  }

  @Override
  public String tail(Connection connection) throws SQLException {
    return Database.ask(connection, sized(LAST)).orElseThrow();
  }

  private String sized(String sql) {
    return sql.replace(":transactions", Integer.toString(transactions))
        .replace(":sessions", Integer.toString(sessions))
        .replace(":tail", Integer.toString(Math.min(TAIL, sessions)));
  }
}
