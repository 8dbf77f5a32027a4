package dev.segue.postgres;

import dev.segue.canonical.Timestamps;
import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAccessor;
import java.util.Properties;
import org.apache.kafka.connect.data.SchemaBuilder;

/**
 * Has Debezium spell a {@code timestamptz} as {@link Timestamps} does. Its own formatter takes some
 * ten times as long, and what it writes has to be parsed again wherever the fraction ends in zero.
 * Debezium makes it by its name.
 */
public final class InstantConverter implements CustomConverter<SchemaBuilder, RelationalColumn> {
  private static final String EPOCH = "1970-01-01T00:00:00.000000Z";

  @Override
  public void configure(Properties settings) {
    // Nothing can be set.
  }

  @Override
  public void converterFor(
      RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
    if (column.typeName().equals("timestamptz")) {
      // What the log does not tell of a row as it was is null, which such a field cannot be.
      String unknown = column.isOptional() ? null : EPOCH;
      registration.register(SchemaBuilder.string(), value -> value == null ? unknown : text(value));
    }
  }

  private static String text(Object value) {
    // A column's default has been spelt already; of all values only that one.
    return value instanceof TemporalAccessor time ? text(time) : value.toString();
  }

  private static String text(TemporalAccessor value) {
    OffsetDateTime time = OffsetDateTime.from(value);
    if (time.equals(PostgresValueConverter.POSITIVE_INFINITY_OFFSET_DATE_TIME)) {
      return Timestamps.INFINITY;
    }
    if (time.equals(PostgresValueConverter.NEGATIVE_INFINITY_OFFSET_DATE_TIME)) {
      return Timestamps.MINUS_INFINITY;
    }
    return Timestamps.format(time.withOffsetSameInstant(ZoneOffset.UTC));
  }
}
