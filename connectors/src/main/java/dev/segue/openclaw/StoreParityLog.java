package dev.segue.openclaw;

import dev.segue.spi.ParityLog;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The totals as one of the ledger's facts, and a table of the sessions that did not pass. */
final class StoreParityLog implements ParityLog {
  private static final String FACT = "parity";

  private final BesidePlace place;

  StoreParityLog(BesidePlace place) {
    this.place = place;
  }

  private void write(BesideStore.Work<Integer> work) {
    try (BesideStore beside = new BesideStore(place)) {
      beside.write(work);
    }
  }

  private static int add(BesideStore store, List<NotPassed> notPassed) throws SQLException {
    for (NotPassed one : notPassed) {
      store.change(
          "INSERT OR REPLACE INTO not_passed VALUES (?, ?)", one.sessionId(), one.record());
    }
    return notPassed.size();
  }

  private static void set(BesideStore store, Totals totals) throws SQLException {
    store.change("INSERT OR REPLACE INTO facts VALUES (?, ?)", FACT, totals.json());
  }

  @Override
  public void replace(Totals totals, List<NotPassed> notPassed) {
    write(
        store -> {
          set(store, totals);
          store.change("DELETE FROM not_passed");
          return add(store, notPassed);
        });
  }

  @Override
  public void amend(Changed changed, Collection<String> looked, List<NotPassed> notPassed) {
    write(
        store -> {
          for (String session : looked) {
            store.change("DELETE FROM not_passed WHERE session = ?", session);
          }
          Optional<Totals> was = totals(store);
          if (was.isPresent()) {
            set(store, was.get().with(changed));
          }
          return add(store, notPassed);
        });
  }

  @Override
  public List<String> notPassed() {
    try (BesideStore beside = new BesideStore(place)) {
      return beside.read(
          List.of(),
          store ->
              store.ask(
                  "SELECT session FROM not_passed ORDER BY session", row -> row.getString(1)));
    }
  }

  @Override
  public Optional<Totals> totals() {
    try (BesideStore beside = new BesideStore(place)) {
      return beside.read(Optional.empty(), StoreParityLog::totals);
    }
  }

  private static Optional<Totals> totals(BesideStore store) throws SQLException {
    return store
        .ask("SELECT value FROM facts WHERE name = ?", row -> row.getString(1), FACT)
        .stream()
        .findFirst()
        .map(Totals::ofJson);
  }
}
