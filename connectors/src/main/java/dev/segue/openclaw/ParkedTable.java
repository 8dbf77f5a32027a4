package dev.segue.openclaw;

import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** The sessions that are parked, in the ledger beside a store. */
final class ParkedTable {
  private ParkedTable() {}

  /** Parks a session, or counts more records of one that is parked. */
  static void park(BesideStore store, String session, String reason, long records)
      throws SQLException {
    store.change(
        "INSERT INTO parked (session, reason, records) VALUES (?, ?, ?)"
            + " ON CONFLICT (session) DO UPDATE SET records = records + excluded.records",
        session,
        reason,
        records);
  }

  static void release(BesideStore store, String session) throws SQLException {
    store.change("DELETE FROM parked WHERE session = ?", session);
  }

  static Set<String> all(BesideStore store) throws SQLException {
    return new HashSet<>(store.ask("SELECT session FROM parked", row -> row.getString(1)));
  }
}
