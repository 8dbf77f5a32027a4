package dev.segue.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.spi.HeldRow;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The first half of a row's SHA-256, over its kind and its values with their lengths. */
record RowDigest(long high, long low) {
  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(
          () -> {
            try {
              return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
              throw new IllegalStateException(e);
            }
          });

  static RowDigest of(String text) {
    MessageDigest digest = SHA_256.get();
    return of(digest.digest(text.getBytes(UTF_8)));
  }

  static RowDigest of(HeldRow row) {
    MessageDigest digest = SHA_256.get();
    digest.update(row.kind().wireName().getBytes(UTF_8));
    for (String value : row.values()) {
      byte[] bytes = value == null ? new byte[0] : value.getBytes(UTF_8);
      int length = value == null ? -1 : bytes.length;
      digest.update((byte) (length >>> 24));
      digest.update((byte) (length >>> 16));
      digest.update((byte) (length >>> 8));
      digest.update((byte) length);
      digest.update(bytes);
    }
    return of(digest.digest());
  }

  private static RowDigest of(byte[] digest) {
    ByteBuffer half = ByteBuffer.wrap(digest);
    return new RowDigest(half.getLong(), half.getLong());
  }
}
