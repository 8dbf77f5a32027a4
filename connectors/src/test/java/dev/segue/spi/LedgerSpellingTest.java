package dev.segue.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.SourcePosition;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a ledger without columns writes is what it reads. */
class LedgerSpellingTest {
  private static final Ledger.Identity IDENTITY =
      new Ledger.Identity(
          "chat-move",
          "7416/agents",
          new Ledger.Side("callsphere", "a1"),
          new Ledger.Side("redis-agent", "b2"),
          4);

  @Test
  void stateOfAPartitionIsOneLine() {
    AppliedState state =
        new AppliedState(3, 2, 41, new SourcePosition(7, 9, 1), "a mark of words", 1_700, -5);

    assertThat(AppliedState.ofLine(3, state.line())).isEqualTo(state);
    assertThat(AppliedState.ofLine(0, AppliedState.start(0).line()))
        .isEqualTo(AppliedState.start(0));
    assertThat(state.claimedAgain())
        .isEqualTo(new AppliedState(3, 3, 41, state.reached(), "a mark of words", 1_700, -5));
  }

  @Test
  void migrationIsKnownByItsFacts() {
    assertThat(LedgerFacts.migration(Map.of("topic", "bound before it began"))).isEmpty();
    Map<String, String> facts = new HashMap<>(LedgerFacts.begun(IDENTITY));
    Ledger.Migration begun = LedgerFacts.migration(facts).orElseThrow();
    assertThat(begun.identity()).isEqualTo(IDENTITY);
    assertThat(begun.phase()).isEqualTo("new");
    assertThat(begun.cutoff()).isEmpty();

    facts.putAll(LedgerFacts.prepared(new Cutoff("0/10", "730:731:")));
    facts.putAll(LedgerFacts.resumed(new Cutoff("0/20", "740:741:")));
    facts.putAll(LedgerFacts.entered("streaming"));
    Ledger.Migration resumed = LedgerFacts.migration(facts).orElseThrow();
    assertThat(resumed.id()).isEqualTo(begun.id());
    assertThat(resumed.phase()).isEqualTo("streaming");
    assertThat(resumed.cutoff()).contains(new Cutoff("0/10", "730:731:"));
    assertThat(resumed.snapshotLog()).contains("0/20");
  }

  @Test
  void anotherMigrationOrTopicIsRefused() {
    Ledger.Identity other =
        new Ledger.Identity("chat-move", "7416/agents", IDENTITY.source(), IDENTITY.target(), 8);
    IDENTITY.checkSame(IDENTITY);
    assertThatThrownBy(() -> other.checkSame(IDENTITY))
        .isInstanceOf(SystemFault.class)
        .hasMessageContaining("frozen at 4");
    Ledger.checkTopic("abc", "abc");
    assertThatThrownBy(() -> Ledger.checkTopic("abc", "def"))
        .isInstanceOf(SystemFault.class)
        .hasMessageContaining("its id is abc, the ledger's offsets belong to def");
  }

  @Test
  void totalsOfAVerificationAreOneDocument() {
    ParityLog.Totals first =
        new ParityLog.Totals(5, 1, 0, "2026-03-01T09:30:00Z", "2026-03-01T09:31:00Z", null);
    ParityLog.Totals amended =
        first.with(new ParityLog.Changed(2, 0, 1, "2026-03-01T10:00:00Z", "2026-03-01T10:00:01Z"));

    assertThat(ParityLog.Totals.ofJson(first.json())).isEqualTo(first);
    assertThat(ParityLog.Totals.ofJson(amended.json())).isEqualTo(amended);
    assertThat(amended.openSince()).isEqualTo("2026-03-01T10:00:00Z");
  }
}
