package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;

/** What is pushed is called by whoever hears of it as by whoever reads the list afterwards. */
class NextPlaceTest {
  private static final String PREFIX = "s1/";

  @Provide
  Arbitrary<Map<String, Integer>> entered() {
    Arbitrary<String> ids =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 14).map(number -> PREFIX + number),
            Arbitraries.of("4f1c", "s1/x", "s1/-3", "9", "s2/4"));
    return Arbitraries.maps(ids, Arbitraries.integers().between(0, 12)).ofMaxSize(8);
  }

  @Property
  void aPushIsNamedAsAReadingNamesIt(
      @ForAll("entered") Map<String, Integer> entered,
      @ForAll @IntRange(max = 4) int removed,
      @ForAll @IntRange(max = 10) int length,
      @ForAll @IntRange(min = 1, max = 5) int pushed) {
    Places.Entries entries = new Places.Entries(entered, removed);
    Places before = new Places(PREFIX, entries, length);
    OptionalLong next = before.next();
    Statistics.collect(next.isPresent());
    if (next.isPresent()) {
      Places after = new Places(PREFIX, entries, length + pushed);
      for (int place = 0; place < length; place++) {
        assertThat(after.id(place)).isEqualTo(before.id(place));
      }
      for (int i = 0; i < pushed; i++) {
        assertThat(after.id(length + i)).isEqualTo(PREFIX + (next.getAsLong() + i));
      }
    }
  }

  @Test
  void aListOfWhichNothingIsEnteredCountsOn() {
    assertThat(new Places(PREFIX, Places.Entries.NONE, 7).next()).hasValue(7);
  }

  @Test
  void anIdThatLiesAheadHasTheListBeRead() {
    Map<String, Integer> entered = new LinkedHashMap<>();
    entered.put(PREFIX + 9, 2);
    assertThat(new Places(PREFIX, new Places.Entries(entered, 0), 7).next()).isEmpty();
  }
}
