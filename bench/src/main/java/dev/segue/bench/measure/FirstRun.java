package dev.segue.bench.measure;

import dev.segue.bench.contender.Patience;
import dev.segue.bench.contender.Segue;
import dev.segue.bench.contender.SegueMigration;
import dev.segue.bench.server.Backlog;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The first migration after a build, which does not count: it tells which classes a run loads, and
 * the launcher makes its archive of them behind the command that follows.
 */
public final class FirstRun {
  private static final Conversations FEW = new Conversations(50, 500);

  private final Site site;
  private final Segue segue;
  private final Path built;

  /**
   * @param home the checkout that Segue is taken from
   */
  public FirstRun(Site site, Segue segue, Path home) {
    this.site = site;
    this.segue = segue;
    this.built = home.resolve("streams-app/target");
  }

  /** Sees to it that there is an archive. */
  public void perform(Consumer<String> story) throws Exception {
    if (hasArchive()) {
      return;
    }
    story.accept(
        "the first run after a build, uncounted; the launcher makes its archive of classes");
    Database source = site.createSource("first");
    Database target = site.createTarget("first");
    try {
      FEW.createIn(source);
      Conversations.createTables(target);
      try (SegueMigration migration = segue.migration(source, target)) {
        migration.start();
        migration.awaitStreaming();
        new Backlog(FEW.sessions(), FEW.messages()).writeTo(source);
        migration.awaitAbreast();
        migration.stop();
        migration.command("status").await(Patience.LONG.toSeconds());
      }
      Path working = built.resolve("run.jsa.lock");
      Patience.await("the launcher", Duration.ofSeconds(1), () -> !Files.exists(working));
    } finally {
      site.drop(target);
      site.drop(source);
    }
    if (!hasArchive()) {
      story.accept("there is none, so Segue is measured without it");
    }
  }

  /** Whether there is one that is younger than what it is of, as the launcher wants it to be. */
  private boolean hasArchive() throws IOException {
    Path archive = built.resolve("run.jsa");
    if (!Files.exists(archive)) {
      return false;
    }
    FileTime made = Files.getLastModifiedTime(archive);
    try (Stream<Path> files = Files.list(built)) {
      for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
        if (made.compareTo(Files.getLastModifiedTime(jar)) <= 0) {
          return false;
        }
      }
    }
    return true;
  }
}
