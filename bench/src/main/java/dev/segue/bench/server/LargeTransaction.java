package dev.segue.bench.server;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Many messages that somebody wrote in one transaction.
 *
 * @param sessions that they belong to, in turn
 */
public record LargeTransaction(int sessions, int messages) implements Writing {
  /** So many of the last messages are looked at: some of every partition. */
  private static final int TAIL = 256;

  private static final String WRITING =
      """
      INSERT INTO messages
      SELECT md5('large/' || i)::uuid, md5('session/' || i % :sessions)::uuid, 'user',
        'Large ' || i || ' — ' || repeat(md5(i::text) || ' so it goes on. ', 3 + i % 4),
        timestamptz '2026-07-01' + i * interval '1 second', NULL, NULL,
        jsonb_build_object('model', 'kimi-' || i % 3, 'tokens', i % 900)
      FROM generate_series(0, :messages - 1) i
      """;

  private static final String LAST =
      """
      SELECT count(*) FROM messages WHERE id = ANY (
        SELECT md5('large/' || i)::uuid
        FROM generate_series(GREATEST(0, :messages - :tail), :messages - 1) i)
      """;

  @Override
  public void writeTo(Database source) throws SQLException {
    source.execute(sized(WRITING));
  }

  @Override
  public String tail(Connection connection) throws SQLException {
    return Database.ask(connection, sized(LAST)).orElseThrow();
  }

  private String sized(String sql) {
    return sql.replace(":messages", Integer.toString(messages))
        .replace(":sessions", Integer.toString(sessions))
        .replace(":tail", Integer.toString(TAIL));
  }
}
