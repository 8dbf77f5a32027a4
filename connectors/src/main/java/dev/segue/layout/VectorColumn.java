package dev.segue.layout;

import java.util.Objects;

/**
 * A column that rows do not bring: the vectors in it are made of the texts that stand beside them.
 *
 * @param name the column's
 * @param space which vectors they are, in words that change with the model
 */
public record VectorColumn(String name, String space) {
  public VectorColumn {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(space, "space");
  }
}
