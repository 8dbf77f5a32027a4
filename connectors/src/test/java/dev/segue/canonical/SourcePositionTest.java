package dev.segue.canonical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourcePositionTest {
  @Property
  void textReadsBack(@ForAll long after, @ForAll long address, @ForAll int ordinal) {
    SourcePosition position = new SourcePosition(after, address, Math.abs(ordinal / 2));

    assertThat(SourcePosition.parse(position.toString())).isEqualTo(position);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0/0",
    "15, 0/F",
    "16, 0/10",
    "23803720, 0/16B3748",
    "42949672975, A/F",
    "-1, FFFFFFFF/FFFFFFFF"
  })
  void addressIsSpeltAsByPostgres(long address, String text) {
    assertThat(SourcePosition.formatLog(address)).isEqualTo(text);
    assertThat(SourcePosition.parseLog(text)).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0/1", "0/1+0/2", "0/1+2#3", "01+0/2#3"})
  void anythingElseIsNoPosition(String text) {
    assertThatThrownBy(() -> SourcePosition.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected for example");
  }

  @Test
  void addressesAboveTheSignBitAreLater() {
    assertThat(new SourcePosition(1, 0, 0)).isLessThan(new SourcePosition(-1, 0, 0));
  }

  @Test
  void rowsOfOneStatementAreToldApartByTheirOrdinal() {
    SourcePosition first = new SourcePosition(10, 20, 1);

    assertThat(first).isLessThan(new SourcePosition(10, 20, 2));
    assertThat(first.next()).isEqualTo(new SourcePosition(10, 20, 2));
  }
}
