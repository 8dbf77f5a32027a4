package dev.segue.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.yaml.YamlException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LayoutReaderTest {
  private static Layout read(String text) {
    return new LayoutReader(Optional.empty()).read("mine.yaml", text);
  }

  @Test
  void allMistakesAreNamedAtOnceWithTheirLines() {
    String text =
        """
        layout: mine
        tables:
          - entity: session
            table: conversations
            colums: {}
            columns:
              id: session_id
              who: user_idd
              what: {field: title, as: number}
              when: {constant: "${now}"}
          - entity: sessions
            table: x
        """;

    assertThatThrownBy(() -> read(text))
        .isInstanceOfSatisfying(
            YamlException.class,
            e ->
                assertThat(e.problems())
                    .anySatisfy(
                        p -> assertThat(p).startsWith("mine.yaml:5:").contains("did you mean"))
                    .anySatisfy(p -> assertThat(p).startsWith("mine.yaml:8:").contains("user_idd"))
                    .anySatisfy(p -> assertThat(p).startsWith("mine.yaml:9:").contains("uuid"))
                    .anySatisfy(p -> assertThat(p).startsWith("mine.yaml:10:").contains("${now}"))
                    .anySatisfy(p -> assertThat(p).startsWith("mine.yaml:11:").contains("session"))
                    .hasSize(5));
  }

  @Test
  void spellingLeavesTheFingerprintAndMeaningChangesIt() {
    String one =
        """
        layout: mine
        tables:
          - entity: session
            table: s
            columns: {id: session_id, who: user_id}
        """;
    String respelled =
        """
        # a comment
        tables:
          - table: "s"
            entity: session
            columns:
              who: user_id
              id: 'session_id'
        title: what people read
        layout: mine
        """;

    assertThat(fingerprint(respelled)).isEqualTo(fingerprint(one)).matches("[0-9a-f]{12}");
    assertThat(fingerprint(one.replace("user_id", "agent_name"))).isNotEqualTo(fingerprint(one));
  }

  private static String fingerprint(String text) {
    return new LayoutBinding(read(text), List.of(), List.of()).fingerprint();
  }

  @Test
  void textThatIsNoYamlIsRefusedWithItsLine() {
    assertThatThrownBy(() -> read("layout: mine\ntables: [\n"))
        .isInstanceOf(YamlException.class)
        .hasMessageContaining("mine.yaml:3: is not YAML");
  }

  @Test
  void nullHasAWordOnlyWhereThereIsAField() {
    String text =
        """
        layout: mine
        tables:
          - entity: session
            table: s
            columns:
              id: session_id
              state: {field: status, default: active, null: done}
              origin: {or: [metadata.source], null: none}
        """;
    assertThatThrownBy(() -> read(text))
        .hasMessageContaining("mine.yaml:8")
        .hasMessageContaining("needs 'field'");
    Layout layout = read(text.replace(", null: none", ""));
    assertThat(layout.tables().get(0).columns().get("state"))
        .isInstanceOfSatisfying(
            ColumnSpec.OfField.class, of -> assertThat(of.ifNull()).contains("done"));
  }

  @Test
  void tableWithoutSessionIsRefused() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    layout: mine
                    tables:
                      - {entity: message, table: m, columns: {id: message_id}}
                    """))
        .hasMessageContaining("must have a column for session_id");
  }

  @Test
  void everyBuiltInLayoutLoads() {
    assertThat(LayoutCatalog.names())
        .allSatisfy(name -> assertThat(LayoutCatalog.load(name).tables()).isNotEmpty());
  }

  @Test
  void filesHaveFieldsAndNoKeys() {
    assertThat(LayoutCatalog.load("openclaw-store").isOfFiles()).isTrue();
    assertThat(LayoutCatalog.load("callsphere").isOfFiles()).isFalse();
    String text =
        """
        layout: openclaw-store
        files: true
        tables:
          - entity: session
            table: s
            key: "s:{session_id}"
            columns: {session_id: session_id, who: user_id}
        """;
    assertThatThrownBy(() -> read(text))
        .hasMessageContaining("mine.yaml:2")
        .hasMessageContaining("but s has a key")
        .hasMessageContaining("s.who must be the field");
  }

  @Test
  void rulesOfKeysAreCheckedAsColumnsAre() {
    String text =
        """
        layout: mine
        tables:
          - entity: session
            table: session
            key: "s:{session}"
            type: hsh
            columns: {"{session_id}": session_id, at: {field: created_at, as: epoch}}
          - entity: message
            table: messages
            oldest: first
            columns: {id: session_id}
        """;

    assertThatThrownBy(() -> read(text))
        .isInstanceOfSatisfying(
            YamlException.class,
            e ->
                assertThat(e.problems())
                    .anySatisfy(p -> assertThat(p).startsWith("mine.yaml:5:").contains("once"))
                    .anySatisfy(p -> assertThat(p).startsWith("mine.yaml:6:").contains("hash"))
                    .anySatisfy(p -> assertThat(p).startsWith("mine.yaml:7:").contains("epoch-ms"))
                    .anySatisfy(p -> assertThat(p).startsWith("mine.yaml:10:").contains("'key'"))
                    .hasSize(4));
  }

  @Test
  void shapesAreKnownAndOfMessages() {
    String text =
        """
        layout: mine
        tables:
          - entity: session
            table: s
            columns: {id: session_id, doc: {shape: langchain}}
          - entity: message
            table: m
            columns:
              id: {field: message_id, unless: other}
              session_id: session_id
              body: {shape: openai}
              more: {object: {whole: {shape: langchain}}}
        """;

    assertThatThrownBy(() -> read(text))
        .isInstanceOfSatisfying(
            YamlException.class,
            e ->
                assertThat(e.problems())
                    .anySatisfy(p -> assertThat(p).startsWith("mine.yaml:5:").contains("none"))
                    .anySatisfy(p -> assertThat(p).startsWith("mine.yaml:9:").contains("'other'"))
                    .anySatisfy(
                        p -> assertThat(p).startsWith("mine.yaml:11:").contains("openai-item"))
                    .anySatisfy(p -> assertThat(p).startsWith("mine.yaml:12:").contains("object"))
                    .hasSize(4));
  }
}
