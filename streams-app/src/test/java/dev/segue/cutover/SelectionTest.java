package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator may say, and what is made of it. */
class SelectionTest {
  private static Selection slice(String share) {
    return new Selection(share, null, null, null, null);
  }

  @ParameterizedTest
  @CsvSource({"1%, 0.01", "25 %, 0.25", "0.5%, 0.005", "100%, 1"})
  void shareIsRead(String text, double share) {
    assertThat(slice(text).checked().share()).contains(share);
  }

  @ParameterizedTest
  @CsvSource({"0%", "101%", "25", "-1%", "'', "})
  void whatIsNoShareIsSaid(String text) {
    assertThatThrownBy(() -> slice(text).checked()).hasMessageContaining("is not a share");
  }

  @Test
  void conditionMayBeQuoted() {
    Selection.Condition quoted =
        new Selection(null, null, "agent_name = 'it''s = me'", null, null)
            .condition()
            .orElseThrow();

    assertThat(quoted).isEqualTo(new Selection.Condition("agent_name", "it's = me"));
    assertThat(new Selection(null, null, " a=b c ", null, null).condition())
        .contains(new Selection.Condition("a", "b c"));
  }

  @Test
  void timeHasAUnit() {
    assertThat(new Selection(null, null, null, "10m", null).idle())
        .contains(Duration.ofMinutes(10));
    assertThatThrownBy(() -> new Selection(null, null, null, "10", null).checked())
        .hasMessageContaining("is not a duration");
  }

  @Test
  void exactlyOneSelectorIsGiven() {
    assertThatThrownBy(() -> new Selection(null, null, null, null, null).checked())
        .hasMessageContaining("0 selectors were given");
    assertThatThrownBy(() -> new Selection("1%", List.of("a"), null, null, null).checked())
        .hasMessageContaining("2 selectors were given");
    assertThat(Selection.everything().checked().toString()).isEqualTo("all");
  }
}
