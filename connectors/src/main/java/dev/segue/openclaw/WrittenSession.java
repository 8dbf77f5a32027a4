package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * What we wrote of a session last: by it a file that somebody else wrote is told from ours.
 *
 * @param file the transcript's name; empty if there is none of ours
 * @param length of the transcript in bytes
 * @param digest of the transcript, SHA-256
 * @param entries in {@code sessions.json}, by their keys
 */
record WrittenSession(
    Optional<String> file, long length, String digest, Map<String, String> entries) {
  private static final WrittenSession NOTHING =
      new WrittenSession(Optional.empty(), 0, null, Map.of());

  WrittenSession {
    entries = Map.copyOf(entries);
  }

  /** Reads what {@link #entriesJson} wrote. */
  static Map<String, String> entries(String json) {
    return json == null ? Map.of() : JsonText.membersOf(json);
  }

  String entriesJson() {
    return JsonText.object(entries);
  }

  /**
   * Brings a session's files to what its rows are.
   *
   * @return what is written then
   * @throws MalformedRecordException if a file is somebody else's, or cannot be named so
   */
  WrittenSession bring(Path directory, SessionStore index, SessionDocument document)
      throws IOException {
    if (document.entities().isEmpty()) {
      removeEntries(index, Map.of(), document.sessionId());
      return NOTHING;
    }
    Map<String, String> wanted = StoreEntry.asItWas(document);
    Path transcript = StoreEntry.transcript(directory, document.sessionId(), wanted);
    checkEntries(index, wanted, document.sessionId());
    byte[] bytes = WholeTranscript.of(document, wanted);
    write(transcript, bytes);
    index.putEntries(wanted);
    removeEntries(index, wanted, document.sessionId());
    return new WrittenSession(
        Optional.of(transcript.getFileName().toString()), bytes.length, digest(bytes), wanted);
  }

  /** A key that means another session, or that somebody wrote to, is left alone. */
  private void checkEntries(SessionStore index, Map<String, String> wanted, String session) {
    wanted.forEach(
        (key, entry) -> {
          String found = index.entry(key);
          if (found != null && !found.equals(entry) && !found.equals(entries.get(key))) {
            throw new MalformedRecordException(
                SessionStore.FILE
                    + " has an entry for key "
                    + key
                    + " of session "
                    + session
                    + " that was not written by this migration; take it out, or give the session"
                    + " another key");
          }
        });
  }

  private void removeEntries(SessionStore index, Map<String, String> wanted, String session) {
    entries.forEach(
        (key, entry) -> {
          if (!wanted.containsKey(key) && session.equals(index.idOf(key).orElse(null))) {
            index.removeEntry(key);
          }
        });
  }

  private void write(Path transcript, byte[] bytes) throws IOException {
    boolean ours = file.filter(transcript.getFileName().toString()::equals).isPresent();
    if (!Files.exists(transcript, LinkOption.NOFOLLOW_LINKS)) {
      SafeFile.put(transcript, bytes);
      return;
    }
    if (ours
        && Files.size(transcript) == length
        && bytes.length > length
        && beginsWithOurs(bytes)) {
      append(transcript, bytes);
      return;
    }
    byte[] found = Files.readAllBytes(transcript);
    if (Arrays.equals(found, bytes)) {
      return;
    }
    boolean known = ours && (digest(found).equals(digest) || isHalfAppended(found, bytes));
    if (!known) {
      throw new MalformedRecordException(
          transcript.getFileName()
              + " is there already and was not written by this migration; move it away");
    }
    SafeFile.put(transcript, bytes);
  }

  private boolean beginsWithOurs(byte[] bytes) {
    return digest(Arrays.copyOf(bytes, (int) length)).equals(digest);
  }

  /** Whether a machine that lost its power was just appending: zeros may stand for the rest. */
  private boolean isHalfAppended(byte[] found, byte[] bytes) {
    int end = found.length;
    while (end > length && found[end - 1] == 0) {
      end--;
    }
    return end >= length
        && end <= bytes.length
        && Arrays.equals(found, 0, end, bytes, 0, end)
        && beginsWithOurs(bytes);
  }

  private void append(Path transcript, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(transcript, StandardOpenOption.APPEND)) {
      ByteBuffer more = ByteBuffer.wrap(bytes, (int) length, bytes.length - (int) length);
      while (more.hasRemaining()) {
        channel.write(more);
      }
      channel.force(true);
    }
  }

  /** Takes the transcript away that the session had before, if it has another one now. */
  void removeFormer(Path directory, WrittenSession former) throws IOException {
    if (former.file.isEmpty() || former.file.equals(file)) {
      return;
    }
    Path old = directory.resolve(former.file.get());
    if (Files.exists(old) && digest(Files.readAllBytes(old)).equals(former.digest)) {
      Files.delete(old);
    }
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
