package dev.segue.canonical;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SourcePositionTest {
  @Property
  void textReadsBack(@ForAll long after, @ForAll long address, @ForAll int ordinal) {
    SourcePosition position = new SourcePosition(after, address, Math.abs(ordinal / 2));

    assertThat(SourcePosition.parse(position.toString())).isEqualTo(position);
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
