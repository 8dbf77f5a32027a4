package dev.segue.bench.contender;

import dev.segue.bench.server.Child;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.RedisServer;
import dev.segue.bench.server.Site;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** The product, by its own launcher, with its default settings and its embedded broker. */
public final class Segue implements Copier, Follower {
  private final Site site;
  private final Path home;
  private final String options;
  private final String settings;
  private final AtomicInteger migrations = new AtomicInteger();

  /**
   * With the checkout to take it from.
   *
   * @param options for its JVM, as {@code SEGUE_OPTS} takes them; empty for the defaults
   */
  public Segue(Site site, Path home, String options) {
    this(site, home, options, "");
  }

  private Segue(Site site, Path home, String options, String settings) {
    this.site = site;
    this.home = home;
    this.options = options;
    this.settings = settings;
  }

  /**
   * The same checkout, set up otherwise.
   *
   * @param more options for its JVM, besides those that it has
   * @param settings lines of {@code migration.yaml}; empty for the defaults
   */
  public Segue with(String more, String settings) {
    return new Segue(site, home, (options + " " + more).strip(), settings);
  }

  @Override
  public String name() {
    return "Segue";
  }

  /** A migration between two databases of the same shape, its process not started yet. */
  public SegueMigration migration(Database source, Database target) throws IOException {
    return migration(source, target, "callsphere");
  }

  /** A migration into tables of another layout. */
  public SegueMigration migration(Database source, Database target, String targetLayout)
      throws IOException {
    return migration("callsphere", source.url(), targetLayout, target);
  }

  /** A migration of an agent's keys into tables that are not there yet. */
  public SegueMigration migration(RedisServer source, Database target) throws IOException {
    return migration("redis-agent", source.url(), "segue-postgres", target);
  }

  private SegueMigration migration(
      String sourceLayout, String sourceUrl, String targetLayout, Database target)
      throws IOException {
    String name = "bench-" + migrations.incrementAndGet();
    return SegueMigration.write(
        site,
        home,
        options,
        new SegueMigration.Sides(name, sourceLayout, sourceUrl, targetLayout, target, settings));
  }

  /** {@code segue --help}, just started. */
  public Child help() throws IOException {
    return site.start("segue-help", new ProcessBuilder(home.resolve("segue").toString(), "--help"));
  }

  @Override
  public SegueMigration copy(Database source, Database target) throws Exception {
    SegueMigration migration = migration(source, target);
    migration.start();
    try {
      migration.awaitStreaming();
      return migration;
    } catch (Exception e) {
      migration.close();
      throw e;
    }
  }

  @Override
  public SegueMigration prepare(Database source, Database target) throws Exception {
    SegueMigration migration = copy(source, target);
    migration.stop();
    return migration;
  }
}
