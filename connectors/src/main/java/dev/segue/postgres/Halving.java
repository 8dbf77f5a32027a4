package dev.segue.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;

/**
 * Writes rows together, each time in a savepoint; where the database refuses what is in them, it
 * halves them until one row is left that is refused.
 */
final class Halving {
  private final Connection connection;
  private final Work work;
  private final Refusal refusal;

  /** Writes the rows from one number to before another. */
  interface Work {
    void write(int from, int to) throws SQLException;
  }

  /** Is told of a row that cannot be written. */
  interface Refusal {
    void refused(int row, SQLException why);
  }

  Halving(Connection connection, Work work, Refusal refusal) {
    this.connection = connection;
    this.work = work;
    this.refusal = refusal;
  }

  /** Writes the rows from one number to before another. */
  void write(int from, int to) throws SQLException {
    if (from == to) {
      return;
    }
    Savepoint before = connection.setSavepoint();
    try {
      work.write(from, to);
      connection.releaseSavepoint(before);
    } catch (SQLException e) {
      if (!PostgresFaults.isData(e.getSQLState())) {
        throw e;
      }
      connection.rollback(before);
      if (to - from == 1) {
        refusal.refused(from, e);
        return;
      }
      int middle = (from + to) / 2;
      write(from, middle);
      write(middle, to);
    }
  }
}
