package dev.segue.layout;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Identifiers for columns that take only UUIDs. Whole numbers become UUIDs of version 8 that sort
 * as the numbers do and can be read back; other texts become their name-based UUID of version 5.
 */
public final class Identifiers {
  private static final Pattern CANONICAL_UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern NUMBER = Pattern.compile("0|[1-9]\\d{0,17}");
  private static final UUID NAMESPACE = UUID.fromString("6f8d2c1e-0b1a-5c39-9f3e-2b7a4d5e6f70");
  private static final long NUMBER_MARK = 0x8E67_7565_6E75_6D31L;

  private Identifiers() {}

  /** Whether it is a UUID as databases print it. */
  public static boolean isUuid(String text) {
    return CANONICAL_UUID.matcher(text).matches();
  }

  /** Whether {@link #fromUuid} gives this text back. */
  public static boolean isReversible(String text) {
    return isUuid(text) || NUMBER.matcher(text).matches();
  }

  /** Whether it is a UUID that may have been made of a text, which it does not tell. */
  public static boolean isMade(String text) {
    return isUuid(text) && text.charAt(14) == '5';
  }

  /** The UUID that stands for an identifier; itself, if it is one. */
  public static String toUuid(String text) {
    if (isUuid(text)) {
      return text;
    }
    if (NUMBER.matcher(text).matches()) {
      long number = Long.parseLong(text);
      return new UUID((number >>> 12 << 16) | 0x8000L | (number & 0xFFF), NUMBER_MARK).toString();
    }
    return nameBased(text).toString();
  }

  static String fromUuid(String uuid) {
    if (!isUuid(uuid)) {
      return uuid;
    }
    UUID parsed = UUID.fromString(uuid);
    if (parsed.version() != 8 || parsed.getLeastSignificantBits() != NUMBER_MARK) {
      return uuid;
    }
    long high = parsed.getMostSignificantBits();
    return Long.toString((high >>> 16 << 12) | (high & 0xFFF));
  }

  private static UUID nameBased(String text) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update(bytes(NAMESPACE));
      byte[] hash = sha1.digest(text.getBytes(StandardCharsets.UTF_8));
      hash[6] = (byte) ((hash[6] & 0x0F) | 0x50);
      hash[8] = (byte) ((hash[8] & 0x3F) | 0x80);
      java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(hash);
      return new UUID(buffer.getLong(), buffer.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  private static byte[] bytes(UUID uuid) {
    return java.nio.ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }
}
