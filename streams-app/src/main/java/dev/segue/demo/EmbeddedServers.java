package dev.segue.demo;

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
import java.util.Map;

/** Two real PostgreSQL servers in a directory of their own, gone with it when closed. */
public final class EmbeddedServers implements AutoCloseable {
  private static final Map<String, String> SETTINGS =
      Map.of("max_connections", "60", "max_wal_size", "1GB");

  private final Path directory;
  private final EmbeddedServer source;
  private final EmbeddedServer target;

  private EmbeddedServers(Path directory, EmbeddedServer source, EmbeddedServer target) {
    this.directory = directory;
    this.source = source;
    this.target = target;
  }

  public static EmbeddedServers start() throws IOException {
    Path directory = Files.createTempDirectory("segue-demo-");
    EmbeddedServer source = null;
    try {
      source = EmbeddedServer.start(directory.resolve("source"), 0, SETTINGS);
      EmbeddedServer target = EmbeddedServer.start(directory.resolve("target"), 0, SETTINGS);
      return new EmbeddedServers(directory, source, target);
    } catch (IOException | RuntimeException e) {
      if (source != null) {
        source.close();
      }
      delete(directory);
      throw e;
    }
  }

  /** Where scratch files may go; deleted with the servers. */
  public Path directory() {
    return directory;
  }

  public String sourceUrl() {
    return source.url();
  }

  public String targetUrl() {
    return target.url();
  }

  public Connection source() throws SQLException {
    return connect(source);
  }

  public Connection target() throws SQLException {
    return connect(target);
  }

  private static Connection connect(EmbeddedServer server) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:" + server.url().replace("postgres@", ""), "postgres", "");
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
