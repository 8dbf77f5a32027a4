package dev.segue.openclaw;

import dev.segue.finding.Finding;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The newest generation: a database for each agent. Nothing is written to it. What OpenClaw writes
 * shows in the number of lines, in the last one, or in another generation of them, so that is
 * looked at after each write; all lines are looked at now and then, for whoever else writes.
 */
final class DatabaseHome implements SessionHome {
  private final AgentDatabase database;
  private final LineRounds rounds = new LineRounds();
  private AgentDatabase.Version known;
  private Listing listing;

  private DatabaseHome(AgentDatabase database) {
    this.database = database;
  }

  /**
   * Looks at a database.
   *
   * @throws SystemFault if it is none
   */
  static DatabaseHome open(Path named) throws IOException {
    if (!Files.isRegularFile(named)) {
      throw SystemFault.permanent(
          named + " is not a file that can be read",
          "name OpenClaw's database, …/agents/<agent>/agent/openclaw-agent.sqlite, in the source's"
              + " url");
    }
    AgentDatabase database = new AgentDatabase(named.toRealPath());
    database.version();
    return new DatabaseHome(database);
  }

  @Override
  public Path place() {
    return database.file();
  }

  @Override
  public Path directory() {
    return database.file().getParent();
  }

  @Override
  public List<Finding> findings() throws IOException {
    Path file = database.file();
    List<Finding> findings = new ArrayList<>();
    stranger(file, Files.getOwner(file).getName(), System.getProperty("user.name"))
        .ifPresent(findings::add);
    findings.addAll(
        database.look((schema, connection) -> schema.findings(file.toString(), connection)));
    return findings;
  }

  /** Whoever opens a database first makes files beside it, and its owner has to write to them. */
  static Optional<Finding> stranger(Path file, String owner, String user) {
    // What root makes, SQLite gives to the owner.
    return owner.equals(user) || user.equals("root")
        ? Optional.empty()
        : Optional.of(
            Finding.warning(
                file.toString(),
                "belongs to "
                    + owner
                    + ", segue is run by "
                    + user
                    + ": if OpenClaw is not running when segue starts, SQLite makes "
                    + file.getFileName()
                    + "-wal and -shm for "
                    + user,
                "run segue as " + owner));
  }

  @Override
  public synchronized Listing list() throws IOException {
    // Asked for first: what is written in between is listed, and listed once more.
    AgentDatabase.Version now = database.version();
    if (!now.equals(known)) {
      listing = new DatabaseListing(database, database.read(AgentRows::stamps), rounds.found());
      known = now;
    }
    rounds.look(database, now, listing.sessions());
    return listing;
  }

  @Override
  public void close() {
    database.close();
  }
}
