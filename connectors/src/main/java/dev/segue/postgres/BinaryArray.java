package dev.segue.postgres;

import dev.segue.relational.ColumnType;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgArray;

/**
 * A column's values as one parameter, an array in the protocol's binary format: of the column's own
 * type, which the server need not read from texts, if all of them have its {@link BinaryForm}; else
 * of texts. Statements cast the elements, and do not say which of the two it is.
 */
final class BinaryArray {
  private static final BinaryArray TEXTS =
      new BinaryArray(BinaryForm.TEXT, Oid.TEXT, Oid.TEXT_ARRAY);

  /** Of PostgreSQL's own types, by the name that the catalog gives them. */
  private static final Map<String, BinaryArray> OF_TYPES =
      Map.ofEntries(
          Map.entry("uuid", new BinaryArray(BinaryForm.UUID, Oid.UUID, Oid.UUID_ARRAY)),
          Map.entry("jsonb", new BinaryArray(BinaryForm.JSONB, Oid.JSONB, Oid.JSONB_ARRAY)),
          Map.entry("json", new BinaryArray(BinaryForm.TEXT, Oid.JSON, Oid.JSON_ARRAY)),
          Map.entry("bytea", new BinaryArray(BinaryForm.BYTES, Oid.BYTEA, Oid.BYTEA_ARRAY)),
          Map.entry("boolean", new BinaryArray(BinaryForm.BOOLEAN, Oid.BOOL, Oid.BOOL_ARRAY)),
          Map.entry("smallint", new BinaryArray(BinaryForm.SMALLINT, Oid.INT2, Oid.INT2_ARRAY)),
          Map.entry("integer", new BinaryArray(BinaryForm.INTEGER, Oid.INT4, Oid.INT4_ARRAY)),
          Map.entry("bigint", new BinaryArray(BinaryForm.BIGINT, Oid.INT8, Oid.INT8_ARRAY)),
          Map.entry("real", new BinaryArray(BinaryForm.REAL, Oid.FLOAT4, Oid.FLOAT4_ARRAY)),
          Map.entry(
              "double precision", new BinaryArray(BinaryForm.DOUBLE, Oid.FLOAT8, Oid.FLOAT8_ARRAY)),
          Map.entry("date", new BinaryArray(BinaryForm.DATE, Oid.DATE, Oid.DATE_ARRAY)),
          Map.entry(
              "timestamp with time zone",
              new BinaryArray(BinaryForm.INSTANT, Oid.TIMESTAMPTZ, Oid.TIMESTAMPTZ_ARRAY)),
          Map.entry(
              "timestamp without time zone",
              new BinaryArray(BinaryForm.LOCAL_TIMESTAMP, Oid.TIMESTAMP, Oid.TIMESTAMP_ARRAY)));

  private static final int NULL = -1;
  private static final int HEADER = 5 * Integer.BYTES;

  private final BinaryForm form;
  private final int element;
  private final int array;

  private BinaryArray(BinaryForm form, int element, int array) {
    this.form = form;
    this.element = element;
    this.array = array;
  }

  /**
   * The parameter.
   *
   * @param literals as PostgreSQL reads them; null for NULL
   */
  static Array of(Connection connection, ColumnType type, String[] literals) throws SQLException {
    BinaryArray wanted = OF_TYPES.getOrDefault(type.name(), TEXTS);
    WireBytes bytes = wanted.write(literals);
    if (bytes == null) {
      return of(connection, TEXTS, TEXTS.write(literals));
    }
    return of(connection, wanted, bytes);
  }

  private static Array of(Connection connection, BinaryArray of, WireBytes bytes)
      throws SQLException {
    return new PgArray(connection.unwrap(BaseConnection.class), of.array, bytes.take());
  }

  /** Null if a value is none that is told in this form. */
  private WireBytes write(String[] literals) {
    int expected = HEADER;
    for (String literal : literals) {
      expected += Integer.BYTES + 1 + (literal == null ? 0 : literal.length());
    }
    WireBytes bytes = new WireBytes(expected);
    // One dimension, whether there are nulls, of what, how many, the first one's number.
    bytes.putInt(literals.length == 0 ? 0 : 1);
    bytes.putInt(1);
    bytes.putInt(element);
    if (literals.length > 0) {
      bytes.putInt(literals.length);
      bytes.putInt(1);
    }
    for (String literal : literals) {
      if (!write(literal, bytes)) {
        return null;
      }
    }
    return bytes;
  }

  private boolean write(String literal, WireBytes bytes) {
    if (literal == null) {
      bytes.putInt(NULL);
      return true;
    }
    int start = bytes.length();
    bytes.putInt(0);
    if (!form.write(literal, bytes)) {
      return false;
    }
    bytes.setInt(start, bytes.length() - start - Integer.BYTES);
    return true;
  }
}
