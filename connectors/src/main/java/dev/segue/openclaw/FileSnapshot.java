package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.spi.Chunk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.SessionChunks;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.TableProgress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * All sessions, each as it is when it is read. The stream tells what became of them since: it
 * compares them with what they were before they were read here.
 */
final class FileSnapshot implements SnapshotReader {
  private static final int SESSIONS = 200;

  private final FileSessions files;
  private final Cutoff cutoff;
  private final SessionChunks sessions;
  private final Optional<Told> told;

  /**
   * @param sessions that there are
   * @param told is to know what was read; empty if nobody goes on from there
   */
  FileSnapshot(
      FileSessions files, Collection<String> sessions, Cutoff cutoff, Optional<Told> told) {
    this.files = files;
    this.cutoff = cutoff;
    this.sessions = new SessionChunks(sessions, SESSIONS);
    this.told = told;
  }

  @Override
  public Cutoff cutoff() {
    return cutoff;
  }

  @Override
  public List<Chunk> chunks(long chunkBytes) {
    return sessions.all();
  }

  @Override
  public List<TableProgress> estimates() {
    return sessions.estimates();
  }

  @Override
  public ChunkReader openReader() {
    return new ChunkReader() {
      @Override
      public long read(Chunk chunk, String changedSince, RowConsumer consumer) {
        // What changed since is told by the stream.
        return changedSince == null ? FileSnapshot.this.read(sessions.of(chunk), consumer) : 0;
      }

      @Override
      public void close() {
        // Each file is read as a whole.
      }
    };
  }

  private long read(Collection<String> some, RowConsumer consumer) {
    long rows = 0;
    Listing listing = files.list();
    for (String session : some) {
      if (listing.sessions().contains(session)) {
        SessionReading reading = files.read(listing, session);
        told.ifPresent(memory -> memory.history(reading));
        rows += tell(reading, consumer);
      } else {
        told.ifPresent(memory -> memory.missing(session));
      }
    }
    return rows;
  }

  /** Hands a reading on; returns how many rows it has. */
  static long tell(SessionReading reading, RowConsumer consumer) {
    if (reading.wrong().isPresent()) {
      consumer.reject(reading.session(), reading.wrong().get());
      return 1;
    }
    for (Entity entity : reading.entities()) {
      consumer.accept(entity);
    }
    return reading.entities().size();
  }

  @Override
  public void close() {
    // Nothing is held open.
  }
}
