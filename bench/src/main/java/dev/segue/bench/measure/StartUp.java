package dev.segue.bench.measure;

import dev.segue.bench.contender.Patience;
import dev.segue.bench.contender.Segue;
import dev.segue.bench.contender.SegueMigration;
import dev.segue.bench.report.Goals;
import dev.segue.bench.server.Child;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Site;

/** How long a person waits for a command, and until a migration without any rows streams. */
public final class StartUp implements Measurement {
  private final Contest contest;
  private final Site site;
  private final Segue segue;

  public StartUp(Contest contest, Site site, Segue segue) {
    this.contest = contest;
    this.site = site;
    this.segue = segue;
  }

  @Override
  public String name() {
    return "startup";
  }

  @Override
  public void round(int number) throws Exception {
    contest.turn(number, segue, s -> measure(number));
  }

  private void measure(int round) throws Exception {
    Database source = site.createSource("startup");
    Database target = site.createTarget("startup");
    try {
      Conversations.createTables(source);
      Conversations.createTables(target);
      figure(round, Goals.HELP, () -> end(segue.help()));
      try (SegueMigration migration = segue.migration(source, target)) {
        figure(
            round,
            Goals.STREAMING,
            () -> {
              migration.start();
              migration.awaitStreaming();
            });
        figure(round, Goals.STATUS, () -> end(migration.command("status")));
      }
    } finally {
      site.drop(target);
      site.drop(source);
    }
  }

  /** Something that takes time. */
  private interface Act {
    void perform() throws Exception;
  }

  private void figure(int round, String quantity, Act act) throws Exception {
    long began = System.nanoTime();
    act.perform();
    contest.figure(round, segue.name(), quantity, Contest.secondsSince(began));
  }

  private static void end(Child command) throws InterruptedException {
    command.awaitSuccess(Patience.LONG.toSeconds());
  }
}
