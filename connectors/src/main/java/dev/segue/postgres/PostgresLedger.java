package dev.segue.postgres;

import dev.segue.canonical.SourcePosition;
import dev.segue.spi.AppliedState;
import dev.segue.spi.Chunk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Ledger;
import dev.segue.spi.TableProgress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The bookkeeping of migrations, in schema {@code segue} of their target. */
final class PostgresLedger implements Ledger {
  private static final int POLL_MS = 15;

  private final PostgresConnections connections;
  private final String migration;

  PostgresLedger(PostgresConnections connections, String migration) {
    this.connections = connections;
    this.migration = migration;
  }

  @Override
  public Optional<Migration> find(String name) {
    return connections.with(
        "reading the ledger",
        connection -> {
          if (!LedgerSchema.exists(connection)) {
            return Optional.empty();
          }
          return MigrationRow.read(connection, name);
        });
  }

  @Override
  public Migration open(Identity identity) {
    return connections.with(
        "opening the ledger",
        connection -> {
          connection.setAutoCommit(false);
          LedgerSchema.create(connection);
          Optional<Migration> known = MigrationRow.read(connection, identity.name());
          if (known.isEmpty()) {
            MigrationRow.create(connection, identity);
            known = MigrationRow.read(connection, identity.name());
          }
          connection.commit();
          identity.checkSame(known.orElseThrow().identity());
          return known.orElseThrow();
        });
  }

  private void update(String doing, String sql, Object... values) {
    connections.withKept(
        doing,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
              statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
          }
        });
  }

  @Override
  public void enter(String phase, String detail) {
    update(
        "entering phase " + phase,
        "WITH j AS (INSERT INTO segue.journal (migration, phase, detail) VALUES (?, ?, ?))"
            + " UPDATE segue.migration SET phase = ? WHERE name = ?",
        migration,
        phase,
        detail,
        phase,
        migration);
  }

  @Override
  public void note(String what, String detail) {
    update(
        "writing the journal",
        "INSERT INTO segue.journal (migration, phase, detail) VALUES (?, ?, ?)",
        migration,
        what,
        detail);
  }

  @Override
  public void prepared(Cutoff cutoff, List<Chunk> chunks, List<TableProgress> estimates) {
    connections.with(
        "recording the cutoff",
        connection -> {
          connection.setAutoCommit(false);
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "UPDATE segue.migration SET phase = 'snapshot', cutoff_log = ?,"
                      + " cutoff_horizon = ?, snapshot_log = ? WHERE name = ?")) {
            statement.setString(1, cutoff.log());
            statement.setString(2, cutoff.horizon());
            statement.setString(3, cutoff.log());
            statement.setString(4, migration);
            statement.executeUpdate();
          }
          insertTables(connection, estimates);
          insertChunks(connection, chunks);
          connection.commit();
          return null;
        });
  }

  private void insertTables(Connection connection, List<TableProgress> estimates)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO segue.snapshot_table VALUES (?, ?, ?, ?, ?)")) {
      for (int i = 0; i < estimates.size(); i++) {
        TableProgress table = estimates.get(i);
        statement.setString(1, migration);
        statement.setString(2, table.table());
        statement.setInt(3, i);
        statement.setLong(4, table.estimatedRows());
        statement.setLong(5, table.bytes());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private void insertChunks(Connection connection, List<Chunk> chunks) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.snapshot_chunk"
                + " (migration, id, table_name, part, from_block, to_block, bytes)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?)")) {
      for (Chunk chunk : chunks) {
        statement.setString(1, migration);
        statement.setInt(2, chunk.id());
        statement.setString(3, chunk.table());
        statement.setString(4, chunk.part());
        statement.setLong(5, chunk.from());
        statement.setLong(6, chunk.to());
        statement.setLong(7, chunk.bytes());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  @Override
  public void snapshotResumed(Cutoff cutoff) {
    update(
        "recording a later snapshot",
        "UPDATE segue.migration SET snapshot_log = ? WHERE name = ?",
        cutoff.log(),
        migration);
  }

  @Override
  public void bindTopic(String topicId) {
    connections.with(
        "binding the topic",
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "UPDATE segue.migration SET topic = coalesce(topic, ?) WHERE name = ?"
                      + " RETURNING topic")) {
            statement.setString(1, topicId);
            statement.setString(2, migration);
            try (ResultSet rows = statement.executeQuery()) {
              rows.next();
              Ledger.checkTopic(topicId, rows.getString(1));
            }
          }
          return null;
        });
  }

  @Override
  public void forget(String nonce) {
    update(
        "forgetting a mark",
        "DELETE FROM segue.barrier WHERE migration = ? AND nonce = ?",
        migration,
        nonce);
  }

  /** Removes the migration from the ledger, and the ledger with its last migration. */
  void remove() {
    connections.with(
        "removing the bookkeeping",
        connection -> {
          connection.setAutoCommit(false);
          LedgerSchema.remove(connection, migration);
          connection.commit();
          return null;
        });
  }

  private <T> List<T> list(String doing, String sql, Reader<T> reader) {
    return connections.withKept(
        doing,
        connection ->
            LedgerSchema.exists(connection) ? list(connection, migration, sql, reader) : List.of());
  }

  private static <T> List<T> list(
      Connection connection, String migration, String sql, Reader<T> reader) throws SQLException {
    List<T> all = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, migration);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          all.add(reader.read(rows));
        }
      }
    }
    return all;
  }

  private interface Reader<T> {
    T read(ResultSet rows) throws SQLException;
  }

  @Override
  public List<ChunkState> chunks() {
    return list(
        "reading chunks",
        "SELECT id, table_name, part, from_block, to_block, bytes, done, rows"
            + " FROM segue.snapshot_chunk WHERE migration = ? ORDER BY id",
        rows ->
            new ChunkState(
                new Chunk(
                    rows.getInt(1),
                    rows.getString(2),
                    rows.getString(3),
                    rows.getLong(4),
                    rows.getLong(5),
                    rows.getLong(6)),
                rows.getBoolean(7),
                rows.getLong(8)));
  }

  @Override
  public List<TableProgress> estimates() {
    return list(
        "reading snapshot tables",
        "SELECT name, estimated_rows, bytes FROM segue.snapshot_table WHERE migration = ?"
            + " ORDER BY place",
        rows -> new TableProgress(rows.getString(1), 0, rows.getLong(2), 0, rows.getLong(3)));
  }

  @Override
  public List<AppliedState> applied() {
    return list(
        "reading applied positions",
        APPLIED + " FROM segue.applied WHERE migration = ? ORDER BY partition",
        PostgresLedger::appliedState);
  }

  static final String APPLIED =
      "SELECT partition, epoch, next_offset, reached, mark, mark_sent_at, mark_log";

  static AppliedState appliedState(ResultSet rows) throws SQLException {
    return new AppliedState(
        rows.getInt(1),
        rows.getLong(2),
        rows.getLong(3),
        SourcePosition.parse(rows.getString(4)),
        rows.getString(5),
        rows.getLong(6),
        rows.getLong(7));
  }

  @Override
  public boolean await(String nonce, Duration most) throws InterruptedException {
    long until = System.nanoTime() + most.toNanos();
    boolean passed =
        connections.withKept(
            "waiting for a mark in the ledger", connection -> awaitMark(connection, nonce, until));
    if (!passed && Thread.interrupted()) {
      throw new InterruptedException();
    }
    return passed;
  }

  /** Ends early if the thread is interrupted, which it still is then. */
  private boolean awaitMark(Connection connection, String nonce, long until) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT (SELECT count(*) FROM segue.barrier WHERE migration = ? AND nonce = ?)"
                + " = (SELECT partitions FROM segue.migration WHERE name = ?)")) {
      statement.setString(1, migration);
      statement.setString(2, nonce);
      statement.setString(3, migration);
      while (true) {
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          if (rows.getBoolean(1)) {
            return true;
          }
        }
        if (System.nanoTime() > until) {
          return false;
        }
        Thread.sleep(POLL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static final String PARKED =
      "SELECT session_id, reason, records, discarded FROM segue.parked WHERE migration = ?"
          + " ORDER BY parked_at, session_id";

  private static Parked parked(ResultSet rows) throws SQLException {
    return new Parked(rows.getString(1), rows.getString(2), rows.getLong(3), rows.getString(4));
  }

  /** The same over a session that is there. */
  static List<Parked> parked(Connection connection, String migration) throws SQLException {
    return list(connection, migration, PARKED, PostgresLedger::parked);
  }

  @Override
  public List<Parked> parked() {
    return list("reading parked sessions", PARKED, PostgresLedger::parked);
  }

  @Override
  public boolean discard(String sessionId, String reason, String requestedBy) {
    return connections.with(
        "discarding dead letters",
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "WITH p AS (UPDATE segue.parked SET discarded = ? WHERE migration = ?"
                      + " AND session_id = ? RETURNING session_id)"
                      + " INSERT INTO segue.journal (migration, phase, detail)"
                      + " SELECT ?, 'discarded', session_id || ', by ' || ? || ': ' || ?"
                      + " FROM p")) {
            statement.setString(1, reason);
            statement.setString(2, migration);
            statement.setString(3, sessionId);
            statement.setString(4, migration);
            statement.setString(5, requestedBy);
            statement.setString(6, reason);
            return statement.executeUpdate() == 1;
          }
        });
  }

  @Override
  public List<String> journal(int lines) {
    return list(
        "reading the journal",
        "SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS\"Z\"') || ' ' || phase"
            + " || ' ' || detail FROM segue.journal WHERE migration = ? ORDER BY id DESC LIMIT "
            + lines,
        rows -> rows.getString(1));
  }
}
