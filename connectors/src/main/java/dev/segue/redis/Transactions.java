package dev.segue.redis;

import dev.segue.spi.SystemFault;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A connection on which keys are watched and read, and then written in one transaction, unless
 * somebody wrote to them in between. Commands are sent together when they are waited for. Used by
 * one thread.
 */
final class Transactions implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** So many keys, fields or elements go into one command. */
  static final int MOST_ARGUMENTS = 500;

  private final RedisConnections connections;
  private final StatefulRedisConnection<byte[], byte[]> connection;
  private Boolean tellsExpiry;

  Transactions(RedisConnections connections) {
    this.connections = connections;
    this.connection = connections.open();
    connection.setAutoFlushCommands(false);
  }

  /** Whether the server tells the moment when a key expires, see {@link RedisReader}. */
  boolean tellsExpiry() {
    if (tellsExpiry == null) {
      RedisFuture<String> server = commands().info("server");
      tellsExpiry = RedisReader.tellsExpiry(await(server, "asking for the version"));
    }
    return tellsExpiry;
  }

  /** Something to be sent. */
  interface Command {
    RedisFuture<?> send(RedisAsyncCommands<byte[], byte[]> commands);
  }

  /** Takes commands that go together with others. */
  RedisAsyncCommands<byte[], byte[]> commands() {
    return connection.async();
  }

  /** What a command answered; sends all that wait. */
  <T> T await(RedisFuture<T> future, String doing) {
    try {
      return answer(future);
    } catch (ExecutionException | TimeoutException e) {
      throw fault(e, doing);
    }
  }

  private SystemFault fault(Exception e, String doing) {
    return RedisFaults.translate(e, doing + " on " + connections.describe());
  }

  private <T> T answer(RedisFuture<T> future) throws ExecutionException, TimeoutException {
    try {
      connection.flushCommands();
      return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("waiting for " + connections.describe() + " was interrupted", e);
    } catch (CancellationException | RedisException e) {
      throw new ExecutionException(e);
    }
  }

  /** From here on a transaction is none if somebody writes to one of these keys. */
  void watch(Collection<byte[]> keys) {
    List<byte[]> all = List.copyOf(keys);
    RedisFuture<String> last = null;
    for (int from = 0; from < all.size(); from += MOST_ARGUMENTS) {
      List<byte[]> some = all.subList(from, Math.min(all.size(), from + MOST_ARGUMENTS));
      last = commands().watch(some.toArray(byte[][]::new));
    }
    if (last != null) {
      await(last, "watching keys");
    }
  }

  /** Lets go of all keys that are watched. */
  void unwatch() {
    await(commands().unwatch(), "letting go of keys");
  }

  /**
   * Does all of some commands, or none.
   *
   * @return what they answered; empty if somebody wrote to a key that is watched
   * @throws Unanswered if the answer was lost, so that nobody knows whether they were done
   */
  List<RedisFuture<?>> commit(List<Command> some, String doing) {
    RedisFuture<String> begun = commands().multi();
    List<RedisFuture<?>> sent = new ArrayList<>(some.size());
    some.forEach(command -> sent.add(command.send(commands())));
    RedisFuture<TransactionResult> done = commands().exec();
    try {
      TransactionResult result = answer(done);
      return result.wasDiscarded() ? List.of() : sent;
    } catch (TimeoutException e) {
      throw new Unanswered(fault(e, doing));
    } catch (ExecutionException e) {
      if (connection.isOpen() && RedisFaults.line(e).startsWith("EXECABORT")) {
        // One of them was refused when it was sent, and says why.
        List<RedisFuture<?>> all = new ArrayList<>(List.of(begun));
        all.addAll(sent);
        for (RedisFuture<?> one : all) {
          if (one.getError() != null && !one.getError().startsWith("EXECABORT")) {
            throw RedisFaults.refused(one.getError(), doing + " on " + connections.describe());
          }
        }
        throw fault(e, doing);
      }
      throw new Unanswered(fault(e, doing));
    }
  }

  /** The answer to a transaction was lost. */
  static final class Unanswered extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final SystemFault fault;

    Unanswered(SystemFault fault) {
      super(fault);
      this.fault = fault;
    }

    SystemFault fault() {
      return fault;
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
