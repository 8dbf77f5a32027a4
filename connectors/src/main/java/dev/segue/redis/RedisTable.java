package dev.segue.redis;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.ColumnSpec;
import dev.segue.layout.KeyRule;
import dev.segue.layout.RowReader;
import dev.segue.layout.TableBinding;
import dev.segue.layout.TableLayout;
import dev.segue.layout.UnmappableRowException;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.Row;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The keys of one rule of a layout, as a table: its columns are those that the layout names, of
 * which the ones in braces are told by the key and the others by its value.
 */
final class RedisTable {
  /** The session that the key belongs to. */
  static final String SESSION = "{session_id}";

  /** What is unique for an element among all sessions: the session and its place. */
  static final String ID = "{id}";

  /** An element's place, counted from the oldest; or the field of a hash that it stands in. */
  static final String PLACE = "{place}";

  /** When the key expires, by the store's clock; null if it does not. */
  static final String EXPIRES_AT = "{expires_at}";

  /** The value as it is. */
  static final String VALUE = "{value}";

  /** What no other column takes, as one JSON object. */
  static final String REST = "{rest}";

  /** The empty text, for what identifies an entity and is the same for all of them here. */
  static final String NONE = "{none}";

  /** All that a layout can name in braces. */
  static final List<String> IN_BRACES = List.of(SESSION, ID, PLACE, EXPIRES_AT, VALUE, REST, NONE);

  private final TableLayout layout;
  private final KeyRule rule;
  private final TableBinding binding;
  private final RowReader reader;
  private final Map<String, Integer> plain = new LinkedHashMap<>();
  private final Map<String, Map<String, Integer>> nested = new LinkedHashMap<>();
  private final int width;

  RedisTable(TableLayout layout) {
    KeyRule keys = layout.keys().orElseThrow();
    this.layout = withRest(layout, keys);
    this.rule = keys;
    List<Column> columns = new ArrayList<>();
    this.layout.columns().keySet().forEach(name -> columns.add(column(name)));
    Table table = new Table(new TableId("redis", layout.table()), columns, List.of());
    this.binding = new TableBinding(this.layout, table);
    this.reader = new RowReader(binding);
    this.width = columns.size();
    for (int i = 0; i < width; i++) {
      String name = columns.get(i).name();
      int dot = name.indexOf('.');
      if (IN_BRACES.contains(name)) {
        continue;
      }
      if (rule.type().isJson() && dot > 0) {
        nested
            .computeIfAbsent(name.substring(0, dot), unused -> new LinkedHashMap<>())
            .put(name.substring(dot + 1), i);
      } else {
        plain.put(name, i);
      }
    }
  }

  /** What is not listed is kept too, unless the key itself is all that there is. */
  private static TableLayout withRest(TableLayout layout, KeyRule rule) {
    if (rule.type() == KeyRule.Type.KEY
        || layout.columns().containsKey(REST)
        || layout.columns().containsKey(VALUE)) {
      return layout;
    }
    Map<String, ColumnSpec> columns = new LinkedHashMap<>(layout.columns());
    columns.put(REST, ColumnSpec.OfField.plain(layout.kind().field("unknown").orElseThrow(), true));
    return new TableLayout(
        layout.kind(),
        layout.table(),
        columns,
        layout.optional(),
        layout.keys(),
        layout.vectors(),
        layout.archives());
  }

  private Column column(String name) {
    boolean json = name.equals(REST) || (rule.type().isJson() && !IN_BRACES.contains(name));
    Family family = json ? Family.JSON : name.equals(EXPIRES_AT) ? Family.INSTANT : Family.TEXT;
    String type = family.name().toLowerCase(Locale.ROOT);
    // What a list's elements stand at is told, never written, so nothing has to be known for it.
    boolean always =
        List.of(SESSION, ID).contains(name)
            || (name.equals(PLACE) && rule.type() == KeyRule.Type.MAP);
    return new Column(
        name, new ColumnType(family, type, type, Limits.NONE, null), always, false, false, false);
  }

  KeyRule rule() {
    return rule;
  }

  Kind kind() {
    return layout.kind();
  }

  String name() {
    return layout.table();
  }

  TableBinding binding() {
    return binding;
  }

  RowReader reader() {
    return reader;
  }

  /** The column in braces that identifies an element of a key; empty if a key is one entity. */
  Optional<String> elementColumn() {
    return rule.type().isMany()
        ? Stream.of(ID, PLACE)
            .filter(
                name ->
                    Optional.ofNullable(layout.columns().get(name))
                        .flatMap(ColumnSpec::fieldItself)
                        .filter(field -> field.identity() && !field.equals(kind().sessionField()))
                        .isPresent())
            .findFirst()
        : Optional.empty();
  }

  /** What the elements of a session's list are called where nothing is entered of them. */
  String elementPrefix(String session) {
    return elementColumn().filter(ID::equals).isPresent() ? session + "/" : "";
  }

  /** Column to its place, of those that are members, or fields of a hash, by themselves. */
  Map<String, Integer> plain() {
    return Collections.unmodifiableMap(plain);
  }

  /** Member to the columns that are members inside it, with their places. */
  Map<String, Map<String, Integer>> nested() {
    return Collections.unmodifiableMap(nested);
  }

  /** Whether the key and the place tell a field. */
  boolean isToldByKey(Field field) {
    return layout.columns().entrySet().stream()
        .anyMatch(
            e ->
                List.of(SESSION, ID, PLACE, NONE).contains(e.getKey())
                    && e.getValue().fieldItself().filter(field::equals).isPresent());
  }

  /** Whether its rows tell when their key expires. */
  boolean tellsExpiry() {
    return layout.columns().containsKey(EXPIRES_AT);
  }

  /**
   * What identifies a row within its session.
   *
   * @throws UnmappableRowException if it does not tell
   */
  List<String> identity(String[] row) {
    Entity entity = reader.readIdentity(row);
    return kind().identity().stream().skip(1).map(entity::text).toList();
  }

  /** A row of which nothing but the session and the place is known. */
  String[] identity(String session, String place) {
    String[] row = new String[width];
    Arrays.fill(row, Row.ABSENT);
    set(row, SESSION, session);
    set(row, ID, session + "/" + place);
    set(row, PLACE, place);
    set(row, NONE, "");
    return row;
  }

  private void set(String[] row, String column, String value) {
    int index = binding.table().indexOf(column);
    if (index >= 0) {
      row[index] = value;
    }
  }

  private String[] row(String session, String place, String expiresAt) {
    String[] row = new String[width];
    set(row, SESSION, session);
    set(row, ID, session + "/" + place);
    set(row, PLACE, place);
    set(row, NONE, "");
    set(row, EXPIRES_AT, expiresAt);
    return row;
  }

  /** The row of a key of which nothing but its being there counts. */
  String[] ofKey(String session, String expiresAt) {
    return row(session, "", expiresAt);
  }

  /** The row of a hash. */
  String[] ofHash(String session, Map<String, String> fields, String expiresAt) {
    String[] row = row(session, "", expiresAt);
    Map<String, String> rest = new LinkedHashMap<>();
    fields.forEach(
        (name, value) -> {
          Integer index = plain.get(name);
          if (index == null) {
            rest.put(name, JsonText.quote(value));
          } else {
            row[index] = value;
          }
        });
    setRest(row, rest);
    return row;
  }

  /**
   * The row of one JSON document.
   *
   * @param place see {@link #PLACE}
   * @throws MalformedRecordException if it is not one JSON object
   */
  String[] ofDocument(String session, String place, String json, String expiresAt) {
    String[] row = row(session, place, expiresAt);
    int whole = binding.table().indexOf(VALUE);
    if (whole >= 0) {
      row[whole] = json;
    }
    boolean valueOnly = plain.isEmpty() && nested.isEmpty() && binding.table().indexOf(REST) < 0;
    if (valueOnly && !(layout.columns().get(VALUE) instanceof ColumnSpec.OfMessage)) {
      return row;
    }
    // What is no message is refused here, where its key and its place are known.
    Map<String, String> members = JsonText.membersOf(json);
    if (valueOnly) {
      return row;
    }
    Map<String, String> rest = new LinkedHashMap<>();
    members.forEach(
        (name, value) -> {
          Integer index = plain.get(name);
          Map<String, Integer> inside = nested.get(name);
          Map<String, String> object = inside == null ? null : JsonText.members(value);
          if (index != null) {
            row[index] = JsonText.isNull(value) ? null : value;
          } else if (object != null) {
            Map<String, String> left = new LinkedHashMap<>();
            object.forEach(
                (member, text) -> {
                  Integer at = inside.get(member);
                  if (at == null) {
                    left.put(member, text);
                  } else {
                    row[at] = JsonText.isNull(text) ? null : text;
                  }
                });
            if (!left.isEmpty()) {
              rest.put(name, JsonText.object(left));
            }
          } else {
            rest.put(name, value);
          }
        });
    setRest(row, rest);
    return row;
  }

  /**
   * The row of an element that has a name of its own.
   *
   * @param id what it is called, see {@link Places}
   * @param place counted from the oldest
   * @throws MalformedRecordException if it is not one JSON object
   */
  String[] ofElement(String session, String id, int place, String json, String expiresAt) {
    String[] row = ofDocument(session, Integer.toString(place), json, expiresAt);
    elementColumn().ifPresent(column -> set(row, column, id));
    return row;
  }

  private void setRest(String[] row, Map<String, String> rest) {
    set(row, REST, rest.isEmpty() ? null : JsonText.object(rest));
  }

  @Override
  public String toString() {
    return name() + " (" + rule + ")";
  }
}
