package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.LayoutCatalog;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RedisTableTest {
  private static final SourcePosition AT = new SourcePosition(1, 1, 1);

  private final RedisKeys agent = new RedisKeys(LayoutCatalog.load("redis-agent"));
  private final RedisKeys langchain = new RedisKeys(LayoutCatalog.load("langchain-redis-list"));

  /** As it comes out of the topic. */
  private static Entity entity(RedisKeys keys, RedisTable table, String[] row) {
    return ((CanonicalChange.Upsert) RedisEvent.read(RedisEvent.put(table, row, 5), AT, keys))
        .entity();
  }

  @Test
  void keyBelongsToTheRuleThatSaysMostOfIt() {
    assertThat(agent.meant("agent:session:u:1").orElseThrow().session()).isEqualTo("u:1");
    assertThat(agent.meant("agent:session:u:1:messages").orElseThrow())
        .satisfies(meant -> assertThat(meant.session()).isEqualTo("u:1"))
        .satisfies(meant -> assertThat(meant.tables().get(0).kind()).isEqualTo(Kind.MESSAGE));
    assertThat(agent.meant("agent:session:")).isEmpty();
    assertThat(agent.meant("cache:agent:session:x")).isEmpty();
    assertThat(agent.ofSession("s")).hasSize(7);
    assertThat(agent.glob()).isEqualTo("agent:session:*");
    assertThat(langchain.meant("message_store:a").orElseThrow().tables())
        .extracting(RedisTable::kind)
        .containsExactly(Kind.SESSION, Kind.MESSAGE);
  }

  @Property
  void everySessionIsFoundByItsOwnKeys(@ForAll String session) {
    for (RedisKeys.Meant meant : agent.ofSession(session)) {
      assertThat(agent.meant(meant.key())).contains(meant);
    }
  }

  @Test
  void hashKeepsWhatNoFieldTakes() {
    RedisTable table = agent.table("session");
    String[] row =
        table.ofHash(
            "s",
            Map.of("status", "idle", "created_at", "1763690000.5", "plan", "x\"y"),
            "2026-11-21T00:00:00.000000Z");

    Entity entity = entity(agent, table, row);

    assertThat(entity.text("status")).isEqualTo("idle");
    assertThat(entity.text("created_at")).isEqualTo("2025-11-21T01:53:20.500000Z");
    assertThat(entity.text("expires_at")).isEqualTo("2026-11-21T00:00:00.000000Z");
    assertThat(entity.text("unknown")).isEqualTo("{\"plan\":\"x\\\"y\"}");
    assertThat(entity.isNull(Kind.SESSION.field("title").orElseThrow())).isTrue();
  }

  @Test
  void membersInsideMembersAreTakenApart() throws Exception {
    URL layout = RedisTableTest.class.getResource("/layouts-of-tests/nested-members.yaml");
    RedisKeys keys = new RedisKeys(LayoutCatalog.load(Path.of(layout.toURI()).toString()));
    RedisTable table = keys.table("log");
    String json =
        "{\"type\":\"ai\",\"data\":{\"content\":null,\"tool_calls\":[{\"id\":\"c\",\"args\":{\"n\":1.10}}],"
            + "\"example\":false},\"more\":1}";

    Entity entity = entity(keys, table, table.ofDocument("u", "7", json, null));

    assertThat(entity.text("message_id")).isEqualTo("u/7");
    assertThat(entity.text("seq")).isEqualTo("7");
    assertThat(entity.text("role")).isEqualTo("assistant");
    assertThat(entity.isNull(Kind.MESSAGE.field("content").orElseThrow())).isTrue();
    assertThat(entity.text("tool_calls")).isEqualTo("[{\"id\":\"c\",\"args\":{\"n\":1.10}}]");
    assertThat(entity.text("unknown")).isEqualTo("{\"data\":{\"example\":false},\"more\":1}");
  }

  @Test
  void wholeMessageIsReadAsItsSystemMeansIt() {
    RedisTable table = langchain.table("messages");
    String json =
        "{\"type\": \"ai\", \"data\": {\"content\": \"\", \"tool_calls\":"
            + " [{\"id\":\"c\",\"name\":\"f\",\"args\":{\"n\":1.10}}]}}";

    Entity entity = entity(langchain, table, table.ofDocument("u", "7", json, null));

    assertThat(entity.text("message_id")).isEqualTo("u/7");
    assertThat(entity.text("seq")).isEqualTo("7");
    assertThat(entity.text("role")).isEqualTo("assistant");
    assertThat(entity.text("tool_calls"))
        .isEqualTo("[{\"id\":\"c\",\"name\":\"f\",\"arguments\":{\"n\":1.10}}]");
    assertThat(JsonText.unquote(JsonText.members(entity.text("unknown")).get("langchain")))
        .isEqualTo(json);
  }

  @Test
  void whatIsNotAnObjectIsSaidToBeNone() {
    for (String bad : List.of("", "{\"role\":", "[1]", "\"text\"", "{} {}", "nul")) {
      for (RedisTable table : List.of(agent.table("messages"), langchain.table("messages"))) {
        assertThatThrownBy(() -> table.ofDocument("s", "0", bad, null))
            .as(bad)
            .isInstanceOf(MalformedRecordException.class);
      }
    }
  }

  @Test
  void deletionsNameWhatIdentifiesTheRow() {
    RedisTable retries = agent.table("retries");
    String[] row = retries.ofDocument("s", "call-1", "{\"attempt_count\":3}", null);
    byte[] gone = RedisEvent.gone(retries, retries.identity("s", "call-1"), false, 1);
    byte[] retain = RedisEvent.retain(retries, "s", List.of(retries.identity(row)), true, 1);

    CanonicalChange.Delete delete = (CanonicalChange.Delete) RedisEvent.read(gone, AT, agent);
    CanonicalChange.Retain kept = (CanonicalChange.Retain) RedisEvent.read(retain, AT, agent);

    assertThat(entity(agent, retries, row).text("attempt_count")).isEqualTo("3");
    assertThat(delete.entity().text("scope")).isEqualTo("tool_run");
    assertThat(delete.entity().text("target_id")).isEqualTo("call-1");
    assertThat(kept.entities()).containsExactly(delete.entity());
    assertThat(kept.unlessExpired()).isTrue();
  }
}
