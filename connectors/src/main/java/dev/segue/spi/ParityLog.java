package dev.segue.spi;

import dev.segue.canonical.JsonText;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** The same, with a later look at sessions that were written to. */
    public Totals with(Changed changed) {
      return new Totals(pass, fail, pending, beganAt, checkedAt, changed);
    }

    /** All of it as one JSON object, for a ledger that has no columns. */
    public String json() {
      Map<String, String> members = counts(pass, fail, pending, beganAt, checkedAt);
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

    /** Reads what {@link #json} wrote. */
    public static Totals ofJson(String json) {
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

    private static long number(Map<String, String> members, String name) {
      return Long.parseLong(members.get(name));
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
