package dev.segue.bench.contender;

import dev.segue.bench.server.Database;
import dev.segue.bench.server.Site;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The program {@code pgcopydb}, where it is installed. It makes tables and indexes itself, after
 * the rows: that is its way, and part of its time.
 */
public final class Pgcopydb implements Copier {
  private final Site site;

  public Pgcopydb(Site site) {
    this.site = site;
  }

  @Override
  public String name() {
    return "pgcopydb";
  }

  @Override
  public Optional<String> absence() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(entry -> Files.isExecutable(Path.of(entry, "pgcopydb")))
        ? Optional.empty()
        : Optional.of("it is not installed");
  }

  @Override
  public AutoCloseable copy(Database source, Database target) throws Exception {
    target.execute("DROP TABLE messages, sessions");
    ProcessBuilder builder =
        new ProcessBuilder(
            "pgcopydb",
            "clone",
            "--source",
            source.url(),
            "--target",
            target.url(),
            "--table-jobs",
            "2",
            "--index-jobs",
            "2",
            "--dir",
            site.directory("pgcopydb").toString(),
            "--restart");
    try {
      site.start(name(), builder).awaitSuccess(Patience.LONG.toSeconds());
    } catch (IllegalStateException e) {
      throw new ContenderFailedException(e.getMessage());
    }
    return () -> {};
  }
}
