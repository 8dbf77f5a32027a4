package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.failpoint.Failpoint;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.Chunk;
import dev.segue.spi.SnapshotWriter;
import dev.segue.spi.SystemFault;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes chunks beside the store, each in one transaction. A session's rows come in several chunks,
 * so its files are written once all of them are there.
 */
final class StoreSnapshotWriter implements SnapshotWriter {
  private final BesideStore beside;
  private final EntityTable rows;
  private final StoreNames names;
  private final List<Entity> pending = new ArrayList<>();
  private final List<Rejected> rejected = new ArrayList<>();
  private Chunk chunk;

  StoreSnapshotWriter(BesidePlace place, StoreTables tables) {
    this.beside = new BesideStore(place);
    this.rows = new EntityTable(tables);
    this.names = new StoreNames(place.store());
  }

  @Override
  public void begin(Chunk next, boolean overwrite) {
    chunk = next;
    rollback();
  }

  @Override
  public void write(Entity entity) {
    if (!rows.tables().kinds().contains(entity.kind())) {
      return;
    }
    try {
      if (!rows.tables().isWhole(entity)) {
        throw new UnmappableRowException("a column of its row is not known");
      }
      names.check(entity.sessionId());
      pending.add(entity);
    } catch (UnmappableRowException | MalformedRecordException e) {
      rejected.add(new Rejected(entity.sessionId(), e.getMessage(), entity));
    }
  }

  @Override
  public void reject(String sessionId, String reason) {
    rejected.add(new Rejected(sessionId == null ? "" : sessionId, reason, null));
  }

  @Override
  public List<Rejected> finish() {
    Failpoint.SNAPSHOT_BEFORE_LEDGER.hit();
    return List.copyOf(rejected);
  }

  @Override
  public void commit(long read) {
    beside.write(
        store -> {
          for (Entity entity : pending) {
            rows.put(store, entity);
          }
          for (Rejected reject : rejected) {
            ParkedTable.park(store, reject.sessionId(), reject.reason(), 1);
          }
          if (chunk.id() >= 0
              && store.change(
                      "UPDATE chunks SET done = 1, rows = ? WHERE id = ? AND done = 0",
                      read - rejected.size(),
                      chunk.id())
                  == 0) {
            throw SystemFault.fenced("chunk " + chunk.id() + " was written by another process");
          }
          Failpoint.SNAPSHOT_BEFORE_COMMIT.hit();
          return 0;
        });
    rollback();
  }

  @Override
  public void rollback() {
    pending.clear();
    rejected.clear();
  }

  @Override
  public void close() {
    beside.close();
  }
}
