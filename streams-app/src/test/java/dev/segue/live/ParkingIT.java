package dev.segue.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/** A row that cannot be mapped or written stops its own session only. */
class ParkingIT {
  @Test
  void sessionOfABadRowIsParkedAndAllOthersGoOn() throws Exception {
    try (Migration migration = new Migration("parking")) {
      migration.onSource(
          """
          CREATE TABLE sessions (id text PRIMARY KEY, user_id text, agent_name text,
            created_at timestamptz, updated_at timestamptz, metadata text);
          CREATE TABLE messages (id bigint PRIMARY KEY, session_id text, role text, content text,
            created_at timestamptz);
          INSERT INTO sessions SELECT 's' || i, 'u', 'a', now(), now(), '{}'
            FROM generate_series(1, 9) i;
          INSERT INTO sessions VALUES ('bad-snapshot', 'u', 'a', now(), now(), '{"x": "\\u0000"}');
          """);
      migration.config(
          "callsphere", "segue-postgres", "kafka: {bootstrap: \"" + Servers.kafka() + "\"}");
      assertThat(migration.run("plan", "--create-target").exit()).isZero();
      migration.onTarget(
          """
          ALTER TABLE agent_store.messages ADD CONSTRAINT polite CHECK (content <> 'rude');
          CREATE DOMAIN agent_store.role_name AS varchar(9);
          ALTER TABLE agent_store.messages ALTER COLUMN role TYPE agent_store.role_name;
          """);
      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);

      migration.onSource("UPDATE sessions SET metadata = '{broken' WHERE id = 's1'");
      migration.onSource("UPDATE sessions SET metadata = '\"\\u0000\"' WHERE id = 's2'");
      migration.onSource(
          """
          INSERT INTO messages SELECT i, 's' || (3 + i % 7), 'user', 'kind', now()
            FROM generate_series(1, 700) i;
          INSERT INTO messages VALUES (1001, 's3', 'user', 'rude', now()),
            (1002, 's3', 'user', 'kind again', now()), (1003, 's4', 'user', 'kind', now()),
            (1000, 'ghost', 'user', 'of a session that is not there', now()),
            (999, 's5', 'assistant-2', 'of a role that an explicit cast would cut off', now());
          UPDATE sessions SET metadata = '{"mended": true}' WHERE id = 's1';
          UPDATE sessions SET user_id = 'later' WHERE id IN ('s1', 's9', 'bad-snapshot');
          """);
      migration.drain(Duration.ofSeconds(60));

      assertThat(
              migration.askTarget(
                  "SELECT string_agg(session_id, ' ' ORDER BY session_id) FROM segue.parked"))
          .isEqualTo("bad-snapshot s1 s2 s3 s5");
      assertThat(
              migration.askTarget(
                  "SELECT string_agg(session_id || user_id, ' ' ORDER BY session_id)"
                      + " FROM agent_store.sessions"))
          .isEqualTo("s1u s2u s3u s4u s5u s6u s7u s8u s9later");
      assertThat(migration.askTarget("SELECT max(message_id::int) FROM agent_store.messages"))
          .as("the good neighbour of the bad row arrived")
          .isEqualTo("1003");
      assertThat(
              migration.askTarget(
                  "SELECT count(*) FROM agent_store.messages WHERE message_id = '1002'"))
          .as("nothing of a parked session overtakes what parked it")
          .isEqualTo("0");
      JsonNode parked = pipeline.status().orElseThrow().path("parked");
      assertThat(parked.path("sessions").intValue()).isEqualTo(5);
      assertThat(parked.path("first").toString())
          .contains("polite", "column metadata is not valid JSON")
          .doesNotContain("{broken", "rude");
      assertThat(deadLetterSessions())
          .containsExactlyInAnyOrder("bad-snapshot", "s1", "s2", "s3", "s5");
      assertThat(migration.run("status").out()).contains("parked  5 sessions");
      assertThat(migration.run("plan").all())
          .contains("agent_store.messages.role", "1 rows of public.messages.role", "9 characters");
      Migration.Outcome verified = migration.run("verify");
      assertThat(verified.exit()).isEqualTo(1);
      assertThat(verified.out())
          .contains("6 of 11 sessions pass, 5 fail, 0 pending")
          .contains("the source has rows of sessions that it does not have", "ghost")
          .contains("session s1 fail", "is parked: ", "column metadata is not valid JSON")
          .doesNotContain("{broken", "rude");
    }
  }

  private static Set<String> deadLetterSessions() {
    Set<String> sessions = new HashSet<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", Servers.kafka(), "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> all =
          IntStream.range(0, 8)
              .mapToObj(p -> new TopicPartition("segue.parking.dead-letters", p))
              .toList();
      consumer.assign(all);
      consumer.seekToBeginning(all);
      for (int empty = 0; empty < 4; ) {
        int before = sessions.size();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(300))) {
          sessions.add(new String(record.key(), StandardCharsets.UTF_8));
          assertThat(record.headers().lastHeader("segue.reason")).isNotNull();
        }
        empty = sessions.size() == before ? empty + 1 : 0;
      }
    }
    return sessions;
  }
}
