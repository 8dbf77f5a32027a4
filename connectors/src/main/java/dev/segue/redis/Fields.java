package dev.segue.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Fields of a hash, as a store keeps them. */
final class Fields {
  private Fields() {}

  /**
   * Some texts as fields.
   *
   * @throws dev.segue.canonical.MalformedRecordException if one cannot be kept, see {@link Bytes}
   */
  @SuppressWarnings("IdentityHashMapUsage") // nobody looks anything up in it
  static Map<byte[], byte[]> of(Map<String, String> texts) {
    Map<byte[], byte[]> fields = new IdentityHashMap<>();
    texts.forEach((name, value) -> fields.put(Bytes.of(name), Bytes.of(value)));
    return fields;
  }

  /** The same in parts, so that no single command is long. */
  static List<Map<byte[], byte[]>> parts(Map<String, String> texts) {
    List<Map<String, String>> parts = new ArrayList<>();
    texts.forEach(
        (name, value) -> {
          if (parts.isEmpty()
              || parts.get(parts.size() - 1).size() == Transactions.MOST_ARGUMENTS) {
            parts.add(new HashMap<>());
          }
          parts.get(parts.size() - 1).put(name, value);
        });
    return parts.stream().map(Fields::of).toList();
  }
}
