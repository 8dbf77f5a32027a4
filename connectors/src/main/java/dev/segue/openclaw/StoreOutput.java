package dev.segue.openclaw;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes the files of unwritten sessions, under OpenClaw's own lock, and then says in the ledger
 * that they are there. What is killed in between is written once more, to the same bytes.
 */
final class StoreOutput {
  private static final int TOGETHER = 200;

  private final Path directory;
  private SessionStore index;
  private FileStamp stamp;

  StoreOutput(Path directory) {
    this.directory = directory;
  }

  /**
   * What a session is, and what its files were when they were written last.
   *
   * @param version of its rows
   */
  private record Unwritten(SessionDocument document, long version, WrittenSession last) {}

  /**
   * Brings all files to where the rows are.
   *
   * @return whether sessions were parked because their files are somebody else's
   */
  boolean write(BesideStore beside) {
    boolean parked = false;
    for (List<String> some = next(beside); !some.isEmpty(); some = next(beside)) {
      parked |= write(beside, some);
    }
    return parked;
  }

  private static List<String> next(BesideStore beside) {
    return beside.read(
        List.of(),
        store ->
            store.ask(
                "SELECT session FROM sessions WHERE version <> written ORDER BY session LIMIT ?",
                row -> row.getString(1),
                TOGETHER));
  }

  private boolean write(BesideStore beside, List<String> sessions) {
    try (StoreLock lock =
        StoreLock.take(directory.resolve(SessionStore.FILE), StoreFiles.PATIENCE)) {
      readIndex();
      List<Unwritten> unwritten =
          beside.read(
              List.of(),
              store -> {
                List<Unwritten> all = new ArrayList<>();
                for (String session : sessions) {
                  all.add(read(store, session));
                }
                return all;
              });
      Map<String, WrittenSession> written = new LinkedHashMap<>();
      Map<String, String> refused = new LinkedHashMap<>();
      for (Unwritten one : unwritten) {
        String session = one.document.sessionId();
        try {
          written.put(session, one.last.bring(directory, index, one.document));
        } catch (MalformedRecordException
            | UnmappableRowException
            | DateTimeException
            | IllegalArgumentException e) {
          refused.put(session, String.valueOf(e.getMessage()));
        }
      }
      if (index.isChanged()) {
        index.save();
        stamp = FileStamp.of(index.file());
      }
      for (Unwritten one : unwritten) {
        WrittenSession now = written.get(one.document.sessionId());
        if (now != null) {
          now.removeFormer(directory, one.last);
        }
      }
      SafeFile.sync(directory);
      beside.write(store -> settle(store, unwritten, written, refused));
      return !refused.isEmpty();
    } catch (IOException e) {
      index = null;
      throw StoreFiles.waiting(directory, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("interrupted", e);
    } catch (SystemFault e) {
      index = null;
      throw e;
    }
  }

  /** It is read once more if somebody else has written it. */
  private void readIndex() throws IOException {
    FileStamp now = FileStamp.of(directory.resolve(SessionStore.FILE));
    if (index != null && now.equals(stamp)) {
      return;
    }
    try {
      index = SessionStore.read(directory);
      stamp = now;
    } catch (MalformedRecordException e) {
      throw new SystemFault(
          SystemFault.Nature.TRANSIENT,
          directory.resolve(SessionStore.FILE) + " " + e.getMessage(),
          "mend it, or move it away: it goes on by itself",
          e);
    }
  }

  private static Unwritten read(BesideStore store, String session) throws SQLException {
    // The version first: what is written later is a later version.
    return store
        .ask(
            "SELECT version, file, length, digest, entries FROM sessions WHERE session = ?",
            row ->
                new Unwritten(
                    EntityTable.read(store, session),
                    row.getLong(1),
                    new WrittenSession(
                        Optional.ofNullable(row.getString(2)),
                        row.getLong(3),
                        row.getString(4),
                        WrittenSession.entries(row.getString(5)))),
            session)
        .get(0);
  }

  private static int settle(
      BesideStore store,
      List<Unwritten> unwritten,
      Map<String, WrittenSession> written,
      Map<String, String> refused)
      throws SQLException {
    for (Unwritten one : unwritten) {
      String session = one.document.sessionId();
      WrittenSession now = written.getOrDefault(session, one.last);
      store.change(
          "UPDATE sessions SET written = ?, file = ?, length = ?, digest = ?, entries = ?"
              + " WHERE session = ?",
          one.version,
          now.file().orElse(null),
          now.length(),
          now.digest(),
          now.entriesJson(),
          session);
      // Of a session that is gone nothing is left.
      store.change(
          "DELETE FROM sessions WHERE session = ? AND version = written AND file IS NULL", session);
    }
    for (Map.Entry<String, String> one : refused.entrySet()) {
      ParkedTable.park(store, one.getKey(), one.getValue(), 0);
    }
    return publish(store);
  }

  /** Says how far the files are, if no session is unwritten. */
  static int publish(BesideStore store) throws SQLException {
    boolean behind =
        store
            .ask(
                "SELECT EXISTS (SELECT 1 FROM sessions WHERE version <> written)",
                row -> row.getBoolean(1))
            .get(0);
    return behind
        ? 0
        : store.change("UPDATE barriers SET passed = 1 WHERE passed = 0")
            + store.change("UPDATE applied SET shown = state WHERE shown <> state");
  }
}
