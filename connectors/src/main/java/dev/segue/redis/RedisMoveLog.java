package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.canonical.JsonText;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Slice;
import dev.segue.spi.MoveLog;
import io.lettuce.core.RedisFuture;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The moves of slices, as a list of our own, newest first. */
final class RedisMoveLog implements MoveLog {
  private static final ObjectMapper JSON = new ObjectMapper(JsonText.FACTORY);
  private static final String WRITING = "writing down a step of a move";

  private final RedisConnections connections;
  private final OwnKeys keys;
  private final RedisLedger ledger;

  RedisMoveLog(RedisConnections connections, OwnKeys keys) {
    this.connections = connections;
    this.keys = keys;
    this.ledger = new RedisLedger(connections, keys);
  }

  @Override
  public void begin(String id, Owner to, Slice slice, String requestedBy) {
    String at = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    byte[] entry = json(new Entry(id, to, slice, "intended", "", requestedBy, at, null));
    connections.with("writing down a move", commands -> commands.lpush(keys.moves(), entry));
    ledger.note("move", id + ": " + slice + " to the " + to + ", asked for by " + requestedBy);
  }

  @Override
  public boolean enter(String id, String from, String to, String detail) {
    return write(id, from, to, detail, null);
  }

  @Override
  public boolean end(String id, String from, String to, String detail, String report) {
    return write(id, from, to, detail, report);
  }

  private boolean write(String id, String from, String to, String detail, String report) {
    boolean moved = false;
    try (Transactions transactions = new Transactions(connections)) {
      transactions.watch(List.of(keys.moves()));
      List<byte[]> all =
          transactions.await(transactions.commands().lrange(keys.moves(), 0, -1), WRITING);
      for (int i = 0; i < all.size() && !moved; i++) {
        Entry was = entry(RedisLedger.tree(Bytes.text(all.get(i))));
        if (was.id().equals(id) && was.state().equals(from) && was.report() == null) {
          int place = i;
          byte[] now =
              json(
                  new Entry(
                      id,
                      was.to(),
                      was.slice(),
                      to,
                      detail,
                      was.requestedBy(),
                      was.startedAt(),
                      report));
          List<RedisFuture<?>> answers =
              transactions.commit(
                  List.of(commands -> commands.lset(keys.moves(), place, now)), WRITING);
          moved = !answers.isEmpty();
        }
      }
    } catch (Transactions.Unanswered e) {
      throw e.fault();
    }
    if (moved) {
      ledger.note("move", id + ": " + to + (detail.isEmpty() ? "" : ", " + detail));
    }
    return moved;
  }

  @Override
  public Optional<Entry> open() {
    return list(0, -1).stream().filter(entry -> entry.report() == null).findFirst();
  }

  @Override
  public List<Entry> last(int most) {
    return list(0, most - 1L);
  }

  private List<Entry> list(long from, long to) {
    return connections.with(
        "reading the moves",
        commands ->
            commands.lrange(keys.moves(), from, to).stream()
                .map(bytes -> entry(RedisLedger.tree(Bytes.text(bytes))))
                .toList());
  }

  private static byte[] json(Entry entry) {
    ObjectNode json = JSON.createObjectNode();
    json.put("id", entry.id()).put("to", entry.to().toString());
    ArrayNode slots = json.putArray("slots");
    entry.slice().slots().forEach(slots::add);
    ArrayNode sessions = json.putArray("sessions");
    entry.slice().sessions().forEach(sessions::add);
    ArrayNode except = json.putArray("except");
    entry.slice().except().forEach(except::add);
    json.put("state", entry.state()).put("detail", entry.detail());
    json.put("requested_by", entry.requestedBy()).put("started_at", entry.startedAt());
    json.put("report", entry.report());
    return json.toString().getBytes(UTF_8);
  }

  private static Entry entry(JsonNode json) {
    Set<Integer> slots = new LinkedHashSet<>();
    json.path("slots").forEach(slot -> slots.add(slot.asInt()));
    return new Entry(
        json.path("id").asText(),
        Owner.parse(json.path("to").asText()),
        new Slice(slots, texts(json.path("sessions")), texts(json.path("except"))),
        json.path("state").asText(),
        json.path("detail").asText(),
        json.path("requested_by").textValue(),
        json.path("started_at").asText(),
        json.path("report").textValue());
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new LinkedHashSet<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }
}
