package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.ownership.HashSlot;
import dev.segue.ownership.Owners;
import dev.segue.spi.SystemFault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** For how long a route is good, and who is told what when a slice changes hands. */
class RouteBookTest {
  private static final Duration GRACE = Duration.ofSeconds(40);
  private static final String SESSION = "web/alice";
  private static final Set<Integer> SLOT = Set.of(HashSlot.of(SESSION));

  /** What the databases say; null while they do not answer. */
  private final AtomicReference<Owners> owners = new AtomicReference<>(Owners.allAtSource());

  private RouteBook book(Optional<Duration> grace) {
    return new RouteBook(
        () -> {
          Owners now = owners.get();
          if (now == null) {
            throw SystemFault.passing("the target does not answer", null);
          }
          return now;
        },
        grace);
  }

  private static Owners moving() {
    Owners all = Owners.allAtSource();
    return new Owners(all.slots(), all.reads(), Map.of(), Set.of(HashSlot.of(SESSION)), Set.of());
  }

  @Test
  void aRouteHasNoEndWhereSystemsRefuse() {
    try (RouteBook book = book(Optional.empty())) {
      book.start();
      assertThat(book.page().route(SESSION).validMs()).isNull();
    }
  }

  @Test
  void aRouteIsGoodForHalfOfTheGraceAtMost() {
    try (RouteBook book = book(Optional.of(GRACE))) {
      assertThat(book.page().route(SESSION).validMs()).as("before anything was read").isZero();
      book.start();
      assertThat(book.page().route(SESSION).validMs())
          .isPositive()
          .isLessThanOrEqualTo(GRACE.toMillis() / 2);
    }
  }

  @Test
  void whoeverAsksAfterTheAnnouncementIsToldOfTheMove() {
    try (RouteBook book = book(Optional.of(GRACE))) {
      book.start();
      long version = book.page().version();
      owners.set(moving());
      book.announce();
      assertThat(book.page().route(SESSION).moving()).isTrue();
      assertThat(book.page().version()).isGreaterThan(version);
    }
  }

  @Test
  void whoeverWatchesIsToldWhatIsMoved() {
    try (RouteBook book = book(Optional.of(GRACE))) {
      book.start();
      List<Set<Integer>> told = new CopyOnWriteArrayList<>();
      book.watch((version, slots) -> told.add(slots));
      owners.set(moving());
      book.announce();
      book.announce();
      owners.set(Owners.allAtSource());
      book.announce();
      assertThat(told).containsExactly(SLOT, SLOT);
      assertThat(book.page().route(SESSION).slot()).isEqualTo(HashSlot.of(SESSION));
    }
  }

  @Test
  void aMoveThatCannotBeAnnouncedFails() {
    try (RouteBook book = book(Optional.of(GRACE))) {
      book.start();
      owners.set(null);
      assertThatThrownBy(book::announce).isInstanceOf(SystemFault.class);
    }
  }

  @Test
  void routesThatAreNotRenewedRunOut() throws InterruptedException {
    Duration brief = Duration.ofMillis(400);
    try (RouteBook book = book(Optional.of(brief))) {
      book.start();
      owners.set(null);
      // Renewing fails from here on, however often it is tried.
      Thread.sleep(brief.toMillis());
      assertThat(book.page().route(SESSION).validMs()).isZero();
      owners.set(Owners.allAtSource());
    }
  }
}
