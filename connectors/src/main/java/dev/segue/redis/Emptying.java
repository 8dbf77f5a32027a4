package dev.segue.redis;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.KeyRule;
import dev.segue.passage.Passage;
import dev.segue.spi.AppliedState;
import dev.segue.spi.OffsetChange;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties a table when the source did. All partitions come to that place and stop; then the first
 * one empties the table and goes on; then the others do. The keys are too many for one transaction,
 * so they go before the batch that says so is committed, which is begun anew if it watched one of
 * them. Nothing is lost if that is done twice.
 */
final class Emptying {
  private static final Logger LOG = LoggerFactory.getLogger(Emptying.class);
  private static final byte[] EMPTIED = Bytes.of("emptied");

  private final RedisConnections connections;
  private final Map<Kind, WritableTable> tables;
  private final RedisKeys keys;
  private final OwnKeys own;
  private final Map<String, Kind> kindsBySourceTable;
  private boolean emptied;

  Emptying(
      RedisConnections connections,
      Map<Kind, WritableTable> tables,
      RedisKeys keys,
      OwnKeys own,
      Map<String, Kind> kindsBySourceTable) {
    this.connections = connections;
    this.tables = tables;
    this.keys = keys;
    this.own = own;
    this.kindsBySourceTable = kindsBySourceTable;
  }

  /** Whether a change has to wait, because what was read for it is not true any more. */
  boolean isBefore(OffsetChange change) {
    return emptied && change.partition() == 0;
  }

  /** False if the change has to wait. */
  boolean truncate(OffsetChange change, BatchRows rows, Map<Integer, AppliedState> ledger) {
    Map<Integer, SourcePosition> positions = AppliedHash.positions(ledger);
    if (change.partition() != 0) {
      return Passage.firstPassed(positions, change);
    }
    if (emptied || rows.isWritten() || !Passage.othersReached(positions, change)) {
      return false;
    }
    Kind kind = kindsBySourceTable.get(((CanonicalChange.Truncate) change.change()).table());
    WritableTable table = kind == null ? null : tables.get(kind);
    if (table != null && table.type() != KeyRule.Type.KEY) {
      emptied = true;
      long gone = empty(table);
      LOG.atInfo()
          .addKeyValue("table", table.table().name())
          .addKeyValue("keys", gone)
          .log("emptied, because the source truncated its table");
    }
    return true;
  }

  private long empty(WritableTable table) {
    long gone = 0;
    // On a connection of its own: what the batch's connection watches is to stay watched.
    try (Transactions transactions = new Transactions(connections)) {
      ScanArgs arguments = ScanArgs.Builder.matches(keys.glob()).limit(1000);
      KeyScanCursor<byte[]> cursor = page(transactions, null, arguments);
      while (true) {
        gone += remove(some(table, cursor.getKeys()), transactions);
        if (cursor.isFinished()) {
          return gone;
        }
        cursor = page(transactions, cursor, arguments);
      }
    } catch (Transactions.Unanswered e) {
      throw e.fault();
    }
  }

  private static KeyScanCursor<byte[]> page(
      Transactions transactions, KeyScanCursor<byte[]> last, ScanArgs arguments) {
    RedisFuture<KeyScanCursor<byte[]>> asked =
        last == null
            ? transactions.commands().scan(arguments)
            : transactions.commands().scan(last, arguments);
    return transactions.await(asked, "listing keys");
  }

  private List<byte[]> some(WritableTable table, List<byte[]> found) {
    List<byte[]> some = new ArrayList<>();
    for (byte[] key : found) {
      keys.meant(Bytes.text(key))
          .filter(meant -> meant.tables().contains(table.table()))
          .ifPresent(
              meant -> {
                some.add(key);
                if (table.type() == KeyRule.Type.LIST) {
                  some.add(own.places(table.table().name(), meant.session()));
                }
              });
    }
    return some;
  }

  private long remove(List<byte[]> some, Transactions transactions) {
    if (some.isEmpty()) {
      return 0;
    }
    List<Transactions.Command> all = new ArrayList<>();
    // First of all a key of ours: by it the transaction is known for our work.
    all.add(commands -> commands.hincrby(own.itself(), EMPTIED, 1));
    all.add(commands -> commands.del(some.toArray(byte[][]::new)));
    transactions
        .commit(all, "emptying a table")
        .forEach(answer -> transactions.await(answer, "emptying a table"));
    return some.size();
  }
}
