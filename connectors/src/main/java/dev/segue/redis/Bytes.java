package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;

/** Texts as a store keeps them. */
final class Bytes {
  private Bytes() {}

  /**
   * A text as UTF-8.
   *
   * @throws MalformedRecordException if it has half of a character, which UTF-8 cannot hold
   */
  static byte[] of(String text) {
    return JsonText.wholeCharacters(text).getBytes(UTF_8);
  }

  /** A number as a store spells it. */
  static byte[] of(long number) {
    return Long.toString(number).getBytes(UTF_8);
  }

  /** A text of our own; null if there is none. */
  static String text(byte[] bytes) {
    return bytes == null ? null : new String(bytes, UTF_8);
  }
}
