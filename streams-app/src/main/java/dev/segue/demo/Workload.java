package dev.segue.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clients of the source that write while it is moved: inserts, edits, deletes, rows in bulk,
 * transactions over several sessions, large documents, messages that move to another session. Each
 * client has sessions of its own and a random generator seeded for it, so that a seed determines
 * what each of them does, in which order.
 */
public final class Workload implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Workload.class);

  private final List<Client> clients = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong transactions = new AtomicLong();
  private final AtomicLong rows = new AtomicLong();
  private volatile boolean stopped;
  private volatile Exception failure;

  private Workload() {}

  /** Opens sessions of the source. */
  public interface Connector {
    Connection open() throws SQLException;
  }

  /**
   * Starts clients.
   *
   * @param sessions of the history
   * @param rate transactions a second, all clients together
   * @param total transactions, all clients together
   */
  public static Workload start(
      Connector connector, int sessions, int clientCount, int rate, long total, long seed) {
    Workload workload = new Workload();
    for (int i = 0; i < clientCount; i++) {
      Client client =
          workload
          .new Client(
              connector,
              new Random(seed * 31 + i),
              seed,
              i,
              clientCount,
              sessions,
              (double) rate / clientCount,
              total / clientCount);
      workload.clients.add(client);
      Thread thread = new Thread(client, "client-" + i);
      workload.threads.add(thread);
      thread.start();
    }
    return workload;
  }

  /** Transactions that the source acknowledged. */
  public long transactions() {
    return transactions.get();
  }

  /** Rows that they changed, as far as the clients know. */
  public long rows() {
    return rows.get();
  }

  /** Whether all clients are through. */
  public boolean isDone() {
    return threads.stream().noneMatch(Thread::isAlive);
  }

  /** Waits until all clients are through; throws what stopped one of them. */
  public void await() throws Exception {
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
    stopped = true;
  }

  /** One session as its client knows it. */
  private record Chat(UUID id, List<UUID> messages) {}

  private final class Client implements Runnable {
    private final Connector connector;
    private final Random random;
    private final double rate;
    private final long total;
    private final List<Chat> chats = new ArrayList<>();
    private Connection connection;
    private Chat talkedTo;
    private long clock = Instant.parse("2026-06-01T00:00:00Z").toEpochMilli();

    Client(
        Connector connector,
        Random random,
        long seed,
        int number,
        int of,
        int sessions,
        double rate,
        long total) {
      this.connector = connector;
      this.random = random;
      this.rate = rate;
      this.total = total;
      for (int session = number; session < sessions; session += of) {
        List<UUID> messages = new ArrayList<>();
        for (int message = 0; message < Store.MESSAGES; message++) {
          messages.add(Store.message(seed, session, message));
        }
        chats.add(new Chat(Store.session(seed, session), messages));
      }
    }

    @Override
    public void run() {
      try {
        long from = System.nanoTime();
        for (long i = 0; i < total && !stopped; i++) {
          long due = from + (long) (i / rate * 1e9);
          long wait = due - System.nanoTime();
          if (wait > 0) {
            Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
          }
          try {
            transact();
          } catch (SQLException e) {
            recover(e);
          }
        }
      } catch (SQLException | RuntimeException e) {
        failure = e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        close();
      }
    }

    /** A server that went away comes back; whether the last commit took place is its secret. */
    private void recover(SQLException e) throws SQLException, InterruptedException {
      String state = e.getSQLState() == null ? "" : e.getSQLState();
      boolean serverGone = state.startsWith("08") || state.startsWith("57P");
      if (!serverGone && !state.equals("23503")) {
        throw e;
      }
      if (serverGone) {
        discard();
        Thread.sleep(200);
      } else {
        connection.rollback();
      }
      if (talkedTo != null) {
        chats.remove(talkedTo);
      }
    }

    /** Drops a session whose server is gone; that closing it fails says nothing new. */
    private void discard() {
      try {
        if (connection != null) {
          connection.close();
        }
      } catch (SQLException e) {
        LOG.atDebug().setCause(e).log("closing a lost session failed");
      }
      connection = null;
    }

    private void close() {
      try {
        if (connection != null) {
          connection.close();
        }
      } catch (SQLException e) {
        failure = failure == null ? e : failure;
      }
    }

    private void transact() throws SQLException {
      if (connection == null) {
        connection = connector.open();
        connection.setAutoCommit(false);
      }
      int dice = random.nextInt(100);
      if (dice < 46) {
        say(chat(), 1 + random.nextInt(3));
      } else if (dice < 54) {
        say(chat(), 5 + random.nextInt(15));
      } else if (dice < 66) {
        edit(chat());
      } else if (dice < 72) {
        forget(chat());
      } else if (dice < 80) {
        say(open(), 1 + random.nextInt(4));
      } else if (dice < 82) {
        end();
      } else if (dice < 90) {
        for (int i = 2 + random.nextInt(3); i > 0; i--) {
          say(chat(), 1);
        }
      } else if (dice < 94) {
        enlarge(chat());
      } else if (dice < 97) {
        move(chat(), chat());
      } else {
        copy(chat());
      }
      connection.commit();
      transactions.incrementAndGet();
    }

    private Chat chat() {
      // The newest sessions are the busiest.
      int back = (int) (Math.abs(random.nextGaussian()) * chats.size() / 6);
      talkedTo = chats.get(Math.max(0, chats.size() - 1 - back % chats.size()));
      return talkedTo;
    }

    private UUID id() {
      long high = (random.nextLong() & ~0xF000L) | 0x4000L;
      long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
      return new UUID(high, low);
    }

    private Timestamp tick() {
      clock += 1 + random.nextInt(50);
      return new Timestamp(clock);
    }

    private String text(int words) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < words; i++) {
        text.append(Long.toString(random.nextInt(1 << 28), 36)).append(i % 9 == 8 ? "\n" : " ");
      }
      return text.append("«æøå»\t\\").toString();
    }

    private int update(String sql, Object... values) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        for (int i = 0; i < values.length; i++) {
          statement.setObject(i + 1, values[i]);
        }
        int count = statement.executeUpdate();
        rows.addAndGet(count);
        return count;
      }
    }

    private void say(Chat chat, int messages) throws SQLException {
      StringBuilder sql = new StringBuilder("INSERT INTO messages VALUES ");
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < messages; i++) {
        sql.append(i == 0 ? "" : ", ").append("(?, ?, ?, ?, ?, ?, ?, ?::jsonb)");
        UUID id = id();
        chat.messages.add(id);
        boolean tool = random.nextInt(4) == 0;
        values.add(id);
        values.add(chat.id);
        values.add(tool ? "tool" : random.nextBoolean() ? "user" : "assistant");
        values.add(random.nextInt(12) == 0 ? null : text(3 + random.nextInt(40)));
        values.add(tick());
        values.add(tool ? "call_" + random.nextInt(5) : null);
        values.add(tool ? "lookup" : null);
        values.add("{\"n\": " + random.nextInt(100) + ".50}");
      }
      update(sql.toString(), values.toArray());
      update("UPDATE sessions SET updated_at = ? WHERE id = ?", tick(), chat.id);
    }

    private void edit(Chat chat) throws SQLException {
      if (!chat.messages.isEmpty()) {
        UUID id = chat.messages.get(random.nextInt(chat.messages.size()));
        update("UPDATE messages SET content = ? WHERE id = ?", text(20), id);
      }
    }

    private void forget(Chat chat) throws SQLException {
      if (!chat.messages.isEmpty()) {
        UUID id = chat.messages.remove(random.nextInt(chat.messages.size()));
        update("DELETE FROM messages WHERE id = ?", id);
      }
    }

    private Chat open() throws SQLException {
      Chat chat = new Chat(id(), new ArrayList<>());
      update(
          "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?::jsonb)",
          chat.id,
          "user-" + random.nextInt(1000),
          random.nextInt(5) == 0 ? null : "support",
          tick(),
          tick(),
          "{\"model\": \"kimi\", \"depth\": {\"x\": [1, 2.0, null]}}");
      chats.add(chat);
      talkedTo = chat;
      return chat;
    }

    private void end() throws SQLException {
      if (chats.size() > 3) {
        Chat chat = chats.remove(random.nextInt(chats.size()));
        update("DELETE FROM sessions WHERE id = ?", chat.id);
        rows.addAndGet(chat.messages.size());
      }
    }

    private void enlarge(Chat chat) throws SQLException {
      StringBuilder large = new StringBuilder();
      for (int i = 0; i < 1500 + random.nextInt(2000); i++) {
        large.append(Long.toString(random.nextLong(), 36));
      }
      update(
          "UPDATE sessions SET metadata = jsonb_build_object('large', ?::text) WHERE id = ?",
          large.toString(),
          chat.id);
    }

    private void move(Chat from, Chat to) throws SQLException {
      if (!from.messages.isEmpty()) {
        UUID id = from.messages.remove(random.nextInt(from.messages.size()));
        to.messages.add(id);
        update("UPDATE messages SET session_id = ? WHERE id = ?", to.id, id);
      }
    }

    private void copy(Chat chat) throws SQLException {
      StringBuilder lines = new StringBuilder();
      for (int i = 30; i > 0; i--) {
        UUID id = id();
        chat.messages.add(id);
        lines.append(id).append('\t').append(chat.id).append("\tuser\tcopied ").append(i);
        lines.append('\t').append(tick().toInstant()).append("\t\\N\t\\N\t{}\n");
      }
      try {
        rows.addAndGet(
            connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY messages FROM STDIN", new java.io.StringReader(lines.toString())));
      } catch (java.io.IOException e) {
        throw new SQLException(e);
      }
    }
  }
}
