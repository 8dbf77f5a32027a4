package dev.segue.spi;

import dev.segue.canonical.SourcePosition;
import java.util.Objects;

/**
 * How far the target is with one partition of the canonical topic.
 *
 * @param epoch which claim of the partition this is
 * @param nextOffset the next record to apply
 * @param reached everything before this position is applied
 * @param mark the last mark that was passed; empty if none was
 * @param markSentAt when that mark was written, milliseconds since 1970
 * @param markLog where in the source's log that mark lies
 */
public record AppliedState(
    int partition,
    long epoch,
    long nextOffset,
    SourcePosition reached,
    String mark,
    long markSentAt,
    long markLog) {
  public AppliedState {
    Objects.requireNonNull(reached, "reached");
    Objects.requireNonNull(mark, "mark");
  }

  /** A partition that nobody has claimed yet. */
  public static AppliedState start(int partition) {
    return new AppliedState(partition, 0, 0, SourcePosition.START, "", 0, 0);
  }

  /** The same, claimed once more. */
  public AppliedState claimedAgain() {
    return new AppliedState(partition, epoch + 1, nextOffset, reached, mark, markSentAt, markLog);
  }

  /** All but the partition in one line, for a ledger that has no columns. */
  public String line() {
    return String.join(
        " ",
        Long.toString(epoch),
        Long.toString(nextOffset),
        reached.toString(),
        Long.toString(markSentAt),
        Long.toString(markLog),
        mark);
  }

  /** Reads what {@link #line} wrote. */
  public static AppliedState ofLine(int partition, String line) {
    String[] words = line.split(" ", 6);
    return new AppliedState(
        partition,
        Long.parseLong(words[0]),
        Long.parseLong(words[1]),
        SourcePosition.parse(words[2]),
        words[5],
        Long.parseLong(words[3]),
        Long.parseLong(words[4]));
  }
}
