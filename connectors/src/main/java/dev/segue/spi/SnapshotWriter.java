package dev.segue.spi;

import dev.segue.canonical.Entity;

/** Writes chunks into a target; used by one thread. */
public interface SnapshotWriter extends AutoCloseable {
  /** Starts a chunk; with {@code overwrite}, rows may be there already. */
  void begin(Chunk chunk, boolean overwrite);

  /** Writes one entity of the chunk. */
  void write(Entity entity);

  /** Parks the session of a row that cannot be mapped. */
  void reject(String sessionId, String reason);

  /**
   * Writes what is still to be written, singling out rows that the target refuses.
   *
   * @return the rows that were rejected, whose sessions {@link #commit} parks
   */
  java.util.List<Rejected> finish();

  /**
   * A row that the target did not take.
   *
   * @param entity null where the row could not even be mapped
   */
  record Rejected(String sessionId, String reason, Entity entity) {}

  /** Makes the chunk durable, together with its bookkeeping. */
  void commit(long rows);

  /** Throws the chunk away. */
  void rollback();

  @Override
  void close();
}
