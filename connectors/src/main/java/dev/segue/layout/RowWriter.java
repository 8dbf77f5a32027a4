package dev.segue.layout;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.FieldType;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.relational.Column;
import dev.segue.relational.Row;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Entities to rows of one table, compiled once. */
public final class RowWriter {
  static final String JSON_NULLS = "$json_null";

  private final Kind kind;
  private final List<Column> columns = new ArrayList<>();
  private final List<ColumnSpec> specs = new ArrayList<>();
  private final Set<Field> supplied;
  private final Set<Field> restored;
  private final Set<Field> held = new LinkedHashSet<>();
  private final Map<ColumnSpec.OfConstant, String> constants = new HashMap<>();
  private final boolean hasRest;

  /**
   * Compiles the writer of a bound table.
   *
   * @param supplied the fields that entities will ever bring; a column that needs others and has no
   *     default of its own is left to the database
   */
  public RowWriter(TableBinding binding, Set<Field> supplied, Variables variables) {
    this(binding, supplied, Set.of(), variables);
  }

  /**
   * Compiles the writer of a table that its rows come home to, from a system they were moved into.
   *
   * @param restored fields that entities bring only if they were kept there; a row that is there
   *     keeps what it has of the others. Documents are not put into an envelope
   */
  public RowWriter(
      TableBinding binding, Set<Field> supplied, Set<Field> restored, Variables variables) {
    this.kind = binding.layout().kind();
    this.supplied = Set.copyOf(supplied);
    this.restored = Set.copyOf(restored);
    boolean rest = false;
    for (Column column : binding.table().columns()) {
      ColumnSpec spec = atHome(binding.layout().columns().get(column.name()));
      if (spec == null || column.generated() || !hasSomethingFor(spec)) {
        continue;
      }
      columns.add(column);
      specs.add(spec);
      collect(spec, variables);
      rest |=
          spec instanceof ColumnSpec.OfDocument
              || (spec instanceof ColumnSpec.OfObject of && of.rest().isPresent());
    }
    this.hasRest = rest;
  }

  private ColumnSpec atHome(ColumnSpec spec) {
    return !restored.isEmpty()
            && spec instanceof ColumnSpec.OfObject of
            && of.plain().isPresent()
            && of.rest().isPresent()
        ? new ColumnSpec.OfDocument(of.plain().get(), of.rest().get(), of.optional())
        : spec;
  }

  private boolean hasSomethingFor(ColumnSpec spec) {
    if (spec instanceof ColumnSpec.OfField of) {
      return supplied.contains(of.field())
          || restored.contains(of.field())
          || of.fallback().isPresent()
          || of.or().stream().anyMatch(path -> supplied.contains(path.field()));
    }
    if (spec instanceof ColumnSpec.OfObject of && of.rest().isEmpty()) {
      return of.members().values().stream().anyMatch(this::hasSomethingFor);
    }
    return true;
  }

  private void collect(ColumnSpec spec, Variables variables) {
    if (spec instanceof ColumnSpec.OfField of) {
      held.add(of.field());
    } else if (spec instanceof ColumnSpec.OfDocument of) {
      held.add(of.field());
    } else if (spec instanceof ColumnSpec.OfConstant of) {
      constants.put(of, variables.expand(of.template()));
    } else if (spec instanceof ColumnSpec.OfObject of) {
      of.members().values().forEach(member -> collect(member, variables));
    }
  }

  public Kind kind() {
    return kind;
  }

  /** The columns that are written, in the order of {@link Written#values}. */
  public List<Column> columns() {
    return columns;
  }

  /** The spec of a written column. */
  ColumnSpec spec(int column) {
    return specs.get(column);
  }

  /** The fields that have a column of their own. */
  public Set<Field> held() {
    return held;
  }

  private boolean spellsSessionsAsUuid() {
    return specs.stream()
        .anyMatch(
            spec ->
                spec instanceof ColumnSpec.OfField of
                    && of.field().equals(kind.sessionField())
                    && of.asUuid());
  }

  /** How the session's column spells a session. */
  public String sessionText(String sessionId) {
    return spellsSessionsAsUuid() ? Identifiers.toUuid(sessionId) : sessionId;
  }

  /** The session that this value of the session's column means. */
  public String sessionIdOf(String text) {
    return spellsSessionsAsUuid() ? Identifiers.fromUuid(text) : text;
  }

  /** The member of a written JSON column that keeps what no other column can hold. */
  public Optional<String> restMember(int column) {
    return specs.get(column) instanceof ColumnSpec.OfObject of ? of.rest() : Optional.empty();
  }

  /** Whether a column keeps what no other column can hold. */
  public boolean hasRest() {
    return hasRest;
  }

  /**
   * A row to be written.
   *
   * @param values neutral texts in the order of {@link RowWriter#columns}; {@link Row#ABSENT} where
   *     the row's present value stays
   * @param partial which values are JSON objects to be laid over the row's present value
   * @param insertOnly which values count only if the row is new; a null then says nothing at all
   */
  public record Written(String[] values, BitSet partial, BitSet insertOnly) {
    /** A row all of whose values count. */
    public Written(String[] values, BitSet partial) {
      this(values, partial, new BitSet());
    }

    /** Whether all columns are known, so that the row may be inserted. */
    public boolean isWhole() {
      if (!partial.isEmpty()) {
        return false;
      }
      for (String value : values) {
        if (Row.isAbsent(value)) {
          return false;
        }
      }
      return true;
    }

    /** This row laid over an earlier one of the same key. */
    public Written over(Written earlier) {
      String[] merged = values.clone();
      BitSet stillPartial = new BitSet();
      BitSet stillInsertOnly = (BitSet) insertOnly.clone();
      for (int i = 0; i < merged.length; i++) {
        if (insertOnly.get(i)) {
          merged[i] = earlier.values[i];
          stillInsertOnly.set(i, earlier.insertOnly.get(i));
        } else if (Row.isAbsent(merged[i])) {
          merged[i] = earlier.values[i];
          stillPartial.set(i, earlier.partial.get(i));
        } else if (partial.get(i)) {
          if (Row.isAbsent(earlier.values[i])) {
            stillPartial.set(i);
          } else {
            merged[i] = overlay(earlier.values[i], merged[i]);
            stillPartial.set(i, earlier.partial.get(i));
          }
        }
      }
      return new Written(merged, stillPartial, stillInsertOnly);
    }

    private static String overlay(String below, String above) {
      Map<String, String> members = below == null ? null : JsonText.members(below);
      Map<String, String> all = members == null ? new LinkedHashMap<>() : members;
      all.putAll(JsonText.members(above));
      return JsonText.object(all);
    }
  }

  /**
   * The row that holds this entity.
   *
   * @throws UnmappableRowException naming the column and why it cannot be written
   */
  public Written write(Entity entity) {
    Writing writing = new Writing(entity);
    for (int i = 0; i < specs.size(); i++) {
      if (!(specs.get(i) instanceof ColumnSpec.OfObject)
          && !(specs.get(i) instanceof ColumnSpec.OfDocument)) {
        writing.plain(i);
      }
    }
    // What no column keeps is known only after all others were written.
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i) instanceof ColumnSpec.OfObject of && of.rest().isEmpty()) {
        writing.object(i, of);
      }
    }
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i) instanceof ColumnSpec.OfObject of && of.rest().isPresent()) {
        writing.object(i, of);
      } else if (specs.get(i) instanceof ColumnSpec.OfDocument of) {
        writing.document(i, of);
      }
    }
    return new Written(writing.values, writing.partial, writing.insertOnly);
  }

  /**
   * The key and session of the row that holds this entity; its other columns are absent.
   *
   * @throws UnmappableRowException naming the column and why it cannot be written
   */
  public Written writeIdentity(Entity entity) {
    Writing writing = new Writing(entity);
    java.util.Arrays.fill(writing.values, Row.ABSENT);
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i) instanceof ColumnSpec.OfField of && of.field().identity()) {
        writing.plain(i);
      }
    }
    return new Written(writing.values, writing.partial);
  }

  /** One entity on its way into a row. */
  private final class Writing {
    private final Entity entity;
    private final String[] values = new String[specs.size()];
    private final BitSet partial = new BitSet();
    private final BitSet kept = new BitSet();
    private final BitSet insertOnly = new BitSet();

    Writing(Entity entity) {
      this.entity = entity;
    }

    void plain(int column) {
      ColumnSpec spec = specs.get(column);
      if (spec instanceof ColumnSpec.OfConstant of) {
        values[column] = constants.get(of);
      } else if (spec instanceof ColumnSpec.OfDerived of) {
        values[column] = derived(of).orElse(isKnown(of) ? null : Row.ABSENT);
      } else if (spec instanceof ColumnSpec.OfField of && isLeftAlone(of.field())) {
        insertOnly.set(column);
        kept.set(of.field().ordinal());
        values[column] =
            of.fallback()
                .map(
                    text ->
                        FieldText.toColumn(
                            of.field().type(), columns.get(column).type().family(), text))
                .orElse(null);
      } else if (spec instanceof ColumnSpec.OfField of) {
        String text = fieldText(of);
        values[column] =
            text == null || Row.isAbsent(text)
                ? text
                : FieldText.toColumn(of.field().type(), columns.get(column).type().family(), text);
      }
    }

    /** Whether nothing was kept of a field that only what is kept could tell. */
    private boolean isLeftAlone(Field field) {
      return restored.contains(field) && !supplied.contains(field) && entity.text(field) == null;
    }

    /** The text for a field's column; null, or absent, as the field is. */
    private String fieldText(ColumnSpec.OfField of) {
      Field field = of.field();
      if (entity.isAbsent(field) && supplied.contains(field)) {
        kept.set(field.ordinal());
        return Row.ABSENT;
      }
      String text = entity.text(field);
      if (text == null) {
        String substitute = null;
        for (ColumnSpec.Path path : of.or()) {
          if (entity.isAbsent(path.field()) && supplied.contains(path.field())) {
            if (supplied.contains(field)) {
              throw UnmappableRowException.needsWholeRow("column for " + field);
            }
            return Row.ABSENT;
          }
          substitute = substitute == null ? lookUp(path) : substitute;
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
      String spelled = of.values().getOrDefault(text, text);
      // A native spelling that some other canonical value is spelt as cannot be read back.
      kept.set(
          field.ordinal(), of.values().containsKey(text) || !of.values().containsValue(spelled));
      return spelled;
    }

    private Optional<String> derived(ColumnSpec.OfDerived of) {
      for (ColumnSpec.Path path : of.from()) {
        if (entity.isAbsent(path.field()) && supplied.contains(path.field())) {
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
      for (Map.Entry<String, ColumnSpec> member : of.members().entrySet()) {
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
      values[column] = anyAbsent || anyValue ? JsonText.object(members) : null;
    }

    private String memberJson(ColumnSpec spec) {
      if (spec instanceof ColumnSpec.OfConstant of) {
        return JsonText.quote(constants.get(of));
      }
      if (spec instanceof ColumnSpec.OfDerived of) {
        return derived(of).map(JsonText::quote).orElse(isKnown(of) ? "null" : Row.ABSENT);
      }
      if (spec instanceof ColumnSpec.OfField of) {
        String text = fieldText(of);
        if (text == null || Row.isAbsent(text)) {
          return text == null ? "null" : text;
        }
        if (of.field().type() == FieldType.JSON && JsonText.isNull(text)) {
          kept.clear(of.field().ordinal());
        }
        return FieldText.toJson(of.field().type(), text);
      }
      throw new IllegalStateException("objects do not nest: " + spec);
    }

    private boolean isKnown(ColumnSpec.OfDerived of) {
      return of.from().stream()
          .noneMatch(path -> entity.isAbsent(path.field()) && supplied.contains(path.field()));
    }

    void document(int column, ColumnSpec.OfDocument of) {
      boolean absent = entity.isAbsent(of.field()) && supplied.contains(of.field());
      String text = entity.text(of.field());
      kept.set(of.field().ordinal());
      Map<String, String> rest = rest("column " + columns.get(column).name());
      if (absent) {
        if (!mayHaveRest()) {
          values[column] = Row.ABSENT;
          return;
        }
        throw UnmappableRowException.needsWholeRow("column " + columns.get(column).name());
      }
      if (rest.isEmpty() && (text == null || !text.contains('"' + of.rest() + '"'))) {
        values[column] = text;
        return;
      }
      Map<String, String> members = text == null ? null : JsonText.members(text);
      if (members == null) {
        members = new LinkedHashMap<>();
        if (text != null && JsonText.isNull(text)) {
          rest.put(JSON_NULLS, "[" + JsonText.quote(of.field().name()) + "]");
        } else {
          rest.put(of.field().name(), text == null ? "null" : text);
        }
      } else if (members.containsKey(of.rest())) {
        throw new UnmappableRowException(
            "field " + of.field() + " already has a member '" + of.rest() + "'");
      }
      members.put(of.rest(), JsonText.object(rest));
      values[column] = JsonText.object(members);
    }

    private boolean mayHaveRest() {
      return supplied.stream().anyMatch(field -> !held.contains(field));
    }

    /** What no column keeps of this entity. */
    private Map<String, String> rest(String what) {
      Map<String, String> rest = new LinkedHashMap<>();
      List<String> jsonNulls = new ArrayList<>();
      for (Field field : kind.fields()) {
        if (kept.get(field.ordinal())) {
          continue;
        }
        if (entity.isAbsent(field)) {
          if (supplied.contains(field)) {
            throw UnmappableRowException.needsWholeRow(what);
          }
          continue;
        }
        String text = entity.text(field);
        if (text == null) {
          if (held.contains(field)) {
            rest.put(field.name(), "null");
          }
        } else if (field.type() == FieldType.JSON && JsonText.isNull(text)) {
          jsonNulls.add(JsonText.quote(field.name()));
        } else {
          rest.put(field.name(), FieldText.toJson(field.type(), text));
        }
      }
      if (!jsonNulls.isEmpty()) {
        rest.put(JSON_NULLS, "[" + String.join(",", jsonNulls) + "]");
      }
      return rest;
    }
  }
}
