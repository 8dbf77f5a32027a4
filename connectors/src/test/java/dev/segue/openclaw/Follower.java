package dev.segue.openclaw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.LayoutCatalog;
import dev.segue.spi.ChangeEvent;
import dev.segue.spi.ChangeStream;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Reach;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.Watermark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Follows OpenClaw and keeps what it was told, as a target does. */
final class Follower {
  static final Cutoff CUTOFF = new Cutoff("0/1", "files");

  private final Path place;
  private final String layout;
  private final Map<List<String>, Entity> held = new HashMap<>();
  private final Set<String> parked = new HashSet<>();
  private Optional<Watermark> watermark = Optional.empty();
  private FileSource source;

  Follower(Path place, String layout) {
    this.place = place;
    this.layout = layout;
    restart();
  }

  /** Another process goes on. */
  void restart() {
    if (source != null) {
      source.close();
    }
    source = new FileSource(place, LayoutCatalog.load(layout), "test");
  }

  FileSource source() {
    return source;
  }

  Set<String> parked() {
    return parked;
  }

  /** What was told from now on until all that stands there now is. */
  List<CanonicalChange> follow() {
    return follow(Integer.MAX_VALUE);
  }

  /** Likewise, but the topic fails behind so many batches. */
  List<CanonicalChange> follow(int batches) {
    String nonce = "n" + System.nanoTime();
    source.mark(nonce, System.currentTimeMillis());
    List<CanonicalChange> told = new ArrayList<>();
    ChangeStream stream = source.changes(CUTOFF);
    int[] left = {batches};
    stream.run(
        watermark,
        (events, reach) -> {
          if (left[0]-- == 0) {
            throw new IllegalStateException("no topic");
          }
          for (ChangeEvent event : events) {
            CanonicalChange change = CanonicalCodec.readChange(event.value());
            check(event, change);
            take(change, reach);
            told.add(change);
            if (change instanceof CanonicalChange.Mark mark && mark.nonce().equals(nonce)) {
              stream.close();
            }
          }
        });
    return told;
  }

  /** Positions rise for ever, also over restarts. */
  private void check(ChangeEvent event, CanonicalChange change) {
    SourcePosition position = event.position();
    if (!position.equals(change.position())
        || watermark.filter(known -> !known.position().isBefore(position)).isPresent()) {
      throw new AssertionError(position + " is not behind " + watermark);
    }
  }

  private void take(CanonicalChange change, Reach reach) {
    watermark =
        Optional.of(
            new Watermark(change.position(), change.position().after(), reach, CUTOFF.log()));
    String session = change.sessionId();
    if (change instanceof CanonicalChange.Park) {
      parked.add(session);
    } else if (change instanceof CanonicalChange.Release) {
      parked.remove(session);
    } else if (parked.contains(session)) {
      return;
    } else if (change instanceof CanonicalChange.Upsert upsert) {
      held.put(key(upsert.entity()), upsert.entity());
    } else if (change instanceof CanonicalChange.Retain retain) {
      Set<List<String>> kept = new HashSet<>();
      retain.entities().forEach(entity -> kept.add(key(entity)));
      held.entrySet()
          .removeIf(
              e ->
                  e.getValue().kind() == retain.kind()
                      && e.getValue().sessionId().equals(session)
                      && !kept.contains(e.getKey()));
    }
  }

  private static List<String> key(Entity entity) {
    List<String> key = new ArrayList<>(List.of(entity.kind().wireName()));
    for (Field field : entity.kind().identity()) {
      key.add(entity.text(field));
    }
    return key;
  }

  /** What was told and not taken back. */
  Map<List<String>, Entity> held() {
    return held;
  }

  /** What stands there now. */
  Map<List<String>, Entity> there() {
    Map<List<String>, Entity> there = new HashMap<>();
    FileSource fresh = new FileSource(place, LayoutCatalog.load(layout), "other");
    try (FileSessions files = FileSessions.open(place, LayoutCatalog.load(layout))) {
      fresh.read(
          files.list().sessions(),
          new SnapshotReader.RowConsumer() {
            @Override
            public void accept(Entity entity) {
              there.put(key(entity), entity);
            }

            @Override
            public void reject(String session, String reason) {
              throw new AssertionError(session + ": " + reason);
            }
          });
    } finally {
      fresh.close();
    }
    return there;
  }

  /** A change that somebody makes at random. */
  interface RandomChange {
    void make(Random random, int number) throws Exception;
  }

  /** Follows changes, with restarts and failing topics in between, and compares each time. */
  void followWhatever(RandomChange change) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int number = 0;
    for (int round = 0; round < 150; round++) {
      for (int i = random.nextInt(4); i >= 0; i--) {
        change.make(random, number++);
      }
      if (random.nextInt(6) == 0) {
        restart();
      }
      try {
        follow(random.nextInt(3) == 0 ? random.nextInt(2) : Integer.MAX_VALUE);
      } catch (IllegalStateException e) {
        continue;
      }
      assertThat(held()).as("seed %d, round %d", seed, round).isEqualTo(there());
    }
  }
}
