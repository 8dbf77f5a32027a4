package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.spi.Ledger;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The sessions that are parked, in three hashes of the ledger. */
record ParkedHashes(OwnKeys keys) {
  /** All of them, those that were parked first before the others. */
  List<Ledger.Parked> read(RedisCommands<byte[], byte[]> commands) {
    Map<String, String> records = RedisLedger.texts(commands.hgetall(keys.parkedRecords()));
    Map<String, String> discarded = RedisLedger.texts(commands.hgetall(keys.discarded()));
    return RedisLedger.texts(commands.hgetall(keys.parked())).entrySet().stream()
        .sorted(
            Comparator.comparing((Map.Entry<String, String> e) -> e.getValue())
                .thenComparing(Map.Entry::getKey))
        .map(
            e ->
                new Ledger.Parked(
                    e.getKey(),
                    e.getValue().substring(e.getValue().indexOf(' ') + 1),
                    Long.parseLong(records.getOrDefault(e.getKey(), "0")),
                    discarded.getOrDefault(e.getKey(), "")))
        .toList();
  }

  /** Marks a session as parked, or counts more records of one that is. */
  List<Transactions.Command> park(String session, String reason, long records) {
    byte[] name = session.getBytes(UTF_8);
    byte[] why = (Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + reason).getBytes(UTF_8);
    return List.of(
        commands -> commands.hsetnx(keys.parked(), name, why),
        commands -> commands.hincrby(keys.parkedRecords(), name, records));
  }

  /** Takes a session off those that are parked. */
  List<Transactions.Command> release(String session) {
    byte[] name = session.getBytes(UTF_8);
    return List.of(
        commands -> commands.hdel(keys.parked(), name),
        commands -> commands.hdel(keys.parkedRecords(), name),
        commands -> commands.hdel(keys.discarded(), name));
  }
}
