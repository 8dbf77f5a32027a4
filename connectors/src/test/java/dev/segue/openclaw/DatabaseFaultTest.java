package dev.segue.openclaw;

import static dev.segue.openclaw.AgentFile.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.CanonicalChange;
import dev.segue.layout.LayoutCatalog;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that cannot be read, in part or at all, and one that is not the same any more. */
class DatabaseFaultTest {
  private static final String LAYOUT = "openclaw-sqlite";

  @TempDir private Path directory;
  private AgentFile agent;

  @BeforeEach
  void create() throws IOException, SQLException {
    agent = AgentFile.create(directory.resolve("openclaw agent?.sqlite"));
  }

  @AfterEach
  void close() throws SQLException {
    agent.close();
  }

  private Follower follower() {
    return new Follower(agent.file(), LAYOUT);
  }

  @Test
  void anEntryThatCannotBeReadParksItsSessionOnly() throws Exception {
    agent.session("k", "a");
    agent.session("l", "b");
    agent.execute("UPDATE session_nodes SET entry_json = '{\"sess' WHERE session_key = 'k'");
    Follower follower = follower();
    List<CanonicalChange> told = follower.follow();
    assertThat(follower.parked()).containsExactly("a");
    assertThat(told)
        .filteredOn(CanonicalChange.Park.class::isInstance)
        .extracting(change -> ((CanonicalChange.Park) change).reason())
        .singleElement()
        .asString()
        .startsWith("session_nodes.entry_json is not valid JSON at character");
    assertThat(follower.held().get(List.of("session", "b"))).isNotNull();
    agent.execute("UPDATE session_nodes SET entry_json = '{}' WHERE session_key = 'k'");
    follower.follow();
    assertThat(follower.parked()).isEmpty();
    assertThat(follower.held()).isEqualTo(follower.there()).hasSize(2);
  }

  @Test
  void anotherDatabaseInItsPlaceIsNoticed() throws Exception {
    agent.session("k", "a");
    agent.append("a", message(1), message(2));
    Follower follower = follower();
    follower.follow();
    Path file = agent.file();

    // As sqlite3 .backup and mv do it.
    Path backup = directory.resolve("backup.sqlite");
    agent.script("VACUUM INTO '" + backup + "'");
    agent.execute("UPDATE transcript_events SET event_json = ? WHERE seq = 0", message(9));
    agent.append("a", message(3));
    follower.follow();
    assertThat(follower.held()).hasSize(4);
    agent.close();
    removeLog(file);
    Files.move(backup, file, StandardCopyOption.REPLACE_EXISTING);
    follower.follow();
    assertThat(follower.held().keySet())
        .containsExactlyInAnyOrder(
            List.of("session", "a"), List.of("message", "a", "m1"), List.of("message", "a", "m2"));

    // As cp does it, into the same file.
    Path other = directory.resolve("other.sqlite");
    try (AgentFile small = AgentFile.create(other)) {
      small.session("k", "z");
    }
    removeLog(file);
    Files.write(file, Files.readAllBytes(other));
    follower.follow();
    assertThat(follower.held())
        .isEqualTo(follower.there())
        .containsOnlyKeys(List.of("session", "z"));
  }

  private static void removeLog(Path file) throws IOException {
    for (String ending : List.of("-wal", "-shm")) {
      Files.deleteIfExists(file.resolveSibling(file.getFileName() + ending));
    }
  }

  @Test
  void whatIsNoDatabaseIsNamedAndSoIsOneThatIsHeld() throws Exception {
    Path text = Files.writeString(directory.resolve("text"), "no database ".repeat(100));
    refused(text, SystemFault.Nature.PERMANENT, "is not an SQLite database");
    refused(directory, SystemFault.Nature.PERMANENT, "is not a file that can be read");
    refused(
        directory.resolve("none"), SystemFault.Nature.PERMANENT, "is not a file that can be read");

    agent.session("k", "a");
    for (int i = 0; i < 200; i++) {
      agent.append("a", message("x".repeat(900) + i));
    }
    Follower follower = follower();
    follower.follow();
    follower.source().close();
    agent.script(
        "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM conversation_deliveries");
    assertThatThrownBy(follower::follow)
        .isInstanceOfSatisfying(
            SystemFault.class,
            fault -> assertThat(fault.nature()).isEqualTo(SystemFault.Nature.TRANSIENT))
        .hasMessageContaining("is held by another process");
    agent.script("ROLLBACK; PRAGMA locking_mode = NORMAL; SELECT 1 FROM session_nodes");
    follower.follow();
    follower.source().close();
    agent.script("PRAGMA wal_checkpoint(TRUNCATE)");
    byte[] whole = Files.readAllBytes(agent.file());
    agent.close();
    removeLog(agent.file());
    byte[] damaged = whole.clone();
    for (int i = 8192; i < damaged.length; i++) {
      damaged[i] = (byte) (i * 31);
    }
    Files.write(agent.file(), damaged);
    assertThatThrownBy(follower::follow)
        .isInstanceOf(SystemFault.class)
        .hasMessageContaining("is damaged");
    Files.delete(agent.file());
    assertThatThrownBy(follower::follow)
        .isInstanceOf(SystemFault.class)
        .hasMessageContaining("is not there");
    Files.write(agent.file(), whole);
    follower.follow();
    assertThat(follower.held()).isEqualTo(follower.there()).hasSize(201);
  }

  private static void refused(Path place, SystemFault.Nature nature, String words) {
    assertThatThrownBy(() -> new FileSource(place, LayoutCatalog.load(LAYOUT), "test"))
        .isInstanceOfSatisfying(
            SystemFault.class,
            fault -> {
              assertThat(fault.nature()).isEqualTo(nature);
              assertThat(fault).hasMessageContaining(words);
              assertThat(fault.remedy()).isNotEmpty();
            });
  }
}
