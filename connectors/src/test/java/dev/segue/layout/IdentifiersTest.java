package dev.segue.layout;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class IdentifiersTest {
  @Property
  void wholeNumbersSortAsTheyDidAndComeBack(
      @ForAll @LongRange(min = 0, max = 999_999_999_999_999_999L) long a,
      @ForAll @LongRange(min = 0, max = 999_999_999_999_999_999L) long b) {
    String left = Identifiers.toUuid(Long.toString(a));
    String right = Identifiers.toUuid(Long.toString(b));

    assertThat(Identifiers.fromUuid(left)).isEqualTo(Long.toString(a));
    assertThat(Integer.signum(left.compareTo(right))).isEqualTo(Long.compare(a, b));
    assertThat(Identifiers.isUuid(left)).isTrue();
  }

  @Test
  void uuidStaysWhatItIs() {
    String uuid = "7c1e0f9a-3b5d-4e6f-8a9b-0c1d2e3f4a5b";

    assertThat(Identifiers.toUuid(uuid)).isEqualTo(uuid);
    assertThat(Identifiers.fromUuid(uuid)).isEqualTo(uuid);
  }

  @Test
  void otherTextBecomesAlwaysTheSameUuid() {
    assertThat(Identifiers.toUuid("sess_98231"))
        .isEqualTo(Identifiers.toUuid("sess_98231"))
        .isNotEqualTo(Identifiers.toUuid("sess_98232"));
    assertThat(Identifiers.isReversible("sess_98231")).isFalse();
    assertThat(Identifiers.isReversible("007")).isFalse();
    assertThat(Identifiers.isMade(Identifiers.toUuid("sess_98231"))).isTrue();
    assertThat(Identifiers.isMade(Identifiers.toUuid("42"))).isFalse();
    assertThat(Identifiers.isMade("sess_98231")).isFalse();
  }
}
