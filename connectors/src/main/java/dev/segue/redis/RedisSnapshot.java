package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.Chunk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.TableProgress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

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
  private final List<String> sessions;
  private final Map<Long, Map<Long, List<String>>> divided = new HashMap<>();

  RedisSnapshot(RedisConnections connections, RedisKeys keys, Cutoff cutoff) {
    this.connections = connections;
    this.keys = keys;
    this.cutoff = cutoff;
    Set<String> all = new LinkedHashSet<>();
    connections.scan(
        keys.glob(),
        key -> keys.meant(new String(key, UTF_8)).ifPresent(meant -> all.add(meant.session())));
    this.sessions = List.copyOf(all);
  }

  @Override
  public Cutoff cutoff() {
    return cutoff;
  }

  /** A chunk is every so-manieth session by the hash of its id. */
  @Override
  public List<Chunk> chunks(long chunkBytes) {
    long count = Math.max(1, (sessions.size() + SESSIONS - 1) / SESSIONS);
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chunks.add(new Chunk(i, "sessions", "sessions", i, count, 1));
    }
    return chunks;
  }

  @Override
  public List<TableProgress> estimates() {
    return List.of(new TableProgress("sessions", 0, sessions.size(), 0, sessions.size()));
  }

  private synchronized List<String> sessions(Chunk chunk) {
    return divided
        .computeIfAbsent(
            chunk.to(),
            count ->
                sessions.stream()
                    .collect(
                        Collectors.groupingBy(
                            session -> (long) Math.floorMod(session.hashCode(), count.intValue()))))
        .getOrDefault(chunk.from(), List.of());
  }

  @Override
  public ChunkReader openReader() {
    RedisReader reader = new RedisReader(connections);
    return new ChunkReader() {
      @Override
      public long read(Chunk chunk, String changedSince, RowConsumer consumer) {
        // What changed since is in the stream.
        return changedSince == null
            ? RedisSnapshot.read(reader, keys, sessions(chunk), consumer)
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
    Mapping mapping = new Mapping(consumer);
    List<String> all = List.copyOf(sessions);
    for (int from = 0; from < all.size(); from += TOGETHER) {
      List<RedisKeys.Meant> some =
          all.subList(from, Math.min(all.size(), from + TOGETHER)).stream()
              .flatMap(session -> keys.ofSession(session).stream())
              .toList();
      reader.read(some, true, reading -> reading.contents().forEach(mapping::content));
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
