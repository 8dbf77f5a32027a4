package dev.segue.migration;

import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.verify.Parity;
import dev.segue.verify.Recheck;
import dev.segue.verify.Terms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compares the sessions that the sinks of a running migration have changed since the last look. */
final class ParityLook implements ParityWatch.Look {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int ROUNDS = 2;

  private final BothWays ways;

  ParityLook(BothWays ways) {
    this.ways = ways;
  }

  @Override
  public List<Parity> run() throws InterruptedException {
    if (!ways.there().board().phase().equals("streaming")) {
      return List.of();
    }
    List<Parity> found = new ArrayList<>();
    Owners owners = ways.owners();
    for (Owner owner : Owner.values()) {
      Optional<Flow> flow = ways.from(owner);
      if (flow.flatMap(Flow::watched).isPresent()) {
        List<String> sessions =
            ParityWatch.touched(flow.get().watched().get()).stream()
                .filter(session -> owners.ownerOf(session) == owner)
                .toList();
        if (!sessions.isEmpty()) {
          found.addAll(compare(owner, sessions));
        }
      }
    }
    // What changed hands meanwhile was compared on the way.
    Owners now = ways.owners();
    return found.stream()
        .filter(parity -> now.ownerOf(parity.sessionId()) == owners.ownerOf(parity.sessionId()))
        .filter(parity -> !now.isMoving(parity.sessionId()))
        .toList();
  }

  private List<Parity> compare(Owner owner, List<String> sessions) throws InterruptedException {
    try (Sides sides = new Sides(ways, owner.other(), true)) {
      Optional<Terms> other = ways.back().flow().flatMap(unused -> sides.other());
      return new Recheck(sides.terms(), other, PATIENCE, ROUNDS, false).run(sessions);
    }
  }
}
