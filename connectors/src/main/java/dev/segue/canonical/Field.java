package dev.segue.canonical;

import java.util.Objects;

/**
 * One field of a canonical entity.
 *
 * @param name its name on the wire
 * @param type how its text is read
 * @param ordinal its place in {@link Kind#fields()}
 * @param identity whether it is part of what identifies the entity
 */
public record Field(String name, FieldType type, int ordinal, boolean identity) {
  public Field {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
  }

  // Fields are keys of maps and members of sets for every row: a record's own would be slower.
  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Field that
            && ordinal == that.ordinal
            && identity == that.identity
            && type == that.type
            && name.equals(that.name));
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
