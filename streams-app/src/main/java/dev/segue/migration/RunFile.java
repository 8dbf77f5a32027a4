package dev.segue.migration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Says which process of this machine runs a migration and where it answers: a lock that the system
 * lets go of with the process, and a file beside it.
 */
public final class RunFile implements AutoCloseable {
  private static final String OWNER = "migration";

  /** What a migration may have put into its data directory. */
  static final List<String> OURS =
      List.of("kafka", "streams", "tmp", "run.json", "run.json.new", "run.lock", OWNER);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final FileChannel channel;
  private final FileLock lock;
  private final String since = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();

  private RunFile(Path file, FileChannel channel, FileLock lock) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
  }

  /** Who runs a migration, and where it answers. */
  public record Holder(long pid, String since, String host, int port, String token) {}

  /** Takes the migration for this process. */
  static RunFile take(String migration, Path dataDirectory) {
    Path file = dataDirectory.resolve("run.json");
    try {
      Files.createDirectories(dataDirectory);
      FileChannel channel =
          FileChannel.open(
              dataDirectory.resolve("run.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        channel.close();
        throw SystemFault.permanent(
            "migration '"
                + migration
                + "' is already running"
                + find(dataDirectory)
                    .map(h -> ": process " + h.pid() + " since " + h.since())
                    .orElse(""),
            "look at it with: segue status; or stop that process first");
      }
      try {
        own(migration, dataDirectory.resolve(OWNER));
      } catch (SystemFault e) {
        lock.release();
        channel.close();
        throw e;
      }
      return new RunFile(file, channel, lock);
    } catch (IOException e) {
      throw new SystemFault(
          SystemFault.Nature.PERMANENT,
          "data-dir " + dataDirectory + " cannot be used: " + e.getMessage(),
          "make room, or set data-dir in migration.yaml to a directory that this user may write",
          e);
    }
  }

  /** A directory belongs to the migration that used it first. */
  private static void own(String migration, Path owner) throws IOException {
    if (!Files.exists(owner)) {
      Files.writeString(owner, migration);
    }
    String name = Files.readString(owner);
    if (!name.equals(migration)) {
      throw SystemFault.permanent(
          "data-dir " + owner.getParent() + " belongs to migration '" + name + "'",
          "set data-dir in migration.yaml to a directory of its own for '" + migration + "'");
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** The process that runs the migration of this directory, if one does. */
  public static Optional<Holder> find(Path dataDirectory) {
    Path file = dataDirectory.resolve("run.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(Files.readString(file));
      Holder holder =
          new Holder(
              json.path("pid").longValue(),
              json.path("since").asText(),
              json.path("host").asText("127.0.0.1"),
              json.path("port").intValue(),
              json.path("token").asText());
      boolean alive = ProcessHandle.of(holder.pid()).filter(ProcessHandle::isAlive).isPresent();
      return alive ? Optional.of(holder) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  String since() {
    return since;
  }

  /** Says where the process answers, and the token for what changes anything. */
  void answersAt(String host, int port, String token) {
    String json =
        JSON.createObjectNode()
            .put("pid", ProcessHandle.current().pid())
            .put("since", since)
            .put("host", host)
            .put("port", port)
            .put("token", token)
            .toString();
    try {
      Path draft = file.resolveSibling("run.json.new");
      Files.deleteIfExists(draft);
      // Whoever has the token may move sessions.
      Files.createFile(
          draft,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(draft, json.getBytes(StandardCharsets.UTF_8));
      Files.move(draft, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw SystemFault.passing("writing " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    if (!channel.isOpen()) {
      return;
    }
    try {
      Files.deleteIfExists(file);
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw SystemFault.passing("releasing " + file + ": " + e.getMessage(), e);
    }
  }
}
