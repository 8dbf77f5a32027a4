package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.spi.Ledger;
import dev.segue.spi.Mender;
import dev.segue.spi.SystemFault;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Writes whole sessions: all their rows are made anew in one transaction, then their files. */
final class StoreMender implements Mender {
  private final BesidePlace place;
  private final EntityTable rows;

  StoreMender(BesidePlace place, StoreTables tables) {
    this.place = place;
    this.rows = new EntityTable(tables);
  }

  @Override
  public Map<String, String> mend(Map<String, List<Entity>> sessions, BooleanSupplier mayCommit) {
    Map<String, String> refused = new HashMap<>();
    StoreNames names = new StoreNames(place.store());
    try (BesideStore beside = new BesideStore(place);
        StoreLedger ledger = new StoreLedger(place)) {
      beside.write(
          store -> {
            for (Map.Entry<String, List<Entity>> one : sessions.entrySet()) {
              try {
                names.check(one.getKey());
                rows.replace(store, one.getKey(), one.getValue());
                ParkedTable.release(store, one.getKey());
              } catch (MalformedRecordException e) {
                refused.put(one.getKey(), e.getMessage());
              }
            }
            if (!mayCommit.getAsBoolean()) {
              throw SystemFault.passing(
                  "reading the sessions took longer than their writers may be refused", null);
            }
            return 0;
          });
      new StoreOutput(place.store()).write(beside);
      Set<String> mended =
          sessions.keySet().stream()
              .filter(session -> !refused.containsKey(session))
              .collect(Collectors.toSet());
      // The files of some may be somebody else's.
      for (Ledger.Parked parked : ledger.parked()) {
        if (mended.contains(parked.sessionId())) {
          refused.put(parked.sessionId(), parked.reason());
        }
      }
    }
    return refused;
  }
}
