package dev.segue.spi;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What the last verification found, kept beside the ledger. */
public interface ParityLog {
  /**
   * How many sessions were the same on both sides.
   *
   * @param checkedAt when it ended, RFC 3339
   */
  record Totals(long pass, long fail, long pending, String checkedAt) {
    public Totals {
      Objects.requireNonNull(checkedAt, "checkedAt");
    }
  }

  /**
   * A session that did not pass.
   *
   * @param record its record as JSON, without values
   */
  record NotPassed(String sessionId, String status, String record) {}

  /** Writes what a verification found over what an earlier one did. */
  void replace(Totals totals, List<NotPassed> notPassed);

  /** What the last one found; empty if there was none. */
  Optional<Totals> totals();
}
