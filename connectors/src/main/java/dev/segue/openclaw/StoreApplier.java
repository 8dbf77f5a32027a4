package dev.segue.openclaw;

import dev.segue.canonical.CanonicalChange;
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
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies batches: rows and bookkeeping in one transaction, then the files of the sessions that
 * changed. A batch is passed once its files are there.
 */
final class StoreApplier implements Applier {
  private static final Logger LOG = LoggerFactory.getLogger(StoreApplier.class);

  private final BesideStore beside;
  private final StoreOutput output;
  private final EntityTable rows;
  private final StoreNames names;
  private final Map<String, Kind> kindsBySourceTable;
  private final SourcePosition snapshotEnd;
  private final Map<Integer, AppliedState> claimed = new HashMap<>();
  private final Set<String> parked = new HashSet<>();
  private volatile boolean parkingChanged;

  /**
   * @param kindsBySourceTable what a source's table holds, for TRUNCATE
   * @param snapshotEnd until here a row that is to be updated may be missing
   */
  StoreApplier(
      BesidePlace place,
      StoreTables tables,
      Map<String, Kind> kindsBySourceTable,
      SourcePosition snapshotEnd) {
    this.beside = new BesideStore(place);
    this.output = new StoreOutput(place.store());
    this.rows = new EntityTable(tables);
    this.names = new StoreNames(place.store());
    this.kindsBySourceTable = Map.copyOf(kindsBySourceTable);
    this.snapshotEnd = snapshotEnd;
  }

  @Override
  public Map<Integer, AppliedState> claim(Collection<Integer> partitions) {
    Map<Integer, AppliedState> next =
        beside.write(
            store -> {
              Map<Integer, AppliedState> all =
                  AppliedRows.all(store).values().stream()
                      .filter(state -> partitions.contains(state.partition()))
                      .map(AppliedState::claimedAgain)
                      .collect(Collectors.toMap(AppliedState::partition, state -> state));
              AppliedRows.write(store, all.values());
              StoreOutput.publish(store);
              return all;
            });
    if (!next.keySet().containsAll(partitions)) {
      throw SystemFault.permanent(
          beside.place().database() + " does not know the migration any more",
          "restore it; or start over with an empty directory and a new name");
    }
    claimed.clear();
    claimed.putAll(next);
    // What was killed before its files were there, and what history was copied.
    output.write(beside);
    loadParked();
    return Map.copyOf(claimed);
  }

  private void loadParked() {
    parked.clear();
    parked.addAll(beside.read(Set.of(), ParkedTable::all));
  }

  @Override
  public Map<Integer, Long> apply(
      List<OffsetChange> changes, Map<Integer, Long> through, DeadLetterOutlet deadLetters) {
    if (parkingChanged) {
      parkingChanged = false;
      loadParked();
    }
    List<OffsetChange> ordered = Passage.inSourceOrder(changes);
    Passage passage = new Passage(claimed, through);
    Diversion diversion = new Diversion(parked);
    commit(ordered, passage, diversion, deadLetters);
    diversion.settle();
    claimed.putAll(passage.states());
    Failpoint.SINK_AFTER_COMMIT.hit();
    if (output.write(beside)) {
      loadParked();
    }
    return passage.next();
  }

  private void commit(
      List<OffsetChange> changes,
      Passage passage,
      Diversion diversion,
      DeadLetterOutlet deadLetters) {
    try {
      beside.write(
          store -> {
            Set<OffsetChange> kept = ExpiredRows.keptBy(store, changes);
            Gate gate = new Gate(passage, diversion, rows.tables().kinds(), Set.of(), kept);
            Map<Integer, AppliedState> ledger = AppliedRows.all(store);
            AppliedRows.check(claimed, ledger, passage);
            write(store, changes, gate, ledger);
            Failpoint.SINK_MID_BATCH.hit();
            keep(store, passage, diversion);
            diversion.send(deadLetters);
            Failpoint.SINK_BEFORE_COMMIT.hit();
            return 0;
          });
      hitCommitUnknown();
    } catch (SystemFault e) {
      // The answer may have been lost on its way: then the ledger is where it was to be.
      if (e.nature() != SystemFault.Nature.TRANSIENT || !isCommitted(passage)) {
        throw e;
      }
      LOG.atInfo().log("the answer to a transaction was lost; the ledger says that it was done");
    }
  }

  private static void hitCommitUnknown() {
    try {
      Failpoint.SINK_COMMIT_UNKNOWN.hit();
    } catch (Failpoint.FailpointException e) {
      throw SystemFault.passing(e.getMessage(), e);
    }
  }

  private boolean isCommitted(Passage passage) {
    int partition = passage.partitions().get(0);
    AppliedState now =
        beside.read(Map.<Integer, AppliedState>of(), AppliedRows::all).get(partition);
    return passage.advanced(partition).equals(now) && !now.equals(claimed.get(partition));
  }

  private static void keep(BesideStore store, Passage passage, Diversion diversion)
      throws SQLException {
    AppliedRows.write(store, passage.partitions().stream().map(passage::advanced).toList());
    for (Passage.Barrier barrier : passage.barriers()) {
      store.change(
          "INSERT OR IGNORE INTO barriers (nonce, part) VALUES (?, ?)",
          barrier.nonce(),
          barrier.partition());
    }
    for (String session : diversion.released()) {
      ParkedTable.release(store, session);
    }
    for (Map.Entry<String, Diversion.Parking> one : diversion.parkings().entrySet()) {
      ParkedTable.park(store, one.getKey(), one.getValue().reason(), one.getValue().records());
    }
    StoreOutput.publish(store);
  }

  private void write(
      BesideStore store, List<OffsetChange> changes, Gate gate, Map<Integer, AppliedState> ledger)
      throws SQLException {
    Map<Integer, SourcePosition> positions =
        ledger.values().stream()
            .collect(Collectors.toMap(AppliedState::partition, AppliedState::reached));
    for (OffsetChange change : changes) {
      if (gate.passage().isBlocked(change)) {
        continue;
      }
      boolean done =
          gate.isTruncate(change)
              ? truncate(store, change, positions)
              : gate.handled(change) || write(store, change, gate);
      if (done) {
        gate.passage().passed(change);
      } else {
        gate.passage().block(change);
      }
    }
  }

  /** False if the change has to wait for other partitions. */
  private boolean truncate(
      BesideStore store, OffsetChange change, Map<Integer, SourcePosition> positions)
      throws SQLException {
    if (change.partition() != 0) {
      return Passage.firstPassed(positions, change);
    }
    if (!Passage.othersReached(positions, change)) {
      return false;
    }
    Kind kind = kindsBySourceTable.get(((CanonicalChange.Truncate) change.change()).table());
    if (kind != null && rows.tables().kinds().contains(kind)) {
      LOG.atInfo()
          .addKeyValue("kind", kind.wireName())
          .addKeyValue("rows", rows.empty(store, kind))
          .log("emptied, because the source truncated its table");
    }
    return true;
  }

  private boolean write(BesideStore store, OffsetChange change, Gate gate) throws SQLException {
    CanonicalChange what = change.change();
    try {
      if (what instanceof CanonicalChange.Upsert upsert) {
        names.check(what.sessionId());
        rows.upsert(store, upsert.entity(), what.position().isBefore(snapshotEnd));
      } else if (what instanceof CanonicalChange.Delete delete) {
        rows.delete(store, delete.entity());
      } else {
        rows.retain(store, (CanonicalChange.Retain) what);
      }
    } catch (UnmappableRowException | MalformedRecordException e) {
      gate.diversion().divert(change, e.getMessage());
    }
    return true;
  }

  @Override
  public void parkingChanged() {
    parkingChanged = true;
  }

  @Override
  public void close() {
    beside.close();
  }
}
