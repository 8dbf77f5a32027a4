package dev.segue.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.kafka.RecordHeaders;
import dev.segue.kafka.Topics;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.ChangeTranslator;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CanonicalTopologyTest {
  private final Topics topics = new Topics("t");
  private final TopologyTestDriver driver =
      new TopologyTestDriver(CanonicalTopology.build(topics, new SpokenTranslator()), properties());
  private final TestInputTopic<byte[], byte[]> changes =
      driver.createInputTopic(
          topics.changes(), new ByteArraySerializer(), new ByteArraySerializer());
  private final TestOutputTopic<byte[], byte[]> canonical = output(topics.canonical());
  private final TestOutputTopic<byte[], byte[]> deadLetters = output(topics.deadLetters());

  private TestOutputTopic<byte[], byte[]> output(String topic) {
    return driver.createOutputTopic(
        topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static Properties properties() {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "t");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    return properties;
  }

  /** Understands "say X", "stutter" and "mark", and chokes on anything else. */
  private static final class SpokenTranslator implements ChangeTranslator {
    @Override
    public CanonicalChange translate(byte[] value, SourcePosition position, boolean departed) {
      String text = new String(value, StandardCharsets.UTF_8);
      if (text.equals("mark")) {
        return new CanonicalChange.Mark(position, 1, "n", 2);
      }
      if (text.equals("nothing")) {
        return null;
      }
      if (text.equals("stutter")) {
        return new CanonicalChange.Upsert(
            position, 1, Entity.of(Kind.MESSAGE).set("content", "half of one: \ud83d").build());
      }
      if (!text.startsWith("say ")) {
        throw new UnmappableRowException("column content is not speech");
      }
      Entity entity =
          Entity.of(Kind.MESSAGE)
              .set("session_id", "s")
              .set("message_id", text.substring(4))
              .build();
      return departed
          ? new CanonicalChange.Delete(position, 1, entity)
          : new CanonicalChange.Upsert(position, 1, entity);
    }
  }

  private void pipe(String key, String value, String position, boolean departed) {
    TestRecord<byte[], byte[]> record =
        new TestRecord<>(
            key == null ? null : key.getBytes(StandardCharsets.UTF_8),
            value.getBytes(StandardCharsets.UTF_8));
    RecordHeaders.put(record.headers(), RecordHeaders.POSITION, position);
    if (departed) {
      RecordHeaders.put(record.headers(), RecordHeaders.DEPARTED, "true");
    }
    changes.pipeInput(record);
  }

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void changeKeepsItsKeyAndPosition() {
    pipe("s", "say hello", "0/1+0/2#3", false);

    TestRecord<byte[], byte[]> out = canonical.readRecord();
    assertThat(new String(out.key(), StandardCharsets.UTF_8)).isEqualTo("s");
    CanonicalChange change = CanonicalCodec.readChange(out.value());
    assertThat(change).isInstanceOf(CanonicalChange.Upsert.class);
    assertThat(change.position()).hasToString("0/1+0/2#3");
  }

  @Test
  void departureIsADelete() {
    pipe("s", "say bye", "0/1+0/2#3", true);

    assertThat(CanonicalCodec.readChange(canonical.readValue()))
        .isInstanceOf(CanonicalChange.Delete.class);
  }

  @Test
  void unmappableRecordBecomesADeadLetterAndParksItsSessionInItsPlace() {
    pipe("s", "gibberish", "0/1+0/2#1", false);
    pipe("s", "say hello", "0/1+0/2#2", false);

    CanonicalChange order = CanonicalCodec.readChange(canonical.readValue());
    assertThat(order).isInstanceOf(CanonicalChange.Park.class);
    assertThat(order.sessionId()).isEqualTo("s");
    assertThat(order.position()).hasToString("0/1+0/2#1");
    assertThat(CanonicalCodec.readChange(canonical.readValue()))
        .isInstanceOf(CanonicalChange.Upsert.class);
    TestRecord<byte[], byte[]> letter = deadLetters.readRecord();
    assertThat(letter.value()).asString(StandardCharsets.UTF_8).isEqualTo("gibberish");
    assertThat(RecordHeaders.get(letter.headers(), RecordHeaders.REASON))
        .isEqualTo("column content is not speech");
    assertThat(RecordHeaders.get(letter.headers(), RecordHeaders.ORIGIN))
        .isEqualTo("segue.t.changes-0@0");
  }

  @Test
  void textThatIsNoneParksItsSession() {
    pipe("s", "stutter", "0/1+0/2#1", false);

    assertThat(CanonicalCodec.readChange(canonical.readValue()))
        .isInstanceOf(CanonicalChange.Park.class);
    assertThat(RecordHeaders.get(deadLetters.readRecord().headers(), RecordHeaders.REASON))
        .isEqualTo("holds half of a surrogate pair, which is no text");
  }

  @Test
  void markPassesWithoutAKey() {
    pipe(null, "mark", "0/1+0/2#1", false);
    pipe(null, "nothing", "0/1+0/2#2", false);

    TestRecord<byte[], byte[]> out = canonical.readRecord();
    assertThat(out.key()).isNull();
    assertThat(CanonicalCodec.readChange(out.value())).isInstanceOf(CanonicalChange.Mark.class);
    assertThat(canonical.isEmpty()).isTrue();
  }
}
