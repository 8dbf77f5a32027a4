package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.Chunk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.SessionChunks;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.TableProgress;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * All sessions, each as it is when it is read: keys are read together with the place in the
 * replication stream that they are as of, and the stream brings what comes behind it.
 */
final class RedisSnapshot implements SnapshotReader {
  private static final int SESSIONS = 2000;
  private static final int TOGETHER = 100;

  private final RedisConnections connections;
  private final RedisKeys keys;
  private final Cutoff cutoff;
  private final Optional<OwnKeys> own;
  private final Consumer<Content> told;
  private final SessionChunks sessions;

  /**
   * @param own where it is entered what elements of lists are called
   * @param told is told what history brings of each key
   */
  RedisSnapshot(
      RedisConnections connections,
      RedisKeys keys,
      Cutoff cutoff,
      Optional<OwnKeys> own,
      Consumer<Content> told) {
    this.own = own;
    this.told = told;
    this.connections = connections;
    this.keys = keys;
    this.cutoff = cutoff;
    Set<String> all = new LinkedHashSet<>();
    connections.scan(
        keys.glob(),
        key -> keys.meant(new String(key, UTF_8)).ifPresent(meant -> all.add(meant.session())));
    this.sessions = new SessionChunks(all, SESSIONS);
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
    RedisReader reader = new RedisReader(connections, own);
    return new ChunkReader() {
      @Override
      public long read(Chunk chunk, String changedSince, RowConsumer consumer) {
        // What changed since is in the stream.
        return changedSince == null
            ? RedisSnapshot.read(reader, keys, sessions.of(chunk), told, consumer)
            : 0;
      }

      @Override
      public void close() {
        reader.close();
      }
    };
  }

  /** Reads sessions as they are now; returns how many rows there were. */
  static long read(
      RedisReader reader, RedisKeys keys, Collection<String> sessions, RowConsumer consumer) {
    return read(reader, keys, sessions, unused -> {}, consumer);
  }

  private static long read(
      RedisReader reader,
      RedisKeys keys,
      Collection<String> sessions,
      Consumer<Content> told,
      RowConsumer consumer) {
    Mapping mapping = new Mapping(consumer);
    List<String> all = List.copyOf(sessions);
    for (int from = 0; from < all.size(); from += TOGETHER) {
      List<RedisKeys.Meant> some =
          all.subList(from, Math.min(all.size(), from + TOGETHER)).stream()
              .flatMap(session -> keys.ofSession(session).stream())
              .toList();
      reader.read(
          some, true, reading -> reading.contents().forEach(told.andThen(mapping::content)));
    }
    return mapping.rows;
  }

  /** Keys to entities. */
  private static final class Mapping {
    private final RowConsumer consumer;
    private long rows;

    Mapping(RowConsumer consumer) {
      this.consumer = consumer;
    }

    void content(Content content) {
      String session = content.meant().session();
      content.tell(
          new Content.Rows() {
            @Override
            public void row(RedisTable table, String[] row) {
              rows++;
              try {
                consumer.accept(table.reader().read(row));
              } catch (UnmappableRowException | MalformedRecordException e) {
                consumer.reject(session, content.meant().key() + ": " + e.getMessage());
              }
            }

            @Override
            public void reject(RedisTable table, String reason) {
              rows++;
              consumer.reject(session, content.meant().key() + ": " + reason);
            }
          });
    }
  }

  @Override
  public void close() {
    // Each reader has a connection of its own.
  }
}
