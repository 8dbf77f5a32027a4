package dev.segue.demo;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;

/** Two real PostgreSQL servers in a directory of their own, gone with it when closed. */
public final class EmbeddedServers implements AutoCloseable {
  private final Path directory;
  private final EmbeddedPostgres source;
  private final EmbeddedPostgres target;

  private EmbeddedServers(Path directory, EmbeddedPostgres source, EmbeddedPostgres target) {
    this.directory = directory;
    this.source = source;
    this.target = target;
  }

  public static EmbeddedServers start() throws IOException {
    Path directory = Files.createTempDirectory("segue-demo-");
    // Else the library makes a directory of its own and leaves it behind.
    System.setProperty("ot.epg.working-dir", directory.resolve("binaries").toString());
    EmbeddedPostgres source = null;
    try {
      source = server(directory, "source");
      return new EmbeddedServers(directory, source, server(directory, "target"));
    } catch (IOException | RuntimeException e) {
      if (source != null) {
        source.close();
      }
      delete(directory);
      throw e;
    }
  }

  private static EmbeddedPostgres server(Path directory, String name) throws IOException {
    return EmbeddedPostgres.builder()
        .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
        .setDataDirectory(directory.resolve(name))
        .setServerConfig("wal_level", "logical")
        .setServerConfig("max_connections", "60")
        .setServerConfig("fsync", "off")
        .setServerConfig("max_wal_size", "1GB")
        .setPGStartupWait(Duration.ofSeconds(60))
        .start();
  }

  /** Where scratch files may go; deleted with the servers. */
  public Path directory() {
    return directory;
  }

  public String sourceUrl() {
    return url(source);
  }

  public String targetUrl() {
    return url(target);
  }

  private static String url(EmbeddedPostgres server) {
    return "postgresql://postgres@127.0.0.1:" + server.getPort() + "/postgres";
  }

  public Connection source() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:" + sourceUrl().replace("postgres@", ""), "postgres", "");
  }

  public Connection target() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:" + targetUrl().replace("postgres@", ""), "postgres", "");
  }

  @Override
  public void close() {
    try {
      source.close();
      target.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      delete(directory);
    }
  }

  /** Deletes a directory with all that is in it; a server may still be clearing up in there. */
  public static void delete(Path directory) {
    for (int attempt = 1; Files.exists(directory); attempt++) {
      try {
        deleteOnce(directory);
      } catch (IOException e) {
        if (attempt == 20) {
          throw new UncheckedIOException(e);
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(200);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void deleteOnce(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException e)
              throws IOException {
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
