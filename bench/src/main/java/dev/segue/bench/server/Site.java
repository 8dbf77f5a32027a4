package dev.segue.bench.server;

import dev.segue.demo.EmbeddedServer;
import dev.segue.demo.EmbeddedServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A directory of the run's own, two PostgreSQL servers in it, and the processes that were started
 * for it. All of them end with it.
 */
public final class Site implements AutoCloseable {
  /**
   * The same for everybody. What was committed is on the disk. Checkpoints are rare, so that they
   * do not come to one contender and spare the next; each measurement begins behind one.
   */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "fsync", "on",
          "full_page_writes", "on",
          "shared_buffers", "256MB",
          "max_wal_size", "8GB",
          "checkpoint_timeout", "30min",
          "max_connections", "80",
          "max_worker_processes", "16",
          "max_replication_slots", "20",
          "max_wal_senders", "20");

  private static final int MOST_ATTEMPTS = 20;

  private static final List<String> TOLD =
      List.of("fsync", "full_page_writes", "synchronous_commit", "shared_buffers", "max_wal_size");

  private final Path directory;
  private final EmbeddedServer source;
  private final EmbeddedServer target;
  private final List<Child> children = new ArrayList<>();
  private final AtomicInteger names = new AtomicInteger();
  private boolean closed;

  private Site(Path directory, EmbeddedServer source, EmbeddedServer target) {
    this.directory = directory;
    this.source = source;
    this.target = target;
  }

  /** Starts both servers on new data. */
  public static Site open() throws IOException {
    Path directory = Files.createTempDirectory("segue-bench-");
    EmbeddedServer source = null;
    try {
      source = EmbeddedServer.start(directory.resolve("source"), 0, SETTINGS);
      EmbeddedServer target = EmbeddedServer.start(directory.resolve("target"), 0, SETTINGS);
      return new Site(directory, source, target);
    } catch (IOException | RuntimeException e) {
      if (source != null) {
        source.close();
      }
      EmbeddedServers.delete(directory);
      throw e;
    }
  }

  /** A directory that nobody else uses. */
  public Path directory(String purpose) throws IOException {
    return Files.createDirectories(directory.resolve(purpose + "-" + names.incrementAndGet()));
  }

  /** A new, empty database of the source. */
  public Database createSource(String purpose) throws SQLException {
    return create(source, purpose);
  }

  /** A new, empty database of the target. */
  public Database createTarget(String purpose) throws SQLException {
    return create(target, purpose);
  }

  private Database create(EmbeddedServer server, String purpose) throws SQLException {
    Database database =
        new Database(server.port(), purpose.replace('-', '_') + "_" + names.incrementAndGet());
    main(server).execute("CREATE DATABASE " + database.name());
    return database;
  }

  /** Removes a database with everything that holds it: connections, replication slots. */
  public void drop(Database database) throws SQLException {
    release(database);
    main(database).execute("DROP DATABASE " + database.name() + " WITH (FORCE)");
  }

  /** Removes replication slots and publications of a database; whoever still reads one is ended. */
  public void release(Database database) throws SQLException {
    String slots = " FROM pg_replication_slots WHERE database = '" + database.name() + "'";
    remove(
        main(database),
        slots,
        "SELECT pg_terminate_backend(active_pid)" + slots + " AND active",
        "SELECT pg_drop_replication_slot(slot_name)" + slots);
    database.execute(
        "DO $$ DECLARE name text; BEGIN FOR name IN SELECT pubname FROM pg_publication LOOP"
            + " EXECUTE format('DROP PUBLICATION %I', name); END LOOP; END $$");
  }

  /**
   * Removes the replication origins of a migration that will not go on. They are the server's, not
   * the database's, and there are few places for them.
   *
   * @param prefix what their names begin with
   */
  public void forget(String prefix) throws SQLException {
    String origins =
        " FROM pg_replication_origin WHERE starts_with(roname, '%s')".formatted(prefix);
    for (EmbeddedServer server : List.of(source, target)) {
      remove(main(server), origins, "SELECT pg_replication_origin_drop(roname)" + origins);
    }
  }

  /** Executes statements until none of these is left. */
  private static void remove(Database database, String those, String... statements)
      throws SQLException {
    for (int attempt = 1; !database.ask("SELECT count(*)" + those).equals("0"); attempt++) {
      try {
        database.execute(statements);
      } catch (SQLException e) {
        // It takes a moment until a process that was told to end has let go.
        if (attempt == MOST_ATTEMPTS) {
          throw e;
        }
        pause();
      }
    }
  }

  private static Database main(Database database) {
    return new Database(database.port(), "postgres");
  }

  private static void pause() throws SQLException {
    try {
      Thread.sleep(250);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted", e);
    }
  }

  /** Brings both servers to rest: what the one before wrote is not paid by the next. */
  public void settle() throws SQLException {
    main(source).execute("CHECKPOINT");
    main(target).execute("CHECKPOINT");
  }

  /** What decides how durable a commit is, as the target's server itself says. */
  public Map<String, String> settings() throws SQLException {
    Map<String, String> told = new LinkedHashMap<>();
    for (String name : TOLD) {
      told.put(name, main(target).ask("SHOW " + name));
    }
    return told;
  }

  /** The version of both servers. */
  public String postgres() throws SQLException {
    return main(source).ask("SHOW server_version");
  }

  private static Database main(EmbeddedServer server) {
    return new Database(server.port(), "postgres");
  }

  /** Starts a process that ends with this site at the latest. */
  public synchronized Child start(String name, ProcessBuilder builder) throws IOException {
    if (closed) {
      throw new IOException("the run is ending");
    }
    Path log = directory.resolve(name + "-" + names.incrementAndGet() + ".log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Child child = new Child(name, process, log);
    children.removeIf(other -> !other.isAlive());
    children.add(child);
    return child;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    children.forEach(Child::kill);
    try {
      source.close();
      target.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      EmbeddedServers.delete(directory);
    }
  }
}
