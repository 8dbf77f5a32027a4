package dev.segue.redis;

import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import io.lettuce.core.RedisFuture;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** A string with one document. */
final class TextState implements KeyState {
  private final WantedKey wanted;
  private RedisFuture<String> type;
  private RedisFuture<byte[]> text;
  private String wrong = "";
  private String before;
  private String now;

  TextState(WantedKey wanted) {
    this.wanted = wanted;
  }

  @Override
  public void ask(Transactions transactions) {
    type = transactions.commands().type(wanted.key());
    text = transactions.commands().get(wanted.key());
  }

  @Override
  public boolean take(Transactions transactions) {
    wrong = wanted.wrong(transactions.await(type, "asking for the type of a key"));
    if (wrong.isEmpty()) {
      byte[] held = transactions.await(text, "reading a text");
      before = held == null ? null : Content.utf8(held);
      now = before;
    }
    return false;
  }

  private void check() {
    if (!wrong.isEmpty()) {
      throw new UnmappableRowException(wrong);
    }
  }

  @Override
  public void upsert(Written row, boolean mayBeMissing) {
    check();
    wanted.table().id(row, wanted.session());
    if (now == null && !row.isWhole()) {
      Missing.check(wanted.table(), mayBeMissing);
    } else {
      now = wanted.table().document(row, wanted.session(), now);
    }
  }

  @Override
  public void delete(Written row) {
    check();
    now = null;
  }

  @Override
  public void retain(List<Written> rows) {
    check();
    now = rows.isEmpty() ? null : now;
  }

  @Override
  public void commands(Consumer<Transactions.Command> consumer) {
    if (now == null && before != null) {
      consumer.accept(commands -> commands.del(wanted.key()));
    } else if (!Objects.equals(now, before)) {
      byte[] value = Bytes.of(now);
      // Takes its time of expiry away too, which is therefore set behind every change.
      consumer.accept(commands -> commands.set(wanted.key(), value));
    }
  }
}
