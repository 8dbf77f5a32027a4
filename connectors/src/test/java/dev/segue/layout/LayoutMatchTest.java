package dev.segue.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Frameworks give the same names to different tables. */
class LayoutMatchTest {
  private static final List<Layout> LAYOUTS =
      LayoutCatalog.names().stream()
          .map(LayoutCatalog::load)
          .filter(layout -> !layout.isOfKeys() && !layout.isOfFiles())
          .toList();

  private static Table table(String name, String... columns) {
    ColumnType text = new ColumnType(Family.TEXT, "text", "text", Limits.NONE, null);
    return new Table(
        new TableId("public", name),
        Stream.of(columns)
            .map(column -> new Column(column, text, false, false, false, false))
            .toList(),
        List.of(columns[0]));
  }

  private static String best(Table... tables) {
    return LayoutMatch.best(LAYOUTS, List.of(tables)).orElseThrow().layout().name();
  }

  @Test
  void tablesOfFrameworksAreRecognised() {
    Table items =
        table("agent_messages", "id", "session_id", "message_data", "created_at", "segue_id");

    assertThat(best(table("agent_sessions", "session_id", "created_at", "updated_at"), items))
        .isEqualTo("openai-agents-sql");
    assertThat(best(table("chat_history", "id", "session_id", "message", "created_at")))
        .isEqualTo("langchain-postgres");
    assertThat(best(table("mine", "id", "session_id", "message", "created_at", "segue_id")))
        .isEqualTo("langchain-postgres");
    assertThat(best(table("langchain_chat_histories", "id", "session_id", "message")))
        .isEqualTo("n8n-postgres");
  }

  @Test
  void aTableOfMessagesBesideOthersDoesNotMislead() {
    Table sessions =
        table("sessions", "id", "user_id", "agent_name", "created_at", "updated_at", "metadata");
    Table messages = table("messages", "id", "session_id", "role", "content", "created_at");
    Table log = table("log", "id", "session_id", "message", "created_at");

    assertThat(best(sessions, messages, log)).isEqualTo("callsphere");
    assertThat(best(table("agent_sessions", "id", "agent_id", "started_at", "status"), log))
        .isEqualTo("aria-legacy");
  }
}
