package dev.segue.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.MalformedRecordException;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class MarkMessageTest {
  @Test
  void markIsReadAsTheLogTellsIt() {
    assertThat(MarkMessage.read(base64("{\"nonce\":\"pulse-\\u00e9\",\"sent_at\":1760000000123}")))
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
    assertThatThrownBy(() -> MarkMessage.read(base64(content)))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("a mark that cannot be read");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "{}")
  void contentThatIsNotBase64IsRefused(String content) {
    assertThatThrownBy(() -> MarkMessage.read(content))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("a mark that cannot be read");
  }

  private static String base64(String json) {
    return Base64.getEncoder().encodeToString(json.getBytes(UTF_8));
  }
}
