package dev.segue.bench.measure;

import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Fingerprint;
import dev.segue.bench.server.Site;
import java.sql.SQLException;

/** A source that nobody writes to while it is copied, made once for all who copy it. */
record History(Site site, Conversations size, Database source, Fingerprint fingerprint)
    implements AutoCloseable {
  static History make(Site site, Conversations size) throws SQLException {
    Database source = site.createSource("history");
    size.createIn(source);
    return new History(site, size, source, Fingerprint.of(source));
  }

  /** A new target with the same tables, empty. */
  Database target() throws SQLException {
    Database target = site.createTarget("target");
    Conversations.createTables(target);
    site.settle();
    return target;
  }

  /** Takes away what the one before left, on both sides. */
  void discard(Database target) throws SQLException {
    site.drop(target);
    site.release(source);
  }

  @Override
  public void close() throws SQLException {
    site.drop(source);
  }
}
