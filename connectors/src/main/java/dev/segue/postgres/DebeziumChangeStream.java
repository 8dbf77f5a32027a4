package dev.segue.postgres;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.RowReader;
import dev.segue.relational.TableId;
import dev.segue.spi.ChangeEvent;
import dev.segue.spi.ChangeStream;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Reach;
import dev.segue.spi.SourceClock;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Watermark;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The source's log by Debezium's embedded engine, from where the slot was last confirmed. */
final class DebeziumChangeStream implements ChangeStream {
  private static final Logger LOG = LoggerFactory.getLogger(DebeziumChangeStream.class);

  /** An event that is no later than this is fresh. */
  private static final long FRESH_MILLIS = 100;

  /** Others may gather behind a late one for such a part of its lateness, and no longer than so. */
  private static final long PART = 2;

  private static final long MOST_GATHERING_MILLIS = 100;

  private final PostgresConnections connections;
  private final PostgresNames names;
  private final Properties settings;
  private final Cutoff cutoff;
  private final Map<TableId, SessionFinder> finders;
  private final ArchiveLook archives;
  private final Set<String> opposite;
  private final AtomicReference<DebeziumEngine<?>> engine = new AtomicReference<>();
  private volatile boolean closing;

  /**
   * @param cutoff where the slot was made; a slot that is ahead of it, with nothing in the topic,
   *     is not the one that was made
   */
  DebeziumChangeStream(
      PostgresConnections connections,
      PostgresNames names,
      Properties settings,
      Cutoff cutoff,
      Map<TableId, SessionFinder> finders,
      ArchiveLook archives) {
    this.connections = connections;
    this.names = names;
    this.settings = settings;
    this.cutoff = cutoff;
    this.finders = Map.copyOf(finders);
    this.archives = archives;
    this.opposite =
        IntStream.range(0, PostgresTarget.ORIGINS)
            .mapToObj(worker -> names.opposite().origin(worker))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Finds the session of a row in an event. */
  record SessionFinder(RowReader reader, String column) {}

  @Override
  public void run(Optional<Watermark> watermark, BatchHandler handler) {
    ReplicationSlot slot = new ReplicationSlot(connections, names);
    slot.release();
    long start = slot.checkContinuous(cutoff, watermark);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (DebeziumEngine<RecordChangeEvent<SourceRecord>> running =
        DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
            .using(settings)
            .notifying(new Consumer(handler, start))
            .using(
                (boolean success, String message, Throwable error) -> {
                  if (!success) {
                    failure.set(error == null ? new IllegalStateException(message) : error);
                  }
                })
            .build()) {
      engine.set(running);
      LOG.atInfo().addKeyValue("lsn", SourcePosition.formatLog(start)).log("capture starts");
      running.run();
    } catch (IOException e) {
      throw SystemFault.passing("capture could not be closed: " + e.getMessage(), e);
    } catch (IllegalStateException e) {
      // An engine that has failed refuses to be closed; what it failed of is what counts.
      if (!closing && failure.get() == null) {
        throw e;
      }
    } finally {
      engine.set(null);
      archives.close();
      slot.release();
    }
    if (!closing) {
      throw fault(failure.get());
    }
  }

  private SystemFault fault(Throwable error) {
    if (error == null) {
      return SystemFault.passing("capture ended without a word", null);
    }
    String message = error.getMessage();
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof SystemFault known) {
        return known;
      }
      if (cause instanceof java.sql.SQLException sql) {
        return PostgresFaults.translate(sql, "following the log of " + connections.describe());
      }
      if (cause.getMessage() != null) {
        message = cause.getMessage();
      }
    }
    return SystemFault.passing("capture failed: " + message, error);
  }

  @Override
  public void close() {
    closing = true;
    DebeziumEngine<?> running = engine.get();
    // The engine refuses to be closed while it is starting, so this asks again until it listens.
    for (int attempt = 0; running != null && attempt < 300; attempt++) {
      try {
        running.close();
        return;
      } catch (IOException | IllegalStateException e) {
        LOG.atDebug().addKeyValue("reason", e.getMessage()).log("capture cannot be closed yet");
        try {
          Thread.sleep(50);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          return;
        }
        running = engine.get();
      }
    }
  }

  /** Turns Debezium's records into events, in the one thread that Debezium calls it from. */
  private final class Consumer
      implements DebeziumEngine.ChangeConsumer<RecordChangeEvent<SourceRecord>> {
    private final BatchHandler handler;
    private final long start;
    private final SourceClock clock = new SourceClock();
    private boolean begun;
    private long transaction = -1;
    private long after;
    private int ordinal;

    Consumer(BatchHandler handler, long start) {
      this.handler = handler;
      this.start = start;
    }

    @Override
    public void handleBatch(
        List<RecordChangeEvent<SourceRecord>> records,
        DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
        throws InterruptedException {
      if (closing || records.isEmpty()) {
        return;
      }
      if (!begun) {
        begun = true;
        EventMeters.turnOff(names.prefix());
      }
      List<ChangeEvent> events = new ArrayList<>(records.size());
      List<ArchiveLook.Doubt> doubts = new ArrayList<>();
      for (RecordChangeEvent<SourceRecord> record : records) {
        if (record.record().value() instanceof Struct envelope
            && envelope.schema().field("source") != null
            && !isOurs(envelope.getStruct("source"))) {
          ChangeEvent event = event(envelope);
          if (archives.isNeeded()) {
            doubt(events.size(), event, envelope).ifPresent(doubts::add);
          }
          events.add(event);
        }
      }
      if (!doubts.isEmpty()) {
        events = archives.settle(events, doubts, () -> !closing);
      }
      if (events.isEmpty()) {
        // The source may forget only what lies below a watermark; the next mark brings one.
        return;
      }
      RecordChangeEvent<SourceRecord> last = records.get(records.size() - 1);
      long confirmable = confirmable(last.record());
      handler.handle(events, Reach.of(confirmable));
      if (confirmable > 0) {
        committer.markProcessed(last);
        committer.markBatchFinished();
      }
      letMoreGather(records.size(), last.record());
    }

    /**
     * A batch is what came in the twenty milliseconds of a poll; but a transaction costs the broker
     * the same whether it has a few events or thousands, and who is late for want of processors
     * gets later by small ones.
     */
    private void letMoreGather(int size, SourceRecord last) throws InterruptedException {
      if (size < DebeziumSettings.BATCH
          && last.value() instanceof Struct envelope
          && envelope.schema().field("source") != null) {
        Long committedAt = envelope.getStruct("source").getInt64("ts_ms");
        long late =
            committedAt == null ? 0 : clock.lateness(committedAt, System.currentTimeMillis());
        long more = Math.max(0, late - FRESH_MILLIS) / PART;
        Thread.sleep(Math.min(MOST_GATHERING_MILLIS, more));
      }
    }

    /** Whether the opposite direction wrote it: it came from where it would go. */
    private boolean isOurs(Struct source) {
      return source.schema().field("origin") != null
          && opposite.contains(String.valueOf(source.getString("origin")));
    }

    /**
     * Up to where the source may forget its log. 0 until the first transaction since the start has
     * ended: Debezium would confirm a place in the middle of it, of which no watermark tells, so
     * that the slot would seem to have been moved by somebody else.
     */
    private long confirmable(SourceRecord record) {
      return record.sourceOffset().get("lsn_commit") instanceof Long commit ? commit : 0;
    }

    private Optional<ArchiveLook.Doubt> doubt(int place, ChangeEvent event, Struct envelope) {
      String operation = envelope.getString("op");
      if (operation.equals("m")) {
        return Optional.empty();
      }
      Struct source = envelope.getStruct("source");
      TableId table = new TableId(source.getString("schema"), source.getString("table"));
      return archives.doubt(place, table, operation, event.departedFrom().isPresent());
    }

    private ChangeEvent event(Struct envelope) {
      Struct source = envelope.getStruct("source");
      SourcePosition position = position(source);
      byte[] value = EnvelopeWriter.write(envelope);
      String operation = envelope.getString("op");
      if (operation.equals("m")) {
        look(envelope.getStruct("message").getString("content"), source.getInt64("ts_ms"));
      }
      if (operation.equals("m") || operation.equals("t")) {
        return new ChangeEvent(position, transaction, Optional.empty(), Optional.empty(), value);
      }
      TableId table = new TableId(source.getString("schema"), source.getString("table"));
      SessionFinder finder = finders.get(table);
      if (finder == null) {
        throw SystemFault.permanent(
            "the log brought a change of " + table + ", which is not part of the migration",
            "take the table out of publication " + names.publication());
      }
      String before = session(finder, envelope.getStruct("before"));
      String now = operation.equals("d") ? before : session(finder, envelope.getStruct("after"));
      boolean moved = operation.equals("u") && before != null && !before.equals(now);
      if (moved) {
        // Leaving the old session is a change of its own, right before the arrival.
        ordinal++;
        position = position.next();
      }
      return new ChangeEvent(
          position,
          transaction,
          Optional.of(now == null ? "" : now),
          moved ? Optional.of(before) : Optional.empty(),
          value);
    }

    /** Looks what a mark tells of the source's clock; whether it is well-formed, others tell. */
    private void look(String mark, Long committedAt) {
      try {
        if (committedAt != null) {
          clock.mark(committedAt, MarkMessage.read(mark).sentAt());
        }
      } catch (MalformedRecordException e) {
        LOG.atDebug().addKeyValue("reason", e.getMessage()).log("a mark tells no time");
      }
    }

    private String session(SessionFinder finder, Struct row) {
      if (row == null || row.schema().field(finder.column()) == null) {
        return null;
      }
      Object value = row.getWithoutDefault(finder.column());
      return value == null ? null : finder.reader().sessionIdOf(value.toString());
    }

    private SourcePosition position(Struct source) {
      Long number = source.getInt64("txId");
      long current = number == null ? 0 : number;
      long before = previousCommit(source.getString("sequence"));
      if (current != transaction || before != after) {
        transaction = current;
        after = before;
        ordinal = 0;
      }
      ordinal++;
      Long address = source.getInt64("lsn");
      return new SourcePosition(after, address == null ? 0 : address, ordinal);
    }

    /** The first half of {@code ["24023128","24023128"]}; null in the first transaction. */
    private long previousCommit(String sequence) {
      if (sequence == null || sequence.startsWith("[null")) {
        return start;
      }
      int from = sequence.indexOf('"') + 1;
      return Long.parseLong(sequence.substring(from, sequence.indexOf('"', from)));
    }
  }
}
