package dev.segue.postgres;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.RowReader;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Verbatim;
import dev.segue.relational.TableId;
import dev.segue.spi.Chunk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.SessionSum;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.TableProgress;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A source's tables as of one moment, as entities. */
final class PostgresSnapshot implements SnapshotReader {
  private final TableView view;
  private final Map<TableId, RowReader> readers;

  PostgresSnapshot(TableView view, Map<TableId, RowReader> readers) {
    this.view = view;
    this.readers = Map.copyOf(readers);
  }

  @Override
  public Cutoff cutoff() {
    return view.cutoff();
  }

  @Override
  public List<Chunk> chunks(long chunkBytes) {
    return view.chunks(chunkBytes);
  }

  @Override
  public List<TableProgress> estimates() {
    return view.estimates();
  }

  @Override
  public ChunkReader openReader() {
    return new Reader(view.open());
  }

  @Override
  public void close() {
    view.close();
  }

  /** Hands the rows of one table on as entities. */
  record Mapping(RowReader reader, RowConsumer consumer) implements RowScan.RowHandler {
    @Override
    public void accept(String[] row) {
      try {
        consumer.accept(reader.read(row));
      } catch (UnmappableRowException | MalformedRecordException e) {
        reject(row, e.getMessage());
      }
    }

    @Override
    public void reject(String[] raw, String reason) {
      String value = raw[reader.sessionIndex()];
      consumer.reject(value == null ? null : reader.sessionIdOf(value), reason);
    }
  }

  private final class Reader implements ChunkReader {
    private final RowScan scan;

    Reader(RowScan scan) {
      this.scan = scan;
    }

    @Override
    public long read(Chunk chunk, String changedSince, RowConsumer consumer) {
      RowReader reader = readers.get(TableId.parse(chunk.table()));
      return scan.read(chunk, changedSince, new Mapping(reader, consumer));
    }

    @Override
    public void sum(Chunk chunk, Verbatim table, Consumer<SessionSum> consumer) {
      scan.sum(chunk, table.session(), table.columns(), consumer);
    }

    @Override
    public void close() {
      scan.close();
    }
  }
}
