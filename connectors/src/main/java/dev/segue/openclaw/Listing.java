package dev.segue.openclaw;

import java.io.IOException;
import java.util.Set;

/** The sessions that there are at one moment. */
interface Listing {
  Set<String> sessions();

  /** What a session's stamp is now; the session is not read. */
  SessionStamp stamp(String session) throws IOException;

  /** A session as it is now, which may be later than the listing. */
  SessionReading read(String session, FileTables tables) throws IOException;
}
