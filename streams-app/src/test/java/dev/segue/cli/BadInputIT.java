package dev.segue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.layout.LayoutCatalog;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each mistake gets one clear message and its fix, before anything is changed. */
class BadInputIT {
  private static Migration migration;

  @BeforeAll
  static void makeStores() throws Exception {
    migration = Migration.ofStore("badinput", 10, 1);
    migration.config("callsphere", "aria-engine");
  }

  @AfterAll
  static void dropStores() throws Exception {
    migration.close();
  }

  private static Migration.Outcome plan(String... more) {
    String[] all = new String[more.length + 1];
    all[0] = "plan";
    System.arraycopy(more, 0, all, 1, more.length);
    return migration.run(all);
  }

  private static String url(String role) {
    return Servers.source().url(migration.database()).replace("postgres:postgres@", role + "@");
  }

  @Test
  void goodInputHasNothingInTheWay() {
    Migration.Outcome outcome = plan();

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(outcome.out())
        .contains("message         public.messages -> aria_engine.chat_messages")
        .contains("CREATE PUBLICATION segue_badinput FOR TABLE public.sessions, public.messages")
        .contains("public.messages: REPLICA IDENTITY FULL, because a delete must tell its session")
        .contains("Nothing is in the way. Next: segue run");
  }

  @Test
  void fileThatIsMissingIsNamed() {
    Migration.Outcome outcome = Migration.command("plan", "-f", "/no/such.yaml");

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err()).contains("/no/such.yaml: no such file", "segue init");
  }

  @Test
  void unknownOptionIsWrongUsage() {
    assertThat(Migration.command("plan", "--frobnicate").exit()).isEqualTo(2);
  }

  @Test
  void bothSystemsThatCannotBeReachedAreNamed() {
    Migration.Outcome outcome =
        plan(
            "--set", "source.url=postgresql://x@127.0.0.1:1/a",
            "--set", "target.url=postgresql://x@no-such-host.invalid/b");

    assertThat(outcome.exit()).isEqualTo(3);
    assertThat(outcome.err())
        .contains("connecting to source postgresql://x@127.0.0.1:1/a")
        .contains("connecting to target postgresql://x@no-such-host.invalid:5432/b")
        .contains("fix: check that the server runs");
  }

  @Test
  void databaseThatDoesNotExistIsNamed() {
    Migration.Outcome outcome = plan("--set", "source.url=" + Servers.source().url("nowhere"));

    assertThat(outcome.exit()).isEqualTo(3);
    assertThat(outcome.err()).contains("\"nowhere\" does not exist", "check the database's name");
    assertThat(outcome.all()).doesNotContain("postgres:postgres");
  }

  @Test
  void missingPrivilegesAreListedWithTheirGrants() throws Exception {
    migration.onSource(
        "DO $$ BEGIN CREATE ROLE weak LOGIN PASSWORD 'w'; EXCEPTION WHEN duplicate_object THEN END"
            + " $$; GRANT SELECT ON sessions, messages TO weak");
    Servers.target()
        .execute(
            migration.database(),
            "DO $$ BEGIN CREATE ROLE weak LOGIN PASSWORD 'w'; EXCEPTION WHEN duplicate_object THEN"
                + " END $$; GRANT USAGE ON SCHEMA aria_engine TO weak;"
                + " GRANT SELECT ON ALL TABLES IN SCHEMA aria_engine TO weak");
    try {
      Migration.Outcome outcome =
          plan(
              "--set", "source.url=" + url("weak:w"),
              "--set",
                  "target.url="
                      + Servers.target()
                          .url(migration.database())
                          .replace("postgres:postgres@", "weak:w@"));

      assertThat(outcome.exit()).isEqualTo(3);
      assertThat(outcome.out())
          .contains("ALTER ROLE \"weak\" REPLICATION")
          .contains("GRANT CREATE ON DATABASE " + migration.database() + " TO \"weak\"")
          .contains("GRANT \"postgres\" TO \"weak\"")
          .contains("GRANT SET ON PARAMETER session_replication_role TO \"weak\"")
          .contains("GRANT EXECUTE ON FUNCTION pg_replication_origin_create(text)")
          .contains("GRANT INSERT, UPDATE, DELETE ON aria_engine.chat_sessions TO \"weak\"");
    } finally {
      migration.onSource("DROP OWNED BY weak; DROP ROLE weak");
      if (!Servers.source().ask("postgres", "SELECT 1").isEmpty()) {
        Servers.target()
            .execute(
                migration.database(),
                "DO $$ BEGIN DROP OWNED BY weak; DROP ROLE weak; EXCEPTION WHEN undefined_object"
                    + " THEN END $$");
      }
    }
  }

  @Test
  void everyDifferenceOfTheSchemasIsNamed() throws Exception {
    migration.onSource(
        """
        CREATE SCHEMA odd;
        CREATE TABLE odd.sessions (id text, user_id text, agent_name text, created_at timestamptz,
          updated_at timestamptz, metadata jsonb);
        CREATE TABLE odd.messages (id text PRIMARY KEY, session_id text, role text,
          content text, created_at timestamptz, place point);
        """);
    try {
      Migration.Outcome outcome =
          plan(
              "--set", "source.tables.sessions=odd.sessions",
              "--set", "source.tables.messages=odd.messages",
              "--set", "target.tables.chat_message=x",
              "--set", "target.tables.chat_sessions=aria_engine.chat_messages");

      assertThat(outcome.exit()).isEqualTo(3);
      assertThat(outcome.out())
          .contains("source odd.messages.place: type point cannot be carried")
          .contains("target.tables.chat_message: layout aria-engine has no table of that name")
          .contains("odd.sessions: has no primary key")
          .contains("target aria_engine.chat_messages.status: column not found");
    } finally {
      migration.onSource("DROP SCHEMA odd CASCADE");
    }
  }

  @Test
  void whatTheTargetCannotHoldIsCountedInTheSource() throws Exception {
    migration.onSource(
        """
        CREATE SCHEMA wide;
        CREATE TABLE wide.sessions (id uuid PRIMARY KEY, user_id text, agent_name text,
          created_at timestamptz, updated_at timestamptz, metadata jsonb);
        CREATE TABLE wide.messages (id uuid PRIMARY KEY, session_id uuid, role text,
          content text, created_at timestamptz);
        INSERT INTO wide.sessions VALUES (gen_random_uuid(), 'u', repeat('a', 101), now());
        INSERT INTO wide.messages VALUES (gen_random_uuid(), gen_random_uuid(),
          'a role of more than twenty characters');
        """);
    migration.onTarget("ALTER TABLE aria_engine.chat_messages ADD COLUMN tenant text NOT NULL");
    try {
      Migration.Outcome outcome =
          plan(
              "--set", "source.tables.sessions=wide.sessions",
              "--set", "source.tables.messages=wide.messages");

      assertThat(outcome.exit()).isEqualTo(3);
      assertThat(outcome.out())
          .contains(
              "chat_sessions.agent_id: is too narrow: 1 rows of wide.sessions.agent_name are"
                  + " longer than 100 characters (longest 101)")
          .contains("chat_messages.role: is too narrow: 1 rows of wide.messages.role")
          .contains("chat_messages.tenant: is NOT NULL and has no default");
    } finally {
      migration.onSource("DROP SCHEMA wide CASCADE");
      migration.onTarget("ALTER TABLE aria_engine.chat_messages DROP COLUMN tenant");
    }
  }

  @Test
  void numbersAndTimesThatWouldNotFitAreNamed() throws Exception {
    migration.onSource(
        """
        CREATE SCHEMA exact;
        CREATE TABLE exact.sessions (id uuid PRIMARY KEY, created_at timestamptz,
          message_count bigint);
        INSERT INTO exact.sessions VALUES (gen_random_uuid(), now(), 3000000000);
        """);
    migration.onTarget(
        """
        CREATE SCHEMA rough;
        CREATE TABLE rough.sessions (id uuid PRIMARY KEY, created_at timestamptz(0),
          message_count int);
        """);
    Files.writeString(
        migration.directory().resolve("counts.yaml"),
        """
        layout: counts
        tables:
          - entity: session
            table: sessions
            columns: {id: session_id, created_at: created_at, message_count: message_count}
        """);
    try {
      String layout = migration.directory().resolve("counts.yaml").toString();
      Migration.Outcome outcome =
          plan(
              "--set",
              "source.layout=" + layout,
              "--set",
              "target.layout=" + layout,
              "--set",
              "source.tables.sessions=exact.sessions",
              "--set",
              "target.tables.sessions=rough.sessions");

      assertThat(outcome.exit()).isEqualTo(3);
      assertThat(outcome.out())
          .contains(
              "message_count: is too narrow: 1 rows of exact.sessions.message_count are not within"
                  + " -2147483648 to 2147483647 (farthest 3000000000)")
          .contains("created_at: type timestamp(0) with time zone is too narrow: it would round");
    } finally {
      migration.onSource("DROP SCHEMA exact CASCADE");
      migration.onTarget("DROP SCHEMA rough CASCADE");
    }
  }

  @Test
  void rowsThatTheTargetWouldHideAreNamed() throws Exception {
    migration.onTarget(
        """
        CREATE ROLE limited LOGIN PASSWORD 'l';
        GRANT USAGE ON SCHEMA aria_engine TO limited;
        GRANT ALL ON ALL TABLES IN SCHEMA aria_engine TO limited;
        ALTER TABLE aria_engine.chat_messages ENABLE ROW LEVEL SECURITY;
        """);
    try {
      Migration.Outcome outcome =
          plan(
              "--set",
              "target.url="
                  + Servers.target()
                      .url(migration.database())
                      .replace("postgres:postgres@", "limited:l@"));

      assertThat(outcome.exit()).isEqualTo(3);
      assertThat(outcome.out())
          .contains("aria_engine.chat_messages: has row level security")
          .contains("ALTER ROLE \"limited\" BYPASSRLS")
          .doesNotContain("chat_sessions: has row level security");
    } finally {
      migration.onTarget(
          "ALTER TABLE aria_engine.chat_messages DISABLE ROW LEVEL SECURITY;"
              + " DROP OWNED BY limited; DROP ROLE limited");
    }
  }

  @Test
  void targetThatIsNotEmptyIsRefused() throws Exception {
    migration.onTarget(
        "INSERT INTO aria_engine.chat_sessions (id, agent_id) VALUES (gen_random_uuid(), 'x')");
    String unpacking = System.getProperty("java.io.tmpdir");
    try {
      Migration.Outcome outcome = migration.run("run");

      assertThat(outcome.exit()).isEqualTo(3);
      assertThat(System.getProperty("java.io.tmpdir")).isEqualTo(unpacking);
      assertThat(outcome.err())
          .contains("One thing is in the way")
          .contains("aria_engine.chat_sessions: is not empty")
          .contains("fix: TRUNCATE aria_engine.chat_sessions");
      assertThat(migration.askSource("SELECT count(*) FROM pg_publication")).isEqualTo("0");
    } finally {
      migration.onTarget("TRUNCATE aria_engine.chat_sessions CASCADE");
    }
  }

  @Test
  void nameThatSomebodyElseUsesIsRefused() throws Exception {
    migration.onSource("SELECT pg_create_logical_replication_slot('segue_badinput', 'pgoutput')");
    try {
      assertThat(plan().out()).contains("name 'badinput' is in use by another migration");
    } finally {
      migration.onSource("SELECT pg_drop_replication_slot('segue_badinput')");
    }
  }

  @Test
  void layoutThatIsMalformedIsNamedByLine() throws Exception {
    Files.writeString(
        migration.directory().resolve("mine.yaml"),
        "layout: mine\ntables:\n  - {entity: chat, table: t, columns: {}}\n");

    Migration.Outcome outcome =
        plan(
            "--set",
            "source.layout=" + migration.directory().resolve("mine.yaml"),
            "--set",
            "target.layout=no-such-layout");

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("mine.yaml:3: 'tables[0].entity' must be one of")
        .contains("layout 'no-such-layout' is neither built in nor a file");
  }

  @Test
  void initRecognisesLayoutsByTheirColumns() throws Exception {
    migration.onSource(
        "ALTER TABLE sessions RENAME TO conversations; ALTER TABLE messages RENAME TO utterances");
    try {
      var file = migration.directory().resolve("made.yaml");
      Migration.Outcome outcome =
          Migration.command(
              "init",
              "--source",
              Servers.source().url(migration.database()),
              "--target",
              Servers.target().url(migration.database()),
              "-f",
              file.toString());

      assertThat(outcome.exit()).as(outcome.all()).isZero();
      assertThat(Files.readString(file))
          .contains("layout: callsphere", "sessions: public.conversations")
          .contains("layout: aria-engine", "${env:TARGET_PASSWORD}")
          .doesNotContain("postgres:postgres");
    } finally {
      migration.onSource(
          "ALTER TABLE conversations RENAME TO sessions; ALTER TABLE utterances RENAME TO messages");
    }
  }

  @Test
  void statusOfAMigrationThatNeverRanSaysSo() {
    Migration.Outcome outcome = migration.run("status");

    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.err()).contains("has never run", "segue run");
  }

  @Test
  void secondStartIsRefusedByNameAndALostSlotStopsTheFirst() throws Exception {
    try (Migration running = Migration.ofStore("twice", 10, 1)) {
      running.config("callsphere", "aria-engine");
      Pipeline first = running.start(Map.of());
      running.await(first, "the stream", s -> s.path("lag").path("ms").asLong(-1) >= 0);

      Migration.Outcome second = running.run("run");
      assertThat(second.exit()).isEqualTo(3);
      assertThat(second.err())
          .contains("migration 'twice' is already running: process " + first.process().pid());
      Migration.Outcome elsewhere =
          running.run("run", "--set", "data-dir=" + running.directory().resolve("elsewhere"));
      assertThat(elsewhere.err())
          .contains("migration 'twice' is already running: segue twice from ")
          .contains("--take-over");

      Files.writeString(
          running.directory().resolve("callsphere.yaml"),
          LayoutCatalog.text("callsphere").replace("agent_name: agent_name", "agent_name: title"));
      assertThat(
              running
                  .run("plan", "--set", "source.layout=" + running.directory() + "/callsphere.yaml")
                  .out())
          .contains("layout callsphere of the source is not what it was")
          .contains("restore what it was when the migration first ran");

      running.onSource(
          "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
              + " WHERE slot_name = 'segue_twice'; SELECT"
              + " pg_drop_replication_slot('segue_twice')");
      assertThat(first.process().waitFor(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
      assertThat(first.process().exitValue()).isEqualTo(3);
      assertThat(running.logTail())
          .contains("replication slot segue_twice")
          .contains("fix: changes are missing that cannot be had again");
      assertThat(
              running.askSource(
                  "SELECT count(*) FROM pg_replication_slots WHERE slot_name =" + " 'segue_twice'"))
          .isEqualTo("0");
    }
  }
}
