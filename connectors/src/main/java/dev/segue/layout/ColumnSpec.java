package dev.segue.layout;

import dev.segue.canonical.Field;
import dev.segue.canonical.FieldType;
import dev.segue.canonical.JsonText;
import dev.segue.shape.MessageCodec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a column, or a member of a JSON column, holds. */
public sealed interface ColumnSpec {
  /** Whether the system may lack this column. */
  boolean optional();

  /** The field that the column by itself is read into; empty where it is another matter. */
  default Optional<Field> fieldItself() {
    if (this instanceof OfField of) {
      return Optional.of(of.field());
    }
    return this instanceof OfDocument of ? Optional.of(of.field()) : Optional.empty();
  }

  /**
   * One canonical field.
   *
   * @param or where to look, when writing, if the field is null
   * @param fallback what to write if all of them are null
   * @param ifNull what to write instead if the source tells the field and it is null
   * @param values native spelling of canonical values, both ways
   * @param as how the column spells it
   */
  record OfField(
      Field field,
      List<Path> or,
      Optional<String> fallback,
      Optional<String> ifNull,
      Map<String, String> values,
      Spelling as,
      boolean optional)
      implements ColumnSpec {
    public OfField {
      or = List.copyOf(or);
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** A column that holds a field as it is. */
    public static OfField plain(Field field, boolean optional) {
      return new OfField(
          field, List.of(), Optional.empty(), Optional.empty(), Map.of(), Spelling.PLAIN, optional);
    }

    /** What the column holds of the field. */
    public FieldType type() {
      return as.isEpoch() ? FieldType.DECIMAL : field.type();
    }

    /** Whether an identifier that is no UUID is turned into one. */
    public boolean asUuid() {
      return as == Spelling.UUID;
    }
  }

  /** How a column spells a field, where its type alone does not say. */
  enum Spelling {
    /** As it is. */
    PLAIN,
    /** As the UUID that {@link Identifiers} makes of it. */
    UUID,
    /** A timestamp as seconds since 1970. */
    EPOCH_S,
    /** A timestamp as milliseconds since 1970. */
    EPOCH_MS;

    /** What a layout calls it. */
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    boolean isEpoch() {
      return this == EPOCH_S || this == EPOCH_MS;
    }
  }

  /**
   * Something looked up in other fields, for writing only.
   *
   * @param from where to look, in order
   * @param fallback what to write if all of them are null
   */
  record OfDerived(List<Path> from, Optional<String> fallback, boolean optional)
      implements ColumnSpec {
    public OfDerived {
      from = List.copyOf(from);
    }
  }

  /** A fixed text; {@code ${…}} is replaced, see {@link Variables}. Never read. */
  record OfConstant(String template, boolean optional) implements ColumnSpec {}

  /**
   * A JSON object that is put together from members.
   *
   * @param plain the field that the whole document is read into, where it was not put together by
   *     us
   * @param rest the member that keeps what no column can hold
   */
  record OfObject(
      Map<String, ColumnSpec> members,
      Optional<Field> plain,
      Optional<String> rest,
      boolean optional)
      implements ColumnSpec {
    public OfObject {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }
  }

  /**
   * A field's own JSON document, with one member more that keeps what no column can hold.
   *
   * @param rest that member's name
   */
  record OfDocument(Field field, String rest, boolean optional) implements ColumnSpec {}

  /** A whole message as some system spells it. */
  record OfMessage(MessageCodec codec, boolean optional) implements ColumnSpec {}

  /**
   * Something that the column holds only in a table that lacks another one.
   *
   * @param other that column's name
   */
  record Unless(String other, ColumnSpec spec) implements ColumnSpec {
    @Override
    public boolean optional() {
      return spec.optional();
    }
  }

  /** What is neither read nor written: the database's own affair. */
  record LeftAlone() implements ColumnSpec {
    @Override
    public boolean optional() {
      return true;
    }
  }

  /**
   * A field, or a member inside a JSON field.
   *
   * @param members the way into the document; empty for the field itself
   */
  record Path(Field field, List<String> members) {
    public Path {
      members = List.copyOf(members);
    }

    /**
     * What is there.
     *
     * @param text of the field; may be null
     */
    Optional<String> lookUp(String text) {
      String found = text;
      for (String member : members) {
        Map<String, String> document = found == null ? null : JsonText.members(found);
        found = document == null ? null : document.get(member);
      }
      return found == null || members.isEmpty()
          ? Optional.ofNullable(found)
          : Optional.ofNullable(FieldText.fromJson(FieldType.TEXT, found));
    }

    @Override
    public String toString() {
      return members.isEmpty() ? field.name() : field.name() + "." + String.join(".", members);
    }
  }
}
