package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.layout.LayoutCatalog;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Of a list that only grew, what was told once is not told again. */
class ToldKeysTest {
  private static final RedisKeys NEWEST_LAST =
      new RedisKeys(LayoutCatalog.load("openai-agents-redis"));
  private static final RedisKeys NEWEST_FIRST =
      new RedisKeys(LayoutCatalog.load("langchain-redis-list"));

  private final ToldKeys told = new ToldKeys();

  private static Content list(RedisKeys keys, String key, String... elements) {
    List<byte[]> all = Stream.of(elements).map(text -> text.getBytes(UTF_8)).toList();
    return new Content(
        keys.meant(key).orElseThrow(), "list", null, all, Map.of(), null, Places.Entries.NONE);
  }

  private static Content grown(String... elements) {
    return list(NEWEST_LAST, "agents:session:s:messages", elements);
  }

  @Test
  void whatWasAppendedIsAllThatIsNew() {
    told.tell(grown("a", "b"));
    told.settle();
    assertThat(told.known(grown("a", "b", "c"))).isEqualTo(2);
    assertThat(told.isTold(grown("a", "b"))).isTrue();
    assertThat(told.isTold(grown("a", "b", "c"))).isFalse();
  }

  @Test
  void theOldestMayComeLast() {
    told.tell(list(NEWEST_FIRST, "message_store:s", "b", "a"));
    told.settle();
    assertThat(told.known(list(NEWEST_FIRST, "message_store:s", "c", "b", "a"))).isEqualTo(2);
    assertThat(told.known(list(NEWEST_FIRST, "message_store:s", "b", "a", "c"))).isZero();
  }

  @Test
  void whatChangedOtherwiseIsToldAsAWhole() {
    told.tell(grown("a", "b"));
    told.settle();
    assertThat(told.known(grown("a", "x", "c"))).isZero();
    assertThat(told.known(grown("a"))).isZero();
    assertThat(told.known(grown("ab", "", "c"))).isZero();
  }

  @Test
  void whatIsOnItsWayCounts() {
    told.tell(grown("a"));
    told.settle();
    told.tell(grown("a", "b"));
    assertThat(told.known(grown("a", "b", "c"))).isEqualTo(2);
    told.tellGone("agents:session:s:messages");
    assertThat(told.known(grown("a", "b", "c"))).isZero();
    told.forgetPending();
    assertThat(told.known(grown("a", "b", "c"))).isEqualTo(1);
  }
}
