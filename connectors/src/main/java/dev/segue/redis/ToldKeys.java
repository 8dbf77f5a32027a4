package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What keys held when they were last told, as digests, where nothing else says whether they changed
 * since. What is told counts once it is in the topic.
 */
final class ToldKeys {
  private final Map<String, Told> told = new ConcurrentHashMap<>();
  private final Map<String, Optional<Told>> pending = new HashMap<>();

  /**
   * What was told of a key.
   *
   * @param digest of all that it held
   * @param elements how many a list had
   * @param list digest of them
   * @param expiresAt null if it did not expire
   */
  private record Told(long digest, int elements, long list, String expiresAt) {
    static Told of(Content content) {
      List<byte[]> elements = content.fromOldest();
      return new Told(
          ToldKeys.digest(content), elements.size(), listDigest(elements), content.expiresAt());
    }
  }

  /** History brings this, unless the stream has told of the key already. */
  void history(Content content) {
    if (content.isThere()) {
      told.putIfAbsent(content.meant().key(), Told.of(content));
    }
  }

  /** Whether a key holds what was told of it. */
  boolean isTold(Content content) {
    Told before = told.get(content.meant().key());
    return before != null && before.digest == digest(content);
  }

  /** How many of a list's elements were told already, if all that it had are still there. */
  int known(Content content) {
    String key = content.meant().key();
    Told before = pending.getOrDefault(key, Optional.ofNullable(told.get(key))).orElse(null);
    List<byte[]> now = content.fromOldest();
    if (before == null || before.elements == 0 || before.elements > now.size()) {
      return 0;
    }
    boolean tellsTime = content.list().filter(RedisTable::tellsExpiry).isPresent();
    boolean stands =
        before.list == listDigest(now.subList(0, before.elements))
            && (!tellsTime || Objects.equals(before.expiresAt, content.expiresAt()));
    return stands ? before.elements : 0;
  }

  /** This is on its way into the topic. */
  void tell(Content content) {
    pending.put(content.meant().key(), Optional.of(Told.of(content)));
  }

  /** So is that a key is gone. */
  void tellGone(String key) {
    pending.put(key, Optional.empty());
  }

  /** Everything that was told until now is in the topic. */
  void settle() {
    pending.forEach(
        (key, now) -> {
          if (now.isEmpty()) {
            told.remove(key);
          } else {
            told.put(key, now.get());
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
    long fields = 0;
    // A hash has no order that stays the same.
    for (Map.Entry<byte[], byte[]> field : content.fields().entrySet()) {
      MessageDigest one = sha256();
      add(one, field.getKey());
      add(one, field.getValue());
      fields += first(one);
    }
    return first(digest) + fields + 31 * listDigest(content.elements());
  }

  private static long listDigest(List<byte[]> elements) {
    MessageDigest digest = sha256();
    elements.forEach(element -> add(digest, element));
    return first(digest);
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
