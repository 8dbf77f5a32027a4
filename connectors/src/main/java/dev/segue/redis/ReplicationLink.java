package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.moilioncircle.redis.replicator.Configuration;
import com.moilioncircle.redis.replicator.RedisSocketReplicator;
import com.moilioncircle.redis.replicator.Replicator;
import com.moilioncircle.redis.replicator.cmd.CommandName;
import com.moilioncircle.redis.replicator.cmd.impl.DefaultCommand;
import com.moilioncircle.redis.replicator.cmd.impl.SelectCommand;
import com.moilioncircle.redis.replicator.cmd.parser.DefaultCommandParser;
import com.moilioncircle.redis.replicator.event.Event;
import com.moilioncircle.redis.replicator.event.PreCommandSyncEvent;
import com.moilioncircle.redis.replicator.event.PreRdbSyncEvent;
import com.moilioncircle.redis.replicator.rdb.skip.SkipRdbVisitor;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The replication stream of a Redis, read as a replica reads it. What is not taken yet waits here,
 * and then in the server, which lets a replica that is too slow go.
 */
final class ReplicationLink implements AutoCloseable {
  private static final int WAITING = 10_000;
  private static final Duration STARTING = Duration.ofMinutes(10);

  private final String describe;
  private final RedisSocketReplicator replicator;
  private final BlockingQueue<Replicated> queue = new ArrayBlockingQueue<>(WAITING);
  private final CompletableFuture<Start> started = new CompletableFuture<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Thread thread;
  private volatile boolean ended;
  private boolean copied;
  private int database;

  /**
   * A command that the server executed.
   *
   * @param offset of the stream behind it
   * @param database that it was executed in; {@link StreamPlace#UNKNOWN} until the stream says it
   */
  record Replicated(long offset, int database, String command, byte[][] arguments) {}

  /**
   * Where the stream began.
   *
   * @param continued whether it goes on right where it was asked to
   */
  record Start(String history, long offset, boolean continued) {}

  /**
   * Attaches to the stream.
   *
   * @param commands whose effects are asked for
   * @param history the stream that the offset belongs to; {@code ?} for any
   * @param offset that was seen last; -1 for none
   * @param database that was selected there; {@link StreamPlace#UNKNOWN} if that is not known
   */
  ReplicationLink(
      RedisConnections connections,
      Collection<String> commands,
      String history,
      long offset,
      int database) {
    RedisAddress address = connections.address();
    this.describe = connections.describe();
    this.database = database;
    Configuration settings =
        Configuration.defaultSetting()
            .setReplId(history)
            .setReplOffset(offset)
            .setSsl(address.tls())
            .setUseDefaultExceptionListener(false)
            .setRetryTimeInterval(1)
            .setRetries(1);
    String password = address.password().reveal();
    if (!password.isEmpty()) {
      settings.setAuthPassword(password);
      if (!address.user().isEmpty()) {
        settings.setAuthUser(address.user());
      }
    }
    replicator = new RedisSocketReplicator(address.host(), address.port(), settings);
    // What the server's copy holds is read key by key, and only where it is needed.
    replicator.setRdbVisitor(new SkipRdbVisitor(replicator));
    for (String command : commands) {
      replicator.addCommandParser(
          CommandName.name(command.toUpperCase(Locale.ROOT)), new DefaultCommandParser());
    }
    replicator.addEventListener(this::take);
    replicator.addExceptionListener((unused, error, event) -> failure.compareAndSet(null, error));
    thread = new Thread(this::run, "segue-replication");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      replicator.open();
    } catch (Exception | AssertionError e) {
      failure.compareAndSet(null, e);
    } finally {
      ended = true;
      started.completeExceptionally(fault());
    }
  }

  private void take(Replicator unused, Event event) {
    if (event instanceof PreRdbSyncEvent) {
      copied = true;
    } else if (event instanceof PreCommandSyncEvent) {
      Configuration now = replicator.getConfiguration();
      started.complete(new Start(now.getReplId(), now.getReplOffset(), !copied));
    } else if (event instanceof SelectCommand select) {
      database = select.getIndex();
    } else if (event instanceof DefaultCommand command) {
      String name = new String(command.getCommand(), UTF_8).toUpperCase(Locale.ROOT);
      try {
        queue.put(
            new Replicated(
                command.getContext().getOffsets().getV2(), database, name, command.getArgs()));
      } catch (InterruptedException e) {
        // We are being closed.
        Thread.currentThread().interrupt();
      }
    }
  }

  private SystemFault fault() {
    Throwable error = failure.get();
    return error == null
        ? SystemFault.passing("the replication stream of " + describe + " ended", null)
        : RedisFaults.translate(error, "following the replication stream of " + describe);
  }

  /** Waits until the server has said where the stream begins. */
  Start awaitStart() {
    try {
      return started.get(STARTING.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("attaching to the replication stream was interrupted", e);
    } catch (TimeoutException | ExecutionException e) {
      throw RedisFaults.translate(e, "attaching to the replication stream of " + describe);
    }
  }

  /** What came meanwhile; waits a moment if there is nothing. */
  List<Replicated> take(int most, Duration wait) throws InterruptedException {
    List<Replicated> some = new ArrayList<>();
    Replicated first = queue.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    if (first != null) {
      some.add(first);
      queue.drainTo(some, most - 1);
    } else if (ended) {
      throw fault();
    }
    return some;
  }

  @Override
  public void close() {
    started.completeExceptionally(fault());
    try {
      replicator.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
    thread.interrupt();
  }
}
