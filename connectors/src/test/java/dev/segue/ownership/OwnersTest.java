package dev.segue.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which side a session belongs to. */
class OwnersTest {
  @Test
  void slotIsTheOneThatADatabaseComputes() {
    // The SHA-256 of 42 begins with 7347; so does what segue.slot_of computes.
    assertThat(HashSlot.of("42")).isEqualTo(0x7347 & 1023);
    assertThat(IntStream.range(0, 20_000).map(i -> HashSlot.of("s" + i)).distinct().count())
        .isEqualTo(HashSlot.COUNT);
  }

  @Test
  void sessionByNameGoesBeforeItsSlot() {
    int slot = HashSlot.of("moved");
    List<Owner> slots = new ArrayList<>(Owners.allAtSource().slots());
    slots.set(slot, Owner.TARGET);
    Owners owners =
        new Owners(
            slots,
            Owners.allAtSource().reads(),
            Map.of("moved", Owner.SOURCE),
            Set.of(slot),
            Set.of());

    assertThat(owners.ownerOf("moved")).isEqualTo(Owner.SOURCE);
    assertThat(owners.isMoving("moved")).isFalse();
    assertThat(owners.slotsOf(Owner.TARGET)).containsExactly(slot);
    assertThat(owners.isAllAt(Owner.SOURCE)).isFalse();
    assertThat(Owners.allAtSource().isAllAt(Owner.SOURCE)).isTrue();
  }

  @Test
  void whatIsMovedIsToldBySlot() {
    Owners before = Owners.allAtSource();
    List<Owner> slots = new ArrayList<>(before.slots());
    slots.set(3, Owner.TARGET);
    List<Owner> reads = new ArrayList<>(before.reads());
    reads.set(4, Owner.TARGET);
    Owners after = new Owners(slots, reads, Map.of("a", Owner.TARGET), Set.of(5), Set.of("b", "c"));
    Owners later =
        new Owners(slots, reads, Map.of("a", Owner.TARGET, "b", Owner.TARGET), Set.of(), Set.of());

    assertThat(after.slotsOtherThan(before))
        .containsExactlyInAnyOrder(3, 4, 5, HashSlot.of("a"), HashSlot.of("b"), HashSlot.of("c"));
    assertThat(before.slotsOtherThan(after)).isEqualTo(after.slotsOtherThan(before));
    assertThat(later.slotsOtherThan(after))
        .containsExactlyInAnyOrder(5, HashSlot.of("b"), HashSlot.of("c"));
    assertThat(after.slotsOtherThan(after)).isEmpty();
  }

  @Test
  void sliceHasItsSlotsWithoutWhatStays() {
    Slice slice = new Slice(Set.of(HashSlot.of("a")), Set.of("b"), Set.of()).without("a");

    assertThat(slice.contains("a")).isFalse();
    assertThat(slice.contains("b")).isTrue();
    assertThat(slice.touchedSlots()).contains(HashSlot.of("a"), HashSlot.of("b"));
  }
}
