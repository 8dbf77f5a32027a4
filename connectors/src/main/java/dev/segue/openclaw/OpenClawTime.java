package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.Timestamps;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** Times as the older generation writes them: with an offset, or in UTC without saying so. */
final class OpenClawTime {
  private OpenClawTime() {}

  /**
   * Milliseconds since 1970.
   *
   * @param json a JSON value, or null
   * @return empty if it is no time
   */
  static Optional<Long> millis(String json) {
    return moment(json).map(time -> time.toInstant().toEpochMilli());
  }

  private static Optional<OffsetDateTime> moment(String json) {
    String text = json == null ? null : JsonText.unquote(json);
    if (text == null) {
      return Optional.empty();
    }
    // Python's str() has a space there.
    String iso = text.indexOf(' ') == 10 ? text.replace(' ', 'T') : text;
    try {
      return Optional.of(OffsetDateTime.parse(iso).withOffsetSameInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      try {
        return Optional.of(LocalDateTime.parse(iso).atOffset(ZoneOffset.UTC));
      } catch (DateTimeException none) {
        return Optional.empty();
      }
    }
  }

  /**
   * A time of either kind, text or milliseconds, as the canonical model spells it; null if it is
   * none.
   */
  static String canonical(String json) {
    Optional<OffsetDateTime> time =
        json != null && json.matches("\\d{1,15}")
            ? Optional.of(Instant.ofEpochMilli(Long.parseLong(json)).atOffset(ZoneOffset.UTC))
            : moment(json);
    return time.map(Timestamps::format).orElse(null);
  }

  /** A time as a JSON text, with its offset. */
  static String json(long millis) {
    return JsonText.quote(
        Instant.ofEpochMilli(millis)
            .atOffset(ZoneOffset.UTC)
            .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME)
            .replace("Z", "+00:00"));
  }
}
