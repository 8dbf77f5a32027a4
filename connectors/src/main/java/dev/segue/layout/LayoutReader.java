package dev.segue.layout;

import dev.segue.canonical.Field;
import dev.segue.canonical.FieldType;
import dev.segue.canonical.Kind;
import dev.segue.yaml.YamlMap;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a layout from YAML; every mistake is named with its line, all at once. */
final class LayoutReader {
  private static final Set<String> TABLE_KEYS =
      Set.of(
          "entity", "table", "columns", "optional", "key", "type", "oldest", "expired", "except");
  private static final Set<String> COLUMN_KEYS =
      Set.of(
          "field",
          "or",
          "default",
          "values",
          "as",
          "constant",
          "object",
          "plain",
          "rest",
          "optional");

  private final Optional<String> ddl;

  LayoutReader(Optional<String> ddl) {
    this.ddl = ddl;
  }

  /**
   * @param file how complaints name the document
   * @throws dev.segue.yaml.YamlException with everything that is wrong
   */
  Layout read(String file, String text) {
    YamlMap root = YamlMap.parse(file, text).allow(Set.of("layout", "title", "files", "tables"));
    String name = root.required("layout", "my-store");
    List<TableLayout> tables = new ArrayList<>();
    for (YamlMap table : root.maps("tables")) {
      table.allow(TABLE_KEYS);
      readTable(table).ifPresent(tables::add);
    }
    Set<Kind> seen = EnumSet.noneOf(Kind.class);
    for (TableLayout table : tables) {
      if (!seen.add(table.kind())) {
        root.complain("tables", "has two tables for entity " + table.kind().wireName());
      }
    }
    long ofKeys = tables.stream().filter(table -> table.keys().isPresent()).count();
    if (ofKeys > 0 && ofKeys < tables.size()) {
      root.complain("tables", "either all of them have a key, or none has");
    }
    boolean ofFiles = root.flag("files", false);
    if (ofFiles) {
      checkFiles(root, tables);
    }
    if (!root.has("tables")) {
      root.complain("tables", "is missing; a layout lists at least one table");
    }
    root.finish();
    return new Layout(
        name, root.text("title").orElse(name), tables, ofFiles, root.normal(Set.of("title")), ddl);
  }

  /** Files have neither keys nor columns: what they tell is listed by the fields' own names. */
  private static void checkFiles(YamlMap root, List<TableLayout> tables) {
    for (TableLayout table : tables) {
      if (table.keys().isPresent()) {
        root.complain("files", "is true, but " + table.table() + " has a key");
      }
      table
          .columns()
          .forEach(
              (column, spec) -> {
                if (spec.fieldItself().filter(f -> f.name().equals(column)).isEmpty()) {
                  root.complain(
                      "files",
                      "is true, so " + table.table() + "." + column + " must be the field");
                }
              });
    }
  }

  private static Optional<TableLayout> readTable(YamlMap table) {
    String entity = table.required("entity", "session");
    String name = table.required("table", "sessions");
    Optional<Kind> kind = Kind.of(entity);
    if (kind.isEmpty()) {
      table.complain("entity", "must be one of " + Kind.wireNames() + ", found '" + entity + "'");
      return Optional.empty();
    }
    if (!table.has("columns")) {
      table.complain("columns", "is missing");
    }
    YamlMap columns = table.map("columns");
    Map<String, ColumnSpec> specs = new LinkedHashMap<>();
    for (String column : columns.keys()) {
      readSpec(kind.get(), columns, column).ifPresent(spec -> specs.put(column, spec));
    }
    for (Field field : List.of(kind.get().sessionField())) {
      boolean mapped =
          specs.values().stream()
              .anyMatch(spec -> spec instanceof ColumnSpec.OfField of && of.field().equals(field));
      if (!mapped) {
        table.complain("columns", "must have a column for " + field);
      }
    }
    return Optional.of(
        new TableLayout(
            kind.get(), name, specs, table.flag("optional", false), keys(table), Optional.empty()));
  }

  private static Optional<KeyRule> keys(YamlMap table) {
    if (!table.has("key")) {
      for (String key : List.of("type", "oldest", "expired", "except")) {
        if (table.has(key)) {
          table.complain(key, "needs 'key'");
        }
      }
      return Optional.empty();
    }
    Map<String, KeyRule.Type> types = new LinkedHashMap<>();
    for (KeyRule.Type type : KeyRule.Type.values()) {
      types.put(type.toString(), type);
    }
    KeyRule.Type type = oneOf(table, "type", types).orElse(KeyRule.Type.HASH);
    boolean oldestLast = oneOf(table, "oldest", Map.of("first", false, "last", true)).orElse(false);
    boolean keepExpired =
        oneOf(table, "expired", Map.of("keep", true, "delete", false)).orElse(false);
    String pattern = table.required("key", "session:{session_id}");
    Optional<KeyRule> rule =
        KeyRule.of(pattern, type, oldestLast, keepExpired, table.texts("except"));
    if (rule.isEmpty()) {
      table.complain("key", "must have {session_id} in it once, found '" + pattern + "'");
    }
    return rule;
  }

  private static <T> Optional<T> oneOf(YamlMap table, String key, Map<String, T> values) {
    Optional<String> text = table.text(key);
    if (text.isPresent() && !values.containsKey(text.get())) {
      table.complain(
          key,
          "must be one of " + String.join(", ", values.keySet()) + ", found '" + text.get() + "'");
    }
    return text.map(values::get);
  }

  private static Optional<ColumnSpec> readSpec(Kind kind, YamlMap parent, String key) {
    if (!parent.isMap(key)) {
      Optional<String> name = parent.text(key);
      return name.flatMap(n -> field(kind, parent, key, n))
          .map(
              field ->
                  new ColumnSpec.OfField(
                      field,
                      List.of(),
                      Optional.empty(),
                      Map.of(),
                      ColumnSpec.Spelling.PLAIN,
                      false));
    }
    YamlMap spec = parent.map(key).allow(COLUMN_KEYS);
    boolean optional = spec.flag("optional", false);
    if (spec.has("constant")) {
      String template = spec.required("constant", "text");
      Variables.unknown(template)
          .forEach(
              name ->
                  spec.complain("constant", "names ${" + name + "}; known are " + Variables.NAMES));
      return Optional.of(new ColumnSpec.OfConstant(template, optional));
    }
    if (spec.has("object")) {
      YamlMap object = spec.map("object");
      Map<String, ColumnSpec> members = new LinkedHashMap<>();
      for (String member : object.keys()) {
        readSpec(kind, object, member)
            .ifPresent(
                s -> {
                  if (s instanceof ColumnSpec.OfObject || s instanceof ColumnSpec.OfDocument) {
                    object.complain(
                        member, "is an object inside an object, which is not supported");
                  }
                  members.put(member, s);
                });
      }
      return Optional.of(
          new ColumnSpec.OfObject(
              members,
              spec.text("plain").flatMap(n -> field(kind, spec, "plain", n)),
              spec.text("rest"),
              optional));
    }
    List<ColumnSpec.Path> or = new ArrayList<>();
    for (String path : spec.texts("or")) {
      path(kind, spec, path).ifPresent(or::add);
    }
    if (!spec.has("field") && spec.has("or")) {
      return Optional.of(new ColumnSpec.OfDerived(or, spec.text("default"), optional));
    }
    Optional<Field> field = field(kind, spec, "field", spec.required("field", "session_id"));
    if (field.isEmpty()) {
      return Optional.empty();
    }
    if (spec.has("rest")) {
      return Optional.of(
          new ColumnSpec.OfDocument(field.get(), spec.required("rest", "_segue"), optional));
    }
    ColumnSpec.Spelling as = spelling(field.get(), spec);
    YamlMap values = spec.map("values");
    Map<String, String> spellings = new LinkedHashMap<>();
    for (String canonical : values.keys()) {
      spellings.put(canonical, values.required(canonical, "native spelling"));
    }
    return Optional.of(
        new ColumnSpec.OfField(field.get(), or, spec.text("default"), spellings, as, optional));
  }

  private static ColumnSpec.Spelling spelling(Field field, YamlMap spec) {
    Map<String, ColumnSpec.Spelling> words = new LinkedHashMap<>();
    for (ColumnSpec.Spelling spelling : ColumnSpec.Spelling.values()) {
      if (spelling != ColumnSpec.Spelling.PLAIN
          && spelling.isEpoch() == (field.type() == FieldType.TIMESTAMP)) {
        words.put(spelling.word(), spelling);
      }
    }
    return oneOf(spec, "as", words).orElse(ColumnSpec.Spelling.PLAIN);
  }

  private static Optional<Field> field(Kind kind, YamlMap at, String key, String name) {
    Optional<Field> field = kind.field(name);
    if (field.isEmpty()) {
      at.complain(
          key,
          "names field '"
              + name
              + "', which a "
              + kind.wireName()
              + " does not have; it has "
              + kind.fields());
    }
    return field;
  }

  private static Optional<ColumnSpec.Path> path(Kind kind, YamlMap at, String text) {
    List<String> parts = List.of(text.split("\\.", -1));
    return field(kind, at, "or", parts.get(0))
        .filter(
            field -> {
              boolean fits = parts.size() == 1 || field.type() == FieldType.JSON;
              if (!fits) {
                at.complain("or", "looks into '" + field + "', which is not JSON");
              }
              return fits;
            })
        .map(field -> new ColumnSpec.Path(field, parts.subList(1, parts.size())));
  }
}
