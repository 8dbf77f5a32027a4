package dev.segue.layout;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.FieldType;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rows of one table to entities, compiled once. */
public final class RowReader {
  private final Kind kind;
  private final Column[] columns;
  private final ColumnSpec[] specs;
  private final Map<Field, Map<String, String>> canonicalSpellings = new LinkedHashMap<>();
  private final Set<Field> supplied = new LinkedHashSet<>();
  private final List<Field> nullUnlessRest = new ArrayList<>();
  private final List<Field> required;
  private final Map<Field, Integer> ownColumns = new LinkedHashMap<>();
  private final boolean[] unlisted;
  private final int sessionColumn;
  private final UnaryOperator<String> names;
  private final KeptFields kept;

  /** Compiles the reader of a bound table. */
  public RowReader(TableBinding binding) {
    this(binding, Set.of(), UnaryOperator.identity());
  }

  /**
   * Compiles the reader of one of several tables of a kind.
   *
   * @param elsewhere fields that rows of the others tell; where this one cannot, they are absent
   * @param names the session that is meant by an id which may be a UUID made of its own
   */
  public RowReader(TableBinding binding, Set<Field> elsewhere, UnaryOperator<String> names) {
    this.names = names;
    this.kind = binding.layout().kind();
    List<Column> all = binding.table().columns();
    this.columns = all.toArray(Column[]::new);
    this.specs = new ColumnSpec[columns.length];
    this.unlisted = new boolean[columns.length];
    int session = -1;
    boolean rest = false;
    for (int i = 0; i < columns.length; i++) {
      ColumnSpec spec = binding.layout().columns().get(columns[i].name());
      specs[i] = spec;
      unlisted[i] =
          spec == null
              && !columns[i].generated()
              && !binding.layout().isSetAside(columns[i].name());
      if (unlisted[i]) {
        supplied.add(kind.field("unknown").orElseThrow());
      }
      if (spec instanceof ColumnSpec.OfField of && of.field().equals(kind.sessionField())) {
        session = i;
      }
      rest |= hasRest(spec);
      if (spec instanceof ColumnSpec.OfField of) {
        ownColumns.put(of.field(), i);
      }
      collect(spec);
    }
    this.sessionColumn = session;
    this.kept = new KeptFields(kind, columns, specs, ownColumns);
    this.required = kind.identity().stream().filter(supplied::contains).toList();
    if (rest) {
      kind.fields().stream()
          .filter(field -> !supplied.contains(field) && !elsewhere.contains(field))
          .filter(field -> !field.identity())
          .forEach(nullUnlessRest::add);
    }
  }

  private void collect(ColumnSpec spec) {
    if (spec instanceof ColumnSpec.OfField of) {
      supplied.add(of.field());
      canonicalSpellings.put(
          of.field(),
          of.values().entrySet().stream()
              .collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey, (a, b) -> a)));
    } else if (spec instanceof ColumnSpec.OfDocument of) {
      supplied.add(of.field());
    } else if (spec instanceof ColumnSpec.OfObject of) {
      of.plain().ifPresent(supplied::add);
      of.members().values().forEach(this::collect);
    } else if (spec instanceof ColumnSpec.OfMessage of) {
      supplied.addAll(of.codec().fields());
      supplied.add(kind.field("unknown").orElseThrow());
    }
  }

  private static boolean hasRest(ColumnSpec spec) {
    return spec instanceof ColumnSpec.OfDocument
        || (spec instanceof ColumnSpec.OfObject of && of.rest().isPresent());
  }

  public Kind kind() {
    return kind;
  }

  /** The names of columns that the layout does not list, which {@code unknown} tells. */
  public List<String> unlisted() {
    return IntStream.range(0, columns.length)
        .filter(i -> unlisted[i])
        .mapToObj(i -> columns[i].name())
        .toList();
  }

  /** Whether each text and each call of a message is a row of its own here. */
  public boolean readsItems() {
    return Stream.of(specs)
        .anyMatch(spec -> spec instanceof ColumnSpec.OfMessage of && of.codec().splits());
  }

  /** The fields that this table's rows can tell. */
  public Set<Field> supplied() {
    return supplied;
  }

  /** Fields that a row may tell although it has no column for them. */
  public Set<Field> restored() {
    return Set.copyOf(nullUnlessRest);
  }

  /** The name of the session's column. */
  public String sessionColumnName() {
    return columns[sessionColumn].name();
  }

  /** Where the session's column stands among the table's. */
  public int sessionIndex() {
    return sessionColumn;
  }

  /**
   * Where the column stands by which a row is found: the one that tells it within its session; of
   * sessions the session's.
   */
  public int keyIndex() {
    return kind.identity().stream()
        .filter(ownColumns::containsKey)
        .mapToInt(ownColumns::get)
        .reduce(sessionColumn, (earlier, later) -> later);
  }

  /** How the column at {@link #keyIndex} spells this entity. */
  public String keyText(Entity entity) {
    ColumnSpec.OfField of = (ColumnSpec.OfField) specs[keyIndex()];
    String text = entity.text(of.field());
    return of.asUuid() ? Identifiers.toUuid(text) : text;
  }

  /** How the session's column spells a session. */
  public String sessionText(String sessionId) {
    return ((ColumnSpec.OfField) specs[sessionColumn]).asUuid()
        ? Identifiers.toUuid(sessionId)
        : sessionId;
  }

  /** The session that this value of the session's column means. */
  public String sessionIdOf(String value) {
    return readIdentifier((ColumnSpec.OfField) specs[sessionColumn], value);
  }

  private String readIdentifier(ColumnSpec.OfField of, String text) {
    if (!of.asUuid()) {
      return text;
    }
    String id = Identifiers.fromUuid(text);
    return of.field().equals(kind.sessionField()) ? names.apply(id) : id;
  }

  /**
   * The entity that a row holds.
   *
   * @param row neutral texts in the order of the table's columns
   * @throws UnmappableRowException naming the column, never its value
   */
  public Entity read(String[] row) {
    Entity.Builder entity = Entity.of(kind);
    nullUnlessRest.forEach(field -> entity.set(field, null));
    Map<String, String> rest = null;
    Unknown unknown = new Unknown();
    for (int i = 0; i < specs.length; i++) {
      try {
        if (unlisted[i]) {
          unknown.column(columns[i], row[i]);
        } else if (specs[i] instanceof ColumnSpec.OfMessage of) {
          unknown.message(of.codec(), row[i], entity);
        } else if (specs[i] != null && !Row.isAbsent(row[i])) {
          Map<String, String> found = readColumn(specs[i], i, row[i], entity);
          rest = found == null ? rest : found;
        }
      } catch (MalformedRecordException e) {
        throw new UnmappableRowException("column " + columns[i].name() + " " + e.getMessage());
      }
    }
    unknown.into(entity);
    if (rest != null) {
      kept.apply(rest, row, entity);
    }
    return checkIdentity(entity.build());
  }

  /**
   * What identifies the entity that a row holds; for a deleted row, of which the log may tell no
   * more.
   */
  public Entity readIdentity(String[] row) {
    Entity.Builder entity = Entity.of(kind);
    for (int i = 0; i < specs.length; i++) {
      if (specs[i] instanceof ColumnSpec.OfField of
          && of.field().identity()
          && !Row.isAbsent(row[i])) {
        readColumn(of, i, row[i], entity);
      }
    }
    restoreIdentity(row, entity);
    return checkIdentity(entity.build());
  }

  /** What the row keeps of an identifier that its column cannot tell. */
  private void restoreIdentity(String[] row, Entity.Builder entity) {
    for (int i = 0; i < specs.length; i++) {
      if (hasRest(specs[i]) && row[i] != null && !Row.isAbsent(row[i])) {
        kept.applyIdentity(restOf(i, row[i]), row, entity);
      }
    }
  }

  /** What a document keeps; one that we could not have written keeps nothing. */
  private Map<String, String> restOf(int column, String text) {
    try {
      Map<String, String> rest = readColumn(specs[column], column, text, Entity.of(kind));
      return rest == null ? Map.of() : rest;
    } catch (MalformedRecordException e) {
      return Map.of();
    }
  }

  private Entity checkIdentity(Entity entity) {
    for (Field field : required) {
      if (entity.text(field) == null) {
        throw new UnmappableRowException(
            (field.equals(kind.sessionField()) ? "belongs to no session: " : "")
                + field
                + " is null");
      }
    }
    return entity;
  }

  private Map<String, String> readColumn(
      ColumnSpec spec, int column, String text, Entity.Builder entity) {
    Family family = columns[column].type().family();
    if (spec instanceof ColumnSpec.OfField of) {
      entity.set(of.field(), text == null ? null : fieldText(of, family, text));
    } else if (spec instanceof ColumnSpec.OfDocument of) {
      return readDocument(of, family, text, entity);
    } else if (spec instanceof ColumnSpec.OfObject of) {
      return readObject(of, text, entity);
    }
    return null;
  }

  private String fieldText(ColumnSpec.OfField of, Family family, String text) {
    if (of.asUuid()) {
      return readIdentifier(of, text);
    }
    if (of.as().isEpoch()) {
      return FieldText.fromEpoch(of.as(), family, text);
    }
    String read = FieldText.fromColumn(of.field().type(), family, text);
    return canonicalSpellings.get(of.field()).getOrDefault(read, read);
  }

  private static Map<String, String> readDocument(
      ColumnSpec.OfDocument of, Family family, String text, Entity.Builder entity) {
    // A document without our member is taken as it is, spelling and all.
    if (text == null || !text.contains('"' + of.rest() + '"')) {
      entity.set(
          of.field(), text == null ? null : FieldText.fromColumn(FieldType.JSON, family, text));
      return null;
    }
    Map<String, String> members = JsonText.members(text);
    String rest = members == null ? null : members.remove(of.rest());
    entity.set(of.field(), rest == null ? text : JsonText.object(members));
    return rest == null ? null : JsonText.members(rest);
  }

  private Map<String, String> readObject(
      ColumnSpec.OfObject of, String text, Entity.Builder entity) {
    Map<String, String> members = text == null ? null : JsonText.members(text);
    if (members == null || !isOurs(of, members)) {
      // What came home stands beside the document's own members, not around them.
      String brought =
          of.rest().filter(unused -> members != null).map(members::remove).orElse(null);
      of.plain()
          .ifPresent(field -> entity.set(field, brought == null ? text : JsonText.object(members)));
      return brought == null ? null : JsonText.members(brought);
    }
    of.members()
        .forEach(
            (name, spec) -> {
              if (spec instanceof ColumnSpec.OfField member) {
                String json = members.getOrDefault(name, "null");
                String value = JsonText.isNull(json) ? null : fieldText(member, Family.JSON, json);
                entity.set(member.field(), value);
              }
            });
    String rest = of.rest().map(members::get).orElse(null);
    return rest == null ? null : JsonText.members(rest);
  }

  private static boolean isOurs(ColumnSpec.OfObject of, Map<String, String> members) {
    return of.plain().isEmpty()
        || of.members().entrySet().stream()
            .filter(member -> member.getValue() instanceof ColumnSpec.OfConstant)
            .allMatch(member -> members.containsKey(member.getKey()));
  }
}
