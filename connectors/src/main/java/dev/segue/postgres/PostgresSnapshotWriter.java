package dev.segue.postgres;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.failpoint.Failpoint;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import dev.segue.spi.Chunk;
import dev.segue.spi.SnapshotWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes chunks by COPY, a megabyte at a time, in one transaction with the chunk's ledger row. */
final class PostgresSnapshotWriter implements SnapshotWriter {
  private static final int BUFFER = 1 << 20;

  private final PostgresConnections connections;
  private final String migration;
  private final Map<Kind, TargetTable> tables;
  private final SessionNaming naming;
  private final Set<String> sessions = new HashSet<>();
  private final Map<Kind, Buffer> buffers = new EnumMap<>(Kind.class);
  private final List<Rejected> rejected = new ArrayList<>();
  private Connection connection;
  private Chunk chunk;
  private boolean overwrite;

  PostgresSnapshotWriter(
      PostgresConnections connections, PostgresNames names, Map<Kind, TargetTable> tables) {
    this.connections = connections;
    this.migration = names.migration();
    this.tables = tables;
    this.naming = SessionNaming.of(names, tables.values());
  }

  private static final class Buffer {
    private final List<Entity> entities = new ArrayList<>();
    private final SparseRows sparse;
    private CopyRows rows;

    Buffer(TargetTable table, Optional<List<BinaryForm>> forms) {
      this.rows = CopyRows.of(forms);
      this.sparse = new SparseRows(table);
    }
  }

  @Override
  public void begin(Chunk next, boolean mayOverwrite) {
    chunk = next;
    overwrite = mayOverwrite;
    rejected.clear();
    buffers.clear();
    sessions.clear();
    run(
        "opening a writer",
        () -> {
          if (connection == null) {
            connection = connections.openPatient();
            ReplicaSession.enter(connection);
            connection.setAutoCommit(false);
          }
        });
  }

  private interface Step {
    void run() throws SQLException;
  }

  private interface Question<T> {
    T ask() throws SQLException;
  }

  private void run(String doing, Step step) {
    ask(
        doing,
        () -> {
          step.run();
          return null;
        });
  }

  private <T> T ask(String doing, Question<T> question) {
    try {
      return question.ask();
    } catch (SQLException e) {
      PostgresConnections.close(connection);
      connection = null;
      throw PostgresFaults.translate(e, doing + " on " + connections.describe());
    }
  }

  @Override
  public void write(Entity entity) {
    TargetTable table = tables.get(entity.kind());
    if (table == null) {
      return;
    }
    Buffer buffer = buffers.computeIfAbsent(entity.kind(), unused -> open(table));
    try {
      for (Entity item : table.writer().items(entity)) {
        write(table, item, buffer);
      }
    } catch (UnmappableRowException | MalformedRecordException e) {
      rejected.add(new Rejected(entity.sessionId(), e.getMessage(), entity));
    }
  }

  /** What is copied into keeps the types of its columns from here on until the chunk is done. */
  private Buffer open(TargetTable table) {
    TargetStage stage = new TargetStage(table);
    return ask(
        "looking at " + table.id(),
        () -> {
          execute(
              overwrite
                  ? stage.create()
                  : "LOCK TABLE ONLY " + table.id().sql() + " IN ROW EXCLUSIVE MODE");
          String into = overwrite ? stage.stage() : table.id().sql();
          return new Buffer(table, BinaryForm.of(connection, into, table.columnNames()));
        });
  }

  private void write(TargetTable table, Entity entity, Buffer buffer) {
    Written row = table.writer().write(entity);
    if (!row.isWhole()) {
      throw new UnmappableRowException("a column of its row is not known");
    }
    if (buffer.sparse.takes(row, overwrite)) {
      buffer.sparse.add(entity, row);
    } else {
      copy(table, entity, table.literals(row), buffer);
    }
    wrote(table, entity, buffer);
  }

  /** From the first row on that cannot be told in binary, the rest of the chunk is text. */
  private void copy(TargetTable table, Entity entity, String[] literals, Buffer buffer) {
    if (!buffer.rows.add(literals)) {
      flush(table, buffer);
      buffer.rows = new CopyTextRows();
      buffer.rows.add(literals);
    }
    buffer.entities.add(entity);
  }

  private void wrote(TargetTable table, Entity entity, Buffer buffer) {
    if (naming.isNeeded()) {
      sessions.add(entity.sessionId());
    }
    if (buffer.rows.length() >= BUFFER || buffer.sparse.isFull()) {
      flush(table, buffer);
    }
  }

  @Override
  public void reject(String sessionId, String reason) {
    rejected.add(new Rejected(sessionId == null ? "" : sessionId, reason, null));
  }

  private void flush(TargetTable table, Buffer buffer) {
    run(
        "copying into " + table.id(),
        () -> {
          new Halving(
                  connection,
                  (from, to) -> copyAll(table, buffer.rows, from, to),
                  (row, why) -> rejected.add(refused(table, buffer.entities.get(row), why)))
              .write(0, buffer.rows.size());
          buffer.sparse.flush(connection, overwrite, rejected);
        });
    buffer.rows.clear();
    buffer.entities.clear();
  }

  static Rejected refused(TargetTable table, Entity entity, SQLException e) {
    return new Rejected(
        entity.sessionId(),
        table.id() + ": " + PostgresFaults.firstLine(e) + " [" + e.getSQLState() + "]",
        entity);
  }

  private void copyAll(TargetTable table, CopyRows rows, int from, int to) throws SQLException {
    TargetStage stage = new TargetStage(table);
    if (!overwrite) {
      rows.send(connection, stage.whole(), from, to);
      return;
    }
    execute(stage.empty());
    rows.send(connection, stage.beside(), from, to);
    execute(stage.merge());
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public List<Rejected> finish() {
    buffers.forEach((kind, buffer) -> flush(tables.get(kind), buffer));
    Failpoint.SNAPSHOT_BEFORE_LEDGER.hit();
    return List.copyOf(rejected);
  }

  @Override
  public void commit(long rows) {
    run(
        "recording chunk " + chunk.id(),
        () -> {
          for (Rejected reject : rejected) {
            ParkedSessions.park(connection, migration, reject.sessionId(), reject.reason(), 1);
          }
          if (chunk.id() >= 0) {
            try (PreparedStatement statement =
                connection.prepareStatement(
                    "UPDATE segue.snapshot_chunk SET done = true, rows = ?"
                        + " WHERE migration = ? AND id = ? AND NOT done")) {
              statement.setLong(1, rows - rejected.size());
              statement.setString(2, migration);
              statement.setInt(3, chunk.id());
              if (statement.executeUpdate() != 1) {
                throw dev.segue.spi.SystemFault.fenced(
                    "chunk " + chunk.id() + " was written by another process");
              }
            }
          }
          naming.write(connection, sessions);
          Failpoint.SNAPSHOT_BEFORE_COMMIT.hit();
          connection.commit();
          naming.committed();
        });
  }

  @Override
  public void rollback() {
    if (connection != null) {
      run("rolling back", () -> connection.rollback());
    }
  }

  @Override
  public void close() {
    PostgresConnections.close(connection);
    connection = null;
  }
}
