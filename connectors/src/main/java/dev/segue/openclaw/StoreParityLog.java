package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import dev.segue.spi.ParityLog;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    store.change("INSERT OR REPLACE INTO facts VALUES (?, ?)", FACT, json(totals));
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
            Totals all = was.get();
            set(
                store,
                new Totals(
                    all.pass(),
                    all.fail(),
                    all.pending(),
                    all.beganAt(),
                    all.checkedAt(),
                    changed));
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
        .map(StoreParityLog::totals);
  }

  private static String json(Totals totals) {
    Map<String, String> members =
        counts(
            totals.pass(), totals.fail(), totals.pending(), totals.beganAt(), totals.checkedAt());
    Changed changed = totals.changed();
    if (changed != null) {
      members.put(
          "changed",
          JsonText.object(
              counts(
                  changed.pass(),
                  changed.fail(),
                  changed.pending(),
                  changed.beganAt(),
                  changed.checkedAt())));
    }
    return JsonText.object(members);
  }

  private static Map<String, String> counts(
      long pass, long fail, long pending, String beganAt, String checkedAt) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("pass", Long.toString(pass));
    members.put("fail", Long.toString(fail));
    members.put("pending", Long.toString(pending));
    members.put("began_at", JsonText.quote(beganAt));
    members.put("checked_at", JsonText.quote(checkedAt));
    return members;
  }

  private static Totals totals(String json) {
    Map<String, String> members = JsonText.membersOf(json);
    Changed changed = null;
    if (members.containsKey("changed")) {
      Map<String, String> since = JsonText.membersOf(members.get("changed"));
      changed =
          new Changed(
              number(since, "pass"),
              number(since, "fail"),
              number(since, "pending"),
              JsonText.unquote(since.get("began_at")),
              JsonText.unquote(since.get("checked_at")));
    }
    return new Totals(
        number(members, "pass"),
        number(members, "fail"),
        number(members, "pending"),
        JsonText.unquote(members.get("began_at")),
        JsonText.unquote(members.get("checked_at")),
        changed);
  }

  private static long number(Map<String, String> members, String name) {
    return Long.parseLong(members.get(name));
  }
}
