package dev.segue.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeutralTextTest {
  private static ColumnType type(Family family) {
    return new ColumnType(family, "t", "t", Limits.NONE, null);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-01-31 08:30:00+00, 2026-01-31T08:30:00.000000Z",
    "2026-01-31 08:30:00.5+00, 2026-01-31T08:30:00.500000Z",
    "2026-01-31 08:30:00.123456+00, 2026-01-31T08:30:00.123456Z",
    "2026-01-31 08:30:00.123456, 2026-01-31T08:30:00.123456Z",
    "2026-01-31 08:30:00, 2026-01-31T08:30:00.000000Z",
    "infinity, infinity",
    "-infinity, -infinity",
    "0044-03-15 12:00:00+00 BC, -0043-03-15T12:00:00.000000Z",
    "12026-01-31 08:30:00.25+00, +12026-01-31T08:30:00.250000Z",
  })
  void timestampHasOneSpelling(String postgres, String neutral) {
    assertThat(NeutralText.fromPostgres(type(Family.INSTANT), postgres)).isEqualTo(neutral);
  }

  @ParameterizedTest
  @CsvSource({
    "-0043-03-15T12:00:00.000000Z, 0044-03-15T12:00:00.000000Z BC",
    "+12026-01-31T08:30:00.250000Z, 12026-01-31T08:30:00.250000Z",
    "infinity, infinity",
  })
  void timestampIsWrittenAsPostgresReadsIt(String neutral, String postgres) {
    assertThat(NeutralText.toPostgres(type(Family.INSTANT), neutral)).isEqualTo(postgres);
  }

  @ParameterizedTest
  @CsvSource({"1e+20, 100000000000000000000", "0.1, 0.1", "1e-07, 0.0000001", "NaN, NaN", "0, 0"})
  void floatHasOneSpelling(String postgres, String neutral) {
    assertThat(NeutralText.fromPostgres(type(Family.FLOAT), postgres)).isEqualTo(neutral);
  }

  @Test
  void arrayBecomesJsonAndComesBack() {
    ColumnType array =
        new ColumnType(Family.ARRAY, "text[]", "text[]", Limits.NONE, type(Family.TEXT));

    String neutral = NeutralText.fromPostgres(array, "{a,\"b \\\"c\\\\\",NULL,\"NULL\",\"\"}");

    assertThat(neutral).isEqualTo("[\"a\",\"b \\\"c\\\\\",null,\"NULL\",\"\"]");
    assertThat(NeutralText.toPostgres(array, neutral))
        .isEqualTo("{\"a\",\"b \\\"c\\\\\",NULL,\"NULL\",\"\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1,-0.5,1e-07] | [1,-0.5,0.0000001]",
        "[1.5e-30,0] | [\"1.5E-30\",0]",
      })
  void vectorIsAnArrayOfFloats(String postgres, String neutral) {
    assertThat(NeutralText.fromPostgres(type(Family.VECTOR), postgres)).isEqualTo(neutral);
    String back = NeutralText.toPostgres(type(Family.VECTOR), neutral);
    assertThat(back).doesNotContain("\"");
    assertThat(NeutralText.fromPostgres(type(Family.VECTOR), back)).isEqualTo(neutral);
  }

  @Test
  void vectorAndArrayOfFloatsAreTheSameText() {
    ColumnType array =
        new ColumnType(Family.ARRAY, "real[]", "real[]", Limits.NONE, type(Family.FLOAT));
    assertThat(NeutralText.fromPostgres(array, "{0.1,2,1.5e-30}"))
        .isEqualTo(NeutralText.fromPostgres(type(Family.VECTOR), "[0.1,2,1.5e-30]"));
  }
}
