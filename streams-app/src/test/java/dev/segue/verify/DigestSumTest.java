package dev.segue.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.Kind;
import dev.segue.spi.HeldRow;
import java.util.List;
import org.junit.jupiter.api.Test;

class DigestSumTest {
  private static HeldRow row(Kind kind, int number) {
    return new HeldRow(
        kind, "s", List.of("k" + number), List.of("id", "text"), List.of("k" + number, "said"));
  }

  @Test
  void sessionHasOneDigestHoweverItIsRead() {
    SessionRows rows = new SessionRows();
    Tally backwards = new Tally();
    for (int i = 0; i < 50; i++) {
      Kind kind = i % 3 == 0 ? Kind.EVENT : Kind.MESSAGE;
      rows.add(row(kind, i));
      HeldRow other = row((49 - i) % 3 == 0 ? Kind.EVENT : Kind.MESSAGE, 49 - i);
      backwards.expect(other.kind(), RowDigest.of(other));
    }

    assertThat(rows.digest()).matches("[0-9a-f]{32}").isEqualTo(backwards.digest());
    rows.add(row(Kind.MESSAGE, 50));
    assertThat(rows.digest()).isNotEqualTo(backwards.digest());
  }

  @Test
  void sumCarries() {
    DigestSum sum = new DigestSum();
    sum.add(new RowDigest(0, -1));
    sum.add(new RowDigest(0, 1));

    assertThat(sum).hasToString("0000000000000001" + "0000000000000000");
    assertThat(sum.count()).isEqualTo(2);
  }
}
