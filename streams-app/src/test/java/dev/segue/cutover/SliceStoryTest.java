package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.ownership.Owner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What lasts is told now and then, and what came of it in any case. */
class SliceStoryTest {
  private final List<String> lines = new ArrayList<>();
  private long now = 5;
  private final SliceStory story = new SliceStory(2, 7, lines::add, () -> now);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  void tellsNothingOfWhatIsSoonOver() {
    pass(Duration.ofMillis(9999));
    story.meanwhile(() -> "it goes on");

    assertThat(lines).isEmpty();
  }

  @Test
  void tellsEveryTenSecondsWhatGoesOn() {
    for (int second = 1; second <= 25; second++) {
      pass(Duration.ofSeconds(1));
      int at = second;
      story.meanwhile(() -> "at " + at);
    }

    assertThat(lines).containsExactly("Slice 2 of 7: at 10.", "Slice 2 of 7: at 20.");
  }

  @Test
  void tellsWhatCameOfIt() {
    story.end(moved("done", null, 3));
    story.end(moved("aborted", "session a was parked: no text", 1));

    assertThat(lines)
        .containsExactly(
            "Slice 2 of 7: 1,200 sessions in 3 hash slots belong to the target; their writers were"
                + " refused for 87 ms, 4 sessions compared meanwhile.",
            "Slice 2 of 7: 1,200 sessions in 1 hash slot stay where they are: session a was parked:"
                + " no text.");
  }

  private static MoveReport moved(String outcome, String reason, int slots) {
    return new MoveReport(
        "move-1",
        Owner.TARGET,
        outcome,
        reason,
        slots,
        1200,
        List.of(),
        4,
        87,
        null,
        new MoveReport.Timings(1, 1, 1, 1, 1),
        "2026-01-01T00:00:00Z",
        List.of());
  }
}
