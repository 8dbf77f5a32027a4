package dev.segue.canonical;

/**
 * How a canonical field's text is to be read. Values are held as text in one canonical spelling, so
 * that a number never passes through a double and a JSON document is never re-serialised on its way
 * through.
 */
public enum FieldType {
  /** Any Unicode text. */
  TEXT,
  /** A whole number in plain decimal digits. */
  INTEGER,
  /** A decimal number in plain digits: no exponent, scale kept. */
  DECIMAL,
  /** {@code true} or {@code false}. */
  BOOLEAN,
  /** RFC 3339 with microseconds and {@code Z}, or {@code infinity} / {@code -infinity}. */
  TIMESTAMP,
  /** One JSON value, spelling kept. */
  JSON
}
