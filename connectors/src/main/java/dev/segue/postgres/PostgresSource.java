package dev.segue.postgres;

import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.finding.Finding;
import dev.segue.layout.DataQuestion;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.RowReader;
import dev.segue.layout.Seldom;
import dev.segue.layout.TableBinding;
import dev.segue.relational.Column;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import dev.segue.spi.ChangeStream;
import dev.segue.spi.ChangeTranslator;
import dev.segue.spi.Connected;
import dev.segue.spi.Cutoff;
import dev.segue.spi.LogHealth;
import dev.segue.spi.MemoryVectors;
import dev.segue.spi.Ownership;
import dev.segue.spi.Removal;
import dev.segue.spi.SessionQuery;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.Source;
import dev.segue.spi.Supply;
import dev.segue.spi.Watch;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A PostgreSQL database, 14 or later, that sessions are moved away from. */
public final class PostgresSource implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresSource.class);

  private final PostgresSite site;
  private final PostgresConnections connections;
  private final PostgresNames names;
  private final LayoutBinding binding;
  private final SessionNames sessionNames;
  private final Map<TableId, RowReader> readers = new LinkedHashMap<>();
  private Connection marks;

  /** What stands for a value that the log left out. */
  private String placeholder = "__segue_unchanged__";

  /** Connects and lays the layout over what is there. */
  public PostgresSource(PostgresSite site, String migration) {
    this.site = site;
    this.connections = site.connections(migration);
    this.names = new PostgresNames(migration);
    this.sessionNames = new SessionNames(connections, names.whole());
    this.binding =
        LayoutBinding.bind(
            site.side().toString(),
            site.layout(),
            connections.with("reading the catalog", PostgresCatalog::tables),
            site.tables());
    if (binding.findings().stream().noneMatch(Finding::isError)) {
      for (TableBinding table : binding.tables()) {
        Set<Field> told = new HashSet<>();
        binding
            .all(table.layout().kind())
            .forEach(each -> told.addAll(new RowReader(each).supplied()));
        readers.put(table.table().id(), new RowReader(table, told, sessionNames));
      }
    }
  }

  /** All tables of a database, for recognising what is there. */
  public static List<Table> tables(PostgresAddress address) {
    return new PostgresConnections("database", address, "segue init")
        .with("reading the catalog", PostgresCatalog::tables);
  }

  @Override
  public void join(String migrationId) {
    placeholder = "__segue_unchanged_" + migrationId;
  }

  @Override
  public String describe() {
    return connections.describe();
  }

  @Override
  public String identity() {
    return connections.with(
        "asking who it is",
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet rows =
                  statement.executeQuery(
                      "SELECT system_identifier::text || '/' || current_database()"
                          + " FROM pg_control_system()")) {
            rows.next();
            return rows.getString(1);
          }
        });
  }

  @Override
  public List<Finding> check() {
    List<Finding> findings = new ArrayList<>(binding.findings());
    findings.addAll(
        connections.with(
            "checking",
            connection ->
                new SourceChecks(describe(), names)
                    .run(connection, binding, new ReplicationSlot(connections, names).exists())));
    return findings;
  }

  @Override
  public List<Finding> answer(List<DataQuestion> questions) {
    List<Finding> findings = new ArrayList<>();
    for (DataQuestion question : questions) {
      findings.add(
          connections.with(
              "looking at " + question.table(),
              connection -> DataAnswer.to(question).ask(connection, question)));
    }
    return findings;
  }

  @Override
  public LayoutBinding binding() {
    return binding;
  }

  @Override
  public Map<Kind, Supply> supplies() {
    Map<Kind, Supply> supplies = new EnumMap<>(Kind.class);
    for (TableBinding table : binding.tables()) {
      supplies.computeIfAbsent(table.layout().kind(), this::supply);
    }
    return supplies;
  }

  private Supply supply(Kind kind) {
    List<RowReader> all =
        binding.all(kind).stream().map(table -> readers.get(table.table().id())).toList();
    Set<Field> told = new LinkedHashSet<>();
    all.forEach(reader -> told.addAll(reader.supplied()));
    Set<Field> seldom = new LinkedHashSet<>(told);
    seldom.removeIf(field -> all.stream().allMatch(reader -> reader.supplied().contains(field)));
    Set<String> unlisted = new LinkedHashSet<>();
    all.forEach(reader -> unlisted.addAll(reader.unlisted()));
    unlisted.removeIf(name -> all.stream().allMatch(reader -> reader.unlisted().contains(name)));
    return new Supply(
        binding.of(kind).orElseThrow().table().id().name(),
        told,
        names.isBack() ? all.get(0).restored() : Set.of(),
        new Seldom(seldom, unlisted),
        all.stream().allMatch(RowReader::readsItems));
  }

  @Override
  public SnapshotReader prepare(Consumer<String> progress) {
    ReplicationSlot slot = new ReplicationSlot(connections, names);
    slot.release();
    slot.drop();
    int version = new SourcePreparation(connections, names, binding).publish(progress);
    ReplicationSlot.Created created = slot.create(version, progress);
    LOG.atInfo()
        .addKeyValue("slot", names.slot())
        .addKeyValue("lsn", created.consistentPoint())
        .log("the source keeps its log for us");
    return new PostgresSnapshot(
        TableView.ofSlot(connections, created, columns(), conditions()), readers);
  }

  /** Parents first. */
  private Map<TableId, List<Column>> columns() {
    Map<TableId, List<Column>> columns = new LinkedHashMap<>();
    binding.tables().stream()
        .sorted(Comparator.comparing(table -> table.layout().kind()))
        .forEach(table -> columns.put(table.table().id(), table.table().columns()));
    return columns;
  }

  /** A row that an earlier table has too does not count. */
  private Map<TableId, String> conditions() {
    return Archives.conditions(binding);
  }

  @Override
  public boolean sumsRows() {
    return true;
  }

  @Override
  public String storage() {
    return TableView.storage(connections, columns().keySet());
  }

  @Override
  public SnapshotReader view() {
    return new PostgresSnapshot(TableView.ofNow(connections, columns(), conditions()), readers);
  }

  @Override
  public void read(Collection<String> sessions, SnapshotReader.RowConsumer consumer) {
    TableView.scanNow(
        connections,
        columns(),
        conditions(),
        scan ->
            readers.forEach(
                (table, reader) ->
                    scan.read(
                        table,
                        columns().get(table).get(reader.sessionIndex()),
                        sessions.stream().map(reader::sessionText).toList(),
                        new PostgresSnapshot.Mapping(reader, consumer))));
  }

  @Override
  public List<Removal> removals() {
    return new SourcePreparation(connections, names, binding).removals();
  }

  @Override
  public ChangeStream changes(Cutoff cutoff) {
    Map<TableId, DebeziumChangeStream.SessionFinder> finders = new LinkedHashMap<>();
    readers.forEach(
        (id, reader) ->
            finders.put(
                id, new DebeziumChangeStream.SessionFinder(reader, reader.sessionColumnName())));
    String tables =
        readers.keySet().stream()
            .map(id -> java.util.regex.Pattern.quote(id.toString()))
            .collect(Collectors.joining(","));
    return new DebeziumChangeStream(
        connections,
        names,
        DebeziumSettings.of(connections.address(), names, tables, setAside(), placeholder),
        cutoff,
        finders,
        new ArchiveLook(connections, binding, readers, debeziumTranslator()));
  }

  /** Columns that nobody wants the log to tell, as Debezium is told: regular expressions. */
  private String setAside() {
    return binding.tables().stream()
        .flatMap(
            table ->
                table.layout().vectors().stream()
                    .map(vectors -> table.table().id() + "." + vectors.name()))
        .map(java.util.regex.Pattern::quote)
        .collect(Collectors.joining(","));
  }

  @Override
  public boolean tellAnew(Collection<String> sessions) {
    return false;
  }

  @Override
  public List<String> find(SessionQuery query) {
    SessionSearch search = new SessionSearch(binding, names);
    return connections.with("looking for sessions", connection -> search.find(connection, query));
  }

  @Override
  public Optional<MemoryVectors> vectors() {
    return binding
        .of(Kind.MEMORY_ITEM)
        .filter(PostgresEmbeddings::isPossible)
        .map(
            table -> {
              RowReader reader = readers.get(table.table().id());
              return new PostgresEmbeddings(
                  connections, names, table, reader::sessionText, reader::sessionIdOf);
            });
  }

  @Override
  public Ownership ownership() {
    return fence();
  }

  private PostgresOwnership fence() {
    return new PostgresOwnership(connections, names, binding, site.side());
  }

  /**
   * Who may write to the other side, where that cannot refuse anybody and its writers keep to the
   * routes that they ask for. It is kept here.
   *
   * @param system how messages name the other side
   * @param marks writes a mark into its log: a nonce, and when it was sent
   * @param grace how long its writers may go on by a route that has changed
   */
  public Ownership ownershipByRoutes(String system, ObjLongConsumer<String> marks, Duration grace) {
    return new RoutedOwnership(system, fence(), marks, grace);
  }

  @Override
  public ChangeTranslator translator() {
    return debeziumTranslator();
  }

  private DebeziumTranslator debeziumTranslator() {
    Map<TableId, DebeziumTranslator.TableTranslator> tables = new LinkedHashMap<>();
    for (TableBinding table : binding.tables()) {
      TableId id = table.table().id();
      tables.put(
          id,
          new DebeziumTranslator.TableTranslator(
              table.table(),
              new DebeziumRow(table.table(), placeholder),
              readers.get(id),
              binding.of(table.layout().kind()).orElseThrow().table().id().name()));
    }
    return new DebeziumTranslator(tables, names.messagePrefix());
  }

  @Override
  public synchronized long mark(String nonce, long sentAt) {
    try {
      if (marks == null) {
        marks = connections.open();
      }
      return MarkMessage.emit(marks, names.messagePrefix(), nonce, sentAt);
    } catch (SQLException e) {
      PostgresConnections.close(marks);
      marks = null;
      throw PostgresFaults.translate(e, "writing a mark into the log of " + describe());
    }
  }

  @Override
  public LogHealth health() {
    return new ReplicationSlot(connections, names).health();
  }

  @Override
  public Watch<LogHealth> watch() {
    return new SlotWatch(connections, names);
  }

  /** What a database deletes, somebody deleted. */
  @Override
  public boolean keepsExpired() {
    return false;
  }

  @Override
  public Optional<Finding> taken() {
    LogHealth slot = health();
    return slot.status().equals("missing")
        ? Optional.empty()
        : Optional.of(
            Finding.error(
                describe() + " replication slot " + slot.name(),
                "exists already: name '" + names.migration() + "' is in use by another migration",
                "choose another name in migration.yaml; or, if that migration is dead: SELECT"
                    + " pg_drop_replication_slot('"
                    + slot.name()
                    + "')"));
  }

  @Override
  public Optional<Finding> drift() {
    return new SourceDrift(connections, names, binding).find();
  }

  @Override
  public Connected stayConnected() {
    return connections.stayConnected();
  }

  @Override
  public synchronized void close() {
    PostgresConnections.close(marks);
    marks = null;
    sessionNames.close();
  }
}
