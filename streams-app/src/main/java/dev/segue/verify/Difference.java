package dev.segue.verify;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One row that is not the same on both sides.
 *
 * @param kind the wire name of the entity's kind
 * @param key what identifies it among those of its kind
 * @param columns the target's columns that differ; empty where the whole row does
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Difference(String kind, String key, Problem problem, List<Column> columns) {
  public Difference {
    columns = columns == null ? List.of() : List.copyOf(columns);
  }

  /** What is wrong with a row. */
  public enum Problem {
    /** The source has it, the target does not. */
    MISSING,
    /** The target has it, the source does not. */
    EXTRANEOUS,
    /** Both have it, with other values. */
    DIFFERENT;

    @Override
    @JsonValue
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A column that differs.
   *
   * @param expected and what was found; both left out unless values were asked for
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Column(String name, String expected, String found) {}

  Difference withoutValues() {
    return new Difference(
        kind,
        key,
        problem,
        columns.stream().map(column -> new Column(column.name(), null, null)).toList());
  }

  static Difference missing(HeldRow row) {
    return new Difference(row.kind().wireName(), key(row), Problem.MISSING, List.of());
  }

  static Difference extraneous(HeldRow row) {
    return new Difference(row.kind().wireName(), key(row), Problem.EXTRANEOUS, List.of());
  }

  /** Empty if all values are equal, however they are spelt. */
  static Optional<Difference> between(
      HeldRow expected, HeldRow found, Holdings holdings, boolean showValues) {
    List<Column> columns =
        IntStream.range(0, expected.columns().size())
            .filter(i -> !holdings.isSame(expected, found, i))
            .mapToObj(
                i ->
                    new Column(
                        expected.columns().get(i),
                        showValues ? String.valueOf(expected.values().get(i)) : null,
                        showValues ? String.valueOf(found.values().get(i)) : null))
            .toList();
    return columns.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Difference(expected.kind().wireName(), key(expected), Problem.DIFFERENT, columns));
  }

  /**
   * Two rows that are to be at one place; empty if they are the same there. It is of a key that no
   * row has, so nothing else tells whether it matters.
   */
  static Optional<Difference> twice(
      HeldRow first, HeldRow second, Holdings holdings, boolean showValues) {
    return between(first, second, holdings, showValues)
        .map(of -> new Difference(of.kind, of.key + " (twice)", of.problem, of.columns));
  }

  private static String key(HeldRow row) {
    return String.join("/", row.key());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(kind + " " + key + " is " + problem);
    if (!columns.isEmpty()) {
      text.append(" in");
      columns.forEach(
          column -> {
            text.append(' ').append(column.name());
            if (column.expected() != null) {
              text.append(" (expected ").append(column.expected());
              text.append(", found ").append(column.found()).append(')');
            }
          });
    }
    return text.toString();
  }
}
