package dev.segue.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.relational.Column;
import io.debezium.relational.CustomConverterRegistry;
import io.debezium.relational.TableId;
import io.debezium.relational.ValueConverter;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InstantConverterTest {
  private static final TableId TABLE = new TableId(null, "s", "t");

  @SuppressWarnings({"unchecked", "rawtypes"}) // as Debezium makes it, by name
  private final CustomConverterRegistry registry =
      new CustomConverterRegistry((List) List.of(new InstantConverter()));

  @Test
  void instantsAreSpeltAsTheCanonicalFormatDoes() {
    ValueConverter converter = converter("timestamptz", true).orElseThrow();

    assertThat(converter.convert(OffsetDateTime.parse("2026-01-31T08:30:00.1Z")))
        .isEqualTo("2026-01-31T08:30:00.100000Z");
    assertThat(converter.convert(OffsetDateTime.parse("2026-01-31T08:30+02:00")))
        .isEqualTo("2026-01-31T06:30:00.000000Z");
    assertThat(converter.convert(ZonedDateTime.parse("-0043-03-15T00:00Z")))
        .isEqualTo("-0043-03-15T00:00:00.000000Z");
    assertThat(converter.convert(OffsetDateTime.parse("+12026-01-31T08:30Z")))
        .isEqualTo("+12026-01-31T08:30:00.000000Z");
    assertThat(converter.convert(PostgresValueConverter.POSITIVE_INFINITY_OFFSET_DATE_TIME))
        .isEqualTo("infinity");
    assertThat(converter.convert(PostgresValueConverter.NEGATIVE_INFINITY_OFFSET_DATE_TIME))
        .isEqualTo("-infinity");
  }

  @Test
  void defaultOfAColumnComesSpelt() {
    assertThat(converter("timestamptz", false).orElseThrow().convert("1970-01-01T00:00:00Z"))
        .isEqualTo("1970-01-01T00:00:00Z");
  }

  @Test
  void fieldThatCannotBeNullHasSomethingWhereTheLogTellsNothing() {
    assertThat(converter("timestamptz", true).orElseThrow().convert(null)).isNull();
    assertThat(converter("timestamptz", false).orElseThrow().convert(null))
        .isEqualTo("1970-01-01T00:00:00.000000Z");
  }

  @Test
  void otherTypesAreLeftToDebezium() {
    assertThat(converter("timestamp", true)).isEmpty();
  }

  private Optional<ValueConverter> converter(String type, boolean optional) {
    Column column = Column.editor().name("c").type(type).optional(optional).create();
    registry.registerConverterFor(TABLE, column, null);
    return registry.getValueConverter(TABLE, column);
  }
}
