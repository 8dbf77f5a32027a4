package dev.segue.redis;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.KeyRule;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import dev.segue.passage.Gate;
import dev.segue.spi.OffsetChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rows of one batch. What their keys hold is read, and nobody may write to these keys from then
 * on; then the changes are made in memory, one by one; what came of it is a list of commands.
 */
final class BatchRows {
  private final Map<Kind, WritableTable> tables;
  private final OwnKeys own;
  private final Expiries expiries;
  private final IdentityHashMap<OffsetChange, Prepared> prepared = new IdentityHashMap<>();
  private final Map<Place, WantedKey> wanted = new LinkedHashMap<>();
  private final Map<Place, KeyState> states = new LinkedHashMap<>();
  private boolean written;

  private record Place(Kind kind, String session) {}

  /**
   * A change as rows.
   *
   * @param kept what stays, of a change that says so
   * @param items what the elements of a message are called that may be several; empty if it may not
   * @param fault why there are none; null if there are
   */
  private record Prepared(
      Place place,
      List<Written> rows,
      List<Written> kept,
      List<String> items,
      RuntimeException fault) {}

  BatchRows(Map<Kind, WritableTable> tables, RedisKeys keys, OwnKeys own) {
    this.tables = tables;
    this.own = own;
    this.expiries = new Expiries(keys, own);
  }

  /** Reads what the changes are going to be made to. */
  void read(Transactions transactions, Collection<OffsetChange> changes) {
    for (OffsetChange change : changes) {
      CanonicalChange what = change.change();
      boolean ofRows =
          what instanceof CanonicalChange.Upsert
              || what instanceof CanonicalChange.Delete
              || what instanceof CanonicalChange.Retain;
      if (ofRows && tables.containsKey(Gate.kind(what))) {
        prepare(change);
      }
    }
    wanted.forEach((place, key) -> states.put(place, KeyState.of(key, own)));
    List<byte[]> watched = new ArrayList<>();
    wanted.values().forEach(key -> watched.addAll(keysOf(key)));
    transactions.watch(watched);
    Set<String> sessions = new LinkedHashSet<>();
    prepared.values().stream()
        .filter(one -> one.fault == null)
        .forEach(one -> sessions.add(one.place.session));
    expiries.ask(transactions, sessions);
    List<KeyState> open = new ArrayList<>(states.values());
    while (!open.isEmpty()) {
      open.forEach(state -> state.ask(transactions));
      open.removeIf(state -> !state.take(transactions));
    }
    expiries.take(transactions);
  }

  private List<byte[]> keysOf(WantedKey key) {
    return key.table().type() == KeyRule.Type.LIST
        ? List.of(key.key(), own.places(key.table().table().name(), key.session()))
        : List.of(key.key());
  }

  private void prepare(OffsetChange change) {
    CanonicalChange what = change.change();
    WritableTable table = tables.get(Gate.kind(what));
    try {
      String session = table.writer().sessionText(what.sessionId());
      Place place = new Place(table.kind(), session);
      byte[] key = table.key(session);
      List<Written> rows = List.of();
      List<Written> kept = List.of();
      boolean settled = false;
      if (what instanceof CanonicalChange.Retain retain) {
        kept = retain.entities().stream().map(table.writer()::writeIdentity).toList();
      } else if (what instanceof CanonicalChange.Upsert upsert) {
        rows = table.rows(upsert.entity());
        settled = table.splits() && table.writer().tellsItems(upsert.entity());
      } else {
        rows = List.of(table.writer().writeIdentity(((CanonicalChange.Delete) what).entity()));
        settled = table.splits();
      }
      List<String> items = settled ? table.ids(rows, session) : List.of();
      // Of a key that is nothing by itself nothing is to be known.
      if (table.type() != KeyRule.Type.KEY) {
        WantedKey want =
            wanted.computeIfAbsent(place, unused -> new WantedKey(table, session, key));
        if (what instanceof CanonicalChange.Upsert) {
          want.ids().addAll(table.ids(rows, session));
          if (settled) {
            want.items().add(new WantedKey.Items(items));
          }
        } else {
          want.needAll();
        }
      }
      prepared.put(change, new Prepared(place, rows, kept, items, null));
    } catch (UnmappableRowException | MalformedRecordException e) {
      prepared.put(change, new Prepared(null, List.of(), List.of(), List.of(), e));
    }
  }

  /** Whether anything was written. */
  boolean isWritten() {
    return written;
  }

  /**
   * Makes one of the changes.
   *
   * @param mayBeMissing see {@link KeyState#upsert}
   * @throws UnmappableRowException if its key cannot hold it
   * @throws MalformedRecordException likewise
   */
  void write(OffsetChange change, boolean mayBeMissing) {
    Prepared one = prepared.get(change);
    if (one.fault != null) {
      throw one.fault;
    }
    written = true;
    WritableTable table = tables.get(one.place.kind);
    KeyState state = states.get(one.place);
    if (change.change() instanceof CanonicalChange.Upsert) {
      if (state != null) {
        one.rows.forEach(row -> state.upsert(row, mayBeMissing));
        settle(state, one);
      }
      one.rows.forEach(
          row -> table.expiry(row).ifPresent(time -> expiries.tell(one.place.session, time)));
    } else if (change.change() instanceof CanonicalChange.Delete) {
      if (state != null) {
        one.rows.forEach(state::delete);
        settle(state, one);
      }
      if (one.place.kind == Kind.SESSION) {
        expiries.forget(one.place.session);
      }
    } else if (state != null) {
      state.retainMessages(one.kept);
    }
  }

  private static void settle(KeyState state, Prepared one) {
    if (!one.items.isEmpty()) {
      state.settle(one.items);
    }
  }

  /** The commands that bring all keys there. */
  List<Transactions.Command> commands() {
    List<Transactions.Command> all = new ArrayList<>();
    Map<String, List<byte[]>> changed = new HashMap<>();
    states.forEach(
        (place, state) -> {
          int before = all.size();
          state.commands(all::add);
          if (all.size() > before) {
            changed
                .computeIfAbsent(place.session, unused -> new ArrayList<>())
                .add(wanted.get(place).key());
          }
        });
    expiries.commands(changed, all::add);
    return all;
  }
}
