package dev.segue.spi;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What the last verification found, kept beside the ledger. */
public interface ParityLog {
  /**
   * How many sessions were the same on both sides.
   *
   * @param beganAt when the verification began, RFC 3339
   * @param checkedAt when it ended
   * @param changed what was found of those written to since, or null if they were not looked at
   */
  record Totals(
      long pass, long fail, long pending, String beganAt, String checkedAt, Changed changed) {
    public Totals {
      Objects.requireNonNull(beganAt, "beganAt");
      Objects.requireNonNull(checkedAt, "checkedAt");
    }

    /** How many did not pass when they were last looked at, at least. */
    public long open() {
      long first = fail + pending;
      return changed == null ? first : Math.max(first, changed.fail + changed.pending);
    }

    /** Since when sessions that were written to were not looked at. */
    public String openSince() {
      return changed == null ? beganAt : changed.beganAt();
    }
  }

  /** The last look at sessions that were written to since the verification before it. */
  record Changed(long pass, long fail, long pending, String beganAt, String checkedAt) {}

  /**
   * A session that did not pass.
   *
   * @param record its record as JSON, without values
   */
  record NotPassed(String sessionId, String status, String record) {}

  /** Writes what a verification found over what an earlier one did. */
  void replace(Totals totals, List<NotPassed> notPassed);

  /**
   * Writes what a look at some sessions found over what was known of them.
   *
   * @param looked all that were looked at
   */
  void amend(Changed changed, Collection<String> looked, List<NotPassed> notPassed);

  /** The sessions that did not pass when they were last looked at. */
  List<String> notPassed();

  /** What the last one found; empty if there was none. */
  Optional<Totals> totals();
}
