package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Tells what the way back of a migration writes to its source. Capture passes over that, as it
 * would come round in a circle.
 *
 * @param name the way back's; empty where nothing comes back. A key of its own is written in each
 *     of its transactions
 * @param elsewhere which sessions belong to the other side right now
 */
record OwnWrites(Optional<String> name, Supplier<Predicate<String>> elsewhere) {
  /** Where nothing comes back. */
  static final OwnWrites NONE = new OwnWrites(Optional.empty(), () -> session -> false);

  /** Whether one of these keys is the way back's own. */
  boolean is(List<byte[]> keys) {
    return name.map(way -> OwnKeys.prefix(way).getBytes(UTF_8))
        .filter(prefix -> keys.stream().anyMatch(key -> beginsWith(key, prefix)))
        .isPresent();
  }

  private static boolean beginsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** The way back's own keys. */
  Optional<OwnKeys> keys() {
    return name.map(OwnKeys::new);
  }

  /** The sessions of which there is only here what was brought here. */
  Predicate<String> broughtHere() {
    return elsewhere.get();
  }
}
