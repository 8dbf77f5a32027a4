package dev.segue.postgres;

import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.finding.Finding;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.RowReader;
import dev.segue.layout.TableBinding;
import dev.segue.layout.Variables;
import dev.segue.relational.Table;
import dev.segue.spi.Applier;
import dev.segue.spi.Connected;
import dev.segue.spi.DeferredIndexes;
import dev.segue.spi.Embeddings;
import dev.segue.spi.Holdings;
import dev.segue.spi.Intake;
import dev.segue.spi.Ledger;
import dev.segue.spi.Mender;
import dev.segue.spi.MoveLog;
import dev.segue.spi.ParityLog;
import dev.segue.spi.Removal;
import dev.segue.spi.SnapshotWriter;
import dev.segue.spi.Standing;
import dev.segue.spi.Supply;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import dev.segue.spi.Watch;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A PostgreSQL database that sessions are moved into. */
public final class PostgresTarget implements Target {
  /** Appliers that one migration may have in a process; each needs a replication origin. */
  public static final int MOST_WORKERS = 8;

  /** Whoever writes sessions anew has an origin beside that of the first worker. */
  static final int MENDING = 1;

  /** So has whoever writes vectors. */
  static final int EMBEDDING = 2;

  /** All origins that a migration may ever have had, whatever its number of workers was. */
  static final int ORIGINS = originsOf(MOST_WORKERS);

  /** How many origins so many workers need, with the two others. */
  static int originsOf(int workers) {
    return workers + 2;
  }

  /**
   * The number of a worker's origin. Further workers came later, so theirs are behind the others.
   */
  static int originOf(int worker) {
    return worker == 0 ? 0 : EMBEDDING + worker;
  }

  private final PostgresSite site;
  private final PostgresConnections connections;
  private final PostgresNames names;
  private final PostgresLedger ledger;
  private final SessionNames sessionNames;
  private LayoutBinding binding;

  /** With the tables that rows may be moved into: nothing is written there, but rows deleted. */
  private LayoutBinding everywhere;

  /** Connects and lays the layout over what is there. */
  public PostgresTarget(PostgresSite site, String migration) {
    this.site = site;
    this.connections = site.connections(migration);
    this.names = new PostgresNames(migration);
    this.ledger = new PostgresLedger(connections, migration);
    this.sessionNames = new SessionNames(connections, names.whole());
    bind();
  }

  private void bind() {
    List<Table> real = connections.with("reading the catalog", PostgresCatalog::tables);
    Layout first = site.layout().withoutArchives();
    Map<String, String> named = new HashMap<>(site.tables());
    site.layout().tables().forEach(table -> named.keySet().removeAll(table.archives()));
    binding = LayoutBinding.bind(site.side().toString(), first, real, named);
    everywhere = LayoutBinding.bind(site.side().toString(), site.layout(), real, site.tables());
  }

  @Override
  public String describe() {
    return connections.describe();
  }

  @Override
  public List<Finding> check() {
    List<Finding> findings = new ArrayList<>(binding.findings());
    // What an archive lacks matters to those only who read it.
    everywhere.findings().stream()
        .filter(finding -> finding.isError() && !findings.contains(finding))
        .forEach(findings::add);
    boolean started =
        ledger.find(names.migration()).filter(m -> m.cutoff().isPresent()).isPresent();
    findings.addAll(
        connections.with(
            "checking",
            connection ->
                new TargetChecks(describe(), names.isBack()).run(connection, everywhere, started)));
    return findings;
  }

  @Override
  public List<Finding> checkReferences(Set<Kind> brought) {
    return connections.with(
        "looking for foreign keys",
        connection ->
            UnfilledReferences.check(
                connection,
                describe(),
                binding().tables().stream()
                    .filter(table -> brought.contains(table.layout().kind()))
                    .toList()));
  }

  @Override
  public int mostMembers() {
    return MOST_WORKERS;
  }

  @Override
  public List<Finding> checkMembers(int members) {
    return members == 1
        ? List.of()
        : connections.with(
            "looking for free replication origins",
            connection -> MemberOrigins.check(connection, describe(), names, members));
  }

  @Override
  public LayoutBinding binding() {
    return binding;
  }

  @Override
  public boolean sumsRows() {
    return true;
  }

  @Override
  public void createTables() {
    Layout layout = site.layout();
    String ddl =
        layout
            .ddl()
            .orElseThrow(
                () ->
                    SystemFault.permanent(
                        "layout " + layout.name() + " brings no DDL to create its tables with",
                        "create them with the application's own migrations, then: segue plan"));
    connections.with(
        "creating the tables of layout " + layout.name(),
        connection -> {
          try (Statement statement = connection.createStatement()) {
            // One statement text is one transaction: all tables or none.
            return statement.execute(ddl);
          }
        });
    bind();
  }

  @Override
  public Ledger ledger() {
    return ledger;
  }

  @Override
  public Lease lease(String migration, boolean takeOver) {
    return PostgresLease.take(connections, migration, takeOver);
  }

  private Map<Kind, TargetTable> targetTables(
      Ledger.Migration migration, Map<Kind, Supply> supplies) {
    Map<Kind, TargetTable> all = new EnumMap<>(Kind.class);
    for (TableBinding table : binding.tables()) {
      Supply supply = supplies.get(table.layout().kind());
      if (supply != null) {
        List<TableBinding> archives = everywhere.all(table.layout().kind());
        all.put(
            table.layout().kind(),
            new TargetTable(
                table,
                archives.subList(Math.min(1, archives.size()), archives.size()),
                supply.writer(table, migration)));
      }
    }
    return all;
  }

  @Override
  public DeferredIndexes deferredIndexes() {
    return new PostgresDeferredIndexes(connections, names.migration(), binding);
  }

  @Override
  public SnapshotWriter snapshotWriter(Ledger.Migration migration, Map<Kind, Supply> supplies) {
    return new PostgresSnapshotWriter(connections, names, targetTables(migration, supplies));
  }

  @Override
  public Applier applier(Ledger.Migration migration, Map<Kind, Supply> supplies, int worker) {
    Map<String, Kind> kinds = new HashMap<>();
    supplies.forEach((kind, supply) -> kinds.put(supply.table(), kind));
    SourcePosition snapshotEnd =
        migration
            .snapshotLog()
            .map(log -> new SourcePosition(SourcePosition.parseLog(log), 0, 0))
            .orElse(SourcePosition.START);
    return new PostgresApplier(
        connections,
        names,
        site.side(),
        names.origin(originOf(worker)),
        targetTables(migration, supplies),
        kinds,
        snapshotEnd);
  }

  @Override
  public Mender mender(Ledger.Migration migration, Map<Kind, Supply> supplies) {
    return new SessionMender(connections, names, targetTables(migration, supplies));
  }

  @Override
  public Holdings holdings(Ledger.Migration migration, Map<Kind, Supply> supplies) {
    return new PostgresHoldings(
        connections,
        targetTables(migration, supplies),
        Archives.conditions(everywhere),
        sessionNames);
  }

  @Override
  public Intake intake(Variables variables) {
    return new PostgresIntake(connections, binding, variables);
  }

  @Override
  public Optional<Embeddings> embeddings() {
    return binding
        .of(Kind.MEMORY_ITEM)
        .filter(table -> !names.isBack() && PostgresEmbeddings.isPossible(table))
        .map(
            table -> {
              RowReader reader = new RowReader(table, Set.of(), sessionNames);
              return new PostgresEmbeddings(
                  connections, names, table, reader::sessionText, reader::sessionIdOf);
            });
  }

  @Override
  public ParityLog parityLog(String migration) {
    return new PostgresParityLog(connections, migration);
  }

  @Override
  public MoveLog moveLog(String migration) {
    return new PostgresMoveLog(connections, migration);
  }

  @Override
  public Watch<Standing> watch(String migration) {
    return new PostgresStanding(connections, migration);
  }

  @Override
  public List<Removal> removals(String migration) {
    List<Removal> removals = new ArrayList<>();
    DeferredIndexes indexes = deferredIndexes();
    for (DeferredIndexes.Index index : indexes.missing()) {
      removals.add(
          new Removal(
              describe() + " the gap where " + index + " was, by building it again",
              () -> indexes.build(index)));
    }
    for (int number = 0; number < ORIGINS; number++) {
      String origin = names.origin(number);
      if (ReplicaSession.exists(connections, origin)) {
        removals.add(
            new Removal(
                describe() + " replication origin " + origin,
                () -> ReplicaSession.dropOrigin(connections, origin)));
      }
    }
    if (ledger.find(migration).isPresent()) {
      removals.add(
          new Removal(describe() + " the migration's bookkeeping in schema segue", ledger::remove));
    }
    return removals;
  }

  @Override
  public List<String> makeRoomForNumbers(String migration) {
    return connections.with(
        "making room for numbers",
        connection -> new SequenceRoom(connection, migration, describe()).make(binding));
  }

  @Override
  public Optional<Finding> drift() {
    List<Table> now = connections.with("reading the catalog", PostgresCatalog::tables);
    return TableDrift.find(describe(), everywhere, now);
  }

  @Override
  public Connected stayConnected() {
    return connections.stayConnected();
  }

  @Override
  public void close() {
    // Every other session is closed with its piece of work, or with what had it kept.
    sessionNames.close();
  }
}
