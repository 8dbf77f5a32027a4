package dev.segue.layout;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.FieldType;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.relational.Row;
import dev.segue.shape.MessageCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One entity on its way into a row. */
final class RowWriting {
  private final RowWriter writer;
  private final Entity entity;
  private final String[] values;
  private final BitSet partial = new BitSet();
  private final BitSet kept = new BitSet();

  /** The fields of which a null was written as what stands for it. */
  private final BitSet nulled = new BitSet();

  private final BitSet insertOnly = new BitSet();
  private final Map<Integer, Untold> untold = new HashMap<>();

  /** What this row cannot tell and others of its kind can. */
  private final Lacking lacking;

  RowWriting(RowWriter writer, Entity entity) {
    this.writer = writer;
    this.values = new String[writer.width()];
    this.entity = entity;
    this.lacking = Lacking.of(writer.seldom(), entity);
  }

  /** Leaves every column as it is, but for those that are written after this. */
  void nothing() {
    Arrays.fill(values, Row.ABSENT);
  }

  Written written() {
    return new Written(values, partial, insertOnly, untold);
  }

  void plain(int column) {
    ColumnSpec spec = writer.spec(column);
    if (spec instanceof ColumnSpec.OfConstant of) {
      values[column] = writer.constant(of);
    } else if (spec instanceof ColumnSpec.OfDerived of) {
      boolean lacks = lacking.has(of);
      insertOnly.set(column, lacks);
      values[column] =
          lacks ? of.fallback().orElse(null) : derived(of).orElse(isKnown(of) ? null : Row.ABSENT);
    } else if (spec instanceof ColumnSpec.OfMessage of) {
      insertOnly.set(column, of.codec().fields().stream().anyMatch(lacking::has));
      values[column] =
          insertOnly.get(column)
              ? null
              : message("column " + writer.columns().get(column).name(), of.codec());
    } else if (spec instanceof ColumnSpec.OfField of
        && (isLeftAlone(of.field()) || lacking.has(of))) {
      insertOnly.set(column);
      kept.set(of.field().ordinal());
      values[column] =
          of.fallback()
              .map(
                  text ->
                      FieldText.toColumn(
                          of.field().type(), writer.columns().get(column).type().family(), text))
              .orElse(null);
    } else if (spec instanceof ColumnSpec.OfField of) {
      String text = fieldText(of);
      values[column] =
          text == null || Row.isAbsent(text)
              ? text
              : FieldText.toColumn(of.type(), writer.columns().get(column).type().family(), text);
      if (!lacking.membersOf(of.field()).isEmpty()) {
        untold.put(column, lacking.asDocument(of.field()));
      }
    }
  }

  private String message(String column, MessageCodec codec) {
    List<Field> told = codec.fields().stream().filter(writer::isSupplied).toList();
    long absent = told.stream().filter(entity::isAbsent).count();
    if (absent > 0 && absent < told.size()) {
      throw UnmappableRowException.needsWholeRow(column);
    }
    codec.fields().forEach(field -> kept.set(field.ordinal()));
    if (absent > 0) {
      return Row.ABSENT;
    }
    try {
      return codec.write(entity);
    } catch (MalformedRecordException e) {
      throw new UnmappableRowException(column + " (" + codec.name() + ") " + e.getMessage());
    }
  }

  /** Whether nothing was kept of a field that only what is kept could tell. */
  private boolean isLeftAlone(Field field) {
    return writer.isRestored(field) && !writer.isSupplied(field) && entity.text(field) == null;
  }

  /** The text for a field's column; null, or absent, as the field is. */
  private String fieldText(ColumnSpec.OfField of) {
    Field field = of.field();
    if (entity.isAbsent(field) && writer.isSupplied(field)) {
      kept.set(field.ordinal());
      return Row.ABSENT;
    }
    String text = entity.text(field);
    if (text == null) {
      String substitute = null;
      for (ColumnSpec.Path path : of.or()) {
        if (entity.isAbsent(path.field()) && writer.isSupplied(path.field())) {
          if (writer.isSupplied(field)) {
            throw UnmappableRowException.needsWholeRow("column for " + field);
          }
          return Row.ABSENT;
        }
        substitute = substitute == null ? lookUp(path) : substitute;
      }
      if (substitute == null && entity.isNull(field) && writer.isSupplied(field)) {
        substitute = of.ifNull().orElse(null);
        nulled.set(field.ordinal(), substitute != null);
      }
      substitute = substitute == null ? of.fallback().orElse(null) : substitute;
      if (substitute == null) {
        kept.set(field.ordinal());
      }
      return substitute;
    }
    if (of.asUuid()) {
      kept.set(field.ordinal(), Identifiers.isReversible(text));
      return Identifiers.toUuid(text);
    }
    if (of.as().isEpoch()) {
      kept.set(field.ordinal());
      return FieldText.toEpoch(of.as(), text);
    }
    String spelled = of.values().getOrDefault(text, text);
    // A native spelling that some other canonical value is spelt as cannot be read back.
    kept.set(field.ordinal(), of.values().containsKey(text) || !of.values().containsValue(spelled));
    return spelled;
  }

  private Optional<String> derived(ColumnSpec.OfDerived of) {
    for (ColumnSpec.Path path : of.from()) {
      if (entity.isAbsent(path.field()) && writer.isSupplied(path.field())) {
        return Optional.empty();
      }
      String text = lookUp(path);
      if (text != null) {
        return Optional.of(text);
      }
    }
    return of.fallback();
  }

  private String lookUp(ColumnSpec.Path path) {
    return path.lookUp(entity.text(path.field())).orElse(null);
  }

  void object(int column, ColumnSpec.OfObject of) {
    Map<String, String> members = new LinkedHashMap<>();
    boolean anyValue = of.rest().isPresent();
    boolean anyAbsent = false;
    Set<String> unknown = new LinkedHashSet<>();
    Map<String, Set<String>> partly = new LinkedHashMap<>();
    for (Map.Entry<String, ColumnSpec> member : of.members().entrySet()) {
      if (lacking.has(member.getValue())) {
        unknown.add(member.getKey());
      }
      if (member.getValue() instanceof ColumnSpec.OfField field
          && !lacking.membersOf(field.field()).isEmpty()) {
        partly.put(member.getKey(), lacking.membersOf(field.field()));
      }
      String json = memberJson(member.getValue());
      if (Row.isAbsent(json)) {
        anyAbsent = true;
      } else {
        members.put(member.getKey(), json);
        anyValue |= !JsonText.isNull(json);
      }
    }
    if (of.rest().isPresent()) {
      Map<String, String> rest = rest("member " + of.rest().get());
      if (anyAbsent || !rest.isEmpty()) {
        members.put(of.rest().get(), JsonText.object(rest));
      }
    }
    if (anyAbsent) {
      partial.set(column);
    }
    Untold.OfRest rest = of.rest().isPresent() ? lacking.rest() : Untold.OfRest.NONE;
    boolean all = unknown.isEmpty() && partly.isEmpty() && rest.isEmpty();
    if (!all) {
      untold.put(column, new Untold.OfObject(unknown, partly, of.rest(), rest));
    }
    values[column] = !all || anyAbsent || anyValue ? JsonText.object(members) : null;
  }

  private String memberJson(ColumnSpec spec) {
    if (spec instanceof ColumnSpec.OfConstant of) {
      return JsonText.quote(writer.constant(of));
    }
    if (spec instanceof ColumnSpec.OfDerived of) {
      if (lacking.has(of)) {
        return of.fallback().map(JsonText::quote).orElse("null");
      }
      return derived(of).map(JsonText::quote).orElse(isKnown(of) ? "null" : Row.ABSENT);
    }
    if (spec instanceof ColumnSpec.OfField of) {
      if (lacking.has(of)) {
        kept.set(of.field().ordinal());
        return of.fallback().map(text -> FieldText.toJson(of.type(), text)).orElse("null");
      }
      String text = fieldText(of);
      if (text == null || Row.isAbsent(text)) {
        return text == null ? "null" : text;
      }
      if (of.field().type() == FieldType.JSON && JsonText.isNull(text)) {
        kept.clear(of.field().ordinal());
      }
      return FieldText.toJson(of.type(), text);
    }
    throw new IllegalStateException("objects do not nest: " + spec);
  }

  private boolean isKnown(ColumnSpec.OfDerived of) {
    return of.from().stream()
        .noneMatch(path -> entity.isAbsent(path.field()) && writer.isSupplied(path.field()));
  }

  void document(int column, ColumnSpec.OfDocument of) {
    boolean absent = entity.isAbsent(of.field()) && writer.isSupplied(of.field());
    String text = entity.text(of.field());
    kept.set(of.field().ordinal());
    Map<String, String> rest = rest("column " + writer.columns().get(column).name());
    if (absent && !lacking.has(of.field())) {
      if (!mayHaveRest()) {
        values[column] = Row.ABSENT;
        return;
      }
      throw UnmappableRowException.needsWholeRow("column " + writer.columns().get(column).name());
    }
    values[column] = new DocumentParts(text, rest).join(of.field().name(), of.rest());
    if (!lacking.isNothing()) {
      untold.put(
          column,
          new Untold.OfDocument(
              of.field().name(),
              of.rest(),
              lacking.has(of.field()),
              lacking.membersOf(of.field()),
              lacking.rest()));
    }
  }

  private boolean mayHaveRest() {
    return writer.hasUnheld();
  }

  /** What no column keeps of this entity. */
  private Map<String, String> rest(String what) {
    Map<String, String> rest = new LinkedHashMap<>();
    List<String> jsonNulls = new ArrayList<>();
    List<String> nulls = new ArrayList<>();
    for (Field field : writer.kind().fields()) {
      if (kept.get(field.ordinal())) {
        continue;
      }
      if (entity.isAbsent(field)) {
        if (writer.isSupplied(field) && !lacking.has(field)) {
          throw UnmappableRowException.needsWholeRow(what);
        }
        continue;
      }
      String text = entity.text(field);
      if (text == null) {
        if (nulled.get(field.ordinal())) {
          nulls.add(JsonText.quote(field.name()));
        } else if (writer.isHeld(field)) {
          rest.put(field.name(), "null");
        }
      } else if (field.type() == FieldType.JSON && JsonText.isNull(text)) {
        jsonNulls.add(JsonText.quote(field.name()));
      } else {
        rest.put(field.name(), FieldText.toJson(field.type(), text));
      }
    }
    if (!nulls.isEmpty()) {
      rest.put(RowWriter.NULLS, "[" + String.join(",", nulls) + "]");
    }
    if (!jsonNulls.isEmpty()) {
      rest.put(RowWriter.JSON_NULLS, "[" + String.join(",", jsonNulls) + "]");
    }
    return rest;
  }
}
