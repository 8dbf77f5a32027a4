package dev.segue.migration;

import dev.segue.deadletters.DeadLetter;
import dev.segue.deadletters.DeadLetterReader;
import dev.segue.http.Controls;
import dev.segue.ownership.Owner;
import dev.segue.spi.Ledger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is kept of sessions that could not be applied, on either way. */
final class DeadLetterDesk implements Controls.Letters {
  private static final int MOST = 1000;

  private final BothWays ways;

  DeadLetterDesk(BothWays ways) {
    this.ways = ways;
  }

  private List<Flow> flows() {
    List<Flow> flows = new ArrayList<>();
    for (Owner owner : Owner.values()) {
      Optional<Flow> flow = ways.from(owner);
      flow.ifPresent(flows::add);
    }
    return flows;
  }

  @Override
  public List<Ledger.Parked> parked() {
    return flows().stream()
        .flatMap(flow -> flow.direction().target().ledger().parked().stream())
        .toList();
  }

  @Override
  public List<DeadLetter> of(String session, boolean values) {
    return flows().stream()
        .flatMap(
            flow ->
                new DeadLetterReader(flow.kafka(), flow.topics())
                    .of(session, values, MOST).stream())
        .toList();
  }

  @Override
  public boolean discard(String session, String reason, String requestedBy) {
    boolean found = false;
    for (Flow flow : flows()) {
      found |= flow.direction().target().ledger().discard(session, reason, requestedBy);
    }
    return found;
  }
}
