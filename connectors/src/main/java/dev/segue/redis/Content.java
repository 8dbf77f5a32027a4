package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.KeyRule;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a key held at one moment.
 *
 * @param type the store's own word; {@code none} if the key was not there
 * @param expiresAt RFC 3339; null if it does not expire
 * @param elements of a list, as the store orders them
 * @param fields of a hash
 * @param text of a string
 * @param entries what elements of a list are called, as far as it was entered
 */
record Content(
    RedisKeys.Meant meant,
    String type,
    String expiresAt,
    List<byte[]> elements,
    Map<byte[], byte[]> fields,
    byte[] text,
    Places.Entries entries) {

  /** Takes the rows of a table. */
  interface Rows {
    void row(RedisTable table, String[] row);

    void reject(RedisTable table, String reason);
  }

  boolean isThere() {
    return !type.equals("none");
  }

  /** A list's elements, the oldest first. */
  List<byte[]> fromOldest() {
    boolean last =
        list().map(table -> table.rule().oldestLast()).filter(Boolean::booleanValue).isPresent();
    if (!last) {
      return elements;
    }
    List<byte[]> reversed = new ArrayList<>(elements);
    Collections.reverse(reversed);
    return reversed;
  }

  /** The table of the key's elements, if it is a list. */
  Optional<RedisTable> list() {
    return meant.tables().stream()
        .filter(table -> table.rule().type() == KeyRule.Type.LIST)
        .findFirst();
  }

  /** Tells the rows of all tables that the key stands for. */
  void tell(Rows rows) {
    tell(rows, 0);
  }

  /** Likewise, without so many of a list's oldest elements. */
  void tell(Rows rows, int without) {
    if (!isThere()) {
      return;
    }
    String expected = meant.type().map(Content::storeType).orElse(type);
    for (RedisTable table : meant.tables()) {
      if (table.rule().type() == KeyRule.Type.KEY) {
        rows.row(table, table.ofKey(meant.session(), expiresAt));
      } else if (!type.equals(expected)) {
        rows.reject(table, "key is a " + type + ", by its layout it is a " + expected);
      } else {
        tell(table, rows, without);
      }
    }
  }

  private static String storeType(KeyRule.Type type) {
    return switch (type) {
      case HASH, MAP -> "hash";
      case LIST -> "list";
      case STRING, KEY -> "string";
    };
  }

  private void tell(RedisTable table, Rows rows, int without) {
    String session = meant.session();
    switch (table.rule().type()) {
      case HASH -> {
        try {
          Map<String, String> texts = new LinkedHashMap<>();
          fields.forEach((field, value) -> texts.put(utf8(field), utf8(value)));
          rows.row(table, table.ofHash(session, texts, expiresAt));
        } catch (MalformedRecordException e) {
          rows.reject(table, "key " + e.getMessage());
        }
      }
      case MAP ->
          fields.forEach(
              (field, value) -> {
                try {
                  element(table, session, utf8(field), value, rows);
                } catch (MalformedRecordException e) {
                  rows.reject(table, "a field's name " + e.getMessage());
                }
              });
      case LIST -> {
        Places places = new Places(table.elementPrefix(session), entries, elements.size());
        List<byte[]> all = fromOldest();
        for (int i = without; i < all.size(); i++) {
          listed(table, places.id(i), i, all.get(i), rows);
        }
      }
      default -> element(table, session, "", text, rows);
    }
  }

  /**
   * The number that the next element of a list will be called by; negative if only reading it then
   * can tell, or if it is none.
   */
  long next() {
    if (entries.equals(Places.Entries.NONE)) {
      return elements.isEmpty() ? -1 : elements.size();
    }
    return list()
        .map(table -> new Places(table.elementPrefix(meant.session()), entries, elements.size()))
        .map(places -> places.next().orElse(-1))
        .orElse(-1L);
  }

  private void listed(RedisTable table, String id, int place, byte[] value, Rows rows) {
    try {
      rows.row(table, table.ofElement(meant.session(), id, place, utf8(value), expiresAt));
    } catch (MalformedRecordException e) {
      rows.reject(table, "element " + place + " " + e.getMessage());
    }
  }

  private void element(RedisTable table, String session, String place, byte[] value, Rows rows) {
    try {
      rows.row(table, table.ofDocument(session, place, utf8(value), expiresAt));
    } catch (MalformedRecordException e) {
      rows.reject(table, (place.isEmpty() ? "value " : "element " + place + " ") + e.getMessage());
    }
  }

  /**
   * Bytes as text.
   *
   * @throws MalformedRecordException if they are none
   */
  static String utf8(byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedRecordException("is not UTF-8", e);
    }
  }
}
