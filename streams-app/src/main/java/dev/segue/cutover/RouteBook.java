package dev.segue.cutover;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.segue.ownership.HashSlot;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.spi.SystemFault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where each session is to be written and read, for those who ask; kept up with the systems. */
public final class RouteBook implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RouteBook.class);

  /** Whoever moves sessions says so; this is for what nobody said, such as a fence that lifted. */
  private static final long LOOK_MILLIS = 10_000;

  private static final long FOR_EVER = Long.MAX_VALUE;

  private final Supplier<Owners> reader;
  private final Optional<Duration> grace;
  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
  private final Thread thread = new Thread(this::follow, "segue-routes");
  private final Object wake = new Object();
  private volatile Page page = new Page(0, Owners.allAtSource(), System.nanoTime());
  private boolean asked;
  private volatile boolean stopped;

  /**
   * @param reader reads who owns what
   * @param grace how long a writer may go on by a route that has changed, where nothing but routes
   *     keeps writers away; a route is good for half of it, and the writer has the other half
   */
  public RouteBook(Supplier<Owners> reader, Optional<Duration> grace) {
    this.reader = reader;
    this.grace = grace;
    thread.setDaemon(true);
  }

  /**
   * All routes as of one moment; a later one has a higher number.
   *
   * @param goodUntil {@link System#nanoTime}
   */
  public record Page(long version, Owners owners, @JsonIgnore long goodUntil) {
    /** The way to one session. */
    public Route route(String session) {
      return new Route(
          session,
          HashSlot.of(session),
          owners.ownerOf(session),
          owners.readsOf(session),
          owners.isMoving(session),
          validMs());
    }

    /** See {@link Route#validMs}. */
    @JsonProperty
    public Long validMs() {
      return goodUntil == FOR_EVER
          ? null
          : Math.max(0, (goodUntil - System.nanoTime()) / 1_000_000);
    }
  }

  /**
   * Where a session is.
   *
   * @param slot its hash slot, by which events say what is moved
   * @param owner the side that accepts writes
   * @param reads the side to read from
   * @param moving whether it is changing hands, so that writes are refused for a moment
   * @param validMs for how many milliseconds a writer may begin to write by it; null where the
   *     systems themselves refuse a writer who is wrong
   */
  @JsonInclude
  public record Route(
      String sessionId, int slot, Owner owner, Owner reads, boolean moving, Long validMs) {}

  /** Is told when sessions are moved, begin to be, or do not go on being. */
  public interface Watcher {
    /**
     * Something was moved. Called by whoever moves it, so it has to be quick.
     *
     * @param version the number of the page that says so
     * @param slots the hash slots whose sessions it concerns, those named one by one included
     */
    void moved(long version, Set<Integer> slots);
  }

  /** Begins to follow. */
  public void start() {
    look();
    thread.start();
  }

  public Page page() {
    return page;
  }

  /**
   * Tells that a slice is changing hands. Where nothing but routes keeps writers away, whoever asks
   * from now on is told.
   */
  public void announce() {
    if (grace.isPresent()) {
      look();
    } else {
      changed();
    }
  }

  /** Looks again soon. */
  public void changed() {
    synchronized (wake) {
      asked = true;
      wake.notifyAll();
    }
  }

  /** Is told of every change. */
  public void watch(Watcher watcher) {
    watchers.add(watcher);
  }

  private void follow() {
    while (!stopped) {
      try {
        synchronized (wake) {
          if (!asked) {
            // A page that is good for a while only has to be renewed in time.
            wake.wait(grace.map(time -> time.toMillis() / 4).orElse(LOOK_MILLIS));
          }
          asked = false;
        }
        look();
      } catch (SystemFault e) {
        LOG.atDebug().addKeyValue("reason", e.getMessage()).log("owners cannot be read now");
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private synchronized void look() {
    long began = System.nanoTime();
    Owners now = reader.get();
    Set<Integer> moved = now.slotsOtherThan(page.owners());
    boolean same = page.version() > 0 && moved.isEmpty();
    page =
        new Page(
            same ? page.version() : page.version() + 1,
            now,
            grace.map(time -> began + time.toNanos() / 2).orElse(FOR_EVER));
    if (!same) {
      watchers.forEach(watcher -> watcher.moved(page.version(), moved));
    }
  }

  @Override
  public void close() {
    stopped = true;
    thread.interrupt();
  }
}
