package dev.segue.bench.measure;

import dev.segue.bench.contender.ContenderFailedException;
import dev.segue.bench.contender.Patience;
import dev.segue.bench.contender.Segue;
import dev.segue.bench.contender.SegueMigration;
import dev.segue.bench.server.AgentKeys;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.RedisServer;
import dev.segue.bench.server.Site;
import org.HdrHistogram.Histogram;

/**
 * A Redis that agents write to 500 times a second, into PostgreSQL; the Redis is killed midway. How
 * long each step takes, what of it the Redis notices, and whether all arrived.
 */
public final class RedisMove implements Measurement {
  private static final double RATE = 500;
  private static final double NEW_SESSIONS = 0.1;

  /** A mark that is written after the last command has arrived by then. */
  private static final long MARK_MILLIS = 2000;

  private final Contest contest;
  private final Site site;
  private final AgentKeys keys;
  private final long lookMillis;
  private final Segue segue;

  /**
   * Of so many keys.
   *
   * @param seconds for how long a state that lasts is looked at
   */
  public RedisMove(Contest contest, Site site, Segue segue, AgentKeys keys, double seconds) {
    this.contest = contest;
    this.site = site;
    this.keys = keys;
    this.lookMillis = Math.round(seconds * 1000);
    this.segue = segue.with("-Xmx" + SmallHeap.MB + "m", "");
  }

  @Override
  public String name() {
    return "redis";
  }

  /** It holds or it does not; a second round tells nothing more. */
  @Override
  public int rounds(int asked) {
    return 1;
  }

  @Override
  public void round(int number) throws Exception {
    contest.turn(number, segue, s -> measure(number));
  }

  private int sessions() {
    return (int) Math.round(keys.sessions() * (1 + NEW_SESSIONS));
  }

  private void measure(int round) throws Exception {
    Database target = site.createTarget("redis");
    try (RedisServer redis = RedisServer.start(site)) {
      keys.fill(redis);
      contest.tell("%,d sessions are there".formatted(keys.sessions()));
      count(round, "used memory before, MB", redis.usedMb());
      try (RedisWriters writers = RedisWriters.start(redis, sessions(), RATE);
          RedisProbe probe = RedisProbe.start(redis);
          SegueMigration migration = segue.migration(redis, target)) {
        Thread.sleep(lookMillis);
        answers(round, "before", probe);
        move(round, redis, migration, probe);
        restart(round, redis, migration);
        writers.finish();
        judge(round, redis, migration, target);
      }
    } finally {
      site.drop(target);
    }
  }

  private void move(int round, RedisServer redis, SegueMigration migration, RedisProbe probe)
      throws Exception {
    migration.command("plan", "--create-target").awaitSuccess(Patience.LONG.toSeconds());
    probe.take();
    long began = System.nanoTime();
    migration.start();
    migration.awaitStreaming();
    migration.awaitAbreast();
    figure(round, "run until abreast of the writers, s", Contest.secondsSince(began));
    answers(round, "while history is copied", probe);
    Thread.sleep(lookMillis);
    answers(round, "while it is followed", probe);
    count(round, "used memory while it is followed, MB", redis.usedMb());
    long asked = System.nanoTime();
    migration.command("verify").awaitSuccess(Patience.LONG.toSeconds());
    figure(round, "verify while agents write, s", Contest.secondsSince(asked));
  }

  private void restart(int round, RedisServer redis, SegueMigration migration) throws Exception {
    long killed = System.nanoTime();
    redis.killAndStart();
    figure(round, "Redis killed until it answers, s", Contest.secondsSince(killed));
    Thread.sleep(MARK_MILLIS);
    migration.awaitAbreast();
    figure(round, "Redis killed until abreast again, s", Contest.secondsSince(killed));
  }

  private void judge(int round, RedisServer redis, SegueMigration migration, Database target)
      throws Exception {
    Thread.sleep(MARK_MILLIS);
    migration.awaitAbreast();
    KeysDelivery.Found found = KeysDelivery.compare(redis, target, sessions());
    count(round, "things compared", found.compared());
    count(round, "left of sessions deleted while it was down", found.extra());
    check(found.lost() + found.altered() == 0, found);
    migration.command("verify", "--repair").awaitSuccess(Patience.LONG.toSeconds());
    KeysDelivery.Found repaired = KeysDelivery.compare(redis, target, sessions());
    check(repaired.lost() + repaired.altered() + repaired.extra() == 0, repaired);
  }

  private static void check(boolean holds, KeysDelivery.Found found) {
    if (!holds) {
      throw new ContenderFailedException("the target is not what the Redis is: " + found);
    }
  }

  private void answers(int round, String when, RedisProbe probe) {
    Histogram micros = probe.take();
    figure(round, "HGET p50 " + when + ", ms", micros.getValueAtPercentile(50) / 1000.0);
    figure(round, "HGET p99 " + when + ", ms", micros.getValueAtPercentile(99) / 1000.0);
  }

  private void figure(int round, String quantity, double value) {
    contest.figure(round, segue.name(), quantity, value);
  }

  private void count(int round, String quantity, long value) {
    contest.figure(round, segue.name(), quantity, value);
  }
}
