package dev.segue.guarantee;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.demo.Talkers;
import dev.segue.failpoint.Failpoint;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import dev.segue.support.Wire;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * At every step of a move, time runs out, or the network goes away. {@code -Dseams.all=true} cuts
 * it on both sides at every step; otherwise it is one of them, in turn.
 */
class SeamsIT {
  private static final int SESSIONS = 40;
  private static final long SEED = 11;

  private static final List<Failpoint> SEAMS =
      List.of(
          Failpoint.MOVE_SURVEYED,
          Failpoint.MOVE_FENCED,
          Failpoint.MOVE_DRAINED,
          Failpoint.MOVE_PROVEN,
          Failpoint.MOVE_SEALED,
          Failpoint.MOVE_SWITCHED,
          Failpoint.MOVE_OPENED);

  /** A migration whose moves can be held at any step. */
  private static final class Held implements AutoCloseable {
    private final Migration migration;
    private final Wire toSource = new Wire(Servers.source().port());
    private final Wire toTarget = new Wire(Servers.target().port());
    private final Path gates;
    private final Pipeline pipeline;
    private final List<UUID> history = Talkers.history(SEED, SESSIONS);

    Held(String name, String maxPause) throws Exception {
      migration = Migration.ofStore(name, SESSIONS, SEED);
      migration.config(
          "callsphere",
          "aria-engine",
          "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}",
          "capture: {heartbeat: 300ms}",
          "cutover: {max-pause: " + maxPause + "}");
      migration.via(toSource, toTarget);
      gates = Files.createDirectory(migration.directory().resolve("gates"));
      pipeline =
          migration.start(
              Map.of(
                  Failpoint.GATES,
                  gates.toString(),
                  Failpoint.VARIABLE,
                  SEAMS.stream()
                      .map(seam -> seam.wireName() + "=gate@1")
                      .collect(Collectors.joining(","))));
      migration.awaitStreaming(pipeline);
      migration.awaitBothWays(pipeline);
    }

    String one() {
      return history.get(0).toString();
    }

    /** Begins a move and returns when it is held. */
    CompletableFuture<Migration.Outcome> hold(Failpoint seam, String... command) throws Exception {
      Files.deleteIfExists(gates.resolve(seam.wireName() + ".reached"));
      Files.createFile(gates.resolve(seam.wireName()));
      CompletableFuture<Migration.Outcome> outcome =
          CompletableFuture.supplyAsync(() -> migration.run(command));
      long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (!Files.exists(gates.resolve(seam.wireName() + ".reached"))) {
        if (outcome.isDone() || System.nanoTime() > until) {
          throw new AssertionError(
              seam + " was not reached: " + outcome.getNow(null) + "\n" + migration.logTail());
        }
        Thread.sleep(10);
      }
      return outcome;
    }

    void release(Failpoint seam) throws Exception {
      Files.delete(gates.resolve(seam.wireName()));
    }

    @Override
    public void close() throws Exception {
      toSource.close();
      toTarget.close();
      migration.close();
    }
  }

  /** The SQLSTATE with which a write is refused; empty if it is accepted. */
  private static String write(Migration migration, boolean target, String session)
      throws Exception {
    String insert =
        "INSERT INTO %s (id, session_id, role, content, created_at)"
            + " VALUES (gen_random_uuid(), '%s', 'user', 'still here', now())";
    try {
      if (target) {
        migration.onTarget(insert.formatted("aria_engine.chat_messages", session));
      } else {
        migration.onSource(insert.formatted("messages", session));
      }
      return "";
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }

  @Test
  void stepThatTakesTooLongLetsWritersGoOn() throws Exception {
    try (Held held = new Held("late", "2s")) {
      Migration migration = held.migration;
      Path file = Files.writeString(migration.directory().resolve("one"), held.one() + "\n");
      String[] cutover = {"cutover", "--sessions", file.toString()};
      String[] rollback = {"rollback", "--sessions", file.toString()};
      for (Failpoint seam : SEAMS) {
        CompletableFuture<Migration.Outcome> outcome = held.hold(seam, cutover);
        String atOnce = write(migration, false, held.one());
        Thread.sleep(3000);
        String later = write(migration, false, held.one());
        String there = write(migration, true, held.one());
        held.release(seam);
        Migration.Outcome ended = outcome.get(60, TimeUnit.SECONDS);
        String told = seam + ": " + ended.all();

        switch (seam) {
          case MOVE_SURVEYED -> {
            // Nobody waits for it yet.
            assertThat(List.of(atOnce, later)).as(told).containsOnly("");
            assertThat(ended.exit()).as(told).isZero();
          }
          case MOVE_FENCED, MOVE_DRAINED, MOVE_PROVEN -> {
            assertThat(atOnce).as(told).isEqualTo("SG002");
            assertThat(later).as(told).isEmpty();
            assertThat(there).as(told).isEqualTo("SG001");
            assertThat(ended.exit()).as(told).isEqualTo(1);
            assertThat(ended.all()).as(told).containsPattern("max-pause|the fence was up");
          }
          default -> {
            // As good as decided: it only goes on.
            assertThat(List.of(atOnce, later)).as(told).containsOnly("SG002");
            assertThat(there).as(told).isEqualTo(seam == Failpoint.MOVE_OPENED ? "" : "SG001");
            assertThat(ended.exit()).as(told).isZero();
          }
        }
        boolean moved = ended.exit() == 0;
        assertThat(write(migration, moved, held.one())).as(told).isEmpty();
        assertThat(write(migration, !moved, held.one())).as(told).isEqualTo("SG001");
        if (moved) {
          assertThat(migration.run(rollback).exit()).as(told).isZero();
        }
      }
      migration.mustRun("verify");
    }
  }

  @Test
  void networkThatGoesAwayLeavesOneOwner() throws Exception {
    try (Held held = new Held("cut", "3s")) {
      Migration migration = held.migration;
      migration.mustRun("cutover", "--slice", "10%");
      try (OneOwner rivals = new OneOwner(migration, held.history.subList(0, 4))) {
        rivals.watch();
        int cuts = Boolean.getBoolean("seams.all") ? 2 : 1;
        for (int i = 0; i < SEAMS.size() * cuts; i++) {
          Failpoint seam = SEAMS.get(i / cuts);
          boolean cutover = i % 2 == 0;
          boolean source = cuts == 1 ? i % 4 < 2 : cutover == (i / 2 % 2 == 0);
          Wire wire = source ? held.toSource : held.toTarget;
          cut(held, seam, wire, cutover ? "cutover" : "rollback", "--all");
        }
        rivals.close();
        migration.drain(Duration.ofSeconds(60));
        migration.drainBack(Duration.ofSeconds(60));
        assertThat(rivals.verdict()).isEmpty();
        migration.mustRun("verify");
      }
      assertThat(migration.askTarget("SELECT count(*) FROM segue.move WHERE report IS NULL"))
          .isEqualTo("0");
    }
  }

  /** Cuts a wire at a step, mends it, and has the move brought to its end. */
  private static void cut(Held held, Failpoint seam, Wire wire, String... move) throws Exception {
    Migration migration = held.migration;
    migration.awaitBothWays(held.pipeline);
    CompletableFuture<Migration.Outcome> outcome = held.hold(seam, move);
    wire.cut();
    held.release(seam);
    Thread.sleep(1000);
    String told = seam + " " + Arrays.toString(move);
    // Whoever watches is not blind just then.
    assertThat(held.pipeline.status()).as(told).isPresent();
    wire.mend();
    Migration.Outcome ended = outcome.get(90, TimeUnit.SECONDS);
    for (int attempt = 1; ended.exit() != 0; attempt++) {
      assertThat(attempt).as(told + ": " + ended.all() + migration.logTail()).isLessThan(60);
      Thread.sleep(1000);
      ended = migration.run(move);
    }
  }
}
