package dev.segue.postgres;

import java.util.HashSet;
import java.util.Set;

/**
 * Which transactions a snapshot sees. The log counts them in 32 bits, so that is how they are
 * compared.
 *
 * @param end all from here on are not seen
 * @param running those before it that are not seen either
 */
record VisibleTransactions(int end, Set<Integer> running) {
  VisibleTransactions {
    running = Set.copyOf(running);
  }

  /** Reads {@code xmin:xmax:xid,xid}, as PostgreSQL prints a snapshot. */
  static VisibleTransactions parse(String snapshot) {
    String[] parts = snapshot.split(":", -1);
    Set<Integer> running = new HashSet<>();
    for (String id : parts[2].split(",", -1)) {
      if (!id.isEmpty()) {
        running.add((int) Long.parseLong(id));
      }
    }
    return new VisibleTransactions((int) Long.parseLong(parts[1]), running);
  }

  /** Whether it sees what a transaction did that is in the log. */
  boolean has(long transaction) {
    // The difference tells which is older, also where the count began anew in between.
    return (int) transaction - end < 0 && !running.contains((int) transaction);
  }
}
