package dev.segue.spi;

import dev.segue.canonical.Entity;
import dev.segue.layout.Verbatim;
import java.util.List;
import java.util.function.Consumer;

/** One consistent view of a source's history, shared by several readers. */
public interface SnapshotReader extends AutoCloseable {
  /** The log position that this view is as of. */
  Cutoff cutoff();

  /** The pieces to read; the same whenever the table has not grown. */
  List<Chunk> chunks(long chunkBytes);

  /** About how many rows each table has. */
  List<TableProgress> estimates();

  /** Opens one more reader of this view, to be used by one thread. */
  ChunkReader openReader();

  @Override
  void close();

  /** Reads chunks, one after the other. */
  interface ChunkReader extends AutoCloseable {
    /**
     * Reads a chunk.
     *
     * @param changedSince where not null, only rows changed since that horizon
     * @return rows read
     */
    long read(Chunk chunk, String changedSince, RowConsumer consumer);

    /**
     * Has the system itself sum up a chunk's rows by session, where {@link Source#sumsRows}. Sums
     * are equal to those of another system's rows that have the same values in the same columns;
     * the order of rows is no part of them.
     */
    default void sum(Chunk chunk, Verbatim table, Consumer<SessionSum> consumer) {
      throw new UnsupportedOperationException("rows are not summed up here");
    }

    @Override
    void close();
  }

  /** Takes what a chunk holds. */
  interface RowConsumer {
    void accept(Entity entity);

    /** A row that cannot be mapped; its session is null where the row does not say. */
    void reject(String sessionId, String reason);
  }
}
