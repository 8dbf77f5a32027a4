package dev.segue.replay;

import dev.segue.canonical.SourcePosition;
import dev.segue.spi.SystemFault;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/** A moment from which on changes count: a time, or a place in the source's log. */
public sealed interface Since {
  /** By the clock of the process that captured the change. */
  record Time(Instant time) implements Since {}

  /** An address in the source's log. */
  record Log(long address) implements Since {}

  /**
   * Reads what an operator types.
   *
   * @throws SystemFault saying what was expected
   */
  static Since parse(String text) {
    try {
      if (text.matches("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}")) {
        return new Log(SourcePosition.parseLog(text));
      }
      return new Time(
          text.endsWith("Z") ? Instant.parse(text) : OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      throw SystemFault.permanent(
          "'" + text + "' is neither a time nor a log position",
          "for example --from 2026-11-21T10:00:00Z or --from 0/16B3748");
    }
  }
}
