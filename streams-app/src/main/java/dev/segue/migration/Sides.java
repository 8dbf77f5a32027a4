package dev.segue.migration;

import dev.segue.cutover.Way;
import dev.segue.ownership.Owner;
import dev.segue.sink.AppliedSessions;
import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.SystemFault;
import dev.segue.verify.Terms;
import java.time.Instant;
import java.util.Optional;

/** Both directions, opened to look at rows. */
final class Sides implements AutoCloseable {
  private final BothWays ways;
  private final Owner to;
  private final Holdings target;
  private final Holdings source;

  /**
   * @param to the side that sessions are about to move to
   * @param preview whether the way back may not be there yet
   */
  Sides(BothWays ways, Owner to, boolean preview) {
    this.ways = ways;
    this.to = to;
    Systems systems = ways.systems();
    Direction forth = systems.there();
    Direction home = systems.back();
    Ledger.Migration begun = forth.target().ledger().find(forth.name()).orElseThrow();
    Ledger.Migration armed =
        systems
            .armed()
            .or(() -> preview ? Optional.of(notYet(home)) : Optional.empty())
            .orElseThrow(() -> SystemFault.passing("the way back is not there", null));
    this.target = forth.target().holdings(begun, forth.source().supplies());
    this.source = home.target().holdings(armed, home.source().supplies());
  }

  private Ledger.Migration notYet(Direction home) {
    return new Ledger.Migration(
        ways.systems().identity(home),
        "",
        Instant.now().toString(),
        "new",
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  Way way() {
    Direction there = ways.systems().there();
    Direction back = ways.systems().back();
    Terms forth = new Terms(there.source(), target, there.target().ledger());
    Terms home = new Terms(back.source(), source, back.target().ledger());
    return to == Owner.TARGET
        ? new Way(to, forth, home, ways.there().applied(), ways.atSource(), ways.atTarget())
        : new Way(
            to,
            home,
            forth,
            // Before there is a flow, nothing is changed by it.
            ways.back().flow().map(Flow::applied).orElseGet(AppliedSessions::new),
            ways.atTarget(),
            ways.atSource());
  }

  @Override
  public void close() {
    target.close();
    source.close();
  }
}
