package dev.segue.verify;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.segue.verify.Parity.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a verification found.
 *
 * @param result failed if any session did, pending if any is and none failed
 * @param rows read on both sides
 * @param rechecked how many sessions were looked at again
 * @param notPassed the first of the sessions that did not pass
 * @param beganAt when it began, RFC 3339; one that was interrupted began then
 * @param since null if all sessions were compared; else only those written to since then were
 * @param orphans the first of the sessions of which the source has rows, but not the session
 * @param brokenReferences the first of the source's rows that refer to one that is not there
 * @param vectors null where none are made anew
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ParityReport(
    String migration,
    String beganAt,
    String since,
    Verdict result,
    Sessions sessions,
    long rows,
    long rechecked,
    double seconds,
    List<Parity> notPassed,
    List<String> orphans,
    List<BrokenReference> brokenReferences,
    VectorParity vectors) {
  private static final int MOST_LISTED = 100;

  public ParityReport {
    notPassed = List.copyOf(notPassed);
    orphans = List.copyOf(orphans);
    brokenReferences = List.copyOf(brokenReferences);
  }

  /** How many sessions there are of each kind. */
  public record Sessions(long total, long pass, long fail, long pending) {}

  /** The same, with what became of the vectors. */
  public ParityReport with(VectorParity made) {
    return new ParityReport(
        migration,
        beganAt,
        since,
        result,
        sessions,
        rows,
        rechecked,
        seconds,
        notPassed,
        orphans,
        brokenReferences,
        made);
  }

  /** Counts as the records come. */
  static final class Builder {
    private final String migration;
    private final Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
    private final List<Parity> notPassed = new ArrayList<>();
    private final List<String> orphans = new ArrayList<>();
    private final List<BrokenReference> broken = new ArrayList<>();
    private String began = Instant.now().toString();
    private String since;
    private long rows;

    Builder(String migration) {
      this.migration = migration;
    }

    /** Takes a record in, then hands it on. */
    Consumer<Parity> and(Consumer<Parity> next) {
      return parity -> {
        counts.merge(parity.parityStatus(), 1L, Long::sum);
        if (parity.parityStatus() != Verdict.PASS && notPassed.size() < MOST_LISTED) {
          notPassed.add(parity);
        }
        next.accept(parity);
      };
    }

    void orphan(String session) {
      if (orphans.size() < MOST_LISTED) {
        orphans.add(session);
      }
    }

    void broken(BrokenReference reference) {
      if (broken.size() < MOST_LISTED) {
        broken.add(reference);
      }
    }

    Builder since(String time) {
      since = time;
      return this;
    }

    void began(String time) {
      began = time;
    }

    void rows(long read) {
      rows = read;
    }

    private long count(Verdict verdict) {
      return counts.getOrDefault(verdict, 0L);
    }

    ParityReport build(long rechecked, long nanos) {
      long fail = count(Verdict.FAIL);
      long pending = count(Verdict.PENDING);
      long pass = count(Verdict.PASS);
      Verdict result = fail > 0 ? Verdict.FAIL : pending > 0 ? Verdict.PENDING : Verdict.PASS;
      return new ParityReport(
          migration,
          began,
          since,
          result,
          new Sessions(pass + fail + pending, pass, fail, pending),
          rows,
          rechecked,
          Math.round(nanos / 1e7) / 100.0,
          notPassed,
          orphans,
          broken,
          null);
    }
  }
}
