package dev.segue.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.Kind;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Of which kinds two rows never become rows of one key. */
class KeptKeysTest {
  private static Column column(String name, Family family, String type) {
    return new Column(
        name, new ColumnType(family, type, type, Limits.NONE, null), false, false, false, false);
  }

  private static Column text(String name) {
    return column(name, Family.TEXT, "text");
  }

  private static LayoutBinding sessions(Column id, List<String> key) {
    Table sessions =
        new Table(
            new TableId("public", "sessions"),
            List.of(id, text("user_id"), text("agent_name"), text("created_at")),
            key);
    return LayoutBinding.bind(
        "source", LayoutCatalog.load("callsphere"), List.of(sessions), Map.of());
  }

  private static final Column UUID = column("id", Family.UUID, "uuid");
  private static final Column BIGINT = column("id", Family.INTEGER, "bigint");
  private static final List<String> KEY = List.of("id");

  @Test
  void oneSpellingKeepsWhatDiffersApart() {
    assertThat(KeptKeys.between(sessions(UUID, KEY), sessions(UUID, KEY)))
        .containsExactly(Kind.SESSION);
    assertThat(
            KeptKeys.between(
                sessions(BIGINT, KEY), sessions(column("id", Family.INTEGER, "integer"), KEY)))
        .containsExactly(Kind.SESSION);
    assertThat(KeptKeys.between(sessions(text("id"), KEY), sessions(text("id"), KEY)))
        .containsExactly(Kind.SESSION);
  }

  @Test
  void otherSpellingsMayFallTogether() {
    assertThat(
            KeptKeys.between(
                sessions(text("id"), KEY), sessions(column("id", Family.TEXT, "citext"), KEY)))
        .isEmpty();
    assertThat(KeptKeys.between(sessions(text("id"), KEY), sessions(UUID, KEY))).isEmpty();
    assertThat(KeptKeys.between(sessions(BIGINT, KEY), sessions(text("id"), KEY))).isEmpty();
  }

  @Test
  void aKeyThatIsNotTheSourcesSaysNothing() {
    assertThat(KeptKeys.between(sessions(UUID, List.of()), sessions(UUID, KEY))).isEmpty();
    assertThat(KeptKeys.between(sessions(UUID, List.of("id", "user_id")), sessions(UUID, KEY)))
        .isEmpty();
    assertThat(KeptKeys.between(sessions(UUID, KEY), sessions(UUID, List.of("id", "user_id"))))
        .containsExactly(Kind.SESSION);
    assertThat(KeptKeys.between(sessions(UUID, KEY), sessions(UUID, List.of("user_id")))).isEmpty();
  }
}
