package dev.segue.postgres;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import dev.segue.layout.Identifiers;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.RowWriter;
import dev.segue.layout.TableBinding;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Variables;
import dev.segue.layout.Written;
import dev.segue.relational.Column;
import dev.segue.spi.Intake;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Adds sessions by ordinary inserts: triggers fire, foreign keys count. A row that is there is
 * never touched.
 */
final class PostgresIntake implements Intake {
  private static final String MESSAGE_ID = "message_id";

  private final Connection connection;
  private final PostgresConnections connections;
  private final Map<Kind, TargetTable> tables = new EnumMap<>(Kind.class);

  /** For messages without an id, where the database gives them one. */
  private final Optional<TargetTable> numbering;

  PostgresIntake(PostgresConnections connections, LayoutBinding binding, Variables variables) {
    this.connections = connections;
    this.connection = connections.open();
    for (TableBinding table : binding.tables()) {
      Set<Field> all = new HashSet<>(table.layout().kind().fields());
      tables.put(
          table.layout().kind(), new TargetTable(table, new RowWriter(table, all, variables)));
    }
    this.numbering = binding.of(Kind.MESSAGE).flatMap(table -> numbering(table, variables));
  }

  private static Optional<TargetTable> numbering(TableBinding table, Variables variables) {
    Optional<Column> id = table.layout().columnOf(MESSAGE_ID).flatMap(table.table()::column);
    if (id.isEmpty() || !id.get().hasDefault()) {
      return Optional.empty();
    }
    Set<Field> others = new HashSet<>(Kind.MESSAGE.fields());
    others.removeIf(field -> field.name().equals(MESSAGE_ID));
    return Optional.of(new TargetTable(table, new RowWriter(table, others, variables)));
  }

  @Override
  public List<Outcome> add(List<SessionDocument> documents) {
    List<Outcome> outcomes = new ArrayList<>();
    try {
      PostgresConnections.commitDurably(connection);
      connection.setAutoCommit(false);
      for (SessionDocument document : documents) {
        outcomes.add(add(document));
      }
      connection.commit();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      throw PostgresFaults.translate(e, "adding sessions to " + connections.describe());
    }
    return outcomes;
  }

  private Outcome add(SessionDocument document) throws SQLException {
    Savepoint before = connection.setSavepoint();
    Outcome outcome;
    try {
      outcome = insert(document);
    } catch (UnmappableRowException | MalformedRecordException e) {
      outcome = new Outcome.Failed(e.getMessage());
    } catch (SQLException e) {
      if (!PostgresFaults.isData(e.getSQLState())) {
        throw e;
      }
      outcome = new Outcome.Failed(PostgresFaults.firstLine(e) + " [" + e.getSQLState() + "]");
    }
    if (outcome instanceof Outcome.Imported) {
      connection.releaseSavepoint(before);
    } else {
      connection.rollback(before);
    }
    return outcome;
  }

  private Outcome insert(SessionDocument document) throws SQLException {
    TargetRows rows = new TargetRows(connection);
    for (TargetTable table : tables.values()) {
      Kind kind = table.writer().kind();
      List<Written> some = new ArrayList<>();
      List<Written> numbered = new ArrayList<>();
      int place = 0;
      for (Entity entity : document.of(kind)) {
        Entity whole = whole(entity, place++);
        boolean given = kind == Kind.MESSAGE && whole.text(MESSAGE_ID) == null;
        (given ? numbered : some)
            .addAll((given ? numbering.orElseThrow() : table).writer().writeItems(whole));
      }
      if (insert(rows, table, some) < some.size()) {
        if (kind == Kind.SESSION) {
          return new Outcome.Skipped();
        }
        return new Outcome.Failed(
            "a " + kind.wireName() + " of the same id is in " + table.id() + " already");
      }
      if (!numbered.isEmpty()) {
        insert(rows, numbering.orElseThrow(), numbered);
      }
    }
    return new Outcome.Imported();
  }

  /** The entity with null for whatever it does not tell, and an id if it needs one of ours. */
  private Entity whole(Entity entity, int place) {
    Entity.Builder whole = entity.toBuilder();
    for (Field field : entity.kind().fields()) {
      if (entity.isAbsent(field)) {
        whole.set(field, null);
      }
    }
    if (entity.kind() == Kind.MESSAGE && entity.text(MESSAGE_ID) == null && numbering.isEmpty()) {
      whole.set(MESSAGE_ID, Identifiers.toUuid(entity.sessionId() + "#" + place));
    }
    return whole.build();
  }

  private static int insert(TargetRows rows, TargetTable table, List<Written> some)
      throws SQLException {
    Map<Batch.Signature, List<Written>> groups = new LinkedHashMap<>();
    for (Written row : some) {
      groups.computeIfAbsent(Batch.signature(table, row), unused -> new ArrayList<>()).add(row);
    }
    int inserted = 0;
    for (Map.Entry<Batch.Signature, List<Written>> group : groups.entrySet()) {
      inserted += rows.insert(table, group.getKey().columns(), group.getValue());
    }
    return inserted;
  }

  @Override
  public void close() {
    PostgresConnections.close(connection);
  }
}
