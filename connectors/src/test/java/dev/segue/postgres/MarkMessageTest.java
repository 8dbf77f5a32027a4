package dev.segue.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.MalformedRecordException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkMessageTest {
  @Test
  void markIsReadAsTheLogTellsIt() {
    assertThat(
            MarkMessage.read(
                "{\"nonce\":\"pulse-\\u00e9\",\"sent_at\":1760000000123}".getBytes(UTF_8)))
        .isEqualTo(new MarkMessage("pulse-é", 1_760_000_000_123L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "[]",
        "{\"nonce\":\"n\"}",
        "{\"sent_at\":1}",
        "{\"nonce\":7,\"sent_at\":1}",
        "{\"nonce\":\"n\",\"sent_at\":\"1\"}"
      })
  void whatIsNoMarkIsRefused(String content) {
    assertThatThrownBy(() -> MarkMessage.read(content.getBytes(UTF_8)))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("a mark that cannot be read");
  }
}
