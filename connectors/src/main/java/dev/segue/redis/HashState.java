package dev.segue.redis;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.KeyRule;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisFuture;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A hash: the fields of one entity, or a document in each field. */
final class HashState implements KeyState {
  private static final String READING = "reading a hash";

  private final WantedKey wanted;
  private final boolean ofDocuments;
  private RedisFuture<String> type;
  private RedisFuture<Map<byte[], byte[]>> whole;
  private RedisFuture<List<KeyValue<byte[], byte[]>>> some;
  private String wrong = "";
  private final Map<String, String> before = new LinkedHashMap<>();
  private Map<String, String> now = new LinkedHashMap<>();

  HashState(WantedKey wanted) {
    this.wanted = wanted;
    this.ofDocuments = wanted.table().type() == KeyRule.Type.MAP;
  }

  @Override
  public void ask(Transactions transactions) {
    type = transactions.commands().type(wanted.key());
    if (!ofDocuments || wanted.all()) {
      whole = transactions.commands().hgetall(wanted.key());
    } else {
      some =
          transactions
              .commands()
              .hmget(wanted.key(), wanted.ids().stream().map(Bytes::of).toArray(byte[][]::new));
    }
  }

  @Override
  public boolean take(Transactions transactions) {
    wrong = wanted.wrong(transactions.await(type, "asking for the type of a key"));
    if (!wrong.isEmpty()) {
      return false;
    }
    try {
      if (whole != null) {
        transactions.await(whole, READING).forEach(this::holds);
      } else {
        for (KeyValue<byte[], byte[]> field : transactions.await(some, READING)) {
          field.ifHasValue(value -> holds(field.getKey(), value));
        }
      }
    } catch (MalformedRecordException e) {
      wrong = "key " + Bytes.text(wanted.key()) + " holds a field that " + e.getMessage();
    }
    now = new LinkedHashMap<>(before);
    return false;
  }

  private void holds(byte[] field, byte[] value) {
    before.put(Content.utf8(field), Content.utf8(value));
  }

  private void check() {
    if (!wrong.isEmpty()) {
      throw new UnmappableRowException(wrong);
    }
  }

  @Override
  public void upsert(Written row, boolean mayBeMissing) {
    check();
    String id = wanted.table().id(row, wanted.session());
    boolean isThere = ofDocuments ? now.containsKey(id) : !now.isEmpty();
    if (!isThere && !row.isWhole()) {
      Missing.check(wanted.table(), mayBeMissing);
    } else if (ofDocuments) {
      now.put(id, wanted.table().document(row, wanted.session(), now.get(id)));
    } else {
      now = wanted.table().hash(row, wanted.session(), isThere ? now : null);
    }
  }

  @Override
  public void delete(Written row) {
    check();
    if (ofDocuments) {
      now.remove(wanted.table().id(row, wanted.session()));
    } else {
      now = new LinkedHashMap<>();
    }
  }

  @Override
  public void retain(List<Written> rows) {
    check();
    if (ofDocuments) {
      now.keySet().retainAll(new HashSet<>(wanted.table().ids(rows, wanted.session())));
    } else if (rows.isEmpty()) {
      now = new LinkedHashMap<>();
    }
  }

  @Override
  public void commands(Consumer<Transactions.Command> consumer) {
    Set<String> gone = new HashSet<>(before.keySet());
    gone.removeAll(now.keySet());
    if (!gone.isEmpty()) {
      byte[][] fields = gone.stream().map(Bytes::of).toArray(byte[][]::new);
      consumer.accept(commands -> commands.hdel(wanted.key(), fields));
    }
    Map<String, String> changed = new LinkedHashMap<>(now);
    changed.entrySet().removeAll(before.entrySet());
    for (Map<byte[], byte[]> part : Fields.parts(changed)) {
      consumer.accept(commands -> commands.hset(wanted.key(), part));
    }
  }
}
