package dev.segue.openclaw;

import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.sqlite.SQLiteConfig;

/**
 * A connection to the small database that a migration keeps beside the store it writes: the ledger,
 * and the rows that the files are made of. Made by the first who writes to it.
 */
final class BesideStore implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 30_000;

  private final BesidePlace place;
  private Connection connection;

  BesideStore(BesidePlace place) {
    this.place = place;
  }

  /** Work in one transaction. */
  interface Work<T> {
    T with(BesideStore store) throws SQLException;
  }

  /** What a row of an answer means. */
  interface Meaning<T> {
    T of(ResultSet row) throws SQLException;
  }

  BesidePlace place() {
    return place;
  }

  /** Whether a migration has written there. */
  boolean isThere() {
    return Files.exists(place.database());
  }

  /**
   * Does work that writes, as a whole or not at all.
   *
   * @throws SystemFault whose answer may be lost: look whether it was done
   */
  synchronized <T> T write(Work<T> work) {
    try {
      open();
      connection.setAutoCommit(false);
      try {
        T done = work.with(this);
        connection.commit();
        return done;
      } finally {
        if (connection != null && !connection.getAutoCommit()) {
          connection.rollback();
          connection.setAutoCommit(true);
        }
      }
    } catch (SQLException e) {
      close();
      throw SqliteFaults.ofOurs(place.database(), e);
    }
  }

  /** Does work that reads; without a database there is nothing to be read. */
  synchronized <T> T read(T nothing, Work<T> work) {
    if (connection == null && !isThere()) {
      return nothing;
    }
    try {
      open();
      return work.with(this);
    } catch (SQLException e) {
      close();
      throw SqliteFaults.ofOurs(place.database(), e);
    }
  }

  /** How many rows a statement changed. */
  int change(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(sql, values)) {
      return statement.executeUpdate();
    }
  }

  /** What the rows of an answer mean. */
  <T> List<T> ask(String sql, Meaning<T> meaning, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(sql, values);
        ResultSet rows = statement.executeQuery()) {
      List<T> all = new ArrayList<>();
      while (rows.next()) {
        all.add(meaning.of(rows));
      }
      return all;
    }
  }

  private PreparedStatement prepare(String sql, Object... values) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  private void open() throws SQLException {
    if (connection != null) {
      return;
    }
    try {
      place.make();
    } catch (IOException e) {
      throw StoreFiles.waiting(place.directory(), e);
    }
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(PATIENCE_MILLIS);
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    Connection fresh =
        config.createConnection("jdbc:sqlite:file:" + place.database().toUri().getRawPath());
    try (Statement statement = fresh.createStatement()) {
      for (String table : BesideTables.ALL) {
        statement.execute(table);
      }
    } catch (SQLException e) {
      fresh.close();
      throw e;
    }
    connection = fresh;
  }

  @Override
  public synchronized void close() {
    Connection old = connection;
    connection = null;
    try {
      if (old != null) {
        old.close();
      }
    } catch (SQLException e) {
      throw SqliteFaults.ofOurs(place.database(), e);
    }
  }
}
