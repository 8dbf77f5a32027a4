package dev.segue.canonical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class JsonTextTest {
  @Test
  void membersKeepTheirSpelling() {
    Map<String, String> members =
        JsonText.members("{ \"a\" : 1.10 , \"b\":[ 1, 2 ],\"c\":\"x\\u0041\", \"d\":-1e5}");

    assertThat(members)
        .containsExactly(
            Map.entry("a", "1.10"),
            Map.entry("b", "[ 1, 2 ]"),
            Map.entry("c", "\"x\\u0041\""),
            Map.entry("d", "-1e5"));
  }

  @Test
  void memberThatStandsTwiceIsRefused() {
    assertThatThrownBy(() -> JsonText.members("{\"a\":1,\"a\":2}"))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("'a' twice");
  }

  @Test
  void textBehindTheValueIsRefused() {
    assertThatThrownBy(() -> JsonText.check("{} x")).isInstanceOf(MalformedRecordException.class);
    assertThatThrownBy(() -> JsonText.check("")).isInstanceOf(MalformedRecordException.class);
    assertThatThrownBy(() -> JsonText.check("{")).isInstanceOf(MalformedRecordException.class);
  }

  @Property
  void quotedTextReadsBack(@ForAll String text) {
    assertThat(JsonText.unquote(JsonText.quote(text))).isEqualTo(text);
  }

  @Test
  void whatIsEqualIsSpeltEqually() {
    assertThat(JsonText.normal("{\"b\": [1.0, 10e1, -0], \"a\": \"\\u0041\"}"))
        .isEqualTo(JsonText.normal("{\"a\":\"A\",\"b\":[1,100,0.0]}"))
        .isEqualTo("{\"a\":\"A\",\"b\":[1,1E+2,0]}");
    assertThat(JsonText.normal("null")).isEqualTo("null");
    assertThat(JsonText.normal("[]")).isNotEqualTo(JsonText.normal("{}"));
    assertThat(JsonText.normal("\"1\"")).isNotEqualTo(JsonText.normal("1"));
    assertThat(JsonText.normal("{\"a\":null}")).isNotEqualTo(JsonText.normal("{}"));
  }

  @Test
  void halfOfACharacterIsNoText() {
    assertThat(JsonText.unquote("\"\\ud83d\\ude00\"")).isEqualTo("😀");
    for (String half : java.util.List.of("\"a\\ud83d\"", "\"\\ude00b\"", "\"\\ud83d\\ud83d\"")) {
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> JsonText.unquote(half))
          .isInstanceOf(MalformedRecordException.class)
          .hasMessageContaining("surrogate");
    }
  }
}
