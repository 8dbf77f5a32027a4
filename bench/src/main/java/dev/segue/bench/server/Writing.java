package dev.segue.bench.server;

import java.sql.Connection;
import java.sql.SQLException;

/** What is written to a source while nobody follows it. */
public interface Writing {
  /** Writes it as fast as it goes: how long the writer takes is not measured. */
  void writeTo(Database source) throws SQLException;

  /** A digest of the rows that were written last. It costs little to ask for. */
  String tail(Connection connection) throws SQLException;
}
