package dev.segue.layout;

import dev.segue.canonical.Field;
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
          "entity",
          "table",
          "columns",
          "optional",
          "archives",
          "key",
          "type",
          "oldest",
          "expired",
          "except");
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
      if (!table.archives().isEmpty()) {
        root.complain("files", "is true, but " + table.table() + " has archives");
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
      ColumnReader.read(kind.get(), columns, column).ifPresent(spec -> specs.put(column, spec));
    }
    if (table.has("key") && specs.values().stream().anyMatch(ColumnSpec.Unless.class::isInstance)) {
      table.complain("columns", "cannot have 'unless' where there is a key");
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
            kind.get(),
            name,
            specs,
            table.flag("optional", false),
            keys(table),
            Optional.empty(),
            archives(table, name)));
  }

  private static List<String> archives(YamlMap table, String name) {
    List<String> archives = table.texts("archives");
    if (!archives.isEmpty() && table.has("key")) {
      table.complain("archives", "are tables, which a store of keys does not have");
    }
    if (archives.contains(name) || Set.copyOf(archives).size() < archives.size()) {
      table.complain("archives", "names a table twice");
    }
    return archives;
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
    KeyRule.Type type = table.oneOf("type", types).orElse(KeyRule.Type.HASH);
    boolean oldestLast = table.oneOf("oldest", Map.of("first", false, "last", true)).orElse(false);
    boolean keepExpired =
        table.oneOf("expired", Map.of("keep", true, "delete", false)).orElse(false);
    String pattern = table.required("key", "session:{session_id}");
    Optional<KeyRule> rule =
        KeyRule.of(pattern, type, oldestLast, keepExpired, table.texts("except"));
    if (rule.isEmpty()) {
      table.complain("key", "must have {session_id} in it once, found '" + pattern + "'");
    }
    return rule;
  }
}
