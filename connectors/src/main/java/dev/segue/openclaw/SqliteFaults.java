package dev.segue.openclaw;

import dev.segue.spi.SystemFault;
import dev.segue.spi.SystemFault.Nature;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;

/** What SQLite's refusals mean, and what to do about them. */
final class SqliteFaults {
  /** The rest of a code says more of the same. */
  private static final int KIND = 0xff;

  private SqliteFaults() {}

  static SystemFault of(Path file, SQLException e) {
    SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(e.getErrorCode() & KIND);
    return switch (code) {
      case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL -> held(file, e);
      case SQLITE_CANTOPEN ->
          fault(
              Nature.TRANSIENT,
              file + " cannot be opened",
              "see that it is there, and that the user of segue may read it and write to its"
                  + " directory, where SQLite keeps "
                  + file.getFileName()
                  + "-shm",
              e);
      case SQLITE_READONLY ->
          fault(
              Nature.TRANSIENT,
              file + " was not closed well and has to be recovered by a writer",
              "start OpenClaw once",
              e);
      case SQLITE_NOTADB ->
          fault(
              Nature.PERMANENT,
              file + " is not an SQLite database, or is encrypted",
              "name OpenClaw's openclaw-agent.sqlite in the source's url",
              e);
      case SQLITE_CORRUPT ->
          fault(
              Nature.PERMANENT,
              file + " is damaged",
              "look with: sqlite3 "
                  + file
                  + " 'PRAGMA integrity_check', then restore it from a backup",
              e);
      case SQLITE_IOERR ->
          fault(
              Nature.TRANSIENT, file + " cannot be read", "see the machine's log for its disk", e);
      default -> fault(Nature.PERMANENT, file + " refuses", "see the message", e);
    };
  }

  /** Likewise of a file that is our own, which is to be written. */
  static SystemFault ofOurs(Path file, SQLException e) {
    SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(e.getErrorCode() & KIND);
    return switch (code) {
      case SQLITE_NOTADB, SQLITE_CORRUPT ->
          fault(
              Nature.PERMANENT,
              file + " is damaged, which holds the migration's bookkeeping",
              "restore it from a backup; or start over with an empty directory and a new name",
              e);
      case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL -> held(file, e);
      case SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM ->
          fault(
              Nature.TRANSIENT,
              file + " cannot be written",
              "see that its disk has room and that the user of segue may write there; it goes on"
                  + " by itself",
              e);
      default -> fault(Nature.PERMANENT, file + " refuses", "see the message", e);
    };
  }

  private static SystemFault held(Path file, SQLException e) {
    return fault(
        Nature.TRANSIENT,
        file + " is held by another process",
        "it is tried again; if that does not end, see who holds it: fuser " + file,
        e);
  }

  private static SystemFault fault(Nature nature, String what, String remedy, SQLException e) {
    return new SystemFault(nature, what + ": " + e.getMessage(), remedy, e);
  }
}
