package dev.segue.cutover;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.segue.spi.SystemFault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which sessions an operator means; exactly one of the components is given.
 *
 * @param slice a share such as {@code 25%}: so much of all belongs to the gaining side afterwards
 * @param sessions by name
 * @param where {@code field = value}
 * @param idleFor a duration such as {@code 10m}: sessions that nobody wrote to for so long
 * @param all every session there is, and will be
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Selection(
    String slice, List<String> sessions, String where, String idleFor, Boolean all) {
  private static final Pattern SHARE = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3})?)\\s*%");
  private static final Pattern EQUALS =
      Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_]*)\\s*=\\s*(?:'(.*)'|(.*?))\\s*");
  private static final Pattern TIME = Pattern.compile("(\\d{1,6})\\s*([smhd])");

  /** Every session. */
  public static Selection everything() {
    return new Selection(null, null, null, null, true);
  }

  /** One that is not as it must be. */
  private static SystemFault wrong(String what, String expected) {
    return SystemFault.permanent(what, expected);
  }

  /**
   * Throws unless it says exactly one thing, and that can be understood.
   *
   * @throws SystemFault saying what was expected
   */
  public Selection checked() {
    int given = 0;
    given += slice == null ? 0 : 1;
    given += sessions == null ? 0 : 1;
    given += where == null ? 0 : 1;
    given += idleFor == null ? 0 : 1;
    given += Boolean.TRUE.equals(all) ? 1 : 0;
    if (given != 1) {
      throw wrong(
          given + " selectors were given",
          "say which sessions by exactly one: --slice 5%, --sessions FILE, --where 'field ="
              + " value', --idle-for 10m, --all");
    }
    share();
    condition();
    idle();
    return this;
  }

  /** The share of all sessions, from 0 to 1. */
  Optional<Double> share() {
    if (slice == null) {
      return Optional.empty();
    }
    Matcher matcher = SHARE.matcher(slice.strip());
    double percent = matcher.matches() ? Double.parseDouble(matcher.group(1)) : -1;
    if (percent <= 0 || percent > 100) {
      throw wrong("'" + slice + "' is not a share", "for example --slice 5%, up to 100%");
    }
    return Optional.of(percent / 100);
  }

  /** A field and its value. */
  Optional<Condition> condition() {
    if (where == null) {
      return Optional.empty();
    }
    Matcher matcher = EQUALS.matcher(where);
    if (!matcher.matches()) {
      throw wrong("'" + where + "' is not a condition", "for example --where 'agent_name = x'");
    }
    String quoted = matcher.group(2);
    return Optional.of(
        new Condition(
            matcher.group(1), quoted == null ? matcher.group(3) : quoted.replace("''", "'")));
  }

  record Condition(String field, String value) {}

  /** How long nobody must have written. */
  Optional<Duration> idle() {
    if (idleFor == null) {
      return Optional.empty();
    }
    Matcher matcher = TIME.matcher(idleFor.strip());
    if (!matcher.matches()) {
      throw wrong("'" + idleFor + "' is not a duration", "for example --idle-for 10m");
    }
    long number = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        });
  }

  @Override
  public String toString() {
    return slice != null
        ? slice
        : sessions != null
            ? sessions.size() + " sessions by name"
            : where != null ? where : idleFor != null ? "idle for " + idleFor : "all";
  }
}
