package dev.segue.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.spi.Supply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** References between the rows of a session. */
class IntegrityTest {
  private static final References REFERENCES = references("role", "tool_call_id", "tool_calls");

  private static References references(String... messageFields) {
    Set<dev.segue.canonical.Field> fields = new java.util.HashSet<>();
    for (String name : messageFields) {
      fields.add(Kind.MESSAGE.field(name).orElseThrow());
    }
    return new References(Map.of(Kind.MESSAGE, new Supply("messages", fields, Set.of())));
  }

  private static Entity entity(Kind kind, String... namesAndValues) {
    Entity.Builder builder = Entity.of(kind).set(kind.sessionField(), "s1");
    for (int i = 0; i < namesAndValues.length; i += 2) {
      builder.set(kind.field(namesAndValues[i]).orElseThrow(), namesAndValues[i + 1]);
    }
    return builder.build();
  }

  private static Entity call(String message, String... ids) {
    StringBuilder calls = new StringBuilder();
    for (String id : ids) {
      calls.append(calls.isEmpty() ? "" : ",").append("{\"id\":\"").append(id).append("\"}");
    }
    return entity(
        Kind.MESSAGE, "message_id", message, "role", "assistant", "tool_calls", "[" + calls + "]");
  }

  private static Entity result(String message, String id) {
    return entity(Kind.MESSAGE, "message_id", message, "role", "tool", "tool_call_id", id);
  }

  private static boolean seemsBroken(List<Entity> rows) {
    LooseEnds first = new LooseEnds();
    LooseEnds second = new LooseEnds();
    for (int i = 0; i < rows.size(); i++) {
      (i < rows.size() / 2 ? first : second).add(REFERENCES, rows.get(i));
    }
    first.add(second);
    return first.isAnythingMissing();
  }

  @Test
  void resultWithoutItsCallIsNamed() {
    List<Entity> rows = List.of(call("m1", "c1"), result("m2", "c1"), result("m3", "c9"));

    assertThat(Integrity.check("s1", rows, REFERENCES))
        .containsExactly(new BrokenReference("s1", "message m3", "call c9"));
    assertThat(seemsBroken(rows)).isTrue();
  }

  @Test
  void callsThatAreAnsweredInAnyOrderAreWhole() {
    List<Entity> rows = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      rows.add(call("m" + i, "a" + i, "b" + i));
      rows.add(result("ra" + i, "a" + i));
      rows.add(result("rb" + i, "b" + i));
    }
    // One that nobody answered is no fault.
    rows.add(call("open", "never"));
    for (int seed = 0; seed < 20; seed++) {
      List<Entity> nearby = new ArrayList<>(rows);
      for (int from = 0; from + 9 <= nearby.size(); from += 9) {
        Collections.shuffle(nearby.subList(from, from + 9), new Random(seed));
      }
      assertThat(seemsBroken(nearby)).as("seed %s", seed).isFalse();
      Collections.shuffle(nearby, new Random(seed));
      assertThat(Integrity.check("s1", nearby, REFERENCES)).as("seed %s", seed).isEmpty();
    }
  }

  @Test
  void whatIsFarApartOnlySeemsToBeMissing() {
    List<Entity> rows = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      rows.add(result("r" + i, "c" + i));
    }
    for (int i = 0; i < 200; i++) {
      rows.add(call("m" + i, "c" + i));
    }

    assertThat(seemsBroken(rows)).isTrue();
    assertThat(Integrity.check("s1", rows, REFERENCES)).isEmpty();
  }

  @Test
  void idThatComesTwiceIsNoFault() {
    List<Entity> rows =
        List.of(call("m1", "c1"), result("m2", "c1"), result("m3", "c1"), call("m4", "c1"));

    assertThat(Integrity.check("s1", rows, REFERENCES)).isEmpty();
  }

  @Test
  void checkpointWithoutItsParentIsNamed() {
    List<Entity> rows =
        List.of(
            entity(Kind.CHECKPOINT, "namespace", "", "checkpoint_id", "1"),
            entity(
                Kind.CHECKPOINT,
                "namespace",
                "",
                "checkpoint_id",
                "2",
                "parent_checkpoint_id",
                "1"),
            entity(
                Kind.CHECKPOINT,
                "namespace",
                "sub",
                "checkpoint_id",
                "3",
                "parent_checkpoint_id",
                "2"));

    assertThat(Integrity.check("s1", rows, REFERENCES))
        .containsExactly(new BrokenReference("s1", "checkpoint sub 3", "checkpoint sub/2"));
  }

  @Test
  void sourceThatKeepsNoCallsLacksNone() {
    References none = references("role", "tool_call_id");

    assertThat(Integrity.check("s1", List.of(result("m1", "c1")), none)).isEmpty();
  }
}
