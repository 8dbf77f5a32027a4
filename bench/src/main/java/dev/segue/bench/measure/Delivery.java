package dev.segue.bench.measure;

import dev.segue.bench.contender.ContenderFailedException;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Fingerprint;
import java.sql.SQLException;

/** Whether all rows arrived, by plain SQL over both sides. */
final class Delivery {
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
}
