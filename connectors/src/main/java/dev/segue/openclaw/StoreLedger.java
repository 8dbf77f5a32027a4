package dev.segue.openclaw;

import dev.segue.spi.AppliedState;
import dev.segue.spi.Chunk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Ledger;
import dev.segue.spi.LedgerFacts;
import dev.segue.spi.TableProgress;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The bookkeeping of a migration, in a database of our own beside the store. */
final class StoreLedger implements Ledger, AutoCloseable {
  private static final int POLL_MS = 5;

  /** So many lines of the journal are kept. */
  private static final int JOURNAL = 10_000;

  private final BesideStore beside;

  StoreLedger(BesidePlace place) {
    this.beside = new BesideStore(place);
  }

  @Override
  public Optional<Migration> find(String name) {
    if (!name.equals(beside.place().migration())) {
      try (StoreLedger other = new StoreLedger(beside.place().of(name))) {
        return other.find(name);
      }
    }
    return LedgerFacts.migration(beside.read(Map.of(), StoreLedger::facts));
  }

  private static Map<String, String> facts(BesideStore store) throws SQLException {
    Map<String, String> facts = new HashMap<>();
    store.ask(
        "SELECT name, value FROM facts", row -> facts.put(row.getString(1), row.getString(2)));
    return facts;
  }

  private static int set(BesideStore store, Map<String, String> facts) throws SQLException {
    for (Map.Entry<String, String> fact : facts.entrySet()) {
      store.change("INSERT OR REPLACE INTO facts VALUES (?, ?)", fact.getKey(), fact.getValue());
    }
    return facts.size();
  }

  @Override
  public Migration open(Identity identity) {
    Optional<Migration> known = find(identity.name());
    if (known.isEmpty()) {
      beside.write(store -> create(store, identity));
      known = find(identity.name());
    }
    identity.checkSame(known.orElseThrow().identity());
    return known.orElseThrow();
  }

  private static int create(BesideStore store, Identity identity) throws SQLException {
    for (int i = 0; i < identity.partitions(); i++) {
      String start = AppliedState.start(i).line();
      store.change("INSERT OR IGNORE INTO applied VALUES (?, ?, ?)", i, start, start);
    }
    return set(store, LedgerFacts.begun(identity));
  }

  private static int journal(BesideStore store, String what, String detail) throws SQLException {
    store.change("INSERT INTO journal (line) VALUES (?)", LedgerFacts.journalLine(what, detail));
    return store.change(
        "DELETE FROM journal WHERE place <= (SELECT max(place) FROM journal) - ?", JOURNAL);
  }

  @Override
  public void enter(String phase, String detail) {
    beside.write(store -> journal(store, phase, detail) + set(store, LedgerFacts.entered(phase)));
  }

  @Override
  public void note(String what, String detail) {
    beside.write(store -> journal(store, what, detail));
  }

  @Override
  public void prepared(Cutoff cutoff, List<Chunk> chunks, List<TableProgress> estimates) {
    beside.write(
        store -> {
          for (Chunk chunk : chunks) {
            store.change(
                "INSERT INTO chunks (id, source, part, first, behind, bytes)"
                    + " VALUES (?, ?, ?, ?, ?, ?)",
                chunk.id(),
                chunk.table(),
                chunk.part(),
                chunk.from(),
                chunk.to(),
                chunk.bytes());
          }
          for (TableProgress table : estimates) {
            store.change(
                "INSERT OR REPLACE INTO estimates VALUES (?, ?, ?)",
                table.table(),
                table.estimatedRows(),
                table.bytes());
          }
          return set(store, LedgerFacts.prepared(cutoff));
        });
  }

  @Override
  public void snapshotResumed(Cutoff cutoff) {
    beside.write(store -> set(store, LedgerFacts.resumed(cutoff)));
  }

  @Override
  public void bindTopic(String topicId) {
    String bound =
        beside.write(
            store -> {
              store.change("INSERT OR IGNORE INTO facts VALUES (?, ?)", LedgerFacts.TOPIC, topicId);
              return facts(store).get(LedgerFacts.TOPIC);
            });
    Ledger.checkTopic(topicId, bound);
  }

  @Override
  public List<ChunkState> chunks() {
    return beside.read(
        List.of(),
        store ->
            store.ask(
                "SELECT id, source, part, first, behind, bytes, done, rows FROM chunks ORDER BY id",
                row ->
                    new ChunkState(
                        new Chunk(
                            row.getInt(1),
                            row.getString(2),
                            row.getString(3),
                            row.getLong(4),
                            row.getLong(5),
                            row.getLong(6)),
                        row.getBoolean(7),
                        row.getLong(8))));
  }

  @Override
  public List<TableProgress> estimates() {
    return beside.read(
        List.of(),
        store ->
            store.ask(
                "SELECT source, rows, bytes FROM estimates ORDER BY rowid",
                row -> new TableProgress(row.getString(1), 0, row.getLong(2), 0, row.getLong(3))));
  }

  /** What the files say; the rows may be ahead of them for a moment. */
  @Override
  public List<AppliedState> applied() {
    return beside.read(
        List.of(),
        store ->
            store.ask(
                "SELECT part, shown FROM applied ORDER BY part",
                row -> AppliedState.ofLine(row.getInt(1), row.getString(2))));
  }

  @Override
  public boolean await(String nonce, Duration most) throws InterruptedException {
    long until = System.nanoTime() + most.toNanos();
    while (!hasPassed(nonce)) {
      if (System.nanoTime() > until) {
        return false;
      }
      Thread.sleep(POLL_MS);
    }
    return true;
  }

  private boolean hasPassed(String nonce) {
    return beside.read(
        false,
        store ->
            store
                .ask(
                    "SELECT (SELECT count(*) FROM barriers WHERE nonce = ? AND passed = 1)"
                        + " = (SELECT count(*) FROM applied)"
                        + " AND EXISTS (SELECT 1 FROM applied)",
                    row -> row.getBoolean(1),
                    nonce)
                .get(0));
  }

  @Override
  public void forget(String nonce) {
    beside.write(store -> store.change("DELETE FROM barriers WHERE nonce = ?", nonce));
  }

  @Override
  public List<Parked> parked() {
    return beside.read(
        List.of(),
        store ->
            store.ask(
                "SELECT session, reason, records, discarded FROM parked ORDER BY place",
                row ->
                    new Parked(
                        row.getString(1), row.getString(2), row.getLong(3), row.getString(4))));
  }

  @Override
  public boolean discard(String sessionId, String reason, String requestedBy) {
    return beside.write(
        store -> {
          boolean found =
              store.change("UPDATE parked SET discarded = ? WHERE session = ?", reason, sessionId)
                  > 0;
          if (found) {
            journal(store, "discarded", sessionId + ", by " + requestedBy + ": " + reason);
          }
          return found;
        });
  }

  @Override
  public List<String> journal(int lines) {
    return beside.read(
        List.of(),
        store ->
            store.ask(
                "SELECT line FROM journal ORDER BY place DESC LIMIT ?",
                row -> row.getString(1),
                lines));
  }

  @Override
  public void close() {
    beside.close();
  }
}
