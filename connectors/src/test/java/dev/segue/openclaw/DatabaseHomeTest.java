package dev.segue.openclaw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.CanonicalChange;
import dev.segue.finding.Finding;
import dev.segue.spi.SessionQuery;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of a database, what is not, and what is said of it beforehand. */
class DatabaseHomeTest {
  @TempDir private Path directory;
  private AgentFile agent;

  @BeforeEach
  void create() throws IOException, SQLException {
    agent = AgentFile.create(directory.resolve("agent.sqlite"));
  }

  @AfterEach
  void close() throws SQLException {
    agent.close();
  }

  private Follower follower() {
    return new Follower(agent.file(), "openclaw-sqlite");
  }

  @Test
  void credentialsAreNeverAskedFor() throws Exception {
    agent.session("k", "a");
    agent.append("a", AgentFile.message(1));
    // Whoever reads a row of it gets an error.
    agent.script(
        "DROP TABLE auth_profile_store; CREATE VIEW auth_profile_store AS"
            + " SELECT json('sk-canary') AS store_json; CREATE TABLE auth_profile_state (s TEXT);"
            + " INSERT INTO auth_profile_state VALUES ('sk-canary')");
    assertThatThrownBy(() -> agent.script("CREATE TABLE x AS SELECT * FROM auth_profile_store"))
        .isInstanceOf(SQLException.class);
    Follower follower = follower();
    List<CanonicalChange> told = follower.follow();
    assertThat(told.toString()).doesNotContain("canary");
    assertThat(follower.held().toString()).doesNotContain("canary");
    List<Finding> findings = follower.source().check();
    assertThat(findings.toString()).doesNotContain("canary").contains("auth_profile_state");
    assertThat(follower.held()).isEqualTo(follower.there()).hasSize(2);
  }

  @Test
  void onlyTablesOfTheListAreAskedFor() throws Exception {
    String asked =
        Files.readString(
            Path.of("src/main/java/dev/segue/openclaw/AgentRows.java").toAbsolutePath());
    Matcher table = Pattern.compile("(?:FROM|JOIN) (\\w+)").matcher(asked);
    Set<String> tables = new TreeSet<>();
    while (table.find()) {
      tables.add(table.group(1));
    }
    assertThat(tables)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(AgentTable.values()).map(AgentTable::sqlName).toList());
  }

  @Test
  void whatIsNotCarriedIsCounted() throws Exception {
    agent.session("k", "a");
    agent.script(
        "INSERT INTO session_pending_inputs VALUES (1, 'k', 'a', 'i', '{}', 'queued'),"
            + " (2, 'k', 'a', 'j', '{}', 'queued');"
            + " INSERT INTO memory_index_chunks VALUES ('m', 'p', 'x', 't', '[]')");
    assertThat(follower().source().check())
        .filteredOn(finding -> finding.severity() == Finding.Severity.LOSSY)
        .extracting(Finding::message)
        .containsExactly(
            "memory_index_chunks: 1 row, not carried",
            "session_pending_inputs: 2 rows, not carried");
  }

  @Test
  void whoeverIsNotTheOwnerIsWarned() {
    Path file = Path.of("agent.sqlite");
    assertThat(DatabaseHome.stranger(file, "openclaw", "openclaw")).isEmpty();
    assertThat(DatabaseHome.stranger(file, "openclaw", "root")).isEmpty();
    assertThat(DatabaseHome.stranger(file, "openclaw", "segue"))
        .hasValueSatisfying(
            finding -> assertThat(finding.remedy()).isEqualTo("run segue as openclaw"));
  }

  @Test
  void aSchemaThatIsNotKnownIsNamed() throws Exception {
    agent.script(
        "DROP TABLE transcript_rewrite_watermarks; DROP TABLE session_transcript_archives;"
            + " ALTER TABLE session_windows DROP COLUMN reason; PRAGMA user_version = 9");
    FileSource source = follower().source();
    assertThat(source.check())
        .filteredOn(Finding::isError)
        .extracting(Finding::message)
        .containsExactly(
            "table session_windows has no reason; expected is session_windows (session_id,"
                + " session_key, previous_session_id, reason, created_at, updated_at), found a"
                + " schema of version 9",
            "there is no table transcript_rewrite_watermarks; expected is"
                + " transcript_rewrite_watermarks (session_id, generation), found a schema of"
                + " version 9");
    assertThatThrownBy(() -> source.find(new SessionQuery.InSlots(Set.of())))
        .isInstanceOf(SystemFault.class)
        .hasMessageContaining("table session_windows has no reason");
  }
}
