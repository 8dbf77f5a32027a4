package dev.segue.redis;

import dev.segue.layout.Written;
import java.util.List;
import java.util.function.Consumer;

/**
 * What one key holds as a batch goes along, and the commands that bring it there. All methods that
 * take rows throw {@link dev.segue.layout.UnmappableRowException} or {@link
 * dev.segue.canonical.MalformedRecordException} for a row that the key cannot hold; nothing of the
 * key is changed then.
 */
interface KeyState {
  /** The state of a key, of which nothing is known yet. */
  static KeyState of(WantedKey key, OwnKeys own) {
    return switch (key.table().type()) {
      case HASH, MAP -> new HashState(key);
      case LIST -> new ListState(key, own);
      case STRING, KEY -> new TextState(key);
    };
  }

  /** Asks for what has to be known, and then for what follows from that. */
  void ask(Transactions transactions);

  /** Takes the answers; true if it has to ask once more. */
  boolean take(Transactions transactions);

  /**
   * Writes a row.
   *
   * @param mayBeMissing whether a row that is not known as a whole may have no row to be written
   *     over
   */
  void upsert(Written row, boolean mayBeMissing);

  /** Deletes a row, if it is there. */
  void delete(Written row);

  /** Leaves these rows, in this order, and no others. */
  void retain(List<Written> rows);

  /** Leaves these messages, in this order, with all of their items, and no others. */
  default void retainMessages(List<Written> rows) {
    retain(rows);
  }

  /**
   * Leaves a message these items, which were just written, one behind the other, and no more.
   *
   * @param ids of the items; the message's alone for one that was deleted
   */
  default void settle(List<String> ids) {
    // Where there are no places a message is one row.
  }

  /** The commands that bring the key there. */
  void commands(Consumer<Transactions.Command> consumer);
}
