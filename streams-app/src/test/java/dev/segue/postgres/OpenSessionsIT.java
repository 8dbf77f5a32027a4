package dev.segue.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.segue.spi.Connected;
import dev.segue.spi.SystemFault;
import dev.segue.support.Servers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sessions of a real server, from one piece of work to the next. */
class OpenSessionsIT {
  private static final String DATABASE = "db_opensessions";

  private final PostgresConnections connections =
      new PostgresConnections(
          "source", PostgresAddress.parse(Servers.source().url(DATABASE), null), DATABASE);

  @BeforeAll
  static void create() throws Exception {
    Servers.source().createDatabase(DATABASE);
  }

  private String ask(String sql) {
    return connections.withKept("asking", connection -> ask(connection, sql));
  }

  private static String ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private String process() {
    return ask("SELECT pg_backend_pid()");
  }

  private static String open() throws Exception {
    return Servers.source()
        .ask(
            "postgres",
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + DATABASE + "'");
  }

  @Test
  void sessionIsKeptAsLongAsSomebodyWantsIt() throws Exception {
    assertThat(process()).isNotEqualTo(process());

    try (Connected first = connections.stayConnected()) {
      String kept = process();
      assertThat(process()).isEqualTo(kept);
      try (Connected second = connections.stayConnected()) {
        assertThat(process()).isEqualTo(kept);
      }
      assertThat(process()).isEqualTo(kept);
    }

    await().untilAsserted(() -> assertThat(open()).isEqualTo("0"));
  }

  @Test
  void whatWasNotCommittedIsUndone() {
    try (Connected kept = connections.stayConnected()) {
      String process =
          connections.withKept(
              "leaving work behind",
              connection -> {
                connection.setAutoCommit(false);
                try (Statement statement = connection.createStatement()) {
                  statement.execute("CREATE TABLE left_behind (id int)");
                }
                return ask(connection, "SELECT pg_backend_pid()");
              });

      assertThat(process()).isEqualTo(process);
      assertThat(ask("SELECT to_regclass('left_behind')")).isNull();
      assertThat(connections.<Boolean>withKept("looking", Connection::getAutoCommit)).isTrue();
    }
  }

  @Test
  void sessionThatFailedOrDiedIsNotUsedAgain() throws Exception {
    try (Connected kept = connections.stayConnected()) {
      String failed = process();
      assertThatThrownBy(() -> ask("SELECT 1 / 0")).isInstanceOf(SystemFault.class);
      String next = process();
      assertThat(next).isNotEqualTo(failed);

      Servers.source().execute(DATABASE, "SELECT pg_terminate_backend(" + next + ")");
      Thread.sleep(1100);

      assertThat(process()).isNotEqualTo(next);
    }
  }
}
