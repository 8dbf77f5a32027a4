package dev.segue.ownership;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The side that accepts a session's writes. */
public enum Owner {
  SOURCE,
  TARGET;

  public Owner other() {
    return this == SOURCE ? TARGET : SOURCE;
  }

  /** Reads what {@link #toString} wrote. */
  public static Owner parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
