package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What keys held when they were last told, as digests, where nothing else says whether they changed
 * since. What is told counts once it is in the topic.
 */
final class ToldKeys {
  private final Map<String, Long> told = new ConcurrentHashMap<>();
  private final Map<String, Long> pending = new HashMap<>();

  /** History brings this, unless the stream has told of the key already. */
  void history(Content content) {
    if (content.isThere()) {
      told.putIfAbsent(content.meant().key(), digest(content));
    }
  }

  /** Whether a key holds what was told of it. */
  boolean isTold(Content content) {
    return Objects.equals(told.get(content.meant().key()), digest(content));
  }

  /** This is on its way into the topic. */
  void tell(Content content) {
    pending.put(content.meant().key(), digest(content));
  }

  /** So is that a key is gone. */
  void tellGone(String key) {
    pending.put(key, null);
  }

  /** Everything that was told until now is in the topic. */
  void settle() {
    pending.forEach(
        (key, digest) -> {
          if (digest == null) {
            told.remove(key);
          } else {
            told.put(key, digest);
          }
        });
    pending.clear();
  }

  /** What was on its way did not arrive. */
  void forgetPending() {
    pending.clear();
  }

  /** Whether anything was told of a key. */
  boolean has(String key) {
    return told.containsKey(key);
  }

  /** The keys that are there as far as was told. */
  Set<String> keys() {
    return Set.copyOf(told.keySet());
  }

  private static long digest(Content content) {
    MessageDigest digest = sha256();
    add(digest, content.type().getBytes(UTF_8));
    add(digest, String.valueOf(content.expiresAt()).getBytes(UTF_8));
    if (content.text() != null) {
      add(digest, content.text());
    }
    content.elements().forEach(element -> add(digest, element));
    long fields = 0;
    // A hash has no order that stays the same.
    for (Map.Entry<byte[], byte[]> field : content.fields().entrySet()) {
      MessageDigest one = sha256();
      add(one, field.getKey());
      add(one, field.getValue());
      fields += first(one);
    }
    return first(digest) + fields;
  }

  private static void add(MessageDigest digest, byte[] bytes) {
    digest.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
    digest.update(bytes);
  }

  private static long first(MessageDigest digest) {
    return ByteBuffer.wrap(digest.digest()).getLong();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
