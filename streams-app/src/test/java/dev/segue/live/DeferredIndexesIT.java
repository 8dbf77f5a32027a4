package dev.segue.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.failpoint.Failpoint;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Indexes that are taken away while history is copied come back, whatever happens meanwhile. */
class DeferredIndexesIT {
  private static final String INDEXES =
      "SELECT coalesce(string_agg(indexdef, E'\\n' ORDER BY indexdef), 'none') FROM pg_indexes"
          + " WHERE schemaname = 'agent_store' AND tablename IN ('sessions', 'messages')";
  private static final String PLAIN = "SELECT to_regclass('agent_store.\"By time\"') IS NOT NULL";

  private static final String HISTORY =
      """
      INSERT INTO sessions SELECT 's' || i, 'u', 'a', now(), now(), '{}'
        FROM generate_series(1, 300) i;
      INSERT INTO messages SELECT i, 's' || (1 + i % 300), 'user', 'text ' || i, now()
        FROM generate_series(1, 9000) i;
      """;

  private static Migration migration(String name) throws Exception {
    Migration migration = new Migration(name);
    migration.onSource(
        """
        CREATE TABLE sessions (id text PRIMARY KEY, user_id text, agent_name text,
          created_at timestamptz, updated_at timestamptz, metadata jsonb);
        CREATE TABLE messages (id bigint PRIMARY KEY, session_id text, role text, content text,
          created_at timestamptz);
        """);
    migration.onSource(HISTORY);
    migration.config(
        "callsphere",
        "segue-postgres",
        "kafka: {bootstrap: \"" + Servers.kafka() + "\"}",
        "snapshot: {defer-indexes: always, chunk: 256KB}");
    assertThat(migration.run("plan", "--create-target").exit()).isZero();
    migration.onTarget(
        """
        CREATE INDEX "By time" ON agent_store.messages (created_at DESC, session_id);
        CREATE INDEX partial ON agent_store.messages (role) WHERE role <> 'user';
        CREATE INDEX expression ON agent_store.messages (lower(role));
        CREATE UNIQUE INDEX one ON agent_store.messages (session_id, message_id);
        CREATE INDEX described ON agent_store.messages (role);
        COMMENT ON INDEX agent_store.described IS 'is not part of its definition';
        """);
    return migration;
  }

  @Test
  void planNamesWhatIsTakenAwayAndNothingElse() throws Exception {
    try (Migration migration = migration("indexplan")) {
      assertThat(migration.run("plan").out())
          .contains("index agent_store.\"By time\" is taken away")
          .doesNotContain("partial is", "expression is", "one is", "described is");
      assertThat(migration.run("plan", "--set", "snapshot.defer-indexes=never").out())
          .doesNotContain("is taken away");
    }
  }

  @Test
  void processThatDiesWhileCopyingAndWhileBuildingStillBringsThemBack() throws Exception {
    try (Migration migration = migration("indexes")) {
      String before = migration.askTarget(INDEXES);

      Pipeline copying =
          migration.start(Map.of(Failpoint.VARIABLE, "snapshot-before-commit=halt@2"));
      copying.process().waitFor();
      assertThat(migration.askTarget(PLAIN)).as(migration.logTail()).isEqualTo("f");
      assertThat(migration.run("plan").out()).contains("is not built yet");

      Pipeline building = migration.start(Map.of(Failpoint.VARIABLE, "index-before-commit=halt@1"));
      building.process().waitFor();
      assertThat(migration.askTarget(PLAIN)).as(migration.logTail()).isEqualTo("f");

      migration.startFollowing();
      assertThat(migration.askTarget(INDEXES)).isEqualTo(before);
      assertThat(migration.run("verify").out()).contains("300 of 300 sessions pass");
    }
  }

  @Test
  void migrationThatIsGivenUpMidwayLeavesTheIndexesAsTheyWere() throws Exception {
    try (Migration migration = migration("indexabandon")) {
      String before = migration.askTarget(INDEXES);
      Pipeline copying =
          migration.start(Map.of(Failpoint.VARIABLE, "snapshot-before-commit=halt@2"));
      copying.process().waitFor();
      assertThat(migration.askTarget(PLAIN)).as(migration.logTail()).isEqualTo("f");

      migration.mustRun(
          "complete", "--abandon", "--report", migration.directory() + "/report.json");
      assertThat(migration.askTarget(INDEXES)).isEqualTo(before);
    }
  }

  @Test
  void rowsThatDoNotFitIntoAnIndexDoNotStopTheMigrationButItsEnd() throws Exception {
    try (Migration migration = migration("indexlong")) {
      migration.onTarget("CREATE INDEX by_content ON agent_store.messages (content)");
      migration.onSource(
          "UPDATE messages SET content = (SELECT string_agg(md5(i::text), '')"
              + " FROM generate_series(1, 500) i) WHERE id = 7");

      Pipeline running = migration.startFollowing();
      assertThat(migration.askTarget(PLAIN)).as("the other one is there").isEqualTo("t");
      assertThat(migration.askTarget("SELECT to_regclass('agent_store.by_content') IS NULL"))
          .isEqualTo("t");
      assertThat(Files.readString(migration.log()))
          .contains("index agent_store.by_content cannot be built again: index row");
      assertThat(migration.run("verify").exit()).isZero();
      running.stop(Duration.ofSeconds(30));
      Migration.Outcome refused = migration.run("complete");
      assertThat(refused.exit()).isEqualTo(3);
      assertThat(refused.all()).contains("index agent_store.by_content").contains("not built");

      migration.onTarget("CREATE INDEX by_content ON agent_store.messages (left(content, 100))");
      migration.startFollowing();
      assertThat(migration.askTarget("SELECT count(*) FROM segue.deferred_index")).isEqualTo("0");
    }
  }

  /** All that the tables say of themselves, whoever is asked. */
  private static final String TABLES =
      """
      SELECT concat_ws(E'\n',
        (SELECT string_agg(indexdef, E'\n' ORDER BY indexdef) FROM pg_indexes
         WHERE schemaname = 'public' AND tablename IN ('sessions', 'messages')),
        (SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), E'\n' ORDER BY conname)
         FROM pg_constraint WHERE conrelid IN ('sessions'::regclass, 'messages'::regclass)),
        (SELECT string_agg(attrelid::regclass || '.' || attname, ' ' ORDER BY attrelid, attnum)
         FROM pg_attribute WHERE attrelid IN ('sessions'::regclass, 'messages'::regclass)
           AND attnotnull))
      """;

  private static final String KEY =
      "SELECT count(*) FROM pg_constraint WHERE conrelid = 'messages'::regclass AND contype = 'p'";

  /** The same tables on both sides; the sessions' key is referred to. */
  private static Migration ofKeys(String name) throws Exception {
    Migration migration = new Migration(name);
    String tables =
        """
        CREATE TABLE sessions (id text PRIMARY KEY, user_id text, agent_name text,
          created_at timestamptz, updated_at timestamptz, metadata jsonb);
        CREATE TABLE messages (id bigint CONSTRAINT "The key" PRIMARY KEY,
          session_id text REFERENCES sessions, role text, content text, created_at timestamptz);
        CREATE INDEX messages_by_session ON messages (session_id);
        """;
    migration.onSource(tables);
    migration.onTarget(tables);
    migration.onSource(HISTORY);
    migration.config(
        "callsphere",
        "callsphere",
        "kafka: {bootstrap: \"" + Servers.kafka() + "\"}",
        "snapshot: {defer-indexes: always, chunk: 256KB}");
    return migration;
  }

  @Test
  void keyThatNothingRefersToIsBuiltBehindTheRows() throws Exception {
    try (Migration migration = ofKeys("keys")) {
      String before = migration.askTarget(TABLES);
      assertThat(migration.run("plan").out())
          .contains("primary key public.\"The key\" is taken away")
          .contains("index public.messages_by_session is taken away")
          .doesNotContain("sessions_pkey");

      Pipeline pipeline = migration.startFollowing();
      assertThat(Files.readString(migration.log()))
          .contains("Building primary key public.\"The key\"");
      assertThat(migration.askTarget(TABLES)).isEqualTo(before);
      migration.onSource("UPDATE messages SET content = 'new' WHERE id = 5");
      migration.await(pipeline, "the change", s -> changed(migration));
      assertThat(migration.run("verify").out()).contains("300 of 300 sessions pass");
    }
  }

  private static boolean changed(Migration migration) {
    try {
      return migration.askTarget("SELECT content FROM messages WHERE id = 5").equals("new");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void roleThatCouldNotBuildThemAgainLeavesThemAlone() throws Exception {
    try (Migration migration = ofKeys("keysrole")) {
      migration.onTarget(
          """
          CREATE ROLE keys_owner;
          ALTER TABLE sessions OWNER TO keys_owner;
          ALTER TABLE messages OWNER TO keys_owner;
          CREATE ROLE keys_mover LOGIN IN ROLE keys_owner;
          """);
      String url =
          Servers.target().url(migration.database()).replaceFirst("//[^@]*@", "//keys_mover@");
      assertThat(migration.run("plan", "--set", "target.url=" + url).out())
          .doesNotContain("is taken away");

      migration.onTarget("GRANT CREATE ON SCHEMA public TO keys_owner");
      assertThat(migration.run("plan", "--set", "target.url=" + url).out())
          .contains("primary key public.\"The key\" is taken away");
      migration.onTarget(
          "REASSIGN OWNED BY keys_owner TO postgres; DROP OWNED BY keys_owner;"
              + " DROP ROLE keys_mover, keys_owner");
    }
  }

  @Test
  void keyComesBackWhereverTheProcessDies() throws Exception {
    try (Migration migration = ofKeys("keyskilled")) {
      String before = migration.askTarget(TABLES);

      Pipeline copying =
          migration.start(Map.of(Failpoint.VARIABLE, "snapshot-before-commit=halt@2"));
      copying.process().waitFor();
      assertThat(migration.askTarget(KEY)).as(migration.logTail()).isEqualTo("0");
      assertThat(migration.run("plan").out())
          .contains("primary key public.\"The key\"", "is not built yet")
          .doesNotContain("no primary key");
      // The rest is read under a newer view, where rows that are there may come again.
      migration.onSource("UPDATE messages SET content = content || ' changed' WHERE id % 3 = 0");

      Pipeline building = migration.start(Map.of(Failpoint.VARIABLE, "index-before-commit=halt@1"));
      building.process().waitFor();
      assertThat(migration.askTarget(KEY)).as(migration.logTail()).isEqualTo("0");
      Pipeline built = migration.start(Map.of(Failpoint.VARIABLE, "index-before-commit=halt@2"));
      built.process().waitFor();
      assertThat(migration.askTarget(KEY)).as(migration.logTail()).isEqualTo("1");

      migration.awaitLag(migration.startFollowing());
      assertThat(migration.askTarget(TABLES)).isEqualTo(before);
      assertThat(migration.askTarget("SELECT count(*) FROM segue.deferred_key")).isEqualTo("0");
      assertThat(migration.run("verify").out()).contains("300 of 300 sessions pass");
    }
  }

  @Test
  void rowThatSomebodyElseWroteUnderTheSameKeyStopsTheMigration() throws Exception {
    try (Migration migration = ofKeys("keystaken")) {
      Pipeline copying =
          migration.start(Map.of(Failpoint.VARIABLE, "snapshot-before-commit=halt@3"));
      copying.process().waitFor();
      String taken = migration.askTarget("SELECT min(id) FROM messages");
      migration.onTarget(
          "INSERT INTO messages SELECT id, session_id, 'user', 'somebody else', now()"
              + " FROM messages WHERE id = "
              + taken);

      Pipeline stopped = migration.start(Map.of());
      assertThat(stopped.process().waitFor()).as(migration.logTail()).isEqualTo(3);
      assertThat(Files.readString(migration.log()))
          .contains("primary key public.\"The key\" cannot be built again")
          .contains("fix: somebody else wrote to the table while history was copied: SELECT");
      assertThat(migration.askTarget("SELECT id FROM messages GROUP BY id HAVING count(*) > 1"))
          .isEqualTo(taken);
      migration.onTarget("DELETE FROM messages WHERE content = 'somebody else'");

      migration.awaitLag(migration.startFollowing());
      assertThat(migration.askTarget(KEY)).isEqualTo("1");
      assertThat(migration.run("verify").out()).contains("300 of 300 sessions pass");
    }
  }
}
