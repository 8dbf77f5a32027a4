package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** OpenClaw's database of an agent into PostgreSQL, live. */
class OpenClawSqliteIT {
  private static final Duration MOST = Duration.ofSeconds(60);
  private static final int KEYS = 200;

  private static Migration.Outcome plan(Migration migration, Path file) throws Exception {
    migration.configFiles(
        file,
        "openclaw-sqlite",
        "capture: {heartbeat: 300ms}",
        "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
    return migration.mustRun("plan", "--create-target");
  }

  /** What each session says in the target, line by line, by its SQL alone. */
  private static Map<String, String> lines(Migration migration) throws Exception {
    Map<String, String> lines = new TreeMap<>();
    try (Connection target = migration.target();
        Statement statement = target.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT session_id, string_agg(unknown->>'raw', E'\\n' ORDER BY seq)"
                    + " FROM agent_store.messages GROUP BY session_id")) {
      while (rows.next()) {
        lines.put(rows.getString(1), rows.getString(2));
      }
    }
    return lines;
  }

  private static void assertSame(Migration migration, Path file) throws Exception {
    migration.drain(file.getParent(), MOST);
    migration.mustRun("verify");
    assertThat(lines(migration)).isEqualTo(AgentTalk.lines(file));
    assertThat(migration.askTarget("SELECT count(*) FROM agent_store.sessions"))
        .isEqualTo(Integer.toString(AgentTalk.sessions(file)));
    assertThat(migration.askTarget("SELECT count(*) FROM segue.parked")).isEqualTo("0");
  }

  /** The credential is in no topic, no row and no line that was printed. */
  private static void assertNobodyReadTheCredential(Migration migration) throws Exception {
    assertThat(Files.readString(migration.log())).doesNotContain(AgentTalk.CREDENTIAL);
    for (String table : List.of("sessions", "messages", "tool_runs", "events")) {
      assertThat(
              migration.askTarget(
                  "SELECT count(*) FROM agent_store."
                      + table
                      + " t WHERE t::text LIKE '%"
                      + AgentTalk.CREDENTIAL
                      + "%'"))
          .isEqualTo("0");
    }
    assertThat(recordsOf(migration, AgentTalk.CREDENTIAL)).isZero();
    assertThat(recordsOf(migration, "session_id")).isPositive();
  }

  private static long recordsOf(Migration migration, String words) {
    long found = 0;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, Servers.kafka()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      Pattern ours = Pattern.compile("segue\\." + migration.name() + "\\..*");
      List<TopicPartition> partitions =
          consumer.listTopics().entrySet().stream()
              .filter(topic -> ours.matcher(topic.getKey()).matches())
              .flatMap(topic -> topic.getValue().stream())
              .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
              .toList();
      assertThat(partitions).isNotEmpty();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofSeconds(1));
        for (ConsumerRecord<byte[], byte[]> record : records) {
          boolean has = record.value() != null && new String(record.value(), UTF_8).contains(words);
          found += has ? 1 : 0;
        }
      }
    }
    return found;
  }

  @Test
  void sessionsMoveWhileTheyAreWrittenTo() throws Exception {
    try (Migration migration = new Migration("clawsqlite")) {
      Path file = AgentTalk.create(migration.directory().resolve("agent"));
      AgentTalk.history(file, KEYS, 20);
      Migration.Outcome plan = plan(migration, file);
      assertThat(plan.out())
          .contains("gets a directory for marks, .segue/" + migration.name())
          .contains("is never asked for rows of auth_profile_store");
      Pipeline pipeline;
      try (AgentTalk talk = AgentTalk.start(file, KEYS, 8, 1)) {
        pipeline = migration.startFollowing();
        await(talk, 200);
        pipeline.kill();
        await(talk, 150);
        pipeline = migration.startFollowing();
        await(talk, 200);
        migration.mustRun("verify");
      }
      assertSame(migration, file);
      assertThat(AgentTalk.lines(file)).hasSizeGreaterThan(KEYS / 2);
      assertNobodyReadTheCredential(migration);
      assertThat(pipeline.stop(MOST)).isZero();
      migration.mustRun(
          "complete", "--report", migration.directory().resolve("report.json").toString());
      assertThat(file.resolveSibling(".segue")).doesNotExist();
    }
  }

  @Test
  void aRealTranscriptIsTheSameAsFromItsFile() throws Exception {
    try (Migration migration = new Migration("clawreal")) {
      byte[] transcript;
      try (InputStream data =
          getClass().getResourceAsStream("/data/openclaw-v1-transcript.jsonl")) {
        transcript = data.readAllBytes();
      }
      Path file = AgentTalk.create(migration.directory().resolve("agent"));
      try (Connection connection = AgentTalk.open(file)) {
        AgentTalk.session(connection, "agent:main:main", "real");
        AgentTalk.script(connection, "DELETE FROM transcript_events; BEGIN");
        for (String line : new String(transcript, UTF_8).lines().toList()) {
          AgentTalk.append(connection, "real", line);
        }
        AgentTalk.script(connection, "COMMIT");
      }
      plan(migration, file);
      Pipeline pipeline = migration.startFollowing();
      assertSame(migration, file);
      assertThat(migration.askTarget("SELECT count(*) FROM agent_store.messages")).isEqualTo("914");
      assertThat(
              migration.askTarget(
                  "SELECT count(*) || ' calls, ' || count(result_message_id) || ' results'"
                      + " FROM agent_store.tool_runs"))
          .isEqualTo("391 calls, 373 results");

      // The same by way of files, entity by entity.
      Path store = Files.createDirectories(migration.directory().resolve("store"));
      Files.write(store.resolve("real.jsonl"), transcript);
      Path ofFiles = migration.directory().resolve("files.jsonl");
      Path ofRows = migration.directory().resolve("rows.jsonl");
      export(ofFiles, "openclaw-store", store, "--format", "stream");
      export(ofRows, "openclaw-sqlite", file, "--format", "stream");
      assertThat(withoutSession(ofRows))
          .isEqualTo(withoutSession(ofFiles))
          .hasSizeGreaterThan(1300);
      Path after = migration.directory().resolve("after");
      export(after, "openclaw-sqlite", file, "--format", "openclaw");
      assertThat(after.resolve("real.jsonl")).hasBinaryContent(transcript);
      assertThat(pipeline.stop(MOST)).isZero();
    }
  }

  private static void export(Path to, String layout, Path from, String... more) {
    String url = from.toUri().toString();
    Migration.Outcome export =
        Migration.command(
            "export", to.toString(), "--layout", layout, "--url", url, more[0], more[1]);
    assertThat(export.exit()).as(export.all()).isZero();
  }

  private static List<String> withoutSession(Path file) throws Exception {
    return Files.readAllLines(file).stream()
        .filter(line -> !line.contains("\"kind\":\"session\""))
        .sorted()
        .toList();
  }

  @Test
  void whatADatabaseCannotBeIsSaid() throws Exception {
    try (Migration migration = new Migration("clawnobase")) {
      Path out = migration.directory().resolve("out.jsonl");
      Path text = Files.writeString(migration.directory().resolve("text"), "hello ".repeat(300));
      Migration.Outcome none =
          Migration.command(
              "export", out.toString(), "--layout", "openclaw-sqlite", "--url", text.toUri() + "x");
      assertThat(none.exit()).isEqualTo(3);
      assertThat(none.err())
          .contains("is not a file that can be read", "agent/openclaw-agent.sqlite");
      Migration.Outcome other =
          Migration.command(
              "export", out.toString(), "--layout", "openclaw-sqlite", "--url", text.toUri() + "");
      assertThat(other.exit()).isEqualTo(3);
      assertThat(other.err()).contains("is not an SQLite database");

      Path file = AgentTalk.create(migration.directory().resolve("agent"));
      try (Connection connection = AgentTalk.open(file)) {
        AgentTalk.script(connection, "DROP TABLE transcript_rewrite_watermarks");
      }
      migration.configFiles(
          file, "openclaw-sqlite", "kafka: {bootstrap: \"" + Servers.kafka() + "\"}");
      Migration.Outcome plan = migration.run("plan", "--create-target");
      assertThat(plan.exit()).isNotZero();
      assertThat(plan.all())
          .contains("there is no table transcript_rewrite_watermarks", "start the present version");
    }
  }

  private static void await(AgentTalk talk, int more) {
    long until = talk.steps() + more;
    Awaitility.await().atMost(MOST).until(() -> talk.steps() >= until);
  }
}
