package dev.segue.canonical;

import java.util.Arrays;
import java.util.Objects;

/**
 * One canonical entity: for each field of its kind a text, an explicit null, or nothing. "Nothing"
 * (absent) says that the source did not tell, as PostgreSQL does for a large value an UPDATE left
 * alone; it never overwrites what a target has.
 */
public final class Entity {
  /** Stands for an explicit null inside {@link #values}; compared by identity only. */
  private static final String NULL = new String("null");

  private final Kind kind;
  private final String[] values;

  private Entity(Kind kind, String[] values) {
    this.kind = kind;
    this.values = values;
  }

  /** Starts an entity of which every field is absent. */
  public static Builder of(Kind kind) {
    return new Builder(kind);
  }

  public Kind kind() {
    return kind;
  }

  /** Whether the source did not tell this field's value. */
  public boolean isAbsent(Field field) {
    return values[field.ordinal()] == null;
  }

  /** Whether the field is known to be null. */
  @SuppressWarnings({"ReferenceEquality", "StringEquality"})
  public boolean isNull(Field field) {
    return values[field.ordinal()] == NULL;
  }

  /** The field's text in its type's canonical spelling, or null if it is null or absent. */
  public String text(Field field) {
    return isNull(field) ? null : values[field.ordinal()];
  }

  /** The field's text by name; for tests and messages rather than hot paths. */
  public String text(String fieldName) {
    return text(
        kind.field(fieldName)
            .orElseThrow(() -> new IllegalArgumentException(kind + " has no " + fieldName)));
  }

  /** The session this entity belongs to, or null where the source did not tell. */
  public String sessionId() {
    return text(kind.sessionField());
  }

  /** A builder that starts from this entity's values. */
  public Builder toBuilder() {
    Builder builder = new Builder(kind);
    System.arraycopy(values, 0, builder.values, 0, values.length);
    return builder;
  }

  @Override
  @SuppressWarnings({"ReferenceEquality", "StringEquality"})
  public boolean equals(Object other) {
    if (!(other instanceof Entity that) || that.kind != kind) {
      return false;
    }
    for (int i = 0; i < values.length; i++) {
      boolean sentinel = values[i] == NULL || that.values[i] == NULL;
      if (sentinel ? values[i] != that.values[i] : !Objects.equals(values[i], that.values[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return 31 * kind.hashCode() + Arrays.hashCode(values);
  }

  /** Names the entity by its identity only: values of conversations do not belong into logs. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(kind.wireName());
    for (Field field : kind.identity()) {
      text.append(' ').append(field.name()).append('=').append(text(field));
    }
    return text.toString();
  }

  /** Collects an entity's fields. */
  public static final class Builder {
    private final Kind kind;
    private final String[] values;

    private Builder(Kind kind) {
      this.kind = Objects.requireNonNull(kind, "kind");
      this.values = new String[kind.fields().size()];
    }

    /** Sets a field; a null text is an explicit null. */
    public Builder set(Field field, String text) {
      values[field.ordinal()] = text == null ? NULL : text;
      return this;
    }

    /** Sets a field by name; a null text is an explicit null. */
    public Builder set(String fieldName, String text) {
      return set(
          kind.field(fieldName)
              .orElseThrow(() -> new IllegalArgumentException(kind + " has no " + fieldName)),
          text);
    }

    /** The field's text so far; null where it is null or was not set. */
    @SuppressWarnings({"ReferenceEquality", "StringEquality"})
    public String text(Field field) {
      String value = values[field.ordinal()];
      return value == NULL ? null : value;
    }

    public Entity build() {
      return new Entity(kind, values.clone());
    }
  }
}
