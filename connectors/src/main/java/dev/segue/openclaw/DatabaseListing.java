package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.MalformedRecordException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The sessions of a database.
 *
 * @param standing what stands of each
 * @param lines what the lines of each say, as far as somebody has looked; grows with each reading
 */
record DatabaseListing(
    AgentDatabase database, Map<String, ByteBuffer> standing, Map<String, ByteBuffer> lines)
    implements Listing {
  @Override
  public Set<String> sessions() {
    return standing.keySet();
  }

  @Override
  public SessionStamp stamp(String session) {
    return RowStamps.Stamp.of(session, standing, lines);
  }

  @Override
  public SessionReading read(String session, FileTables tables) throws IOException {
    SessionRows rows =
        database.read(
            all -> {
              SessionRows found = all.session(session);
              lines.put(session, found.stamp().lines());
              return found;
            });
    SessionStamp stamp = rows.stamp();
    try {
      List<Entity> entities = rows.document().map(tables::entities).orElse(List.of());
      return new SessionReading(session, stamp, true, entities, Optional.empty());
    } catch (MalformedRecordException e) {
      return new SessionReading(session, stamp, true, List.of(), Optional.of(e.getMessage()));
    }
  }
}
