package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PlacesTest {
  @Test
  void anElementThatNobodyEnteredIsCalledByItsPlace() {
    Places places = new Places("s/", Places.Entries.NONE, 3);

    assertThat(places.ids()).containsExactly("s/0", "s/1", "s/2");
    assertThat(places.place("s/1")).hasValue(1);
    assertThat(places.place("s/3")).isEmpty();
  }

  @Test
  void anElementKeepsTheIdThatItCameWith() {
    Places places = new Places("s/", new Places.Entries(Map.of("m-7", 0, "m-9", 2), 0), 4);

    assertThat(places.ids()).containsExactly("m-7", "s/1", "m-9", "s/3");
    assertThat(places.place("m-9")).hasValue(2);
  }

  @Test
  void anIdOfWhatWasRemovedIsNotGivenAgain() {
    // s/0, s/1, s/2, of which s/1 was taken away; then somebody added one.
    Places places = new Places("s/", new Places.Entries(Map.of("s/0", 0, "s/2", 1), 1), 3);

    assertThat(places.ids()).containsExactly("s/0", "s/2", "s/3");
  }

  @Test
  void whatIsEnteredBeyondTheListCountsNoMore() {
    Places places = new Places("s/", new Places.Entries(Map.of("m-1", 0, "m-2", 5), 0), 2);

    assertThat(places.ids()).containsExactly("m-1", "s/1");
    assertThat(places.place("m-2")).isEmpty();
  }

  @Property
  void everyElementHasAnIdOfItsOwn(@ForAll Random random, @ForAll @IntRange(max = 40) int length) {
    Map<String, Integer> entries = new HashMap<>();
    for (int i = 0; i < random.nextInt(40); i++) {
      String id = random.nextBoolean() ? "s/" + random.nextInt(50) : "m" + random.nextInt(50);
      entries.put(id, random.nextInt(50));
    }
    Places places = new Places("s/", new Places.Entries(entries, random.nextInt(5)), length);

    List<String> ids = places.ids();
    assertThat(ids).hasSize(length);
    assertThat(new HashSet<>(ids)).hasSize(length);
    for (int place = 0; place < length; place++) {
      assertThat(places.place(places.id(place))).isEqualTo(OptionalInt.of(place));
    }
  }

  @Property
  void whatWasEnteredForAPlaceOfTheListIsThere(@ForAll @IntRange(min = 1, max = 40) int length) {
    Map<String, Integer> entries = new HashMap<>();
    for (int place = 0; place < length; place += 2) {
      entries.put("m" + place, place);
    }
    Places places = new Places("", new Places.Entries(entries, 0), length);

    entries.forEach((id, place) -> assertThat(places.place(id)).hasValue(place));
  }
}
