package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.SourcePosition;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Watermark;
import org.junit.jupiter.api.Test;

class StreamPlaceTest {
  private final StreamPlace begun = StreamPlace.of(new Cutoff("0/3E8", "abc"));

  private static StreamPlace throughWatermark(StreamPlace place) {
    SourcePosition position = new SourcePosition(place.log(), place.log(), 1);
    return StreamPlace.of(new Watermark(position, 1, place.reach(), "0/3E8"));
  }

  @Test
  void placeSurvivesItsWatermark() {
    StreamPlace later = begun.at(2000, 3);

    assertThat(later.log()).isEqualTo(2000);
    assertThat(throughWatermark(later)).isEqualTo(later);
  }

  @Test
  void aServerThatBeginsAnewNeverMakesTheNumbersFall() {
    StreamPlace before = begun.at(9000, 0);

    StreamPlace after = before.interrupted(new ReplicationLink.Start("def", 14, false));

    assertThat(after.log()).isGreaterThan(before.log());
    assertThat(after.offset()).isEqualTo(14);
    assertThat(after.incomplete()).isTrue();
    assertThat(throughWatermark(after)).isEqualTo(after);
    assertThat(after.complete().interrupted(new ReplicationLink.Start("ghi", 99_999, false)).log())
        .isGreaterThan(after.log());
  }

  @Test
  void aNewMasterThatGoesOnIsNoGap() {
    StreamPlace after = begun.continued(new ReplicationLink.Start("def", 1000, true));

    assertThat(after.incomplete()).isFalse();
    assertThat(after.history()).isEqualTo("def");
    assertThat(after.log()).isEqualTo(begun.log());
  }

  @Test
  void infoIsReadWhateverElseItSays() {
    ReplicationInfo info =
        ReplicationInfo.parse(
            """
            # Replication
            role:master
            master_replid:f00
            master_replid2:ba4
            second_repl_offset:30
            master_repl_offset:42
            repl_backlog_active:1
            repl_backlog_size:1048576
            repl_backlog_first_byte_offset:11
            new_in_9:x
            """
                .replace("\n", "\r\n"));

    assertThat(info).isEqualTo(new ReplicationInfo("f00", "ba4", 30, 42, true, true, 1 << 20, 11));
  }

  @Test
  void aServerIsOnlyAskedForWhatItHas() {
    ReplicationInfo info = new ReplicationInfo("f00", "ba4", 30, 42, true, true, 1 << 20, 11);

    assertThat(info.has("f00", 42)).isTrue();
    assertThat(info.has("f00", 10)).isTrue();
    assertThat(info.has("f00", 9)).isFalse();
    assertThat(info.has("f00", 43)).isFalse();
    assertThat(info.has("ba4", 29)).isTrue();
    assertThat(info.has("ba4", 30)).isFalse();
    assertThat(info.has("c00", 20)).isFalse();
  }

  @Test
  void whatIsReadAgainAfterAGapThatWasNotClosedHasNewNumbers() {
    StreamPlace gap = begun.interrupted(new ReplicationLink.Start("def", 14, false));

    StreamPlace again = throughWatermark(gap).continued(new ReplicationLink.Start("def", 14, true));

    assertThat(again.log()).isGreaterThan(gap.log());
    assertThat(again.incomplete()).isTrue();
  }
}
