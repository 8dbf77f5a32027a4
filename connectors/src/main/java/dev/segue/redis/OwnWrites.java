package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Tells what the way back of a migration writes to its source. Capture passes over that, as it
 * would come round in a circle.
 *
 * @param prefix what the way back's own keys begin with; one of them is written in each of its
 *     transactions
 * @param elsewhere which sessions belong to the other side right now
 */
record OwnWrites(String prefix, Supplier<Predicate<String>> elsewhere) {
  /** Whether one of these keys is the way back's own. */
  boolean is(List<byte[]> keys) {
    byte[] start = prefix.getBytes(UTF_8);
    return start.length > 0
        && keys.stream()
            .anyMatch(
                key ->
                    key.length >= start.length
                        && Arrays.equals(key, 0, start.length, start, 0, start.length));
  }

  /** The sessions of which there is only here what was brought here. */
  Predicate<String> broughtHere() {
    return elsewhere.get();
  }
}
