package dev.segue.bench.measure;

import dev.segue.bench.contender.Patience;
import dev.segue.bench.contender.Segue;
import dev.segue.bench.contender.SegueMigration;
import dev.segue.bench.report.Goals;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Site;
import java.sql.SQLException;

/**
 * How long it takes to prove that both sides hold the same: the command {@code segue verify} from
 * start to end, beside {@code segue run}, and the snapshot right before it. Once as it is given,
 * where the databases sum up what is laid out alike; in the first round also reading all rows, as
 * between different layouts.
 */
public final class VerifyTime implements Measurement {
  private final Contest contest;
  private final Site site;
  private final Conversations size;
  private final Segue segue;
  private History history;

  public VerifyTime(Contest contest, Site site, Conversations size, Segue segue) {
    this.contest = contest;
    this.site = site;
    this.size = size;
    this.segue = segue;
  }

  @Override
  public String name() {
    return "verify";
  }

  @Override
  public void round(int number) throws Exception {
    if (history == null) {
      history = History.make(site, size);
    }
    contest.turn(number, segue, s -> measure(number));
  }

  private void measure(int round) throws Exception {
    Database target = history.target();
    try {
      long began = System.nanoTime();
      try (SegueMigration migration = segue.copy(history.source(), target)) {
        double snapshot = Contest.secondsSince(began);
        contest.figure(round, segue.name(), Goals.SNAPSHOT_SECONDS, snapshot);
        contest.figure(round, segue.name(), Goals.SECONDS, secondsOf(migration, "verify"));
        if (round == 1) {
          contest.figure(
              round,
              segue.name(),
              "reading all rows, s",
              secondsOf(migration, "verify", "--read-rows"));
        }
        Delivery.check(history.fingerprint(), target);
      }
    } finally {
      history.discard(target);
    }
  }

  private static double secondsOf(SegueMigration migration, String... command) throws Exception {
    long asked = System.nanoTime();
    migration.command(command).awaitSuccess(Patience.LONG.toSeconds());
    return Contest.secondsSince(asked);
  }

  @Override
  public void close() throws SQLException {
    if (history != null) {
      history.close();
    }
  }
}
