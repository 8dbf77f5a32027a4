package dev.segue.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is closed leaves no process behind. */
class EmbeddedServerIT {
  @TempDir Path directory;

  @Test
  void whoeverClosesItFindsItGone() throws Exception {
    EmbeddedServer server = EmbeddedServer.start(directory, 0, Map.of());
    long pid =
        Long.parseLong(Files.readAllLines(directory.resolve("data/postmaster.pid")).get(0).strip());
    ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
    assertThat(postmaster.isAlive()).isTrue();
    // As the hooks of a JVM that ends: ours, and the library's.
    CompletableFuture<?>[] closings =
        Stream.generate(
                () ->
                    CompletableFuture.runAsync(
                        () -> {
                          close(server);
                          assertThat(postmaster.isAlive()).isFalse();
                        }))
            .limit(3)
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(closings).get(60, TimeUnit.SECONDS);
  }

  private static void close(EmbeddedServer server) {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
