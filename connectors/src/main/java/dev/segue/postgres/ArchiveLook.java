package dev.segue.postgres;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.RowReader;
import dev.segue.layout.TableBinding;
import dev.segue.layout.UnmappableRowException;
import dev.segue.relational.Column;
import dev.segue.relational.TableId;
import dev.segue.spi.ChangeEvent;
import dev.segue.spi.SystemFault;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Tells rows that were moved between tables of a kind from those that were deleted: for each change
 * that the log alone does not explain it looks where the row is now. The first table that has it
 * counts. Why this ends at what the tables hold, in whatever order rows were moved, is in ADR 22.
 */
final class ArchiveLook implements AutoCloseable {
  /** How long to wait for a transaction that the log tells and nobody can see yet. */
  private static final long PAUSE_MS = 5;

  private final PostgresConnections connections;
  private final LayoutBinding binding;
  private final Map<TableId, RowReader> readers;
  private final DebeziumTranslator translator;

  /** The tables between which rows may be moved. */
  private final Map<TableId, TableBinding> related = new HashMap<>();

  private Connection connection;

  ArchiveLook(
      PostgresConnections connections,
      LayoutBinding binding,
      Map<TableId, RowReader> readers,
      DebeziumTranslator translator) {
    this.connections = connections;
    this.binding = binding;
    this.readers = readers;
    this.translator = translator;
    binding.tables().stream()
        .filter(table -> binding.all(table.layout().kind()).size() > 1)
        .forEach(table -> related.put(table.table().id(), table));
  }

  /**
   * A change that the log alone does not explain.
   *
   * @param place of its event in the batch
   * @param operation as Debezium calls it
   */
  record Doubt(int place, TableBinding table, String operation) {}

  /** Whether there is anything to look for. */
  boolean isNeeded() {
    return !related.isEmpty();
  }

  /** What is doubtful of a change, if anything is. */
  Optional<Doubt> doubt(int place, TableId id, String operation, boolean movedSession) {
    TableBinding table = related.get(id);
    if (table == null || movedSession) {
      return Optional.empty();
    }
    boolean first = binding.before(table).isEmpty();
    return first && !operation.equals("d") && !operation.equals("t")
        ? Optional.empty()
        : Optional.of(new Doubt(place, table, operation));
  }

  /** Where a row is: the first table that has it, and what it says there. */
  private record Found(int table, TableId id, String[] row, String refused) {}

  /**
   * The events as they are to be told: some as they are, some not at all, some with the row that
   * counts now in place of the one that is gone.
   *
   * @param goingOn whether somebody still wants to know
   */
  List<ChangeEvent> settle(List<ChangeEvent> events, List<Doubt> doubts, BooleanSupplier goingOn) {
    try {
      begin(
          doubts.stream().map(doubt -> events.get(doubt.place()).transaction()).distinct().toList(),
          goingOn);
      List<ChangeEvent> settled = new ArrayList<>(events);
      Map<Kind, List<Doubt>> kinds =
          doubts.stream().collect(Collectors.groupingBy(doubt -> doubt.table().layout().kind()));
      for (Map.Entry<Kind, List<Doubt>> kind : kinds.entrySet()) {
        settle(binding.all(kind.getKey()), kind.getValue(), settled);
      }
      connection.rollback();
      settled.removeIf(event -> event == null);
      return settled;
    } catch (SQLException e) {
      close();
      throw PostgresFaults.translate(e, "looking for moved rows in " + connections.describe());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Begins a transaction that sees the given ones. The log tells a transaction a moment before
   * others see what it did; where it waits for a standby, that moment is long.
   */
  private void begin(Collection<Long> transactions, BooleanSupplier goingOn) throws SQLException {
    if (connection == null) {
      connection = connections.openPatient();
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
    }
    while (true) {
      TableView.seeAll(connection);
      VisibleTransactions visible = visible();
      if (transactions.stream().allMatch(visible::has)) {
        return;
      }
      connection.rollback();
      if (!goingOn.getAsBoolean()) {
        throw SystemFault.passing("capture is being closed", null);
      }
      try {
        Thread.sleep(PAUSE_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw SystemFault.passing("capture was interrupted", e);
      }
    }
  }

  private VisibleTransactions visible() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT pg_current_snapshot()::text")) {
      rows.next();
      return VisibleTransactions.parse(rows.getString(1));
    }
  }

  private void settle(List<TableBinding> tables, List<Doubt> doubts, List<ChangeEvent> events)
      throws SQLException {
    Map<Integer, Entity> rows = new TreeMap<>();
    for (Doubt doubt : doubts) {
      if (doubt.operation().equals("t")) {
        checkOthersEmpty(tables, doubt.table());
      } else {
        entity(events.get(doubt.place()), doubt).ifPresent(row -> rows.put(doubt.place(), row));
      }
    }
    Map<List<String>, Found> found = find(tables, rows.values());
    for (Doubt doubt : doubts) {
      Entity row = rows.get(doubt.place());
      if (row != null) {
        ChangeEvent event = events.get(doubt.place());
        Optional<Found> where = Optional.ofNullable(found.get(identity(row)));
        events.set(
            doubt.place(), told(event, doubt, tables.indexOf(doubt.table()), where).orElse(null));
      }
    }
  }

  /** Which row changed; empty where nobody can tell, which the topology finds out. */
  private Optional<Entity> entity(ChangeEvent event, Doubt doubt) {
    try {
      return Optional.of(translator.identity(event.value(), doubt.operation().equals("d")));
    } catch (UnmappableRowException | MalformedRecordException e) {
      return Optional.empty();
    }
  }

  private static List<String> identity(Entity entity) {
    List<String> identity = new ArrayList<>();
    entity.kind().identity().forEach(field -> identity.add(entity.text(field)));
    return identity;
  }

  private Map<List<String>, Found> find(List<TableBinding> tables, Collection<Entity> rows) {
    Map<List<String>, Found> found = new HashMap<>();
    if (rows.isEmpty()) {
      return found;
    }
    Map<TableId, List<Column>> columns = new LinkedHashMap<>();
    tables.forEach(table -> columns.put(table.table().id(), table.table().columns()));
    // Not closed: the connection is kept for the next look.
    RowScan scan = new RowScan(connections, connection, columns, Map.of());
    for (int i = 0; i < tables.size(); i++) {
      TableId id = tables.get(i).table().id();
      RowReader reader = readers.get(id);
      scan.read(
          id,
          tables.get(i).table().columns().get(reader.keyIndex()),
          rows.stream().map(reader::keyText).distinct().toList(),
          new Finding(i, id, reader, found));
    }
    return found;
  }

  private record Finding(int table, TableId id, RowReader reader, Map<List<String>, Found> found)
      implements RowScan.RowHandler {
    @Override
    public void accept(String[] row) {
      add(row, null);
    }

    @Override
    public void reject(String[] raw, String reason) {
      add(raw, reason);
    }

    private void add(String[] row, String refused) {
      try {
        found.putIfAbsent(identity(reader.readIdentity(row)), new Found(table, id, row, refused));
      } catch (UnmappableRowException e) {
        // A row without a session is none that anybody looks for.
        return;
      }
    }
  }

  /**
   * What to tell of a change in one of the tables.
   *
   * @param table which one, counted from the first
   */
  private Optional<ChangeEvent> told(
      ChangeEvent event, Doubt doubt, int table, Optional<Found> where) {
    boolean deleted = doubt.operation().equals("d");
    if (where.isEmpty() || where.get().table() == table) {
      // It is gone, or was made anew, which its own event tells.
      return Optional.of(event);
    }
    if (where.get().table() < table) {
      return Optional.empty();
    }
    return Optional.of(deleted ? moved(event, where.get()) : event);
  }

  private ChangeEvent moved(ChangeEvent event, Found where) {
    TableBinding table = binding.of(where.id()).orElseThrow();
    byte[] value =
        where.refused() == null
            ? MovedRow.write(event.value(), table.table(), where.row())
            : MovedRow.refuse(event.value(), table.table(), where.refused());
    return new ChangeEvent(
        event.position(), event.transaction(), event.sessionId(), Optional.empty(), value);
  }

  /** Which rows a TRUNCATE took nobody tells, so those of the other tables could not be kept. */
  private void checkOthersEmpty(List<TableBinding> tables, TableBinding truncated)
      throws SQLException {
    List<TableBinding> others =
        IntStream.range(0, tables.size())
            .mapToObj(tables::get)
            .filter(table -> !table.equals(truncated))
            .toList();
    for (TableBinding other : others) {
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "SELECT EXISTS (SELECT FROM " + other.table().id().sql() + ")")) {
        rows.next();
        if (rows.getBoolean(1)) {
          throw SystemFault.permanent(
              "source "
                  + truncated.table().id()
                  + " was emptied by TRUNCATE, which does not tell its rows from those of "
                  + other.table().id(),
              "start over with an empty target and a new name; to empty a table whose rows are moved"
                  + " into another one use DELETE");
        }
      }
    }
  }

  @Override
  public void close() {
    PostgresConnections.close(connection);
    connection = null;
  }
}
