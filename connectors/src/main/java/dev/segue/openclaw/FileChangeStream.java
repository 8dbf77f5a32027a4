package dev.segue.openclaw;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.SourcePosition;
import dev.segue.spi.ChangeStream;
import dev.segue.spi.Cutoff;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Watermark;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows sessions of which no log is kept: looks at all of them now and then, and tells those as a
 * whole that are not what they were.
 */
final class FileChangeStream implements ChangeStream {
  private static final Logger LOG = LoggerFactory.getLogger(FileChangeStream.class);

  private static final long LOOK_MILLIS = 50;
  private static final long LEAST_PAUSE_NANOS = 100_000_000;

  /** Looking takes a sixth of the time at most. */
  private static final int RESTS = 5;

  /** So many sessions do not go at once: the place they are in did. */
  private static final int MOST_GONE = 10;

  private final FileSessions files;
  private final FileMarks marks;
  private final Cutoff cutoff;
  private final Told told;
  private final Queue<String> askedFor;
  private final Object wake = new Object();
  private boolean closing;

  /**
   * @param told what of history this process has read itself
   * @param askedFor sessions to be told once more; may grow at any time
   */
  FileChangeStream(
      FileSessions files, FileMarks marks, Cutoff cutoff, Told told, Queue<String> askedFor) {
    this.files = files;
    this.marks = marks;
    this.cutoff = cutoff;
    this.told = told;
    this.askedFor = askedFor;
  }

  @Override
  public void run(Optional<Watermark> watermark, BatchHandler handler) {
    long last =
        watermark
            .map(known -> known.position().after())
            .orElseGet(() -> SourcePosition.parseLog(cutoff.log()));
    LOG.atInfo()
        .addKeyValue("place", files.place())
        .addKeyValue("known", told.sessions().size())
        .log("capture starts");
    try {
      follow(new FileBatch(last, handler));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("capture was interrupted", e);
    } catch (IOException e) {
      throw new SystemFault(
          SystemFault.Nature.TRANSIENT,
          marks.directory() + ": " + e,
          "see that the directory may be written to",
          e);
    }
  }

  private void follow(FileBatch batch) throws IOException, InterruptedException {
    Telling telling = new Telling(files.tables().kinds(), told, batch);
    long due = System.nanoTime();
    while (!isClosing()) {
      // Marks are looked for first: what was written before one is seen by the sweep behind it.
      List<FileMarks.Mark> waiting = marks.waiting();
      long began = System.nanoTime();
      if (!waiting.isEmpty() || began >= due) {
        sweep(telling);
        batch.flush();
        pass(waiting, telling, batch);
        long ended = System.nanoTime();
        due = ended + Math.max(LEAST_PAUSE_NANOS, RESTS * (ended - began));
      }
      synchronized (wake) {
        if (!closing) {
          wake.wait(LOOK_MILLIS);
        }
      }
    }
  }

  /** Tells what is not as it was told. */
  private void sweep(Telling telling) {
    Listing listing = files.list();
    Set<String> gone = new HashSet<>(told.sessions());
    gone.removeAll(listing.sessions());
    if (listing.sessions().isEmpty() && gone.size() > MOST_GONE) {
      throw SystemFault.permanent(
          files.place() + " has no sessions any more, and had " + gone.size(),
          "bring them back; the target keeps what it has. If that was meant: segue complete"
              + " --abandon");
    }
    // A session that is announced and never told is no harm; one that is told unannounced is.
    told.announce(listing.sessions());
    for (String session : listing.sessions()) {
      if (isClosing()) {
        return;
      }
      SessionStamp stamp = files.stamp(listing, session);
      if (!told.isLeft(session)
          && told.of(session).filter(state -> state.covers(stamp)).isEmpty()) {
        telling.tell(files.read(listing, session));
      }
    }
    gone.forEach(telling::gone);
  }

  /** Has marks travel behind all that was there when they were seen. */
  private void pass(List<FileMarks.Mark> waiting, Telling telling, FileBatch batch)
      throws IOException {
    if (waiting.isEmpty()) {
      return;
    }
    // What was asked for before a mark has to go before it.
    List<String> asked = List.copyOf(askedFor);
    if (!asked.isEmpty()) {
      Listing listing = files.list();
      for (String session : new HashSet<>(asked)) {
        told.reset(session);
        if (listing.sessions().contains(session)) {
          telling.tell(files.read(listing, session));
        } else {
          telling.gone(session);
        }
      }
      batch.flush();
      // Only what is in the topic has been told.
      asked.forEach(unused -> askedFor.remove());
    }
    if (isClosing()) {
      // The sweep may have been cut short.
      return;
    }
    for (FileMarks.Mark mark : waiting) {
      batch.add(
          Optional.empty(),
          (position, time) ->
              new CanonicalChange.Mark(position, time, mark.nonce(), mark.sentAt()));
    }
    batch.flush();
    for (FileMarks.Mark mark : waiting) {
      Files.deleteIfExists(mark.file());
    }
  }

  private boolean isClosing() {
    synchronized (wake) {
      return closing;
    }
  }

  @Override
  public void close() {
    synchronized (wake) {
      closing = true;
      wake.notifyAll();
    }
  }
}
