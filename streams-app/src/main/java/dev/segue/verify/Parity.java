package dev.segue.verify;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.segue.canonical.Kind;
import dev.segue.spi.Embeddings;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Whether one session is the same on both sides.
 *
 * @param sessionId as the source names it
 * @param checks what was compared, and whether it matched
 * @param digest of the rows that the other side has to hold, in its terms; null if it is not known
 * @param differences what did not; empty if it passed
 * @param reason why it is not known, or cannot pass
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Parity(
    String sessionId,
    Map<String, Boolean> checks,
    Verdict parityStatus,
    String digest,
    List<Difference> differences,
    String reason) {
  public Parity {
    checks = checks == null ? Map.of() : checks;
    differences = differences == null ? List.of() : List.copyOf(differences);
  }

  /** What is known of a session. */
  public enum Verdict {
    PASS,
    FAIL,
    /** It could not be told yet. */
    PENDING;

    @Override
    @JsonValue
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The same without what stands in the rows. */
  public Parity withoutValues() {
    return new Parity(
        sessionId,
        checks,
        parityStatus,
        digest,
        differences.stream().map(Difference::withoutValues).toList(),
        reason);
  }

  static Parity pass(String session, String digest) {
    return of(session, digest, List.of());
  }

  /** Passed without differences, failed with them. */
  static Parity of(String session, String digest, List<Difference> differences) {
    Set<Kind> wrong = EnumSet.noneOf(Kind.class);
    differences.forEach(difference -> Kind.of(difference.kind()).ifPresent(wrong::add));
    boolean sameMessages =
        differences.stream()
            .noneMatch(
                d ->
                    d.kind().equals(Kind.MESSAGE.wireName())
                        && d.problem() != Difference.Problem.DIFFERENT);
    Map<String, Boolean> checks = new LinkedHashMap<>();
    checks.put("message_count_matches", sameMessages);
    checks.put("latest_checkpoint_matches", !wrong.contains(Kind.CHECKPOINT));
    checks.put(
        "tool_retry_state_matches",
        !wrong.contains(Kind.TOOL_RUN) && !wrong.contains(Kind.RETRY_STATE));
    checks.put("memory_summary_version_matches", !wrong.contains(Kind.MEMORY_SUMMARY));
    checks.put("transcript_matches", !wrong.contains(Kind.MESSAGE));
    checks.put("session_matches", !wrong.contains(Kind.SESSION));
    checks.put(
        "state_matches",
        !wrong.contains(Kind.STATE_ENTRY)
            && !wrong.contains(Kind.EVENT)
            && !wrong.contains(Kind.MEMORY_ITEM));
    return new Parity(
        session, checks, wrong.isEmpty() ? Verdict.PASS : Verdict.FAIL, digest, differences, null);
  }

  /** The same, unless it passed and is still waiting for vectors. */
  Parity waitingFor(Embeddings.Waiting waiting) {
    return waiting == null || parityStatus != Verdict.PASS
        ? this
        : new Parity(
            sessionId,
            Map.of("vectors_cover_texts", false),
            Verdict.PENDING,
            null,
            List.of(),
            waiting.toString());
  }

  /** Not to be told yet. */
  static Parity pending(String session, String reason) {
    return new Parity(session, Map.of(), Verdict.PENDING, null, List.of(), reason);
  }

  /** Cannot pass, whatever the rows say. */
  static Parity refused(String session, String reason) {
    return new Parity(session, Map.of(), Verdict.FAIL, null, List.of(), reason);
  }
}
