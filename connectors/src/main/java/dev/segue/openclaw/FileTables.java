package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.FieldType;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SessionDocument;
import dev.segue.layout.ColumnSpec;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.layout.TableLayout;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import dev.segue.spi.Supply;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What of a session's entities a layout of files lists, as if it were tables. */
final class FileTables {
  private static final Map<FieldType, Family> FAMILIES =
      Map.of(
          FieldType.TEXT, Family.TEXT,
          FieldType.TIMESTAMP, Family.INSTANT,
          FieldType.JSON, Family.JSON,
          FieldType.INTEGER, Family.INTEGER,
          FieldType.DECIMAL, Family.DECIMAL,
          FieldType.BOOLEAN, Family.BOOLEAN);

  private final LayoutBinding binding;
  private final Map<Kind, Set<Field>> fields = new EnumMap<>(Kind.class);

  FileTables(Layout layout) {
    for (TableLayout table : layout.tables()) {
      fields.put(
          table.kind(),
          table.columns().values().stream()
              .flatMap(spec -> spec.fieldItself().stream())
              .collect(Collectors.toCollection(LinkedHashSet::new)));
    }
    this.binding =
        new LayoutBinding(
            layout, layout.tables().stream().map(FileTables::bind).toList(), List.of());
  }

  /**
   * Likewise for files that are to be written: what the layout does not list of an entity is kept
   * in the files too.
   */
  static FileTables ofTarget(Layout layout) {
    return new FileTables(
        new Layout(
            layout.name(),
            layout.title(),
            layout.tables().stream().map(FileTables::whole).toList(),
            layout.isOfFiles(),
            layout.normal(),
            layout.ddl()));
  }

  private static TableLayout whole(TableLayout table) {
    Map<String, ColumnSpec> columns = new LinkedHashMap<>(table.columns());
    for (Field field : table.kind().fields()) {
      if (table.columnOf(field.name()).isEmpty()) {
        columns.putIfAbsent(field.name(), ColumnSpec.OfField.plain(field, false));
      }
    }
    return new TableLayout(
        table.kind(),
        table.table(),
        columns,
        table.optional(),
        table.keys(),
        table.vectors(),
        table.archives());
  }

  private static TableBinding bind(TableLayout layout) {
    List<Column> columns = new ArrayList<>();
    List<String> key = new ArrayList<>();
    layout
        .columns()
        .forEach(
            (name, spec) -> {
              columns.add(column(name, spec));
              if (spec.fieldItself().filter(Field::identity).isPresent()) {
                key.add(name);
              }
            });
    return new TableBinding(layout, new Table(new TableId("files", layout.table()), columns, key));
  }

  private static Column column(String name, ColumnSpec spec) {
    Field field = spec.fieldItself().orElseThrow();
    Family family = FAMILIES.get(field.type());
    String type = family.name().toLowerCase(Locale.ROOT);
    return new Column(
        name,
        new ColumnType(family, type, type, Limits.NONE, null),
        field.identity(),
        false,
        false,
        false);
  }

  LayoutBinding binding() {
    return binding;
  }

  Map<Kind, Supply> supplies() {
    Map<Kind, Supply> supplies = new EnumMap<>(Kind.class);
    for (TableLayout table : binding.layout().tables()) {
      supplies.put(table.kind(), new Supply(table.table(), fields.get(table.kind()), Set.of()));
    }
    return supplies;
  }

  Collection<Kind> kinds() {
    return fields.keySet();
  }

  /** The entities of a session, with all fields that the layout lists and no others. */
  List<Entity> entities(SessionDocument session) {
    return session.entities().stream()
        .filter(entity -> fields.containsKey(entity.kind()))
        .map(this::listed)
        .toList();
  }

  /** A file that does not tell a field has none, so what was told before has to go. */
  private Entity listed(Entity entity) {
    Entity.Builder listed = Entity.of(entity.kind());
    fields.get(entity.kind()).forEach(field -> listed.set(field, entity.text(field)));
    return listed.build();
  }
}
