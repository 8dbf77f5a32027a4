package dev.segue.postgres;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import dev.segue.spi.Mender;
import dev.segue.spi.SystemFault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Writes whole sessions with an origin of its own, as the sink does with its: neither the fence nor
 * the other direction takes it for somebody else's work.
 */
final class SessionMender implements Mender {
  private final PostgresConnections connections;
  private final PostgresNames names;
  private final Map<Kind, TargetTable> tables;

  SessionMender(
      PostgresConnections connections, PostgresNames names, Map<Kind, TargetTable> tables) {
    this.connections = connections;
    this.names = names;
    this.tables = tables;
  }

  @Override
  public Map<String, String> mend(Map<String, List<Entity>> sessions, BooleanSupplier mayCommit) {
    return connections.with(
        "writing sessions anew",
        connection -> {
          ReplicaSession.enter(connection, names.origin(PostgresTarget.MENDING));
          PostgresConnections.commitDurably(connection);
          connection.setAutoCommit(false);
          try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL lock_timeout = '5s'");
          }
          Map<String, String> refused = new HashMap<>();
          for (Map.Entry<String, List<Entity>> session : sessions.entrySet()) {
            Savepoint before = connection.setSavepoint();
            try {
              write(connection, session.getKey(), session.getValue());
              unpark(connection, session.getKey());
              connection.releaseSavepoint(before);
            } catch (UnmappableRowException e) {
              connection.rollback(before);
              refused.put(session.getKey(), e.getMessage());
            } catch (SQLException e) {
              if (!PostgresFaults.isData(e.getSQLState())) {
                throw e;
              }
              connection.rollback(before);
              refused.put(
                  session.getKey(), PostgresFaults.firstLine(e) + " [" + e.getSQLState() + "]");
            }
          }
          SessionNaming.of(names, tables.values()).write(connection, sessions.keySet());
          if (!mayCommit.getAsBoolean()) {
            connection.rollback();
            throw SystemFault.passing(
                "reading the sessions took longer than their writers may be refused", null);
          }
          connection.commit();
          return refused;
        });
  }

  private void write(Connection connection, String session, List<Entity> entities)
      throws SQLException {
    Map<Kind, List<Written>> rows = new EnumMap<>(Kind.class);
    for (Entity entity : entities) {
      TargetTable table = tables.get(entity.kind());
      if (table != null) {
        rows.computeIfAbsent(entity.kind(), unused -> new ArrayList<>())
            .addAll(table.writer().writeItems(entity));
      }
    }
    TargetRows target = new TargetRows(connection);
    for (TargetTable table : tables.values()) {
      List<Written> some = rows.getOrDefault(table.writer().kind(), List.of());
      target.deleteOthers(table, table.writer().sessionText(session), some);
      if (!some.isEmpty()) {
        // Whatever session has them now, the owner says that they are in this one.
        List<Written> elsewhere = target.elsewhere(table, some).stream().map(some::get).toList();
        target.deleteAnywhere(table, elsewhere);
      }
    }
    for (TargetTable table : tables.values()) {
      Map<Batch.Signature, List<Written>> groups = new LinkedHashMap<>();
      for (Written row : rows.getOrDefault(table.writer().kind(), List.of())) {
        groups.computeIfAbsent(Batch.signature(table, row), unused -> new ArrayList<>()).add(row);
      }
      for (Map.Entry<Batch.Signature, List<Written>> group : groups.entrySet()) {
        if (!target.write(table, group.getKey(), group.getValue())) {
          throw new UnmappableRowException("a row of " + table.id() + " could not be written");
        }
      }
    }
  }

  private void unpark(Connection connection, String session) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM segue.parked WHERE migration = ? AND session_id = ?")) {
      statement.setString(1, names.migration());
      statement.setString(2, session);
      statement.executeUpdate();
    }
  }
}
