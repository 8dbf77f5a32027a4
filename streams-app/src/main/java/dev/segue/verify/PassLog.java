package dev.segue.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.spi.Chunk;
import dev.segue.spi.SystemFault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * What a pass over both sides has read so far, in a file, so that one that is interrupted can be
 * continued. Entries with a length and a checksum are appended; what a crash left of the last one
 * is not read.
 */
final class PassLog implements AutoCloseable {
  /** Longer ago, and going on is worth less than beginning anew. */
  private static final Duration OLDEST = Duration.ofHours(24);

  private static final int VERSION = 2;
  private static final byte HORIZON = 1;
  private static final byte PIECE = 2;
  private static final int HEADER = Integer.BYTES + Long.BYTES;

  private final Path path;
  private final FileChannel file;
  private final String identity;
  private final Set<String> pieces = new HashSet<>();
  private final Map<String, Tally> read = new HashMap<>();
  private boolean readsRows;
  private String beganAt;
  private String horizon;

  private PassLog(Path path, FileChannel file, String identity) {
    this.path = path;
    this.file = file;
    this.identity = identity;
  }

  /**
   * Opens the log of a pass, or begins one.
   *
   * @param identity of the migration, its mapping and its tables' files; a log of another is thrown
   *     away
   * @param afresh whether one that could be continued is thrown away too
   * @param readsRows whether this pass is to read all rows; if so, one that did not is thrown away
   * @param story is told why there is none
   * @return empty if another process has it open, or it cannot be written
   */
  static Optional<PassLog> open(
      Path path, String identity, boolean afresh, boolean readsRows, Consumer<String> story) {
    try {
      FileChannel file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      PassLog log = new PassLog(path, file, identity);
      try {
        if (lock(file) == null) {
          log.close();
          story.accept("Another process verifies too; if this one is interrupted, it begins anew.");
          return Optional.empty();
        }
        boolean old =
            Files.getLastModifiedTime(path).toInstant().isBefore(Instant.now().minus(OLDEST));
        if (afresh || old || !log.load() || (readsRows && !log.readsRows)) {
          log.begin(readsRows);
        }
        return Optional.of(log);
      } catch (IOException e) {
        log.close();
        throw e;
      }
    } catch (IOException e) {
      story.accept("If this is interrupted, it begins anew: cannot write " + path + " (" + e + ")");
      return Optional.empty();
    }
  }

  private static FileLock lock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static SystemFault fault(Path path, IOException e) {
    return SystemFault.permanent(
        "cannot keep what was read in " + path + ": " + e.getMessage(),
        "see to the room and the rights of its directory");
  }

  private void begin(boolean withAllRows) throws IOException {
    file.truncate(0);
    readsRows = withAllRows;
    horizon = null;
    pieces.clear();
    read.clear();
    beganAt = Instant.now().toString();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(VERSION);
      writeText(out, identity);
      out.writeUTF(beganAt);
      out.writeBoolean(readsRows);
    }
    append(bytes.toByteArray());
  }

  /** Whether it is the log of this migration, and what it says; false too if it makes no sense. */
  private boolean load() throws IOException {
    try {
      return tryToLoad();
    } catch (EOFException | UTFDataFormatException | IllegalArgumentException e) {
      return false;
    }
  }

  private boolean tryToLoad() throws IOException {
    file.position(0);
    byte[] first = next();
    if (first == null) {
      return false;
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(first))) {
      if (in.readInt() != VERSION || !readText(in).equals(identity)) {
        return false;
      }
      beganAt = in.readUTF();
      readsRows = in.readBoolean();
    }
    long end = file.position();
    for (byte[] entry = next(); entry != null; entry = next()) {
      take(entry);
      end = file.position();
    }
    file.truncate(end);
    file.position(end);
    return true;
  }

  private void take(byte[] entry) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(entry))) {
      if (in.readByte() == HORIZON) {
        horizon = in.readUTF();
        return;
      }
      pieces.add(in.readUTF());
      for (int left = in.readInt(); left > 0; left--) {
        String session = readText(in);
        read.computeIfAbsent(session, unused -> new Tally()).add(Tally.read(in));
      }
    }
  }

  /** The next entry; null at the end, or where one is not whole. */
  private byte[] next() throws IOException {
    try {
      ByteBuffer header = fill(ByteBuffer.allocate(HEADER));
      int length = header.getInt();
      if (length <= 0 || length > file.size() - file.position()) {
        return null;
      }
      byte[] bytes = fill(ByteBuffer.allocate(length)).array();
      return checksum(bytes) == header.getLong() ? bytes : null;
    } catch (EOFException e) {
      return null;
    }
  }

  private ByteBuffer fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (file.read(buffer) < 0) {
        throw new EOFException();
      }
    }
    return buffer.flip();
  }

  private static long checksum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }

  private synchronized void append(byte[] entry) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(HEADER + entry.length);
    all.putInt(entry.length).putLong(checksum(entry)).put(entry).flip();
    while (all.hasRemaining()) {
      file.write(all);
    }
  }

  /** Whether its pass reads all rows, also those that the systems could sum up themselves. */
  boolean readsRows() {
    return readsRows;
  }

  /** Throws away what it has, for a pass that reads all rows. */
  void beginReadingRows() {
    try {
      begin(true);
    } catch (IOException e) {
      throw fault(path, e);
    }
  }

  /** How many pieces were read before this process. */
  int continued() {
    return pieces.size();
  }

  /** When the pass began, in this process or an earlier one, RFC 3339. */
  String beganAt() {
    return beganAt;
  }

  /** What was read of sessions before this process; theirs who ask first. */
  Map<String, Tally> takeRead() {
    Map<String, Tally> all = new HashMap<>(read);
    read.clear();
    return all;
  }

  /** What tells rows that the source changed since it was first read; empty if it was not. */
  Optional<String> horizon() {
    return Optional.ofNullable(horizon);
  }

  /** Remembers what tells rows that the source changes from now on. */
  void horizon(String now) {
    write(
        out -> {
          out.writeByte(HORIZON);
          out.writeUTF(now);
        });
  }

  /** Whether a piece was read before this process. */
  boolean has(String side, Chunk chunk) {
    return pieces.contains(name(side, chunk));
  }

  private static String name(String side, Chunk chunk) {
    return String.join(" ", side, chunk.table(), chunk.part(), chunk.from() + "", chunk.to() + "");
  }

  /** Remembers what a piece holds. */
  void add(String side, Chunk chunk, Map<String, Tally> tallies) {
    write(
        out -> {
          out.writeByte(PIECE);
          out.writeUTF(name(side, chunk));
          out.writeInt(tallies.size());
          for (Map.Entry<String, Tally> tally : tallies.entrySet()) {
            writeText(out, tally.getKey());
            tally.getValue().write(out);
          }
        });
  }

  /** Of any length, other than {@link DataOutput#writeUTF}. */
  static void writeText(DataOutput out, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static String readText(DataInput in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return new String(bytes, UTF_8);
  }

  private interface Entry {
    void write(DataOutputStream out) throws IOException;
  }

  private void write(Entry entry) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      entry.write(out);
      append(bytes.toByteArray());
    } catch (IOException e) {
      throw fault(path, e);
    }
  }

  /** The pass is done: there is nothing to go on with. */
  void finish() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw fault(path, e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
