package dev.segue.layout;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a store of keys and values keeps entities of a kind: which keys, and what their values are.
 *
 * @param before what a key has before its session's id
 * @param behind what it has behind it
 * @param type what the value is
 * @param oldestLast whether a list's last element is its oldest
 * @param keepExpired whether the target keeps what the store lets expire
 * @param except endings of keys that are not meant
 */
public record KeyRule(
    String before,
    String behind,
    Type type,
    boolean oldestLast,
    boolean keepExpired,
    List<String> except) {
  private static final String SESSION = "{session_id}";

  public KeyRule {
    Objects.requireNonNull(before, "before");
    Objects.requireNonNull(behind, "behind");
    Objects.requireNonNull(type, "type");
    except = List.copyOf(except);
  }

  /** What a key's value is. */
  public enum Type {
    /** The key itself, whatever its value is: one entity. */
    KEY,
    /** A hash whose fields are those of one entity. */
    HASH,
    /** A hash of JSON documents, each of them an entity. */
    MAP,
    /** A list of JSON documents, each of them an entity. */
    LIST,
    /** A string with a JSON document: one entity. */
    STRING;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether one key holds many entities. */
    public boolean isMany() {
      return this == MAP || this == LIST;
    }

    /** Whether the value is made of JSON documents. */
    public boolean isJson() {
      return isMany() || this == STRING;
    }
  }

  /**
   * Reads a key's pattern.
   *
   * @param pattern with {@code {session_id}} in it once
   * @return empty if it does not name the session once
   */
  static Optional<KeyRule> of(
      String pattern, Type type, boolean oldestLast, boolean keepExpired, List<String> except) {
    int at = pattern.indexOf(SESSION);
    if (at < 0 || pattern.indexOf(SESSION, at + 1) >= 0) {
      return Optional.empty();
    }
    return Optional.of(
        new KeyRule(
            pattern.substring(0, at),
            pattern.substring(at + SESSION.length()),
            type,
            oldestLast,
            keepExpired,
            except));
  }

  /** The session that a key belongs to; empty if the key is not meant. */
  public Optional<String> session(String key) {
    boolean fits =
        key.length() > literal()
            && key.startsWith(before)
            && key.endsWith(behind)
            && except.stream().noneMatch(key::endsWith);
    return fits
        ? Optional.of(key.substring(before.length(), key.length() - behind.length()))
        : Optional.empty();
  }

  /** The key of a session. */
  public String key(String session) {
    return before + session + behind;
  }

  /** How much of a key is fixed; of two rules that fit a key, the one with more is meant. */
  public int literal() {
    return before.length() + behind.length();
  }

  @Override
  public String toString() {
    return before + SESSION + behind;
  }
}
