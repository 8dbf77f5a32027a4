package dev.segue.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the values of each type are in binary; that the server agrees is BinaryFormIT's. */
class BinaryFormTest {
  private static final DateTimeFormatter SPELT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS", Locale.ROOT);
  private static final LocalDateTime EPOCH = LocalDateTime.of(2000, 1, 1, 0, 0);

  /** The value's bytes, or nothing if it is left to the server. */
  private static Optional<ByteBuffer> told(BinaryForm form, String literal) {
    CopyRows rows = CopyRows.of(Optional.of(List.of(form)));
    if (!rows.add(new String[] {literal})) {
      assertThat(rows.length()).as("nothing is left of %s", literal).isZero();
      return Optional.empty();
    }
    ByteBuffer row = ByteBuffer.wrap(rows.bytes.take());
    assertThat(row.getShort()).isEqualTo((short) 1);
    assertThat(row.getInt()).isEqualTo(row.remaining());
    return Optional.of(row.slice());
  }

  private static boolean isTold(BinaryForm form, String literal) {
    return told(form, literal).isPresent();
  }

  @Property
  void timesAreMicrosecondsSince2000(
      @ForAll @IntRange(min = 1, max = 9999) int year,
      @ForAll @LongRange(max = 366L * 24 * 3600 * 1_000_000 - 1) long micros) {
    LocalDateTime time = LocalDateTime.of(year, 1, 1, 0, 0).plus(micros, ChronoUnit.MICROS);
    if (time.getYear() > 9999) {
      return;
    }
    String text = SPELT.format(time);
    long expected = EPOCH.until(time, ChronoUnit.MICROS);

    assertThat(told(BinaryForm.LOCAL_TIMESTAMP, text).orElseThrow().getLong()).isEqualTo(expected);
    assertThat(told(BinaryForm.INSTANT, text + "Z").orElseThrow().getLong()).isEqualTo(expected);
    assertThat(told(BinaryForm.DATE, text.substring(0, 10)).orElseThrow().getInt())
        .isEqualTo((int) ChronoUnit.DAYS.between(EPOCH.toLocalDate(), time.toLocalDate()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "infinity",
        "-infinity",
        "12026-01-01T00:00:00.000000Z",
        "0044-03-15T00:00:00.000000Z BC",
        "0000-01-01T00:00:00.000000Z",
        "2026-02-29T00:00:00.000000Z",
        "1900-02-29T00:00:00.000000Z",
        "2026-13-01T00:00:00.000000Z",
        "2026-00-01T00:00:00.000000Z",
        "2026-01-00T00:00:00.000000Z",
        "2026-01-32T00:00:00.000000Z",
        "2026-01-01T24:00:00.000000Z",
        "2026-01-01T00:60:00.000000Z",
        "2026-01-01T00:00:60.000000Z",
        "2026-01-01 00:00:00.000000Z",
        "2026-01-01T00:00:00.00000-Z",
        "2026-01-01T00:00:00.00000٣Z",
        "2026-01-01T00:00:00.000000+",
        "2026-01-01T00:00:00Z",
        ""
      })
  void otherTimesAreLeftToTheServer(String text) {
    assertThat(isTold(BinaryForm.INSTANT, text)).isFalse();
    assertThat(isTold(BinaryForm.LOCAL_TIMESTAMP, text.replace("Z", ""))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-02-29", "0000-01-01", "0044-03-15 BC", "12026-01-01", "infinity"})
  void otherDatesAreLeftToTheServer(String text) {
    assertThat(isTold(BinaryForm.DATE, text)).isFalse();
  }

  @Test
  void leapDaysAreDays() {
    assertThat(told(BinaryForm.DATE, "2000-02-29").orElseThrow().getInt()).isEqualTo(59);
    assertThat(told(BinaryForm.DATE, "2000-03-01").orElseThrow().getInt()).isEqualTo(60);
    assertThat(told(BinaryForm.DATE, "1999-12-31").orElseThrow().getInt()).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({
    "SMALLINT, 32767, 7fff",
    "SMALLINT, -32768, 8000",
    "INTEGER, 2147483647, 7fffffff",
    "INTEGER, -2147483648, 80000000",
    "BIGINT, -999999999999999999, f21f494c589c0001",
    "BIGINT, 007, 0000000000000007",
    "BIGINT, 9223372036854775807, 7fffffffffffffff",
    "BIGINT, -9223372036854775807, 8000000000000001",
    "BOOLEAN, true, 01",
    "BOOLEAN, false, 00",
    "BYTES, \\xDEadbeef, deadbeef",
    "BYTES, \\x, ''",
    "REAL, 0.1, 3dcccccd",
    "REAL, 0, 00000000",
    "REAL, 0.0000, 00000000",
    "DOUBLE, 0.0, 0000000000000000",
    "DOUBLE, -1.5E+300, fe41eb2d66005835",
    "UUID, A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11, a0eebc999c0b4ef8bb6d6bb9bd380a11",
    "UUID, ffffffff-ffff-ffff-ffff-ffffffffffff, ffffffffffffffffffffffffffffffff",
    "JSONB, '{\"a\": \"æ\"}', 017b2261223a2022c3a6227d",
    "TEXT, 'a\\b', 615c62",
  })
  void valuesHaveTheBytesOfTheType(BinaryForm form, String literal, String hexadecimal) {
    byte[] bytes = new byte[told(form, literal).orElseThrow().remaining()];
    told(form, literal).orElseThrow().get(bytes);

    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(hexadecimal);
  }

  @ParameterizedTest
  @CsvSource({
    "SMALLINT, 32768",
    "INTEGER, -2147483649",
    "BIGINT, 9223372036854775808",
    "BIGINT, -9223372036854775808",
    "BIGINT, 00000000000000000001",
    "BIGINT, +1",
    "BIGINT, 1.0",
    "BIGINT, -",
    "BIGINT, ''",
    "BIGINT, ٣",
    "BOOLEAN, t",
    "BOOLEAN, yes",
    "BYTES, \\xabc",
    "BYTES, \\xag",
    "BYTES, abcd",
    "REAL, NaN",
    "REAL, 1E+39",
    "REAL, 1E-60",
    "REAL, -0",
    "REAL, -0.0",
    "REAL, 1f",
    "DOUBLE, Infinity",
    "DOUBLE, 1E+400",
    "DOUBLE, 0x1p3",
    "UUID, a0eebc999c0b4ef8bb6d6bb9bd380a11",
    "UUID, {a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
    "UUID, a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g",
    "UUID, a0eebc99_9c0b-4ef8-bb6d-6bb9bd380a11",
    "UUID, a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1æ",
  })
  void whatMayBeReadOtherwiseIsLeftToTheServer(BinaryForm form, String literal) {
    assertThat(isTold(form, literal)).isFalse();
  }

  @Test
  void halfOfPairIsNoQuestionMark() {
    byte[] bytes = new byte[4];
    told(BinaryForm.TEXT, "a\uD83D").orElseThrow().get(bytes);
    assertThat(bytes).isNotEqualTo("a?".getBytes(StandardCharsets.UTF_8)).startsWith('a');
  }

  @Test
  void rowThatIsNotTakenLeavesTheOthersAsTheyAre() {
    CopyRows rows = CopyRows.of(Optional.of(List.of(BinaryForm.TEXT, BinaryForm.BOOLEAN)));
    assertThat(rows.add(new String[] {"first", "true"})).isTrue();
    byte[] one = rows.bytes.take();
    assertThat(rows.add(new String[] {"second", "perhaps"})).isFalse();
    assertThat(rows.size()).isEqualTo(1);
    assertThat(rows.bytes.take()).isEqualTo(one);
    assertThat(rows.add(new String[] {null, null})).isTrue();
    assertThat(rows.size()).isEqualTo(2);
    assertThat(rows.length()).isEqualTo(one.length + 2 + 4 + 4);
  }
}
