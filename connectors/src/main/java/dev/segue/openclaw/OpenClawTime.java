package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.Timestamps;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
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
    String text = json == null ? null : JsonText.unquote(json);
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant().toEpochMilli());
    } catch (DateTimeParseException e) {
      try {
        return Optional.of(LocalDateTime.parse(text).toInstant(ZoneOffset.UTC).toEpochMilli());
      } catch (DateTimeParseException none) {
        return Optional.empty();
      }
    }
  }

  /**
   * A time of either kind, text or milliseconds, as the canonical model spells it; null if it is
   * none.
   */
  static String canonical(String json) {
    Optional<Long> millis =
        json != null && json.matches("\\d{1,15}")
            ? Optional.of(Long.parseLong(json))
            : millis(json);
    return millis
        .map(time -> Timestamps.format(Instant.ofEpochMilli(time).atOffset(ZoneOffset.UTC)))
        .orElse(null);
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
