package dev.segue.cutover;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.spi.SystemFault;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where each session is to be written and read, for those who ask; kept up with the systems. */
public final class RouteBook implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RouteBook.class);

  /** Whoever moves sessions says so; this is for what nobody said, such as a fence that lifted. */
  private static final long LOOK_MILLIS = 10_000;

  private final Supplier<Owners> reader;
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private final Thread thread = new Thread(this::follow, "segue-routes");
  private final Object wake = new Object();
  private volatile Page page = new Page(0, Owners.allAtSource());
  private boolean asked;
  private volatile boolean stopped;

  /**
   * @param reader reads who owns what
   */
  public RouteBook(Supplier<Owners> reader) {
    this.reader = reader;
    thread.setDaemon(true);
  }

  /** All routes as of one moment; a later one has a higher number. */
  public record Page(long version, Owners owners) {
    /** The way to one session. */
    public Route route(String session) {
      return new Route(
          session, owners.ownerOf(session), owners.readsOf(session), owners.isMoving(session));
    }
  }

  /**
   * Where a session is.
   *
   * @param owner the side that accepts writes
   * @param reads the side to read from
   * @param moving whether it is changing hands, so that writes are refused for a moment
   */
  @JsonInclude
  public record Route(String sessionId, Owner owner, Owner reads, boolean moving) {}

  /** Begins to follow. */
  public void start() {
    page = new Page(1, reader.get());
    thread.start();
  }

  public Page page() {
    return page;
  }

  /** Looks again soon. */
  public void changed() {
    synchronized (wake) {
      asked = true;
      wake.notifyAll();
    }
  }

  /** Is told of every change until {@link #unwatch}. */
  public void watch(Runnable watcher) {
    watchers.add(watcher);
  }

  public void unwatch(Runnable watcher) {
    watchers.remove(watcher);
  }

  private void follow() {
    while (!stopped) {
      try {
        synchronized (wake) {
          if (!asked) {
            wake.wait(LOOK_MILLIS);
          }
          asked = false;
        }
        Owners now = reader.get();
        if (!now.equals(page.owners())) {
          page = new Page(page.version() + 1, now);
          watchers.forEach(Runnable::run);
        }
      } catch (SystemFault e) {
        LOG.atDebug().addKeyValue("reason", e.getMessage()).log("owners cannot be read now");
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  @Override
  public void close() {
    stopped = true;
    thread.interrupt();
  }
}
