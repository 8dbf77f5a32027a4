package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.finding.Finding;
import dev.segue.http.ControlServer;
import dev.segue.http.Controls;
import dev.segue.job.JobDesk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Embeddings;
import dev.segue.spi.Ledger;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import dev.segue.status.Status;
import dev.segue.status.StatusBoard;
import dev.segue.vectors.VectorStage;
import dev.segue.verify.ParityReport;
import dev.segue.verify.Verification;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * Runs a migration: prepares the source, copies history, follows the log. Started again after any
 * end, it goes on where the ledger and the topics say it was.
 */
public final class MigrationRun implements AutoCloseable {

  private final MigrationConfig config;
  private final Consumer<String> story;
  private final StatusBoard board;
  private final RunFile runFile;
  private final Scratch scratch;
  private final Systems systems;
  private final CountDownLatch stopRequested = new CountDownLatch(1);

  /** Whether the log is followed; completed with false if it comes to an end before that. */
  private final CompletableFuture<Boolean> following = new CompletableFuture<>();

  private Target.Lease lease;
  private MigrationKafka kafka;
  private ControlServer server;
  private final History history;
  private Flow flow;
  private WayBack back;
  private final JobDesk desk = new JobDesk(Clock.systemUTC());
  private Moves moves;
  private RunStatus status;

  private MigrationRun(
      MigrationConfig config,
      Consumer<String> story,
      RunFile runFile,
      Scratch scratch,
      Systems systems) {
    this.config = config;
    this.story = story;
    this.runFile = runFile;
    this.scratch = scratch;
    this.systems = systems;
    this.board = new StatusBoard(config.heartbeat());
    this.history = new History(config, systems.there(), story);
  }

  /**
   * Checks everything and starts.
   *
   * @param story is told what happens, line by line
   * @throws BlockedException if something has to be fixed first; nothing was changed then
   */
  public static MigrationRun start(
      MigrationConfig config, boolean takeOver, Consumer<String> story) {
    RunFile runFile = RunFile.take(config.name(), config.dataDir());
    Scratch scratch = null;
    Systems systems = null;
    try {
      scratch = Scratch.under(config.dataDir().resolve("tmp"));
      systems = Systems.connect(config);
      MigrationRun run = new MigrationRun(config, story, runFile, scratch, systems);
      try {
        run.start(takeOver);
        return run;
      } catch (RuntimeException e) {
        run.close();
        systems = null;
        throw e;
      }
    } catch (RuntimeException e) {
      if (systems != null) {
        systems.close();
      }
      if (scratch != null) {
        scratch.close();
      }
      runFile.close();
      throw e;
    }
  }

  private void start(boolean takeOver) {
    List<Finding> errors = Plan.of(config, systems).errors();
    if (!errors.isEmpty()) {
      throw new BlockedException(errors);
    }
    Ledger ledger = systems.target().ledger();
    Optional<Ledger.Migration> known = ledger.find(config.name());
    lease = systems.target().lease(config.name(), takeOver);
    Ledger.Migration migration = ledger.open(systems.identity(systems.there()));
    systems.checkRoutes();
    systems.source().join(migration.id());
    story.accept(
        known.flatMap(Ledger.Migration::cutoff).isPresent()
            ? "Migration " + config.name() + " goes on in phase " + migration.phase() + "."
            : "Migration " + config.name() + " begins.");
    kafka = new MigrationKafka(config, ledger, migration, this::tell);
    flow = new Flow(systems.there(), config, kafka::settings, lease, board);
    boolean begins = migration.cutoff().isEmpty();
    if (!begins || config.kafka().bootstrap().isPresent()) {
      // One that cannot be reached is told before anything is changed at the source.
      kafka.settings();
    }
    back = new WayBack(systems, config, kafka::settings, lease, story);
    BothWays ways = new BothWays(config, systems, flow, back, lease);
    moves = new Moves(ways, desk, story);
    DeadLetterDesk letters = new DeadLetterDesk(ways);
    // A fence that a dead process left behind keeps people waiting.
    moves.recover();
    status =
        new RunStatus(
            config,
            board,
            systems,
            moves,
            new Status.Running(ProcessHandle.current().pid(), runFile.since()));
    status.start();
    server =
        ControlServer.start(
            config.http(),
            new Controls(
                status::now,
                moves.routes(),
                desk,
                moves::submit,
                new Mends(ways, letters, desk),
                letters,
                this::verify));
    String host = config.http().host();
    runFile.answersAt(
        host.equals("0.0.0.0") ? "127.0.0.1" : host, server.port(), server.token().reveal());
    if (begins) {
      begin(ledger);
    }
    flow.follow(ledger.find(config.name()).flatMap(Ledger.Migration::cutoff).orElseThrow());
    if (!begins) {
      goOn(migration, ledger);
    }
    back.resume();
    moves.watch();
    following.complete(true);
  }

  private void tell(SystemFault fault) {
    story.accept("Error: " + fault.getMessage());
    story.accept("  fix: " + fault.remedy());
  }

  /** History is copied while the embedded broker starts; only what follows the log needs it. */
  private void begin(Ledger ledger) {
    board.phase("preparing");
    copyHistory(history.cutOff(ledger), ledger);
  }

  private void goOn(Ledger.Migration migration, Ledger ledger) {
    boolean unread = ledger.chunks().stream().anyMatch(chunk -> !chunk.done());
    if (unread || !migration.phase().equals("streaming")) {
      copyHistory(migration.cutoff().orElseThrow(), ledger);
    } else {
      board.phase("streaming");
      flow.apply(ledger.find(config.name()).orElseThrow());
      history.buildIndexes(flow);
      makeVectors();
    }
  }

  private void copyHistory(Cutoff cutoff, Ledger ledger) {
    board.phase("snapshot");
    history.copy(
        cutoff,
        ledger.find(config.name()).orElseThrow(),
        flow,
        () -> {
          // A short history is copied before there is a stream.
          if (following.join()) {
            ledger.enter("streaming", "history is copied");
            board.phase("streaming");
            story.accept("History is copied; following the stream.");
            flow.apply(ledger.find(config.name()).orElseThrow());
            makeVectors();
          }
        });
  }

  /** Where rows do not bring the target's vectors. */
  private void makeVectors() {
    Optional<Embeddings> embeddings = systems.target().embeddings();
    if (config.vectorsMadeAnew().isPresent() && embeddings.isPresent()) {
      MigrationConfig.Vectors vectors = config.vectorsMadeAnew().get();
      flow.supervisor()
          .start(
              new VectorStage(
                  () -> vectors.embedder().orElseThrow().open(vectors.target()),
                  embeddings.get(),
                  () -> systems.atTarget().read(),
                  flow.applied(),
                  board));
    }
  }

  /**
   * Runs until it is stopped or fails for good.
   *
   * @param tick is called about five times a second
   */
  public void await(Runnable tick) throws InterruptedException {
    while (stopRequested.getCount() > 0) {
      flow.supervisor().awaitFailure(Duration.ofMillis(200));
      tick.run();
    }
  }

  /** Asks {@link #await} to return. */
  public void requestStop() {
    stopRequested.countDown();
  }

  private String verify(boolean changed, String requestedBy) {
    return desk.submit(
        "verify",
        requestedBy,
        tell -> {
          Verification.Options options =
              new Verification.Options(
                  config.snapshot().parallelism(),
                  0,
                  Duration.ofSeconds(60),
                  false,
                  ParityCheck.passLog(config),
                  false,
                  false);
          Optional<ParityReport> some =
              changed
                  ? ParityCheck.ofChanged(config, options, moves::changedSince, tell)
                  : Optional.empty();
          return some.isPresent()
              ? some.get()
              : ParityCheck.run(config, options, new QuietProgress(tell), unused -> {});
        });
  }

  /** The counters, without asking any system. */
  public StatusBoard board() {
    return board;
  }

  /** The source, for marks and barriers. */
  public Source source() {
    return systems.source();
  }

  @Override
  public void close() {
    requestStop();
    following.complete(false);
    desk.close();
    if (moves != null) {
      moves.close();
    }
    if (back != null) {
      back.close();
    }
    if (flow != null) {
      flow.close();
    }
    history.close();
    if (server != null) {
      server.close();
    }
    if (status != null) {
      status.close();
    }
    if (kafka != null) {
      kafka.close();
    }
    if (lease != null) {
      lease.close();
    }
    systems.close();
    scratch.close();
    runFile.close();
  }
}
