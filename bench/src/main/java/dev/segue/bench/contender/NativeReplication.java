package dev.segue.bench.contender;

import dev.segue.bench.server.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** PostgreSQL's own logical replication: CREATE PUBLICATION, CREATE SUBSCRIPTION. */
public final class NativeReplication implements Copier, Follower {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final AtomicInteger names = new AtomicInteger();

  @Override
  public String name() {
    return "native";
  }

  @Override
  public Subscription copy(Database source, Database target) throws Exception {
    // From "f" on the rows are visible; what follows is bookkeeping.
    return subscribe(source, target, "f", "s", "r");
  }

  @Override
  public Subscription prepare(Database source, Database target) throws Exception {
    Subscription subscription = subscribe(source, target, "r");
    subscription.disable();
    return subscription;
  }

  private Subscription subscribe(Database source, Database target, String... states)
      throws Exception {
    String name = "bench_native_" + names.incrementAndGet();
    source.execute("CREATE PUBLICATION " + name + " FOR TABLE sessions, messages");
    target.execute(
        "CREATE SUBSCRIPTION "
            + name
            + " CONNECTION '"
            + source.conninfo()
            + "' PUBLICATION "
            + name);
    Subscription subscription = new Subscription(name, source, target);
    try {
      subscription.await(states);
      return subscription;
    } catch (Exception e) {
      subscription.close();
      throw e;
    }
  }

  /** A subscription of the target to the source. */
  static final class Subscription implements Following {
    private final String name;
    private final Database source;
    private final Database target;

    private Subscription(String name, Database source, Database target) {
      this.name = name;
      this.source = source;
      this.target = target;
    }

    private void await(String... states) throws Exception {
      String sql =
          "SELECT bool_and(srsubstate IN ('"
              + String.join("','", states)
              + "'))"
              + " FROM pg_subscription_rel";
      Patience.await("the subscription's copy", PAUSE, () -> "t".equals(target.ask(sql)));
    }

    private void disable() throws Exception {
      target.execute("ALTER SUBSCRIPTION " + name + " DISABLE");
      String active =
          "SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name = '" + name + "'";
      Patience.await("the subscription to stop", PAUSE, () -> source.ask(active).equals("0"));
    }

    @Override
    public void start() throws SQLException {
      target.execute("ALTER SUBSCRIPTION " + name + " ENABLE");
    }

    @Override
    public void check() {
      // Its workers start again by themselves; one that cannot go on shows as rows that never come.
    }

    @Override
    public void close() throws SQLException {
      target.execute("DROP SUBSCRIPTION IF EXISTS " + name);
      source.execute("DROP PUBLICATION IF EXISTS " + name);
    }
  }
}
