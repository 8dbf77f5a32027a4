package dev.segue.redis;

import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.KeyRule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Turns commands into changes of rows. What a command itself tells, such as what was appended to a
 * list, is taken from it; where it does not tell enough, the key is read. A key is read together
 * with the place in the stream that its value is as of, so that every command is counted exactly
 * once: those before that place are in the value, those behind it are still to come.
 */
final class KeyChanges {
  private static final Set<String> EXPIRY =
      Set.of("EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT", "PERSIST");
  private static final Set<String> DELETIONS = Set.of("DEL", "UNLINK", "GETDEL");

  /** So many keys' states are remembered; another is read once more when it is written to. */
  private static final int REMEMBERED = 200_000;

  private final RedisKeys keys;
  private final RedisReader reader;
  private final Taker taker;
  private final Optional<ToldKeys> told;
  private final Map<String, State> states =
      new LinkedHashMap<>(1024, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, State> eldest) {
          return size() > REMEMBERED;
        }
      };
  private final Map<String, RedisKeys.Meant> unread = new LinkedHashMap<>();
  private final Set<String> certain = new HashSet<>();
  private final Map<String, RedisKeys.Meant> unreadExpiry = new LinkedHashMap<>();

  /**
   * What is known of a key.
   *
   * @param asOf commands up to this offset are in it
   * @param length how many elements it has
   * @param next the number that the next element of a list is called by; negative if the list has
   *     to be read for that
   */
  private record State(long asOf, long length, long next) {
    /** Whether every element of a list is called by its place. */
    boolean isPlain() {
      return next == length;
    }
  }

  /** Takes changes, in order. */
  interface Taker {
    void take(String session, byte[] event);
  }

  /**
   * @param told remembers what was told, where commands do not say that a key changed
   */
  KeyChanges(RedisKeys keys, RedisReader reader, Taker taker, Optional<ToldKeys> told) {
    this.keys = keys;
    this.reader = reader;
    this.taker = taker;
    this.told = told;
  }

  /** Reads keys, and tells of those that are not as they were told. */
  void compare(List<RedisKeys.Meant> some) {
    ToldKeys before = told.orElseThrow();
    reader.read(
        some,
        true,
        reading ->
            reading.contents().stream()
                .filter(
                    content ->
                        content.isThere()
                            ? !before.isTold(content)
                            : before.has(content.meant().key()))
                .forEach(content -> tell(content, reading.at().offset())));
  }

  /**
   * A command that wrote to these keys, whichever of them are meant.
   *
   * @param certainly false if it may have been in another database, so that it only is a hint
   */
  void command(ReplicationLink.Replicated command, List<byte[]> written, boolean certainly) {
    for (byte[] bytes : written) {
      Optional<RedisKeys.Meant> meant = text(bytes).flatMap(keys::meant);
      if (meant.isPresent() && !isKnown(meant.get(), command)) {
        if (certainly) {
          change(meant.get(), command, written.size() == 1);
        } else {
          unread.put(meant.get().key(), meant.get());
        }
      }
    }
  }

  /** Keys that were written to, of which nothing is to be told: what is known of them is past. */
  void forget(List<byte[]> written) {
    written.forEach(bytes -> text(bytes).ifPresent(states::remove));
  }

  private static Optional<String> text(byte[] bytes) {
    try {
      return Optional.of(Content.utf8(bytes));
    } catch (MalformedRecordException e) {
      // No pattern is meant that is not text.
      return Optional.empty();
    }
  }

  /** Whether what the command did is known already, or will be read. */
  private boolean isKnown(RedisKeys.Meant meant, ReplicationLink.Replicated command) {
    State state = states.get(meant.key());
    return unread.containsKey(meant.key()) || (state != null && command.offset() <= state.asOf);
  }

  private void change(RedisKeys.Meant meant, ReplicationLink.Replicated command, boolean alone) {
    String name = command.command();
    if (DELETIONS.contains(name)) {
      gone(meant, command.offset(), false);
    } else if (EXPIRY.contains(name) && !meant.tellsExpiry()) {
      // No row tells it.
      return;
    } else if (EXPIRY.contains(name) && meant.tellsExpiryByKey()) {
      unreadExpiry.put(meant.key(), meant);
    } else if (!alone || !tells(meant, command)) {
      unread.put(meant.key(), meant);
    }
  }

  /** Takes from a command what it did; false if it does not tell. */
  private boolean tells(RedisKeys.Meant meant, ReplicationLink.Replicated command) {
    List<RedisTable> many =
        meant.tables().stream().filter(table -> table.rule().type().isMany()).toList();
    State state = states.get(meant.key());
    if (many.isEmpty() || state == null) {
      return false;
    }
    RedisTable table = many.get(0);
    if (table.tellsExpiry()) {
      return false;
    }
    return table.rule().type() == KeyRule.Type.MAP
        ? tellsFields(meant, table, state, command)
        : tellsElements(meant, table, state, command);
  }

  private boolean tellsElements(
      RedisKeys.Meant meant, RedisTable table, State state, ReplicationLink.Replicated command) {
    boolean last = table.rule().oldestLast();
    byte[][] arguments = command.arguments();
    switch (command.command()) {
      case "RPUSH", "RPUSHX", "LPUSH", "LPUSHX" -> {
        if (command.command().startsWith("L") != last) {
          return false;
        }
        // A list that is made anew is read, for its key may be new to the target as well.
        if (state.length == 0 || state.next < 0) {
          return false;
        }
        int pushed = arguments.length - 1;
        for (int i = 0; i < pushed; i++) {
          pushed(meant, table, state.length + i, state.next + i, arguments[i + 1]);
        }
        states.put(
            meant.key(), new State(command.offset(), state.length + pushed, state.next + pushed));
        return true;
      }
      case "RPOP", "LPOP" -> {
        if (command.command().startsWith("L") != last) {
          return false;
        }
        long count = arguments.length > 1 ? Long.parseLong(Content.utf8(arguments[1])) : 1;
        long left = Math.max(0, state.length - count);
        if (left == 0 || !state.isPlain()) {
          return false;
        }
        for (long place = state.length - 1; place >= left; place--) {
          gone(meant, table, Long.toString(place));
        }
        states.put(meant.key(), new State(command.offset(), left, left));
        return true;
      }
      default -> {
        return false;
      }
    }
  }

  private boolean tellsFields(
      RedisKeys.Meant meant, RedisTable table, State state, ReplicationLink.Replicated command) {
    byte[][] arguments = command.arguments();
    if (state.length == 0) {
      return false;
    }
    switch (command.command()) {
      case "HSET", "HMSET" -> {
        for (int i = 1; i + 1 < arguments.length; i += 2) {
          Optional<String> field = text(arguments[i]);
          if (field.isEmpty()) {
            return false;
          }
          element(meant, table, field.get(), arguments[i + 1]);
        }
        states.put(meant.key(), new State(command.offset(), state.length, state.next));
        return true;
      }
      case "HDEL" -> {
        for (int i = 1; i < arguments.length; i++) {
          text(arguments[i]).ifPresent(field -> gone(meant, table, field));
        }
        states.put(meant.key(), new State(command.offset(), state.length, state.next));
        return true;
      }
      default -> {
        return false;
      }
    }
  }

  private void pushed(
      RedisKeys.Meant meant, RedisTable table, long place, long number, byte[] value) {
    String id = table.elementPrefix(meant.session()) + number;
    element(
        meant,
        Long.toString(place),
        () -> table.ofElement(meant.session(), id, (int) place, Content.utf8(value), null),
        table);
  }

  private void element(RedisKeys.Meant meant, RedisTable table, String place, byte[] value) {
    element(
        meant,
        place,
        () -> table.ofDocument(meant.session(), place, Content.utf8(value), null),
        table);
  }

  private void element(
      RedisKeys.Meant meant, String place, Supplier<String[]> reading, RedisTable table) {
    long now = System.currentTimeMillis();
    try {
      String[] row = reading.get();
      taker.take(meant.session(), RedisEvent.put(table, row, now));
    } catch (MalformedRecordException e) {
      String reason = meant.key() + ": element " + place + " " + e.getMessage();
      taker.take(meant.session(), RedisEvent.reject(reason, now));
    }
  }

  private void gone(RedisKeys.Meant meant, RedisTable table, String place) {
    String[] row = table.identity(meant.session(), place);
    taker.take(meant.session(), RedisEvent.gone(table, row, false, System.currentTimeMillis()));
  }

  /**
   * A key is there no more.
   *
   * @param certainly whether it counts even if the key expired
   */
  private void gone(RedisKeys.Meant meant, long offset, boolean certainly) {
    states.put(meant.key(), new State(offset, 0, -1));
    told.ifPresent(keys -> keys.tellGone(meant.key()));
    boolean unlessExpired = meant.isKeptExpired() && !certainly;
    long now = System.currentTimeMillis();
    for (RedisTable table : children(meant)) {
      byte[] event =
          table.rule().type().isMany()
              ? RedisEvent.retain(table, meant.session(), List.of(), unlessExpired, now)
              : RedisEvent.gone(table, table.identity(meant.session(), ""), unlessExpired, now);
      taker.take(meant.session(), event);
    }
  }

  /** The tables that a key stands for, what refers to others first. */
  private static List<RedisTable> children(RedisKeys.Meant meant) {
    List<RedisTable> tables = new ArrayList<>(meant.tables());
    Collections.reverse(tables);
    return tables;
  }

  /**
   * Reads a key soon, whatever is known of it.
   *
   * @param certainly whether it counts that it is gone, even if it expired
   */
  void look(RedisKeys.Meant meant, boolean certainly) {
    unread.put(meant.key(), meant);
    if (certainly) {
      certain.add(meant.key());
    }
  }

  /** Reads what has to be read. */
  void settle() {
    unreadExpiry.keySet().removeAll(unread.keySet());
    reader.read(
        unreadExpiry.values(), false, reading -> reading.contents().forEach(this::tellExpiry));
    unreadExpiry.clear();
    while (!unread.isEmpty()) {
      List<RedisKeys.Meant> now = List.copyOf(unread.values());
      unread.clear();
      reader.read(
          now,
          true,
          reading -> reading.contents().forEach(content -> tell(content, reading.at().offset())));
    }
    certain.clear();
  }

  /** A session that is there again has nothing of what the target kept when it expired. */
  private void beginsAnew(RedisKeys.Meant meant) {
    State state = states.get(meant.key());
    boolean session = meant.tables().get(0).kind() == Kind.SESSION;
    if (session && meant.isKeptExpired() && state != null && state.length == 0) {
      keys.ofSession(meant.session()).stream()
          .filter(other -> !other.key().equals(meant.key()))
          .forEach(other -> look(other, true));
    }
  }

  private void tellExpiry(Content content) {
    if (!content.isThere()) {
      // The command that took it away is still to come.
      return;
    }
    // Only the key itself is told of; its value was not asked for.
    for (RedisTable table : content.meant().tables()) {
      if (table.tellsExpiry()) {
        String session = content.meant().session();
        byte[] event =
            RedisEvent.put(
                table, table.ofKey(session, content.expiresAt()), System.currentTimeMillis());
        taker.take(session, event);
      }
    }
  }

  private void tell(Content content, long offset) {
    RedisKeys.Meant meant = content.meant();
    if (!content.isThere()) {
      gone(meant, offset, certain.contains(meant.key()));
      return;
    }
    beginsAnew(meant);
    // Of what only grew, what was told stands; who asks for all of it gets it.
    int without =
        certain.contains(meant.key()) ? 0 : told.map(keys -> keys.known(content)).orElse(0);
    told.ifPresent(keys -> keys.tell(content));
    long now = System.currentTimeMillis();
    Map<RedisTable, List<List<String>>> kept = new LinkedHashMap<>();
    meant.tables().stream()
        .filter(table -> table.rule().type().isMany() && without == 0)
        .forEach(table -> kept.put(table, new ArrayList<>()));
    content.tell(
        new Content.Rows() {
          @Override
          public void row(RedisTable table, String[] row) {
            if (kept.containsKey(table)) {
              kept.get(table).add(table.identity(row));
            }
            taker.take(meant.session(), RedisEvent.put(table, row, now));
          }

          @Override
          public void reject(RedisTable table, String reason) {
            taker.take(meant.session(), RedisEvent.reject(meant.key() + ": " + reason, now));
          }
        },
        without);
    kept.forEach(
        (table, ids) ->
            taker.take(
                meant.session(), RedisEvent.retain(table, meant.session(), ids, false, now)));
    long length = Math.max(content.elements().size(), content.fields().size());
    states.put(meant.key(), new State(offset, Math.max(1, length), content.next()));
  }
}
