package dev.segue.layout;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.FieldType;
import dev.segue.canonical.Kind;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType.Family;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a row keeps of fields beside the columns that they have. It counts as long as those columns
 * have what was written for it.
 */
final class KeptFields {
  private final Kind kind;
  private final Column[] columns;
  private final ColumnSpec[] specs;
  private final Map<Field, Integer> ownColumns;

  /**
   * @param columns the table's
   * @param specs what each of them holds
   * @param ownColumns where fields have a column of their own
   */
  KeptFields(Kind kind, Column[] columns, ColumnSpec[] specs, Map<Field, Integer> ownColumns) {
    this.kind = kind;
    this.columns = columns.clone();
    this.specs = specs.clone();
    this.ownColumns = Map.copyOf(ownColumns);
  }

  /** Sets what was kept of identifiers and still counts. */
  void applyIdentity(Map<String, String> rest, String[] row, Entity.Builder entity) {
    for (Field field : kind.identity()) {
      String kept = rest.get(field.name());
      if (kept != null && isStillTrue(field, kept, row, entity)) {
        entity.set(field, FieldText.fromJson(field.type(), kept));
      }
    }
  }

  /**
   * Sets what was kept and still counts.
   *
   * @param rest members, each as it is spelt
   */
  void apply(Map<String, String> rest, String[] row, Entity.Builder entity) {
    rest.forEach(
        (name, json) -> {
          Optional<Field> field = kind.field(name);
          if (field.isPresent() && isStillTrue(field.get(), json, row, entity)) {
            entity.set(field.get(), FieldText.fromJson(field.get().type(), json));
          }
        });
    String nulls = rest.getOrDefault(RowWriter.NULLS, "");
    for (Field field : kind.fields()) {
      if (nulls.contains('"' + field.name() + '"') && standsForNull(field, row)) {
        entity.set(field, null);
      }
    }
    String jsonNulls = rest.get(RowWriter.JSON_NULLS);
    if (jsonNulls != null) {
      for (Field field : kind.fields()) {
        if (field.type() == FieldType.JSON && jsonNulls.contains('"' + field.name() + '"')) {
          entity.set(field, "null");
        }
      }
    }
  }

  /**
   * Whether what was kept of a field is still what it is: its column has the value that we would
   * have written for it. Somebody may have changed the column since.
   */
  private boolean isStillTrue(Field field, String json, String[] row, Entity.Builder entity) {
    Integer column = ownColumns.get(field);
    if (column == null) {
      return true;
    }
    ColumnSpec.OfField of = (ColumnSpec.OfField) specs[column];
    String kept = FieldText.fromJson(field.type(), json);
    String spelled;
    if (kept == null) {
      spelled = substitute(of, entity).orElse(null);
    } else {
      spelled =
          of.asUuid()
              ? Identifiers.toUuid(kept)
              : of.as().isEpoch()
                  ? FieldText.toEpoch(of.as(), kept)
                  : of.values().getOrDefault(kept, kept);
    }
    String expected =
        spelled == null
            ? null
            : FieldText.toColumn(of.type(), columns[column].type().family(), spelled);
    return Objects.equals(expected, row[column]);
  }

  /** Whether the field's column still has what was written for its null. */
  private boolean standsForNull(Field field, String[] row) {
    Integer column = ownColumns.get(field);
    if (column == null) {
      return true;
    }
    ColumnSpec.OfField of = (ColumnSpec.OfField) specs[column];
    Family family = columns[column].type().family();
    return of.ifNull()
        .map(text -> FieldText.toColumn(of.type(), family, text))
        .filter(text -> text.equals(row[column]))
        .isPresent();
  }

  /** What stands in a column whose field is null and not told by the source. */
  private static Optional<String> substitute(ColumnSpec.OfField of, Entity.Builder entity) {
    for (ColumnSpec.Path path : of.or()) {
      Optional<String> found = path.lookUp(entity.text(path.field()));
      if (found.isPresent()) {
        return found;
      }
    }
    return of.fallback();
  }
}
