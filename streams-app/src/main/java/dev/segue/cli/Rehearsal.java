package dev.segue.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.status.Status;
import dev.segue.status.StatusJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * Has {@code status} ask a process that is none, so that the JVM has loaded what a short command
 * loads. The launcher starts it to make the archive of classes; no system is asked for anything.
 */
public final class Rehearsal {
  private Rehearsal() {}

  /** Performs it, and ends the JVM, which then writes the archive. */
  public static void main(String[] args) throws IOException {
    System.exit(perform(new PrintWriter(System.out, true, UTF_8)));
  }

  /**
   * Performs it.
   *
   * @param out what {@code status} says goes there
   * @return the exit code of {@code status}
   */
  static int perform(PrintWriter out) throws IOException {
    Path directory = Files.createTempDirectory("segue-rehearsal-");
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread answering = new Thread(() -> answer(server), "segue-rehearsal");
      answering.setDaemon(true);
      answering.start();
      Files.writeString(directory.resolve("run.json"), holder(server.getLocalPort()));
      Path file = directory.resolve("migration.yaml");
      Files.writeString(
          file,
          """
          name: rehearsal
          source: {layout: callsphere, url: "postgresql://nobody@127.0.0.1/source"}
          target: {layout: aria-engine, url: "postgresql://nobody@127.0.0.1/target"}
          data-dir: "%s"
          """
              .formatted(directory));
      CommandLine line = Segue.commandLine();
      line.setOut(out);
      line.setErr(out);
      return line.execute("status", "-f", file.toString());
    } finally {
      for (String name : List.of("migration.yaml", "run.json")) {
        Files.deleteIfExists(directory.resolve(name));
      }
      Files.deleteIfExists(directory);
    }
  }

  private static String holder(int port) throws IOException {
    return StatusJson.mapper()
        .writeValueAsString(
            Map.of(
                "pid", ProcessHandle.current().pid(),
                "since", "2026-01-01T00:00:00Z",
                "host", "127.0.0.1",
                "port", port,
                "token", ""));
  }

  /** Answers one request, whatever is asked. */
  private static void answer(ServerSocket server) {
    try (Socket socket = server.accept()) {
      BufferedReader request =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      for (String line = request.readLine(); line != null && !line.isEmpty(); ) {
        line = request.readLine();
      }
      byte[] body = StatusJson.mapper().writeValueAsBytes(status());
      String head =
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
              + ("Content-Length: " + body.length + "\r\n\r\n");
      socket.getOutputStream().write(head.getBytes(UTF_8));
      socket.getOutputStream().write(body);
    } catch (IOException e) {
      // Status finds nobody and says so: the rehearsal has failed, and its exit code tells.
      return;
    }
  }

  private static Status status() {
    Status.Look look = new Status.Look("2026-01-01T00:00:00Z", 0, null);
    return new Status(
        "rehearsal",
        "streaming",
        new Status.Running(ProcessHandle.current().pid(), "2026-01-01T00:00:00Z"),
        List.of(new Status.Table("messages", 1, 1, 100, 0, 0)),
        new Status.Lag(0, 0),
        new Status.Rates(0, 0),
        new Status.Latency(0, 0),
        new Status.Counts(0, 0, 0, 0),
        new Status.Parked(0, 0, List.of()),
        null,
        null,
        new Status.Routing(0, 0, null, null),
        null,
        List.of(new Status.Stage("capture", "running", 0, null)),
        null,
        new Status.AsOf(look, look));
  }
}
