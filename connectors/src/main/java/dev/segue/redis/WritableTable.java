package dev.segue.redis;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.layout.KeyRule;
import dev.segue.layout.RowWriter;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import dev.segue.relational.Row;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Rows of a table as what its keys hold: what {@link RedisTable} takes apart is put together here.
 * What the layout does not list, or the migration does not bring, stays as it is.
 */
final class WritableTable {
  /** Instead of a time: it does not expire. */
  static final long NEVER = -1;

  private final RedisTable table;
  private final RowWriter writer;
  private final List<String> names;
  private final RedisKeys keys;

  /**
   * @param keys which keys the whole layout means
   */
  WritableTable(RedisTable table, RowWriter writer, RedisKeys keys) {
    this.table = table;
    this.writer = writer;
    this.keys = keys;
    this.names = writer.columns().stream().map(column -> column.name()).toList();
  }

  RedisTable table() {
    return table;
  }

  RowWriter writer() {
    return writer;
  }

  Kind kind() {
    return table.kind();
  }

  KeyRule.Type type() {
    return table.rule().type();
  }

  /** The names of the columns that are written, in the order of {@link Written#values}. */
  List<String> names() {
    return names;
  }

  /** Whether a message may be several elements, its items: only lists have places for them. */
  boolean splits() {
    return type() == KeyRule.Type.LIST
        && writer.splitsMessages()
        && table.elementColumn().filter(RedisTable.ID::equals).isPresent();
  }

  /** The entities that are a row each: this one, or its items. */
  List<Entity> items(Entity entity) {
    return splits() ? writer.items(entity) : List.of(entity);
  }

  /** The rows that hold an entity, see {@link #items}. */
  List<Written> rows(Entity entity) {
    return items(entity).stream().map(writer::write).toList();
  }

  /**
   * The key of a session.
   *
   * @param session as its keys spell it
   * @throws UnmappableRowException if that key would mean something else
   */
  byte[] key(String session) {
    String key = table.rule().key(session);
    boolean meansIt =
        keys.meant(key)
            .filter(meant -> meant.session().equals(session) && meant.tables().contains(table))
            .isPresent();
    if (!meansIt || key.startsWith("segue:")) {
      throw new UnmappableRowException(
          "its session's id makes a key of pattern "
              + table.rule()
              + " that means something else by its layout");
    }
    return Bytes.of(key);
  }

  private String value(Written row, String column) {
    int index = names.indexOf(column);
    return index < 0 ? Row.ABSENT : row.values()[index];
  }

  /**
   * What an element is called within its session.
   *
   * @throws UnmappableRowException if it cannot be called so here
   */
  String id(Written row, String session) {
    if (!isUsual(value(row, RedisTable.NONE))) {
      throw new UnmappableRowException(
          "column {none} of table " + table + " is the same for all there, this row has another");
    }
    String column = table.elementColumn().orElse(null);
    if (column == null) {
      return "";
    }
    String id = value(row, column);
    if (id == null || Row.isAbsent(id)) {
      throw new UnmappableRowException("column " + column + " of table " + table + " is null");
    }
    boolean inMap = type() == KeyRule.Type.MAP && column.equals(RedisTable.ID);
    if (inMap && !id.startsWith(session + "/")) {
      throw new UnmappableRowException(
          "column {id} of table "
              + table
              + " is made of session and field, which this id is not; map {place} instead");
    }
    return JsonText.wholeCharacters(inMap ? id.substring(session.length() + 1) : id);
  }

  /** Whether a row has no other than what {@code {none}} stands for. */
  private static boolean isUsual(String none) {
    return none == null || none.isEmpty() || Row.isAbsent(none);
  }

  /** When the row's session is to expire, in milliseconds, or never; empty if it does not tell. */
  OptionalLong expiry(Written row) {
    int index = names.indexOf(RedisTable.EXPIRES_AT);
    if (index < 0 || Row.isAbsent(row.values()[index]) || row.insertOnly().get(index)) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(millis(row.values()[index]));
  }

  /** A time as the store keeps it: whole milliseconds. */
  static long millis(String time) {
    if (time == null || !time.endsWith("Z")) {
      return NEVER;
    }
    try {
      return Math.max(1, OffsetDateTime.parse(time).toInstant().toEpochMilli());
    } catch (DateTimeException | ArithmeticException e) {
      throw new UnmappableRowException("column {expires_at} is no time that a store can keep");
    }
  }

  /** The columns that are written, of a row that the store told. */
  Written pick(String[] told) {
    String[] values = new String[names.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = told[table.binding().table().indexOf(names.get(i))];
    }
    return new Written(values, new BitSet());
  }

  /**
   * The fields of a hash once a row is written over it.
   *
   * @param below what it holds; null if it is not there
   */
  Map<String, String> hash(Written row, String session, Map<String, String> below) {
    Written whole = below == null ? row : row.over(pick(table.ofHash(session, below, null)));
    Map<String, String> rest = rest(whole);
    Map<String, String> fields = new LinkedHashMap<>();
    for (String name : table.plain().keySet()) {
      String value =
          names.contains(name) ? value(whole, name) : below == null ? null : below.get(name);
      if (value != null) {
        fields.put(name, JsonText.wholeCharacters(value));
      }
    }
    if (rest == null && below != null) {
      below.forEach(fields::putIfAbsent);
      fields.keySet().removeIf(name -> names.contains(name) && value(whole, name) == null);
    } else if (rest != null) {
      rest.forEach(
          (name, json) -> {
            refuseIf(table.plain().containsKey(name), name);
            if (!JsonText.isNull(json)) {
              String text = JsonText.unquote(json);
              fields.put(JsonText.wholeCharacters(name), text == null ? json : text);
            }
          });
    }
    return fields;
  }

  /**
   * A JSON document once a row is written over it.
   *
   * @param below what is there; null if nothing is
   * @throws UnmappableRowException if nothing is to be there
   */
  String document(Written row, String session, String below) {
    Written whole =
        below == null ? row : row.over(pick(table.ofDocument(session, "", below, null)));
    if (names.contains(RedisTable.VALUE)) {
      String value = value(whole, RedisTable.VALUE);
      if (value == null) {
        throw new UnmappableRowException("column {value} of table " + table + " is null");
      }
      return JsonText.wholeCharacters(value);
    }
    Map<String, String> rest = rest(whole);
    Map<String, String> stays = below == null ? Map.of() : JsonText.membersOf(below);
    Members members = new Members();
    table
        .plain()
        .keySet()
        .forEach(
            name -> members.put(name, names.contains(name) ? value(whole, name) : stays.get(name)));
    table.nested().keySet().forEach(name -> nested(members, name, whole, rest, stays));
    (rest == null ? stays : rest)
        .forEach(
            (name, json) -> {
              boolean plain = table.plain().containsKey(name);
              refuseIf(rest != null && plain, name);
              if (!plain && !table.nested().containsKey(name)) {
                members.all.put(name, json);
              }
            });
    return JsonText.wholeCharacters(JsonText.object(members.all));
  }

  /** Members of an object; a column that is null has none. */
  private static final class Members {
    private final Map<String, String> all = new LinkedHashMap<>();

    void put(String name, String json) {
      if (json != null && !JsonText.isNull(json)) {
        all.put(name, json);
      }
    }
  }

  private void nested(
      Members members,
      String name,
      Written whole,
      Map<String, String> rest,
      Map<String, String> stays) {
    Set<String> inside = table.nested().get(name).keySet();
    String other = (rest == null ? stays : rest).get(name);
    Map<String, String> others = other == null ? Map.of() : JsonText.members(other);
    Map<String, String> below = stays.get(name) == null ? null : JsonText.members(stays.get(name));
    Members object = new Members();
    for (String member : inside) {
      String column = name + "." + member;
      String kept = below == null ? null : below.get(member);
      object.put(member, names.contains(column) ? value(whole, column) : kept);
    }
    if (others == null) {
      // What is no object can only be kept where no column needs one.
      refuseIf(!object.all.isEmpty(), name);
      members.all.put(name, other);
      return;
    }
    others.forEach(
        (member, json) -> {
          refuseIf(rest != null && inside.contains(member), name + "." + member);
          if (!inside.contains(member)) {
            object.all.put(member, json);
          }
        });
    if (!object.all.isEmpty()) {
      members.all.put(name, JsonText.object(object.all));
    }
  }

  /** What no other column takes; null if the migration does not bring it. */
  private Map<String, String> rest(Written whole) {
    if (!names.contains(RedisTable.REST)) {
      return null;
    }
    String json = value(whole, RedisTable.REST);
    return json == null ? Map.of() : JsonText.membersOf(json);
  }

  private void refuseIf(boolean collides, String name) {
    if (collides) {
      throw new UnmappableRowException(
          "what no field takes has a member that table "
              + table
              + " keeps something else in: "
              + name);
    }
  }

  /** What identifies the rows that stay, in their order. */
  List<String> ids(List<Written> rows, String session) {
    List<String> ids = new ArrayList<>();
    rows.forEach(row -> ids.add(id(row, session)));
    return ids;
  }

  @Override
  public String toString() {
    return table.toString();
  }
}
