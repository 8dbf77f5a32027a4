package dev.segue.relational;

/**
 * A row's values are a {@code String[]} in the order of {@link Table#columns}: neutral text, null
 * for SQL's NULL, or {@link #ABSENT}.
 */
public final class Row {
  /** Says that the log did not tell the value; compared by identity only. */
  public static final String ABSENT = new String("absent");

  private Row() {}

  @SuppressWarnings({"ReferenceEquality", "StringEquality"})
  public static boolean isAbsent(String value) {
    return value == ABSENT;
  }
}
