package dev.segue.layout;

import dev.segue.canonical.Field;
import java.util.Set;

/**
 * What some rows of a kind tell and rows of another table of the kind cannot.
 *
 * @param fields those that are absent in such rows
 * @param unlisted columns that no layout lists: members of {@code unknown} that such rows lack
 */
public record Seldom(Set<Field> fields, Set<String> unlisted) {
  /** All rows can tell the same. */
  public static final Seldom NONE = new Seldom(Set.of(), Set.of());

  public Seldom {
    fields = Set.copyOf(fields);
    unlisted = Set.copyOf(unlisted);
  }
}
