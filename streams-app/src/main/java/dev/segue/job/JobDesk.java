package dev.segue.job;

import dev.segue.spi.SystemFault;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes pieces of work and does them in their order, in a thread of its own. */
public final class JobDesk implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobDesk.class);
  private static final int MOST_WAITING = 20;
  private static final int MOST_KEPT = 100;

  private final Clock clock;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "segue-desk"));
  private int count;

  public JobDesk(Clock clock) {
    this.clock = clock;
  }

  /** What is to be done. */
  public interface Work {
    /**
     * @param story is told how it goes
     * @return what came of it, to be written as JSON
     */
    Object run(Consumer<String> story) throws InterruptedException;
  }

  private static final class Entry {
    private final String id;
    private final String kind;
    private final String requestedBy;
    private final List<String> lines = new ArrayList<>();
    private String state = "waiting";
    private Object result;
    private Job.Failure failure;

    Entry(String id, String kind, String requestedBy) {
      this.id = id;
      this.kind = kind;
      this.requestedBy = requestedBy;
    }

    synchronized Job look() {
      return new Job(id, kind, requestedBy, state, lines, result, failure);
    }

    synchronized void tell(String line) {
      lines.add(line);
    }

    synchronized void become(String next, Object came, Job.Failure reason) {
      state = next;
      result = came;
      failure = reason;
    }
  }

  /**
   * Takes a piece of work.
   *
   * @return its id
   * @throws SystemFault if too many are waiting
   */
  public synchronized String submit(String kind, String requestedBy, Work work) {
    long waiting = entries.values().stream().filter(entry -> !entry.look().isOver()).count();
    if (waiting >= MOST_WAITING) {
      throw SystemFault.permanent(
          waiting + " pieces of work are waiting already", "ask again when they are done");
    }
    String id = Long.toString(clock.millis(), 36) + "-" + ++count;
    Entry entry = new Entry(id, kind, requestedBy);
    entries.put(id, entry);
    entries.keySet().stream()
        .filter(old -> entries.size() > MOST_KEPT && entries.get(old).look().isOver())
        .findFirst()
        .ifPresent(entries::remove);
    try {
      thread.execute(() -> run(entry, work));
    } catch (RejectedExecutionException e) {
      throw SystemFault.permanent("segue run is being stopped", "ask the next one");
    }
    return id;
  }

  private static void run(Entry entry, Work work) {
    entry.become("running", null, null);
    try {
      entry.become("done", work.run(entry::tell), null);
    } catch (SystemFault e) {
      boolean refused = e.nature() == SystemFault.Nature.PERMANENT;
      entry.become("failed", null, new Job.Failure(refused, e.getMessage(), e.remedy()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      entry.become("failed", null, new Job.Failure(false, "segue run was stopped", "ask again"));
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("job", entry.id).log("a piece of work failed");
      entry.become("failed", null, new Job.Failure(false, e.toString(), ""));
    }
  }

  /** A piece of work by its id. */
  public synchronized Optional<Job> find(String id) {
    return Optional.ofNullable(entries.get(id)).map(Entry::look);
  }

  /** All that are remembered, oldest first. */
  public synchronized List<Job> all() {
    return entries.values().stream().map(Entry::look).toList();
  }

  /** Ends what is being done, as far as it can be ended. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(30, TimeUnit.SECONDS)) {
        LOG.atWarn().log("a piece of work does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
