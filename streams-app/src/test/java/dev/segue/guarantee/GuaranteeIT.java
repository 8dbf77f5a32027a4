package dev.segue.guarantee;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.demo.Workload;
import dev.segue.failpoint.Failpoint;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs under seeded faults. {@code -Dguarantee.runs=50} runs more of them; {@code
 * -Dguarantee.seed=17} runs a single one again. Every third has four members of the sink, or all
 * have {@code -Dguarantee.members=4}.
 */
class GuaranteeIT {
  private static final int SESSIONS = 150;
  private static final int RATE = 120;
  private static final int TRANSACTIONS = 2400;

  static LongStream seeds() {
    String one = System.getProperty("guarantee.seed", "");
    return one.isBlank()
        ? LongStream.rangeClosed(1, Integer.getInteger("guarantee.runs", 6))
        : LongStream.of(Long.parseLong(one));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void promisesHoldUnderFaults(long seed) throws Exception {
    boolean brokerLivesOn = seed % 2 == 0;
    List<Fault> faults = Fault.schedule(seed, brokerLivesOn);
    System.out.println("guarantee run: seed " + seed + ", faults " + faults);
    try (Run run = new Run(seed, brokerLivesOn)) {
      assertThat(run.execute(faults)).as("seed %s, faults %s", seed, faults).isEmpty();
    }
  }

  /** One migration under faults. */
  private static final class Run implements AutoCloseable {
    private final Migration migration;
    private final Workload workload;
    private final List<Guarantee> guarantees;
    private Pipeline pipeline;
    private boolean dying;

    Run(long seed, boolean brokerLivesOn) throws Exception {
      migration = Migration.ofStore("g" + seed, SESSIONS, seed);
      migration.config(
          "callsphere",
          "aria-engine",
          "snapshot: {chunk: 64KB, defer-indexes: always}",
          "capture: {heartbeat: 500ms}",
          "sink: {members: " + Integer.getInteger("guarantee.members", seed % 3 == 0 ? 4 : 1) + "}",
          brokerLivesOn
              ? "kafka: {partitions: 4, bootstrap: \"" + Servers.kafka() + "\"}"
              : "kafka: {partitions: 4}");
      workload =
          Workload.start(
              () -> Servers.source().connect(migration.database()),
              SESSIONS,
              4,
              RATE,
              TRANSACTIONS,
              seed);
      guarantees =
          List.of(
              new NothingLostOrDoubled(migration),
              new NoSessionGoesBack(migration),
              new IndexesAsTheyWere(migration));
    }

    List<String> execute(List<Fault> faults) throws Exception {
      boolean watching = false;
      for (Fault fault : faults) {
        if (!fault.inSnapshot() && !watching) {
          startWatching();
          watching = true;
        }
        if (pipeline == null || !pipeline.process().isAlive() || fault.point() != null) {
          stopGently();
          dying = fault.point() != null;
          pipeline =
              migration.start(
                  fault.point() == null ? Map.of() : Map.of(Failpoint.VARIABLE, fault.variable()));
        }
        inflict(fault);
      }
      if (!pipeline.process().isAlive()) {
        pipeline = migration.start(Map.of());
      }
      workload.await();
      migration.drain(Duration.ofSeconds(90));
      List<String> broken = new ArrayList<>();
      for (Guarantee guarantee : guarantees) {
        broken.addAll(guarantee.verdict());
      }
      if (!broken.isEmpty()) {
        broken.add(migration.logTail());
      }
      return broken;
    }

    private void stopGently() throws InterruptedException {
      if (pipeline != null && pipeline.process().isAlive()) {
        // One that was to die may do so while it stops.
        assertThat(pipeline.stop(Duration.ofSeconds(60)))
            .as("exit code of a stop")
            .isIn(dying ? List.of(0, 137) : List.of(0));
      }
    }

    /** Readers are promised something only behind the last snapshot position. */
    private void startWatching() throws Exception {
      stopGently();
      dying = false;
      pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      migration.drain(Duration.ofSeconds(90));
      guarantees.forEach(Guarantee::watch);
    }

    private void inflict(Fault fault) throws Exception {
      switch (fault.act()) {
        case DIE_AT -> pipeline.process().waitFor(15, TimeUnit.SECONDS);
        case KILL -> {
          Thread.sleep(3000);
          pipeline.kill();
        }
        case ZOMBIE -> zombie();
        case RESTART_SOURCE -> Servers.source().restart();
        case KILL_SOURCE -> Servers.source().kill();
        case RESTART_TARGET -> Servers.target().restart();
        case KILL_TARGET -> Servers.target().kill();
      }
    }

    /** Stops the process in full flight; another takes over; then the first one goes on. */
    private void zombie() throws Exception {
      migration.await(pipeline, "the stream", s -> s.path("lag").path("ms").asLong(-1) >= 0);
      Pipeline stopped = pipeline;
      signal("STOP", stopped);
      pipeline =
          migration.start(migration.directory().resolve("elsewhere"), Map.of(), "--take-over");
      migration.await(pipeline, "the stream", s -> s.path("lag").path("ms").asLong(-1) >= 0);
      signal("CONT", stopped);
      assertThat(stopped.process().waitFor(60, TimeUnit.SECONDS))
          .as("the zombie noticed that it was replaced, and ended")
          .isTrue();
    }

    private static void signal(String name, Pipeline pipeline) throws Exception {
      new ProcessBuilder("kill", "-" + name, Long.toString(pipeline.process().pid()))
          .start()
          .waitFor();
    }

    @Override
    public void close() throws Exception {
      workload.close();
      for (Guarantee guarantee : guarantees) {
        guarantee.close();
      }
      migration.close();
    }
  }
}
