package dev.segue.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A PostgreSQL with pgvector, empty: one for Node, all of whose connections share a session, or the
 * project's own image with {@code -Pcontainers}. Where there is neither, the test is skipped.
 */
public final class PgvectorServer implements AutoCloseable {
  private static final String IMAGE = "pgvector/pgvector:pg18";

  private final Process process;
  private final PostgreSQLContainer container;
  private final int port;

  private PgvectorServer(Process process, PostgreSQLContainer container, int port) {
    this.process = process;
    this.container = container;
    this.port = port;
  }

  /** Starts one, or has the test skipped. */
  public static PgvectorServer start() throws Exception {
    return System.getProperty("segue.servers", "embedded").equals("containers")
        ? startContainer()
        : startForNode();
  }

  private static PgvectorServer startContainer() {
    PostgreSQLContainer container =
        new PostgreSQLContainer(DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("postgres"))
            .withUsername("postgres")
            .withPassword("postgres")
            .withDatabaseName("postgres");
    try {
      container.start();
    } catch (RuntimeException e) {
      Assumptions.abort("no pgvector: image " + IMAGE + " cannot be started: " + e.getMessage());
    }
    return new PgvectorServer(null, container, container.getMappedPort(5432));
  }

  private static PgvectorServer startForNode() throws Exception {
    Path module = Path.of(System.getProperty("segue.home"), "streams-app");
    Path installed = module.resolve("target/pgvector");
    Path setUp = module.resolve("src/test/pgvector/set-up");
    if (!succeeds("node", "--version") || !succeeds("npm", "--version")) {
      Assumptions.abort("no pgvector: it is run by Node, and there is no node or no npm here");
    }
    if (!succeeds("sh", setUp.toString())
        || !Files.exists(installed.resolve("node_modules/@electric-sql/pglite-socket"))) {
      Assumptions.abort("no pgvector: " + setUp + " could not fetch it; run it to see why");
    }
    Process process =
        new ProcessBuilder("node", installed.resolve("server.mjs").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    String line = said.readLine();
    if (line == null || !line.startsWith("port ")) {
      process.destroyForcibly();
      throw new IllegalStateException("the server with pgvector did not start: " + line);
    }
    return new PgvectorServer(process, null, Integer.parseInt(line.substring("port ".length())));
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(180, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  public String url() {
    return "postgresql://postgres:postgres@127.0.0.1:" + port + "/postgres";
  }

  private Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("password", "postgres");
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", properties);
  }

  /** Runs statements. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The single value that a query gives, as text; settings may stand before it. */
  public String ask(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      boolean found = statement.execute(sql);
      while (!found) {
        found = statement.getMoreResults();
      }
      try (ResultSet rows = statement.getResultSet()) {
        rows.next();
        return rows.getString(1);
      }
    }
  }

  /** Undoes what a closed connection left in the session, where all of them share one. */
  public void forgetSession() throws SQLException {
    if (process != null) {
      execute(
          "RESET ALL; DEALLOCATE ALL;"
              + " DO $$ BEGIN PERFORM pg_replication_origin_session_reset();"
              + " EXCEPTION WHEN OTHERS THEN NULL; END $$");
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
    if (container != null) {
      container.stop();
    }
  }
}
