package dev.segue.bench.measure;

import dev.segue.bench.contender.ContenderFailedException;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Fingerprint;
import java.sql.SQLException;

/** Whether all rows arrived, by plain SQL over both sides. */
final class Delivery {
  private static final String INDEXES =
      "SELECT string_agg(indexdef, '; ' ORDER BY indexdef) FROM pg_indexes"
          + " WHERE tablename IN ('sessions', 'messages')";

  private Delivery() {}

  /**
   * Looks at the target.
   *
   * @throws ContenderFailedException if it does not hold what the source holds
   */
  static void check(Fingerprint source, Database target) throws SQLException {
    Fingerprint found = Fingerprint.of(target);
    if (!found.equals(source)) {
      throw new ContenderFailedException("not all arrived: " + source.differenceTo(found));
    }
  }

  /**
   * Looks whether the target has its keys and indexes, whenever they were built.
   *
   * @throws ContenderFailedException if it lacks one
   */
  static void checkIndexes(Database source, Database target) throws SQLException {
    String found = target.ask(INDEXES);
    if (!source.ask(INDEXES).equals(found)) {
      throw new ContenderFailedException("the target's indexes are not the source's: " + found);
    }
  }
}
