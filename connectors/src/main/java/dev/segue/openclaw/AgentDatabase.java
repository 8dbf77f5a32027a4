package dev.segue.openclaw;

import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.sqlite.SQLiteConfig;

/**
 * OpenClaw's database of an agent, opened to be read only, while its owner writes. Opened once more
 * when another file is in its place.
 */
final class AgentDatabase implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 2000;

  private final Path file;
  private Connection connection;
  private AgentSchema schema;
  private List<Object> files = List.of();
  private FileStamp stamp = FileStamp.NONE;
  private long opened;
  private long written;

  AgentDatabase(Path file) {
    this.file = file;
  }

  /** Equal to another one only if nobody has written in between. */
  record Version(long opened, long written) {}

  /** Work on the rows, all as of one moment. */
  interface Work<T> {
    T with(AgentRows rows) throws SQLException;
  }

  /** Work on what the database consists of. */
  interface Look<T> {
    T at(AgentSchema schema, Connection connection) throws SQLException;
  }

  Path file() {
    return file;
  }

  /** How far it has been written. */
  synchronized Version version() throws IOException {
    try {
      FileStamp now = FileStamp.of(file);
      if (!now.isThere()) {
        throw new SystemFault(
            SystemFault.Nature.TRANSIENT,
            file + " is not there",
            "bring it back; the target keeps what it has",
            null);
      }
      if (!files.equals(files())) {
        close();
      }
      boolean open = connection != null;
      long version = ask();
      if (open && version == written && !now.equals(stamp)) {
        // Somebody wrote it without SQLite, or a checkpoint moved what was known already.
        close();
        version = ask();
      }
      stamp = now;
      written = version;
      return new Version(opened, written);
    } catch (SQLException e) {
      close();
      throw SqliteFaults.of(file, e);
    }
  }

  /** Which files it consists of, whatever their names: a restored one has other numbers. */
  private List<Object> files() throws IOException {
    return List.of(number(""), number("-wal"), number("-shm"));
  }

  private Object number(String ending) throws IOException {
    return FileStamp.of(file.resolveSibling(file.getFileName() + ending)).number();
  }

  private long ask() throws SQLException, IOException {
    open();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA data_version")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** Does work in one transaction. */
  synchronized <T> T read(Work<T> work) throws IOException {
    return look(
        (found, connected) -> {
          List<String> missing = found.missing();
          if (!missing.isEmpty()) {
            throw SystemFault.permanent(file + ": " + missing.get(0), AgentSchema.REMEDY);
          }
          return work.with(new AgentRows(connected, found));
        });
  }

  /** Looks in one transaction. */
  synchronized <T> T look(Look<T> look) throws IOException {
    try {
      open();
      connection.setAutoCommit(false);
      try {
        return look.at(schema, connection);
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      close();
      throw SqliteFaults.of(file, e);
    }
  }

  private void open() throws SQLException, IOException {
    if (connection != null) {
      return;
    }
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(PATIENCE_MILLIS);
    Connection fresh =
        config.createConnection("jdbc:sqlite:file:" + file.toUri().getRawPath() + "?mode=ro");
    try (Statement statement = fresh.createStatement()) {
      statement.execute("PRAGMA query_only = ON");
      schema = AgentSchema.of(fresh);
    } catch (SQLException e) {
      fresh.close();
      throw e;
    }
    connection = fresh;
    opened++;
    // SQLite has made its own files by now.
    files = files();
  }

  @Override
  public synchronized void close() {
    Connection old = connection;
    connection = null;
    files = List.of();
    try {
      if (old != null) {
        old.close();
      }
    } catch (SQLException e) {
      throw SqliteFaults.of(file, e);
    }
  }
}
