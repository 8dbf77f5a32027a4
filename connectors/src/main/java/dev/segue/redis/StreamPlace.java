package dev.segue.redis;

import dev.segue.canonical.SourcePosition;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Reach;
import dev.segue.spi.Watermark;

/**
 * A place in the replication stream, and what to do from there on.
 *
 * @param history names the stream that the offset belongs to
 * @param offset bytes of the stream so far
 * @param database that was selected there; {@link #UNKNOWN} if that is not known
 * @param shift what is added to an offset to get a number that never falls, even if a server begins
 *     its stream anew
 * @param incomplete whether the stream had a gap before, and not all keys have been read since
 */
record StreamPlace(String history, long offset, int database, long shift, boolean incomplete) {

  /** Until the stream selects one. */
  static final int UNKNOWN = -1;

  /** Where history was taken. */
  static StreamPlace of(Cutoff cutoff) {
    long offset = SourcePosition.parseLog(cutoff.log());
    return new StreamPlace(cutoff.horizon(), offset, UNKNOWN, 0, false);
  }

  static StreamPlace of(Watermark watermark) {
    String[] parts = watermark.reach().history().split(" ", 4);
    return new StreamPlace(
        parts[0],
        watermark.reach().confirmable(),
        Integer.parseInt(parts[1]),
        Long.parseLong(parts[2]),
        parts[3].equals("incomplete"));
  }

  /** The place as the watermark keeps it. */
  Reach reach() {
    String state = incomplete ? "incomplete" : "complete";
    return new Reach(offset, history + " " + database + " " + shift + " " + state);
  }

  /** A number that never falls. */
  long log() {
    return offset + shift;
  }

  StreamPlace at(long where, int selected) {
    return new StreamPlace(history, where, selected, shift, incomplete);
  }

  /** Where the server goes on instead; its numbers may be anything. */
  StreamPlace interrupted(ReplicationLink.Start start) {
    return new StreamPlace(
        start.history(),
        start.offset(),
        UNKNOWN,
        Math.max(shift, log() + 1 - start.offset()),
        true);
  }

  /**
   * Where the server goes on as if nothing had been. What was read while a gap was being closed is
   * read again and may be something else by now, so it gets numbers of its own.
   */
  StreamPlace continued(ReplicationLink.Start start) {
    return new StreamPlace(
        start.history(), offset, database, incomplete ? shift + 1 : shift, incomplete);
  }

  StreamPlace complete() {
    return new StreamPlace(history, offset, database, shift, false);
  }
}
