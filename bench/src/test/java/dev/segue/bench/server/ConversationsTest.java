package dev.segue.bench.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConversationsTest {
  @Test
  void scaleIsAShareOfTheWhole() {
    assertThat(Conversations.WHOLE.times(0.1)).isEqualTo(new Conversations(5_000, 150_000));
    assertThat(Conversations.WHOLE.times(1).rows()).isEqualTo(1_550_000);
  }

  @Test
  void thereAreSessionsEnoughForEveryPartition() {
    assertThat(Conversations.WHOLE.times(0.001).sessions()).isEqualTo(500);
  }

  @Test
  void backlogHasTwoChangesATransaction() {
    assertThat(new Backlog(500, 700).changes()).isEqualTo(1_400);
  }
}
