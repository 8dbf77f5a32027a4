package dev.segue.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** The demo's end: what became of everything that was written, and whether nothing is left. */
final class Settlement {
  private static final int PARTITIONS = 8;

  private final Path config;
  private final File log;
  private final EmbeddedServers servers;
  private final Handover.Story story;

  Settlement(Path config, File log, EmbeddedServers servers, Handover.Story story) {
    this.config = config;
    this.log = log;
    this.servers = servers;
    this.story = story;
  }

  /**
   * What was found.
   *
   * @param brought of what was written to the source, by plain SQL
   * @param said of what people said on either side, by what they were acknowledged
   */
  record Verdicts(Oracle.Verdict brought, Spoken.Verdict said) {
    Optional<String> objection() {
      if (!brought.foundNothing()) {
        return Optional.of("the two sides differ");
      }
      return said.foundNothing()
          ? Optional.empty()
          : Optional.of("what was said is not on both sides");
    }
  }

  /** Puts marks behind everything that was written, and waits for them in every partition. */
  void drain(String migration) throws SQLException, InterruptedException {
    long from = System.nanoTime();
    try (Connection source = servers.source();
        Connection target = servers.target()) {
      drain(migration, source, target);
      drain(migration + "--back", target, source);
    }
    story.tell(
        "Lag is zero both ways: barriers behind the last writes passed all partitions after %d"
            + " ms.",
        (System.nanoTime() - from) / 1_000_000);
  }

  private static void drain(String direction, Connection from, Connection to)
      throws SQLException, InterruptedException {
    long began = System.nanoTime();
    String nonce = "barrier-demo-" + began;
    try (PreparedStatement mark =
        from.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)")) {
      mark.setString(1, "segue." + direction);
      mark.setString(2, "{\"nonce\":\"" + nonce + "\",\"sent_at\":0}");
      mark.execute();
    }
    try (PreparedStatement passed =
        to.prepareStatement("SELECT count(*) FROM segue.barrier WHERE nonce = ?")) {
      passed.setString(1, nonce);
      while (count(passed) < PARTITIONS) {
        if (System.nanoTime() - began > 60e9) {
          throw new IllegalStateException("the barrier did not arrive within 60 s");
        }
        Thread.sleep(20);
      }
    }
  }

  private static long count(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** Asks both sides. */
  Verdicts judge(Talkers talkers) throws SQLException {
    story.tell("Asking plain SQL on both sides ...");
    Oracle.Verdict verdict;
    try (Connection source = servers.source();
        Connection target = servers.target()) {
      verdict = Oracle.judge(source, target, talkers.sessions());
    }
    Spoken.Verdict talk = talkers.judge();
    story.tell(
        "Compared %,d sessions and %,d messages that were brought: %d lost, %d duplicated, %d"
            + " altered; and %,d messages that were said on either side: %d lost, %d altered.",
        verdict.sessions(),
        verdict.messages(),
        verdict.lost(),
        verdict.duplicated(),
        verdict.altered(),
        talk.messages(),
        talk.lost(),
        talk.altered() + talk.undead());
    return new Verdicts(verdict, talk);
  }

  /** What is wrong with how people were moved; empty if nothing is. */
  static Optional<String> objection(DemoResult.Cutover cutover, DemoResult.Rollback rollback) {
    if (cutover.failedRequests() > 0) {
      return Optional.of("requests failed");
    }
    if (rollback.lost() > 0 || rollback.messagesKept() == 0) {
      return Optional.of("what was given back is not all there");
    }
    return cutover.slices() == 0 || cutover.sessions() == 0
        ? Optional.of("nothing was moved")
        : Optional.empty();
  }

  /** What is wrong with the pipeline's own word; empty if nothing is. */
  static Optional<String> objection(DemoResult.Parity parity, JsonNode status, int exit) {
    if (parity.pass() < parity.sessions()) {
      return Optional.of("segue verify did not let every session pass");
    }
    if (status.path("parked").path("sessions").longValue() > 0) {
      return Optional.of("sessions were parked");
    }
    return exit == 0 ? Optional.empty() : Optional.of("segue run exited with " + exit);
  }

  /** Ends the migration; tells what is wrong with that, or nothing. */
  Optional<String> complete() throws IOException, InterruptedException, SQLException {
    SegueCommand.Ended ended =
        SegueCommand.run(
            log,
            "complete",
            "-f",
            config.toString(),
            "--report",
            servers.directory().resolve("report.json").toString());
    if (ended.exit() != 0) {
      return Optional.of("segue complete exited with " + ended.exit());
    }
    String traces =
        "SELECT (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_publication)"
            + " + (SELECT count(*) FROM pg_namespace WHERE nspname = 'segue')"
            + " + (SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%segue%')";
    try (Connection source = servers.source();
        Connection target = servers.target();
        PreparedStatement atSource = source.prepareStatement(traces);
        PreparedStatement atTarget = target.prepareStatement(traces)) {
      if (count(atSource) + count(atTarget) > 0) {
        return Optional.of("segue complete left something behind");
      }
    }
    story.tell(
        "segue complete took slots, publications, triggers and bookkeeping away, on both sides.");
    return Optional.empty();
  }
}
