package dev.segue.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.finding.Finding;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.LayoutCatalog;
import dev.segue.relational.Column;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import dev.segue.support.Servers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How rows are looked for in tables of a real server. */
class ArchiveScanIT {
  private static PostgresConnections connections(String database) {
    return new PostgresConnections(
        "source", PostgresAddress.parse(Servers.source().url(database), null), "test");
  }

  @Test
  void rowsAreFoundInTheColumnsOwnTypeByItsIndex() throws Exception {
    Servers.source().createDatabase("db_owntype");
    Servers.source()
        .execute(
            "db_owntype",
            """
            CREATE DOMAIN short AS text CHECK (length(VALUE) < 5);
            CREATE DOMAIN padded AS char(8);
            CREATE DOMAIN code AS uuid;
            CREATE SCHEMA further;
            CREATE EXTENSION citext SCHEMA further;
            CREATE TYPE mood AS ENUM ('a', 'b c');
            CREATE TABLE t_bpchar (id char(8) PRIMARY KEY);
            CREATE TABLE t_short (id short PRIMARY KEY);
            CREATE TABLE t_padded (id padded PRIMARY KEY);
            CREATE TABLE t_code (id code PRIMARY KEY);
            CREATE TABLE t_name (id name PRIMARY KEY);
            CREATE TABLE t_citext (id further.citext PRIMARY KEY);
            CREATE TABLE t_mood (id mood PRIMARY KEY);
            INSERT INTO t_citext VALUES ('a'), ('B c');
            INSERT INTO t_mood VALUES ('a'), ('b c');
            INSERT INTO t_bpchar VALUES ('a'), ('b c');
            INSERT INTO t_short VALUES ('a'), ('b c');
            INSERT INTO t_padded VALUES ('a'), ('b c');
            INSERT INTO t_name VALUES ('a'), ('b c');
            INSERT INTO t_code VALUES ('00000000-0000-4000-8000-000000000001');
            """);
    PostgresConnections connections = connections("db_owntype");
    List<Table> tables = connections.with("reading", PostgresCatalog::tables);
    assertThat(tables).hasSize(7);
    for (Table table : tables) {
      Connection connection = connections.open();
      connection.setAutoCommit(false);
      TableView.seeAll(connection);
      Column id = table.columns().get(0);
      // What a whole scan tells is found by what it told; a text that is no value is no error.
      try (RowScan scan =
          new RowScan(connections, connection, Map.of(table.id(), table.columns()), Map.of())) {
        List<String> all = found(connection, table);
        List<String> wanted = new ArrayList<>(all);
        wanted.add("no such 'text\\\" at all");
        List<String> seen = new ArrayList<>();
        scan.read(table.id(), id, wanted, into(seen));
        assertThat(seen).as(table.id().toString()).hasSameElementsAs(all).isNotEmpty();
        // A whole scan of an index is none that looks anything up; not every text is a mood.
        assertThat(plan(connection, table, id).contains("Index Cond"))
            .as(table.id().toString())
            .isEqualTo(!table.id().name().equals("t_mood"));
      }
    }
  }

  private static RowScan.RowHandler into(List<String> seen) {
    return new RowScan.RowHandler() {
      @Override
      public void accept(String[] row) {
        seen.add(row[0]);
      }

      @Override
      public void reject(String[] raw, String reason) {
        throw new AssertionError(reason);
      }
    };
  }

  /** As COPY and the log spell it, padding and all. */
  private static List<String> found(Connection connection, Table table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM " + table.id().sql())) {
      List<String> ids = new ArrayList<>();
      while (rows.next()) {
        ids.add(rows.getString(1));
      }
      return ids;
    }
  }

  private static String plan(Connection connection, Table table, Column id) throws SQLException {
    String condition =
        OwnType.of(connection, table.id(), id)
            .isAnyOf(id, "{00000000-0000-4000-8000-000000000001}");
    StringBuilder plan = new StringBuilder();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL enable_seqscan = off");
      try (ResultSet rows =
          statement.executeQuery(
              "EXPLAIN SELECT id FROM " + table.id().sql() + " WHERE " + condition)) {
        while (rows.next()) {
          plan.append(rows.getString(1)).append('\n');
        }
      }
    }
    return plan.toString();
  }

  @Test
  void copiesAreNotWaitedForAndNotCountedTwice() throws Exception {
    Servers.source().createDatabase("db_archivecount");
    Servers.source()
        .execute(
            "db_archivecount",
            """
            CREATE TABLE agent_sessions (id uuid PRIMARY KEY, agent_id text, started_at timestamptz);
            CREATE TABLE agent_sessions_archive (LIKE agent_sessions INCLUDING ALL);
            INSERT INTO agent_sessions VALUES ('00000000-0000-4000-8000-000000000001', 'a', now());
            INSERT INTO agent_sessions_archive SELECT * FROM agent_sessions;
            """);
    PostgresConnections connections = connections("db_archivecount");
    LayoutBinding binding =
        LayoutBinding.bind(
            "source",
            LayoutCatalog.load("aria-legacy"),
            connections.with("reading", PostgresCatalog::tables),
            Map.of());
    ArchiveChecks checks =
        new ArchiveChecks(
            "source",
            binding,
            binding.of(new TableId("public", "agent_sessions_archive")).orElseThrow());
    try (Connection checking = connections.open();
        Connection busy = connections.open()) {
      assertThat(checks.run(checking, false))
          .extracting(Finding::message)
          .anyMatch(message -> message.contains("has 1 rows that are in public.agent_sessions"));
      assertThat(checks.run(checking, true)).hasSize(1);
      busy.setAutoCommit(false);
      try (Statement statement = busy.createStatement()) {
        statement.execute("LOCK TABLE agent_sessions_archive IN ACCESS EXCLUSIVE MODE");
      }
      assertThat(checks.run(checking, false))
          .extracting(Finding::message)
          .anyMatch(message -> message.contains("were not counted"));
      assertThat(checks.run(checking, true)).hasSize(1);
      busy.rollback();
    }
  }
}
