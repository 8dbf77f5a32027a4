package dev.segue.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.spi.SystemFault;
import dev.segue.spi.Watch;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LookoutTest {
  private static final Duration LONG = Duration.ofSeconds(50);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final AtomicReference<String> system = new AtomicReference<>("one");
  private Lookout<String> lookout;

  private Lookout<String> start(Watch<String> watch, Duration patience) {
    lookout = new Lookout<>("test", watch, patience);
    lookout.start();
    return lookout;
  }

  @AfterEach
  void close() {
    lookout.close();
  }

  @Test
  void anAnswerIsNotOlderThanItsQuestion() {
    start(system::get, LONG);

    for (String now : new String[] {"one", "two", "three"}) {
      system.set(now);
      assertThat(lookout.ask().what()).contains(now);
    }
  }

  @Test
  void aSystemThatHangsKeepsNobodyWaiting() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    AtomicInteger looks = new AtomicInteger();
    start(
        () -> {
          if (looks.incrementAndGet() > 1) {
            awaitQuietly(released);
          }
          return system.get();
        },
        SHORT);
    await().until(() -> lookout.ask().what().isPresent());

    await().until(() -> lookout.ask().trouble() != null);
    Lookout.Seen<String> hanging = lookout.ask();

    assertThat(hanging.what()).contains("one");
    assertThat(hanging.trouble()).startsWith("has not answered for ");
    system.set("two");
    released.countDown();
    await().until(() -> lookout.ask().what().equals(Optional.of("two")));
    await().until(() -> lookout.ask().trouble() == null);
  }

  @Test
  void whatWasSeenStaysWhileTheSystemFails() {
    AtomicReference<String> failure = new AtomicReference<>();
    start(
        () -> {
          if (failure.get() != null) {
            throw SystemFault.passing(failure.get(), null);
          }
          return system.get();
        },
        LONG);
    long at = lookout.ask().at();
    failure.set("refused");

    Lookout.Seen<String> seen = lookout.ask();

    assertThat(seen.what()).contains("one");
    assertThat(seen.at()).isGreaterThanOrEqualTo(at);
    assertThat(seen.trouble()).isEqualTo("refused");
    failure.set(null);
    await().until(() -> lookout.ask().trouble() == null);
  }

  @Test
  void whoAsksBeforeAnythingWasSeenIsToldSo() {
    start(
        () -> {
          throw SystemFault.passing("refused", null);
        },
        LONG);

    Lookout.Seen<String> seen = lookout.ask();

    assertThat(seen.what()).isEmpty();
    assertThat(seen.at()).isZero();
    assertThat(seen.trouble()).isEqualTo("refused");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
