package dev.segue.guarantee;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.demo.Spoken;
import dev.segue.demo.Talkers;
import dev.segue.failpoint.Failpoint;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sessions change hands while people talk and rivals race, and the process that moves them dies at
 * a seeded place. {@code -Dhandover.runs=30} runs more of them; {@code -Dhandover.seed=17} runs a
 * single one again.
 */
class HandoverIT {
  private static final int SESSIONS = 120;

  private static final Failpoint[] SEAMS = {
    Failpoint.MOVE_SURVEYED,
    Failpoint.MOVE_FENCED,
    Failpoint.MOVE_DRAINED,
    Failpoint.MOVE_PROVEN,
    Failpoint.MOVE_SEALED,
    Failpoint.MOVE_SWITCHED,
    Failpoint.MOVE_OPENED
  };

  static LongStream seeds() {
    String one = System.getProperty("handover.seed", "");
    return one.isBlank()
        ? LongStream.rangeClosed(1, Integer.getInteger("handover.runs", 2))
        : LongStream.of(Long.parseLong(one));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void nothingIsLostAndNobodyOwnsTwice(long seed) throws Exception {
    Random random = new Random(seed);
    Failpoint seam = SEAMS[(int) (seed % SEAMS.length)];
    String fault = seam.wireName() + "=halt@" + (1 + random.nextInt(2));
    List<String[]> moves = new ArrayList<>();
    moves.add(new String[] {"cutover", "--slice", (10 + random.nextInt(40)) + "%"});
    moves.add(new String[] {"cutover", "--all"});
    moves.add(new String[] {"rollback", "--slice", (20 + random.nextInt(60)) + "%"});
    if (random.nextBoolean()) {
      moves.add(new String[] {"rollback", "--all"});
    }
    moves.add(new String[] {"cutover", "--all"});
    System.out.println("handover run: seed " + seed + ", fault " + fault);
    try (Run run = new Run(seed, seed % 2 == 1)) {
      assertThat(run.execute(moves, fault)).as("seed %s, fault %s", seed, fault).isEmpty();
    }
  }

  /** One migration whose sessions go to and fro. */
  private static final class Run implements AutoCloseable {
    private final Migration migration;
    private final Talkers talkers;
    private final OneOwner rivals;
    private Pipeline pipeline;
    private int deaths;

    Run(long seed, boolean embedded) throws Exception {
      migration = Migration.ofStore("h" + seed, SESSIONS, seed);
      migration.config(
          "callsphere",
          "aria-engine",
          "capture: {heartbeat: 500ms}",
          embedded
              ? "kafka: {partitions: 4}"
              : "kafka: {partitions: 4, bootstrap: \"" + Servers.kafka() + "\"}");
      List<UUID> history = Talkers.history(seed, SESSIONS);
      talkers =
          Talkers.start(
              () -> Servers.source().connect(migration.database()),
              () -> Servers.target().connect(migration.database()),
              null,
              new ArrayList<>(history.subList(6, SESSIONS)),
              3,
              60,
              seed);
      rivals = new OneOwner(migration, history.subList(0, 6));
    }

    List<String> execute(List<String[]> moves, String fault) throws Exception {
      pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      start(Map.of(Failpoint.VARIABLE, fault));
      boolean racing = false;
      for (String[] move : moves) {
        perform(move);
        if (!racing) {
          // Before the first cutover the target refuses nobody yet.
          rivals.watch();
          racing = true;
        }
        Thread.sleep(700);
      }
      talkers.finish();
      rivals.close();
      migration.drain(Duration.ofSeconds(60));
      migration.drainBack(Duration.ofSeconds(60));
      List<String> broken = new ArrayList<>(rivals.verdict());
      Spoken.Verdict verdict = talkers.judge();
      if (!verdict.foundNothing()
          || talkers.spoken().failures() > 0
          || talkers.spoken().atTarget() == 0) {
        broken.add(
            verdict
                + ", failed "
                + talkers.spoken().failures()
                + " of "
                + talkers.spoken().transactions()
                + ", at the target "
                + talkers.spoken().atTarget());
      }
      if (deaths == 0) {
        broken.add("the process never died: nothing was put to the test");
      }
      for (String parked :
          List.of(
              migration.askTarget("SELECT count(*) FROM segue.parked"),
              migration.askSource("SELECT count(*) FROM segue.parked"))) {
        if (!parked.equals("0")) {
          broken.add(parked + " sessions are parked");
        }
      }
      Migration.Outcome verified = migration.run("verify");
      if (verified.exit() != 0) {
        broken.add(verified.all());
      }
      if (!broken.isEmpty()) {
        broken.add(migration.logTail());
      }
      return broken;
    }

    private void start(Map<String, String> environment) throws Exception {
      pipeline = migration.start(environment);
      migration.awaitStreaming(pipeline);
      migration.awaitBothWays(pipeline);
    }

    /** Until it is done: the process may die under it, and writers may be in its way. */
    private void perform(String[] move) throws Exception {
      for (int attempt = 1; ; attempt++) {
        Migration.Outcome outcome = migration.run(move);
        if (outcome.exit() == 0) {
          return;
        }
        if (!pipeline.process().isAlive()) {
          deaths++;
          start(Map.of());
        }
        if (attempt == 12) {
          throw new AssertionError(
              String.join(" ", move) + ": " + outcome.all() + "\n" + migration.logTail());
        }
        Thread.sleep(500);
      }
    }

    @Override
    public void close() throws Exception {
      talkers.close();
      rivals.close();
      migration.close();
    }
  }
}
