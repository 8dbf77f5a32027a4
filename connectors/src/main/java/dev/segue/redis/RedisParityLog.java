package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.canonical.JsonText;
import dev.segue.spi.ParityLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Two keys of our own: the totals, and the sessions that did not pass. */
final class RedisParityLog implements ParityLog {
  private static final ObjectMapper JSON = new ObjectMapper(JsonText.FACTORY);
  private static final String KEEPING = "keeping the parity";

  private final RedisConnections connections;
  private final OwnKeys keys;

  RedisParityLog(RedisConnections connections, OwnKeys keys) {
    this.connections = connections;
    this.keys = keys;
  }

  private void transact(List<Transactions.Command> commands) {
    try (Transactions transactions = new Transactions(connections)) {
      transactions.commit(commands, KEEPING).forEach(answer -> transactions.await(answer, KEEPING));
    } catch (Transactions.Unanswered e) {
      throw e.fault();
    }
  }

  private List<Transactions.Command> open(List<NotPassed> notPassed) {
    List<Transactions.Command> all = new ArrayList<>();
    for (NotPassed one : notPassed) {
      byte[] name = one.sessionId().getBytes(UTF_8);
      byte[] record = one.record().getBytes(UTF_8);
      all.add(commands -> commands.hset(keys.parityOpen(), name, record));
    }
    return all;
  }

  @Override
  public void replace(Totals totals, List<NotPassed> notPassed) {
    List<Transactions.Command> all = new ArrayList<>();
    all.add(commands -> commands.set(keys.parity(), json(totals)));
    all.add(commands -> commands.del(keys.parityOpen()));
    all.addAll(open(notPassed));
    transact(all);
  }

  @Override
  public void amend(Changed changed, Collection<String> looked, List<NotPassed> notPassed) {
    List<Transactions.Command> all = new ArrayList<>();
    for (String session : looked) {
      byte[] name = session.getBytes(UTF_8);
      all.add(commands -> commands.hdel(keys.parityOpen(), name));
    }
    all.addAll(open(notPassed));
    totals()
        .map(
            was ->
                new Totals(
                    was.pass(), was.fail(), was.pending(), was.beganAt(), was.checkedAt(), changed))
        .ifPresent(now -> all.add(commands -> commands.set(keys.parity(), json(now))));
    if (!all.isEmpty()) {
      transact(all);
    }
  }

  @Override
  public List<String> notPassed() {
    return connections.with(
        "reading the parity",
        commands -> commands.hkeys(keys.parityOpen()).stream().map(Bytes::text).toList());
  }

  @Override
  public Optional<Totals> totals() {
    return Optional.ofNullable(
            connections.with("reading the parity", commands -> commands.get(keys.parity())))
        .map(bytes -> totals(RedisLedger.tree(Bytes.text(bytes))));
  }

  private static byte[] json(Totals totals) {
    ObjectNode json = JSON.createObjectNode();
    json.put("pass", totals.pass()).put("fail", totals.fail()).put("pending", totals.pending());
    json.put("began_at", totals.beganAt()).put("checked_at", totals.checkedAt());
    Changed changed = totals.changed();
    if (changed != null) {
      json.putObject("changed")
          .put("pass", changed.pass())
          .put("fail", changed.fail())
          .put("pending", changed.pending())
          .put("began_at", changed.beganAt())
          .put("checked_at", changed.checkedAt());
    }
    return json.toString().getBytes(UTF_8);
  }

  private static Totals totals(JsonNode json) {
    JsonNode changed = json.path("changed");
    return new Totals(
        json.path("pass").asLong(),
        json.path("fail").asLong(),
        json.path("pending").asLong(),
        json.path("began_at").asText(),
        json.path("checked_at").asText(),
        changed.isMissingNode()
            ? null
            : new Changed(
                changed.path("pass").asLong(),
                changed.path("fail").asLong(),
                changed.path("pending").asLong(),
                changed.path("began_at").asText(),
                changed.path("checked_at").asText()));
  }
}
