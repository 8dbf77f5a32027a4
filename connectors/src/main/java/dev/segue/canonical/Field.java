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

  @Override
  public String toString() {
    return name;
  }
}
