package dev.segue.migration;

import dev.segue.cutover.Way;
import dev.segue.ownership.Owner;
import dev.segue.sink.AppliedSessions;
import dev.segue.spi.Connected;
import dev.segue.spi.Ledger;
import dev.segue.spi.Ownership;
import dev.segue.spi.SystemFault;
import dev.segue.verify.Terms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Both directions, opened to look at rows; one, where nothing goes back to the source. */
final class Sides implements AutoCloseable {
  private final BothWays ways;
  private final Owner to;
  private final Terms forth;
  private final Optional<Terms> home;
  private final List<Connected> connections = new ArrayList<>();

  /**
   * @param to the side that sessions are about to move to
   * @param preview whether the way back may not be there yet
   */
  Sides(BothWays ways, Owner to, boolean preview) {
    this.ways = ways;
    this.to = to;
    Systems systems = ways.systems();
    Direction there = systems.there();
    this.forth = terms(there, there.target().ledger().find(there.name()).orElseThrow());
    this.home =
        systems
            .back()
            .map(
                back ->
                    terms(
                        back,
                        systems
                            .armed()
                            .or(() -> preview ? Optional.of(notYet(back)) : Optional.empty())
                            .orElseThrow(
                                () -> SystemFault.passing("the way back is not there", null))));
    connect(there);
    systems.back().ifPresent(this::connect);
  }

  private void connect(Direction way) {
    connections.add(way.source().stayConnected());
    connections.add(way.target().stayConnected());
  }

  private static Terms terms(Direction way, Ledger.Migration migration) {
    return new Terms(
        way.source(),
        way.target().holdings(migration, way.source().supplies()),
        way.target().ledger(),
        way.target().embeddings());
  }

  private Ledger.Migration notYet(Direction back) {
    return new Ledger.Migration(
        ways.systems().identity(back),
        "",
        Instant.now().toString(),
        "new",
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** How rows come from the side that has the sessions now. */
  Terms terms() {
    return to == Owner.TARGET ? forth : home.orElseThrow();
  }

  /** The opposite direction, if there is one. */
  Optional<Terms> other() {
    return to == Owner.TARGET ? home : Optional.of(forth);
  }

  /** Who may write to the side that has the sessions now. */
  Ownership losing() {
    return to == Owner.TARGET ? ways.atSource() : ways.atTarget();
  }

  Way way() {
    return to == Owner.TARGET
        ? new Way(
            to, forth, home.orElseThrow(), ways.there().applied(), ways.atSource(), ways.atTarget())
        : new Way(
            to,
            home.orElseThrow(),
            forth,
            // Before there is a flow, nothing is changed by it.
            ways.back().flow().map(Flow::applied).orElseGet(AppliedSessions::new),
            ways.atTarget(),
            ways.atSource());
  }

  @Override
  public void close() {
    forth.holdings().close();
    home.ifPresent(terms -> terms.holdings().close());
    connections.forEach(Connected::close);
  }
}
