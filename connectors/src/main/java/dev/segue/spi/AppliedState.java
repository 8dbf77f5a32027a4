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
}
