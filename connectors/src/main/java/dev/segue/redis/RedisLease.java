package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.SetArgs;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A key that expires unless its holder renews it. A holder that was held up for longer than that
 * may lose it; then the epochs of the partitions keep it from applying anything.
 */
final class RedisLease implements Target.Lease {
  private static final Logger LOG = LoggerFactory.getLogger(RedisLease.class);

  /** So long the key outlives its holder. */
  private static final Duration LIFE = Duration.ofSeconds(10);

  private static final Duration RENEWAL = Duration.ofSeconds(2);

  private final RedisConnections connections;
  private final OwnKeys keys;
  private final byte[] token;
  private final Thread renewing;
  private volatile boolean closed;

  private RedisLease(RedisConnections connections, OwnKeys keys, byte[] token) {
    this.connections = connections;
    this.keys = keys;
    this.token = token;
    this.renewing = new Thread(this::renewUntilClosed, "segue-lease");
    renewing.setDaemon(true);
    renewing.start();
  }

  static RedisLease take(RedisConnections connections, OwnKeys keys, boolean takeOver) {
    byte[] token = token();
    if (takeOver) {
      connections.with(
          "taking the lease",
          commands -> commands.set(keys.lease(), token, SetArgs.Builder.px(LIFE.toMillis())));
    } else {
      await(connections, keys, token);
    }
    return new RedisLease(connections, keys, token);
  }

  private static byte[] token() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "a host without a name";
    }
    String since = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    return (UUID.randomUUID()
            + " process "
            + ProcessHandle.current().pid()
            + " on "
            + host
            + ", since "
            + since)
        .getBytes(UTF_8);
  }

  /** A dead process's key goes by itself; a living one's is renewed before that. */
  private static void await(RedisConnections connections, OwnKeys keys, byte[] token) {
    long left = Long.MAX_VALUE;
    while (!tryTake(connections, keys, token)) {
      long now = connections.with("asking for the lease", c -> c.pttl(keys.lease()));
      if (now > left) {
        throw SystemFault.permanent(
            "migration '" + keys.migration() + "' is already running: " + holder(connections, keys),
            "stop that process first, or take the migration from it: segue run --take-over");
      }
      left = now;
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw SystemFault.passing("interrupted", e);
      }
    }
  }

  private static boolean tryTake(RedisConnections connections, OwnKeys keys, byte[] token) {
    String answer =
        connections.with(
            "taking the lease",
            commands ->
                commands.set(keys.lease(), token, SetArgs.Builder.nx().px(LIFE.toMillis())));
    return "OK".equals(answer);
  }

  private static String holder(RedisConnections connections, OwnKeys keys) {
    String value = Bytes.text(connections.with("asking for the lease", c -> c.get(keys.lease())));
    return value == null ? "a process that just ended" : value.substring(value.indexOf(' ') + 1);
  }

  private void renewUntilClosed() {
    while (!closed) {
      try {
        Thread.sleep(RENEWAL.toMillis());
        renew();
      } catch (InterruptedException e) {
        // We are being closed.
        return;
      } catch (SystemFault e) {
        // Whoever checks the lease is told; here it is tried again.
        LOG.atDebug().addKeyValue("reason", e.getMessage()).log("the lease was not renewed");
      }
    }
  }

  /** Whether it was ours, and lives on. */
  private boolean renew() {
    return ifOurs(
        "renewing the lease",
        // Also done by a server that has no room for more.
        commands -> commands.pexpire(keys.lease(), LIFE.toMillis()));
  }

  private boolean ifOurs(String doing, Transactions.Command command) {
    try (Transactions transactions = new Transactions(connections)) {
      transactions.watch(List.of(keys.lease()));
      byte[] now = transactions.await(transactions.commands().get(keys.lease()), doing);
      if (!Arrays.equals(now, token)) {
        return false;
      }
      List<RedisFuture<?>> answers = transactions.commit(List.of(command), doing);
      return !answers.isEmpty();
    } catch (Transactions.Unanswered e) {
      throw e.fault();
    }
  }

  @Override
  public synchronized void check() {
    // It may have been gone for a moment; whoever is first has it now.
    if (!renew() && !tryTake(connections, keys, token) && !renew()) {
      throw SystemFault.fenced(
          "migration '" + keys.migration() + "' is already running: " + holder(connections, keys));
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    renewing.interrupt();
    try {
      renewing.join(2_000);
      ifOurs("giving the lease back", commands -> commands.del(keys.lease()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SystemFault e) {
      // It goes by itself soon.
      LOG.atDebug().addKeyValue("reason", e.getMessage()).log("the lease was not given back");
    }
  }
}
