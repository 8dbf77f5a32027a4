package dev.segue.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.client.SegueRoutes.Route;
import dev.segue.client.SegueRoutes.Side;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** For how long an answer holds. */
class RouteCacheTest {
  private final RouteCache cache = new RouteCache(2);

  private void keep(String session, int slot, long asked) {
    keep(session, slot, asked, false, OptionalLong.empty());
  }

  private void keep(String session, int slot, long asked, boolean moving, OptionalLong until) {
    Route route = new Route(session, Side.SOURCE, Side.SOURCE, moving, Optional.empty());
    cache.keep(new RouteCache.Answer(route, slot, asked, until));
  }

  @Test
  void nothingHoldsUntilSomebodyTellsWhatIsMoved() {
    keep("a", 1, cache.now());
    assertThat(cache.holding("a")).isEmpty();
    assertThat(cache.last("a")).isPresent();

    cache.movedAll();
    assertThat(cache.holding("a")).isEmpty();
    keep("a", 1, cache.now());
    assertThat(cache.holding("a")).isPresent();

    cache.deafen();
    assertThat(cache.holding("a")).isEmpty();
    assertThat(cache.last("a")).isPresent();
  }

  @Test
  void aMoveConcernsItsSlotsOnly() {
    cache.movedAll();
    keep("a", 1, cache.now());
    keep("b", 2, cache.now());

    cache.moved(Set.of(2, 3));

    assertThat(cache.holding("a")).isPresent();
    assertThat(cache.holding("b")).isEmpty();
    keep("b", 2, cache.now());
    assertThat(cache.holding("b")).isPresent();
  }

  @Test
  void anAnswerThatWasUnderWayWhileItsSessionMovedDoesNotHold() {
    cache.movedAll();
    long asked = cache.now();

    cache.moved(Set.of(1));
    keep("a", 1, asked);
    keep("b", 2, asked);

    assertThat(cache.holding("a")).isEmpty();
    assertThat(cache.holding("b")).isPresent();
  }

  @Test
  void whatIsForgottenOrMovingIsAskedAnew() {
    cache.movedAll();
    keep("a", 1, cache.now());
    cache.outdate("a");
    cache.outdate("never asked");
    keep("b", 1, cache.now(), true, OptionalLong.empty());

    assertThat(cache.holding("a")).isEmpty();
    assertThat(cache.holding("b")).isEmpty();
    assertThat(cache.last("b").orElseThrow().moving()).isTrue();
  }

  @Test
  void aRouteThatHasRunOutIsNoRoute() {
    cache.movedAll();
    keep("a", 1, cache.now(), false, OptionalLong.of(System.nanoTime() - 1));
    keep("b", 1, cache.now(), false, OptionalLong.of(System.nanoTime() + 60_000_000_000L));

    assertThat(cache.holding("a")).isEmpty();
    assertThat(cache.last("a")).isEmpty();
    assertThat(cache.holding("b").flatMap(Route::validFor).orElseThrow().toSeconds())
        .isBetween(50L, 60L);
  }

  @Test
  void whatNobodyAsksForGoesFirst() {
    cache.movedAll();
    keep("a", 1, cache.now());
    keep("b", 1, cache.now());
    assertThat(cache.holding("a")).isPresent();
    keep("c", 1, cache.now());

    assertThat(cache.holding("a")).isPresent();
    assertThat(cache.last("b")).isEmpty();
  }
}
