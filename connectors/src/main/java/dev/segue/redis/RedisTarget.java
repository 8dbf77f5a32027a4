package dev.segue.redis;

import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.finding.Finding;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.RowWriter;
import dev.segue.layout.Seldom;
import dev.segue.layout.Variables;
import dev.segue.spi.Applier;
import dev.segue.spi.DeferredIndexes;
import dev.segue.spi.Embeddings;
import dev.segue.spi.Holdings;
import dev.segue.spi.Intake;
import dev.segue.spi.Ledger;
import dev.segue.spi.Mender;
import dev.segue.spi.MoveLog;
import dev.segue.spi.NoIndexes;
import dev.segue.spi.ParityLog;
import dev.segue.spi.Removal;
import dev.segue.spi.SnapshotWriter;
import dev.segue.spi.Supply;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A Redis, 5 or later, that sessions are moved into. Beside the keys of its layout it has keys of
 * our own, which begin with {@code segue:} and the migration's name.
 */
public final class RedisTarget implements Target {
  private final RedisConnections connections;
  private final RedisKeys keys;
  private final OwnKeys own;
  private final boolean isBack;
  private final UnaryOperator<Set<String>> foreign;
  private final LayoutBinding binding;
  private final RedisLedger ledger;

  /**
   * Connects; the layout alone says what is there.
   *
   * @param migration the direction's name
   */
  public RedisTarget(RedisAddress address, Layout layout, String migration) {
    this("target", address, layout, migration, false, sessions -> Set.of());
  }

  /**
   * Connects to a system that rows came from, to bring them home.
   *
   * @param migration the name of the way back
   * @param foreign tells those of some sessions that belong to this very system, so that nothing of
   *     them may be applied
   */
  public static RedisTarget wayBack(
      RedisAddress address, Layout layout, String migration, UnaryOperator<Set<String>> foreign) {
    return new RedisTarget("source", address, layout, migration, true, foreign);
  }

  private RedisTarget(
      String side,
      RedisAddress address,
      Layout layout,
      String migration,
      boolean isBack,
      UnaryOperator<Set<String>> foreign) {
    this.connections = new RedisConnections(side, address);
    this.keys = new RedisKeys(layout);
    this.own = new OwnKeys(migration);
    this.isBack = isBack;
    this.foreign = foreign;
    this.binding = keys.binding(side, layout);
    this.ledger = new RedisLedger(connections, own, isBack);
    try {
      connections.replication();
    } catch (RuntimeException e) {
      connections.close();
      throw e;
    }
  }

  @Override
  public String describe() {
    return connections.describe();
  }

  @Override
  public List<Finding> check() {
    List<Finding> findings = new ArrayList<>(binding.findings());
    boolean started = ledger.find(own.migration()).filter(m -> m.cutoff().isPresent()).isPresent();
    findings.addAll(new RedisTargetChecks(connections, keys, isBack).run(started));
    return findings;
  }

  @Override
  public LayoutBinding binding() {
    return binding;
  }

  /** Keys are made by being written to. */
  @Override
  public void createTables() {
    throw SystemFault.permanent(
        "a Redis has no tables to be created: its keys are made by being written to",
        "leave --create-target out: segue plan");
  }

  @Override
  public Ledger ledger() {
    return ledger;
  }

  @Override
  public Lease lease(String migration, boolean takeOver) {
    return RedisLease.take(connections, new OwnKeys(migration), takeOver);
  }

  private Map<Kind, WritableTable> tables(Ledger.Migration migration, Map<Kind, Supply> supplies) {
    Map<Kind, WritableTable> all = new EnumMap<>(Kind.class);
    for (RedisTable table : keys.tables()) {
      Supply supply = supplies.get(table.kind());
      if (supply != null) {
        Variables variables = supply.variables(migration);
        RowWriter writer =
            new RowWriter(
                table.binding(),
                supply.fields(),
                supply.restored(),
                Seldom.NONE,
                supply.itemized(),
                variables);
        all.put(table.kind(), new WritableTable(table, writer, keys));
      }
    }
    return all;
  }

  @Override
  public DeferredIndexes deferredIndexes() {
    return new NoIndexes("Redis servers");
  }

  @Override
  public SnapshotWriter snapshotWriter(Ledger.Migration migration, Map<Kind, Supply> supplies) {
    return new RedisSnapshotWriter(connections, own, tables(migration, supplies));
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
    checkHistory();
    Map<Kind, WritableTable> tables = tables(migration, supplies);
    new StagedLists(connections, keys, own, tables).settle();
    return new RedisApplier(connections, keys, own, tables, kinds, snapshotEnd, foreign);
  }

  /** A server that was killed may have lost what was copied last, and that it was copied. */
  private void checkHistory() {
    long lost = ledger.chunks().stream().filter(chunk -> !chunk.done()).count();
    if (lost > 0) {
      throw SystemFault.permanent(
          describe() + " lost " + lost + " pieces of history that were copied",
          "segue run once more: it copies them again");
    }
  }

  @Override
  public Mender mender(Ledger.Migration migration, Map<Kind, Supply> supplies) {
    return new RedisMender(connections, keys, own, tables(migration, supplies));
  }

  @Override
  public Holdings holdings(Ledger.Migration migration, Map<Kind, Supply> supplies) {
    return new RedisHoldings(connections, keys, own, tables(migration, supplies));
  }

  @Override
  public Intake intake(Variables variables) {
    throw SystemFault.permanent(
        "sessions in files cannot be added to a Redis",
        "add them to a database that is moved into it; or name a database: postgresql://…");
  }

  @Override
  public Optional<Embeddings> embeddings() {
    return Optional.empty();
  }

  @Override
  public ParityLog parityLog(String migration) {
    return new RedisParityLog(connections, new OwnKeys(migration));
  }

  @Override
  public MoveLog moveLog(String migration) {
    return new RedisMoveLog(connections, new OwnKeys(migration));
  }

  @Override
  public List<Removal> removals(String migration) {
    byte[] known = new OwnKeys(migration).itself();
    boolean isThere =
        connections.with("reading the ledger", commands -> commands.exists(known)) > 0;
    return isThere
        ? List.of(
            new Removal(
                describe()
                    + " the migration's bookkeeping in keys "
                    + OwnKeys.prefix(migration)
                    + "…",
                () -> removeAll(migration)))
        : List.of();
  }

  /** What the migration is known by goes last: until then the command can be given again. */
  private void removeAll(String migration) {
    OwnKeys keysOf = new OwnKeys(migration);
    List<byte[]> some = new ArrayList<>();
    connections.scan(
        OwnKeys.prefix(migration) + "*",
        key -> {
          if (!java.util.Arrays.equals(key, keysOf.itself())
              && !java.util.Arrays.equals(key, keysOf.lease())) {
            some.add(key);
          }
        });
    connections.with(
        "removing the bookkeeping",
        commands -> {
          for (int from = 0; from < some.size(); from += Transactions.MOST_ARGUMENTS) {
            int to = Math.min(some.size(), from + Transactions.MOST_ARGUMENTS);
            commands.unlink(some.subList(from, to).toArray(byte[][]::new));
          }
          return commands.unlink(keysOf.itself());
        });
  }

  @Override
  public void close() {
    connections.close();
  }
}
