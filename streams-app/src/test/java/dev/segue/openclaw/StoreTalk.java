package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** People who talk to an OpenClaw that keeps its sessions in a directory. */
final class StoreTalk implements AutoCloseable {
  private final Path directory;
  private final Random random;
  private final int sessions;
  private final AtomicLong lines = new AtomicLong();
  private final Thread thread;
  private volatile boolean ending;
  private volatile Throwable failure;

  private StoreTalk(Path directory, int sessions, long pauseMicros, long seed) {
    this.directory = directory;
    this.random = new Random(seed);
    this.sessions = sessions;
    this.thread = new Thread(() -> talk(pauseMicros), "talk");
  }

  /** Begins to talk. */
  static StoreTalk start(Path directory, int sessions, long pauseMicros, long seed) {
    StoreTalk talk = new StoreTalk(directory, sessions, pauseMicros, seed);
    talk.thread.start();
    return talk;
  }

  /** Writes transcripts of that many sessions, and a store that names them. */
  static void history(Path directory, int sessions, int messages) throws IOException {
    Files.createDirectories(directory);
    for (int i = 0; i < sessions; i++) {
      List<String> all = new ArrayList<>();
      all.add(header(id(i)));
      for (int m = 0; m < messages; m++) {
        all.add(message(String.format(Locale.ROOT, "%08x", m), m % 2 == 0 ? "user" : "assistant"));
      }
      Files.writeString(transcript(directory, i), String.join("\n", all) + "\n");
    }
    store(directory, sessions, 0, 1_770_000_000_000L);
  }

  /** Writes the store anew, as OpenClaw does, with another time for one of its sessions. */
  static void store(Path directory, int sessions, int touched, long updated) throws IOException {
    StringBuilder json = new StringBuilder("{");
    for (int i = 0; i < sessions; i++) {
      json.append(i == 0 ? "\n" : ",\n")
          .append("  \"agent:main:dm:")
          .append(i)
          .append("\": {\"sessionId\": \"")
          .append(id(i))
          .append("\", \"updatedAt\": ")
          .append(i == touched ? updated : 1_770_000_000_000L)
          .append("}");
    }
    Path fresh = Files.writeString(directory.resolve("sessions.json.tmp"), json + "\n}\n");
    Files.move(
        fresh,
        directory.resolve("sessions.json"),
        java.nio.file.StandardCopyOption.ATOMIC_MOVE,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  static String id(int session) {
    return "s-" + session;
  }

  static Path transcript(Path directory, int session) {
    return directory.resolve(id(session) + ".jsonl");
  }

  static String header(String id) {
    return "{\"type\":\"session\",\"version\":3,\"id\":\""
        + id
        + "\",\"timestamp\":\"2026-03-08T12:15:35.580Z\",\"cwd\":\"/w\"}";
  }

  static String message(String id, String role, String... text) {
    String said = text.length == 0 ? role + " says " + id + " – ünïcode 🦞" : text[0];
    return "{\"type\":\"message\",\"id\":\""
        + id
        + "\",\"parentId\":null,\"timestamp\":\"2026-03-08T12:15:36.595Z\",\"message\":{\"role\":\""
        + role
        + "\",\"content\":[{\"type\":\"text\",\"text\":"
        + JsonText.quote(said)
        + "}],\"timestamp\":1772972135581}}";
  }

  static void append(Path transcript, String text) throws IOException {
    Files.writeString(transcript, text, StandardOpenOption.APPEND, StandardOpenOption.CREATE);
  }

  private void talk(long pauseMicros) {
    try {
      while (!ending) {
        step();
        Thread.sleep(pauseMicros / 1000, (int) (pauseMicros % 1000) * 1000);
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      failure = e;
    }
  }

  private void step() throws IOException, InterruptedException {
    int session = random.nextInt(sessions);
    Path transcript = transcript(directory, session);
    String id = String.format(Locale.ROOT, "t%07x", lines.incrementAndGet());
    String line = message(id, random.nextBoolean() ? "user" : "assistant") + "\n";
    int kind = random.nextInt(100);
    if (kind < 80) {
      append(transcript, line);
    } else if (kind < 88) {
      // A line in two pieces.
      int half = line.length() / 2;
      append(transcript, line.substring(0, half));
      append(transcript, line.substring(half));
    } else if (kind < 94) {
      // A branch: written anew as a whole, without some of what was said.
      List<String> all = new ArrayList<>(Files.readAllLines(transcript));
      if (all.size() > 3) {
        all.remove(1 + random.nextInt(all.size() - 1));
      }
      Files.writeString(transcript, String.join("\n", all) + "\n");
    } else if (kind < 97) {
      Path fresh = transcript.resolveSibling(transcript.getFileName() + ".tmp");
      Files.writeString(fresh, header(id(session)) + "\n" + line);
      Files.move(fresh, transcript, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } else if (kind < 98) {
      Files.deleteIfExists(transcript);
      append(transcript, header(id(session)) + "\n" + line);
    } else {
      store(directory, sessions, session, System.currentTimeMillis());
    }
  }

  long lines() {
    return lines.get();
  }

  @Override
  public void close() throws Exception {
    ending = true;
    thread.join();
    if (failure != null) {
      throw new AssertionError(failure);
    }
  }
}
