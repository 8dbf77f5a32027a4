package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.spi.ParityLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Two keys of our own: the totals, and the sessions that did not pass. */
final class RedisParityLog implements ParityLog {
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

  private Transactions.Command set(Totals totals) {
    return commands -> commands.set(keys.parity(), totals.json().getBytes(UTF_8));
  }

  @Override
  public void replace(Totals totals, List<NotPassed> notPassed) {
    List<Transactions.Command> all = new ArrayList<>();
    all.add(set(totals));
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
    totals().ifPresent(was -> all.add(set(was.with(changed))));
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
        .map(bytes -> Totals.ofJson(Bytes.text(bytes)));
  }
}
