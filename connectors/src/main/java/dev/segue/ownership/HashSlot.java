package dev.segue.ownership;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which of 1024 slots a session falls into: the low ten bits of the first two bytes of the SHA-256
 * of its id. Databases compute the same, see {@code segue.slot_of}.
 */
public final class HashSlot {
  public static final int COUNT = 1024;

  private HashSlot() {}

  public static int of(String sessionId) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(sessionId.getBytes(UTF_8));
      return ((hash[0] & 0xFF) << 8 | (hash[1] & 0xFF)) & (COUNT - 1);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
