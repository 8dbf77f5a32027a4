package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import dev.segue.failpoint.Failpoint;
import dev.segue.layout.UnmappableRowException;
import dev.segue.passage.Diversion;
import dev.segue.passage.Gate;
import dev.segue.passage.Passage;
import dev.segue.spi.AppliedState;
import dev.segue.spi.Applier;
import dev.segue.spi.OffsetChange;
import dev.segue.spi.SystemFault;
import io.lettuce.core.RedisFuture;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies batches with their bookkeeping in one transaction: what has to be known is read while the
 * ledger and all keys in question are watched, then everything is written at once. Nothing that is
 * sent in a transaction can be refused for what a key holds, for that was seen before.
 */
final class RedisApplier implements Applier {
  private static final Logger LOG = LoggerFactory.getLogger(RedisApplier.class);

  /** So often a batch is begun anew because somebody wrote to one of its keys. */
  private static final int ATTEMPTS = 50;

  private final RedisConnections connections;
  private final RedisKeys keys;
  private final OwnKeys own;
  private final Map<Kind, WritableTable> tables;
  private final Map<String, Kind> kindsBySourceTable;
  private final SourcePosition snapshotEnd;
  private final UnaryOperator<Set<String>> foreign;
  private final AppliedHash applied;
  private final Map<Integer, AppliedState> claimed = new HashMap<>();
  private final Set<String> parked = new HashSet<>();
  private volatile boolean parkingChanged;
  private Transactions transactions;

  /**
   * @param kindsBySourceTable what a source's table holds, for TRUNCATE
   * @param snapshotEnd until here a row that is to be updated may be missing
   * @param foreign tells those of some sessions that belong to this very system
   */
  RedisApplier(
      RedisConnections connections,
      RedisKeys keys,
      OwnKeys own,
      Map<Kind, WritableTable> tables,
      Map<String, Kind> kindsBySourceTable,
      SourcePosition snapshotEnd,
      UnaryOperator<Set<String>> foreign) {
    this.connections = connections;
    this.keys = keys;
    this.own = own;
    this.tables = tables;
    this.kindsBySourceTable = Map.copyOf(kindsBySourceTable);
    this.snapshotEnd = snapshotEnd;
    this.foreign = foreign;
    this.applied = new AppliedHash(own);
  }

  private Transactions transactions() {
    if (transactions == null) {
      transactions = new Transactions(connections);
    }
    return transactions;
  }

  private void abandon() {
    if (transactions != null) {
      transactions.close();
      transactions = null;
    }
  }

  @Override
  public Map<Integer, AppliedState> claim(Collection<Integer> partitions) {
    try {
      claimed.clear();
      for (int attempt = 1; ; attempt++) {
        transactions().watch(List.of(own.applied()));
        Map<Integer, AppliedState> now = applied.read(transactions(), connections.describe());
        Map<Integer, AppliedState> next =
            now.values().stream()
                .filter(state -> partitions.contains(state.partition()))
                .map(AppliedState::claimedAgain)
                .collect(Collectors.toMap(AppliedState::partition, state -> state));
        if (!transactions().commit(applied.write(next.values()), "claiming partitions").isEmpty()) {
          claimed.putAll(next);
          loadParked();
          return Map.copyOf(claimed);
        }
        checkAttempts(attempt);
      }
    } catch (Transactions.Unanswered e) {
      abandon();
      throw e.fault();
    } catch (RuntimeException e) {
      abandon();
      throw e;
    }
  }

  private void checkAttempts(int attempt) {
    if (attempt == ATTEMPTS) {
      throw SystemFault.passing(
          "somebody else writes to the same keys of " + connections.describe() + " all the time",
          null);
    }
  }

  private void loadParked() {
    parked.clear();
    transactions()
        .await(transactions().commands().hkeys(own.parked()), "reading parked sessions")
        .forEach(session -> parked.add(Bytes.text(session)));
  }

  @Override
  public Map<Integer, Long> apply(
      List<OffsetChange> changes, Map<Integer, Long> through, DeadLetterOutlet deadLetters) {
    List<OffsetChange> ordered = Passage.inSourceOrder(changes);
    try {
      for (int attempt = 1; ; attempt++) {
        if (parkingChanged) {
          parkingChanged = false;
          loadParked();
        }
        Gate gate =
            new Gate(
                new Passage(claimed, through),
                new Diversion(parked),
                tables.keySet(),
                foreign(ordered),
                Set.of());
        BatchRows rows = new BatchRows(tables, keys, own);
        transactions().watch(List.of(own.applied()));
        Map<Integer, AppliedState> ledger = applied.read(transactions(), connections.describe());
        applied.check(claimed, ledger, gate.passage());
        rows.read(transactions(), ordered);
        write(ordered, gate, rows, ledger);
        if (commit(gate, rows, deadLetters)) {
          gate.diversion().settle();
          claimed.putAll(gate.passage().states());
          return gate.passage().next();
        }
        checkAttempts(attempt);
      }
    } catch (RuntimeException e) {
      abandon();
      throw e;
    }
  }

  private Set<String> foreign(List<OffsetChange> changes) {
    Set<String> sessions =
        changes.stream()
            .map(change -> change.change().sessionId())
            .filter(Objects::nonNull)
            .collect(Collectors.toSet());
    Set<String> found = foreign.apply(sessions);
    if (!found.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("sessions", found.size())
          .addKeyValue("session", found.iterator().next())
          .log("somebody got past the fence; what they wrote is kept as dead letters");
    }
    return found;
  }

  private void write(
      List<OffsetChange> changes, Gate gate, BatchRows rows, Map<Integer, AppliedState> ledger) {
    Emptying emptying = new Emptying(connections, tables, keys, own, kindsBySourceTable);
    for (OffsetChange change : changes) {
      Passage passage = gate.passage();
      if (passage.isBlocked(change)) {
        continue;
      }
      boolean done =
          gate.isTruncate(change)
              ? emptying.truncate(change, rows, ledger)
              : !emptying.isBefore(change) && (gate.handled(change) || write(change, gate, rows));
      if (done) {
        passage.passed(change);
      } else {
        passage.block(change);
      }
    }
  }

  private boolean write(OffsetChange change, Gate gate, BatchRows rows) {
    try {
      rows.write(change, change.change().position().isBefore(snapshotEnd));
    } catch (UnmappableRowException | MalformedRecordException e) {
      gate.diversion().divert(change, e.getMessage());
    }
    return true;
  }

  /** False if somebody wrote to one of the keys, so that it has to be begun anew. */
  private boolean commit(Gate gate, BatchRows rows, DeadLetterOutlet deadLetters) {
    Failpoint.SINK_MID_BATCH.hit();
    List<Transactions.Command> all = new ArrayList<>();
    Passage passage = gate.passage();
    // First of all a key of ours: by it the transaction is known for our work.
    all.addAll(applied.write(passage.partitions().stream().map(passage::advanced).toList()));
    for (Passage.Barrier barrier : passage.barriers()) {
      byte[] passed = RedisLedger.barrier(barrier.nonce(), barrier.partition());
      all.add(commands -> commands.sadd(own.barriers(), passed));
    }
    Diversion diversion = gate.diversion();
    diversion.released().forEach(session -> all.addAll(new ParkedHashes(own).release(session)));
    diversion
        .parkings()
        .forEach(
            (session, parking) ->
                all.addAll(
                    new ParkedHashes(own).park(session, parking.reason(), parking.records())));
    all.addAll(rows.commands());
    diversion.send(deadLetters);
    Failpoint.SINK_BEFORE_COMMIT.hit();
    try {
      List<RedisFuture<?>> answers = transactions().commit(all, "applying changes");
      hitCommitUnknown();
      if (answers.isEmpty()) {
        return false;
      }
      Refusals.check(answers, connections.describe());
    } catch (Transactions.Unanswered e) {
      abandon();
      if (!isCommitted(passage)) {
        throw e.fault();
      }
    }
    Failpoint.SINK_AFTER_COMMIT.hit();
    return true;
  }

  private static void hitCommitUnknown() {
    try {
      Failpoint.SINK_COMMIT_UNKNOWN.hit();
    } catch (Failpoint.FailpointException e) {
      throw new Transactions.Unanswered(SystemFault.passing(e.getMessage(), e));
    }
  }

  private boolean isCommitted(Passage passage) {
    int partition = passage.partitions().get(0);
    byte[] field = Integer.toString(partition).getBytes(UTF_8);
    String now =
        Bytes.text(
            connections.with("asking what became of a batch", c -> c.hget(own.applied(), field)));
    boolean committed = passage.advanced(partition).line().equals(now);
    LOG.atInfo()
        .addKeyValue("committed", committed)
        .log("the answer to a transaction was lost; the ledger says what became of it");
    return committed;
  }

  @Override
  public void parkingChanged() {
    parkingChanged = true;
  }

  @Override
  public void close() {
    abandon();
  }
}
