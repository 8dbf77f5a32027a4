package dev.segue.canonical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CanonicalCodecTest {
  static List<Path> goldenFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/golden"))) {
      List<Path> all = files.sorted().toList();
      assertThat(all).isNotEmpty();
      return all;
    }
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void goldenDocumentIsReadAndWrittenByteForByte(Path file) throws IOException {
    String text = Files.readString(file).strip();

    Entity entity = CanonicalCodec.readEntity(text);

    assertThat(CanonicalCodec.write(entity)).isEqualTo(text);
  }

  @Property
  void everyEntitySurvivesTheWire(@ForAll("entities") Entity entity) {
    assertThat(CanonicalCodec.readEntity(CanonicalCodec.write(entity))).isEqualTo(entity);
  }

  @Property
  void everyChangeSurvivesTheWire(@ForAll("entities") Entity entity, @ForAll long log) {
    SourcePosition position = new SourcePosition(log, log + 1, 3);
    List<CanonicalChange> changes =
        List.of(
            new CanonicalChange.Upsert(position, 1, entity),
            new CanonicalChange.Delete(position, 2, entity),
            new CanonicalChange.Delete(position, 2, entity, true),
            new CanonicalChange.Retain(position, 2, Kind.MESSAGE, "s", List.of(), true),
            new CanonicalChange.Retain(
                position,
                2,
                Kind.CHECKPOINT,
                "s",
                List.of(List.of("", "a\u0000"), List.of("n", "b")),
                false),
            new CanonicalChange.Truncate(position, 3, "messages"),
            new CanonicalChange.Park(position, 4, "s", "because"),
            new CanonicalChange.Release(position, 4, "s"),
            new CanonicalChange.Mark(position, 5, "n", 6));
    for (CanonicalChange change : changes) {
      assertThat(CanonicalCodec.readChange(CanonicalCodec.write(change))).isEqualTo(change);
    }
  }

  @Provide
  Arbitrary<Entity> entities() {
    return Arbitraries.of(Kind.values())
        .flatMap(
            kind ->
                Arbitraries.randomValue(
                    random -> {
                      Entity.Builder entity = Entity.of(kind);
                      for (Field field : kind.fields()) {
                        int dice = random.nextInt(4);
                        if (dice == 0) {
                          entity.set(field, null);
                        } else if (dice < 3) {
                          entity.set(field, value(field.type(), random));
                        }
                      }
                      return entity.build();
                    }));
  }

  private static String value(FieldType type, java.util.Random random) {
    return switch (type) {
      case TEXT -> pick(random, "", "null", "a\"b\\c\n\t", "日本 \uD83D\uDE00", "\u0000", "{}");
      case INTEGER -> pick(random, "0", "-1", "9223372036854775807", "123456789012345678901");
      case DECIMAL -> pick(random, "0", "1.10", "-0.000001", "12345678901234567890.5");
      case BOOLEAN -> pick(random, "true", "false");
      case TIMESTAMP ->
          pick(random, "infinity", "2026-01-31T08:30:00.123456Z", "-0043-03-15T00:00:00.000000Z");
      case JSON ->
          pick(
              random,
              "null",
              "1.10",
              "1e400",
              "\"x\"",
              "[ 1 , 2 ]",
              "{\"b\":1,\"a\":{\"x\":[]}}",
              "true",
              "\"\\u0000\"");
    };
  }

  private static String pick(java.util.Random random, String... values) {
    return values[random.nextInt(values.length)];
  }

  @Test
  void fieldOfANewerWriterIsKeptAsUnknown() {
    String text = "{\"v\":1,\"kind\":\"session\",\"entity\":{\"session_id\":\"s\",\"mood\":[1.0]}}";

    Entity entity = CanonicalCodec.readEntity(text);

    assertThat(entity.text("unknown")).isEqualTo("{\"mood\":[1.0]}");
  }

  @Test
  void nullEmptyAndAbsentStayApart() {
    Entity entity =
        CanonicalCodec.readEntity(
            "{\"v\":1,\"kind\":\"session\",\"entity\":{\"user_id\":null,\"agent_name\":\"\"}}");

    assertThat(entity.isNull(Kind.SESSION.field("user_id").orElseThrow())).isTrue();
    assertThat(entity.text("agent_name")).isEmpty();
    assertThat(entity.isAbsent(Kind.SESSION.field("title").orElseThrow())).isTrue();
  }

  @Test
  void documentOfAnotherVersionIsRefused() {
    assertThatThrownBy(() -> CanonicalCodec.readEntity("{\"v\":2,\"kind\":\"session\"}"))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("expected 1, found 2");
  }

  @Test
  void numberInPlaceOfTextIsRefusedByFieldName() {
    byte[] change =
        ("{\"v\":1,\"op\":\"upsert\",\"position\":\"0/1+0/2#1\",\"kind\":\"message\","
                + "\"entity\":{\"content\":5}}")
            .getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> CanonicalCodec.readChange(change))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("content")
        .hasMessageContaining("string");
  }
}
