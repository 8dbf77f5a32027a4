package dev.segue.bench.hotpath;

import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Site;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.LayoutCatalog;
import dev.segue.layout.RowReader;
import dev.segue.ownership.Owner;
import dev.segue.postgres.PostgresAddress;
import dev.segue.postgres.PostgresSite;
import dev.segue.postgres.PostgresSource;
import dev.segue.postgres.PostgresTarget;
import dev.segue.spi.ChangeTranslator;
import dev.segue.spi.Ledger;
import dev.segue.spi.Secret;
import dev.segue.spi.Supply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Two servers with the benchmark's tables, and a message as each part of the pipeline sees it. */
@State(Scope.Benchmark)
public class Specimen {
  private static final String NAME = "hotpath";
  private static final int PARTITIONS = 8;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  private static final String CONTENT =
      "Nothing is as long as it looks, and so it goes on. ".repeat(5);

  private static final String EVENT =
      """
      {"before":null,"after":{"id":"$message","session_id":"$session","role":"assistant","content":"$content",\
      "created_at":"2026-03-01T09:30:00.250000Z","tool_call_id":null,"tool_name":null,\
      "metadata":"{\\"model\\": \\"kimi-1\\", \\"tokens\\": 120, \\"latency_ms\\": 1733}"},\
      "source":{"schema":"public","table":"messages","ts_ms":1772357400250,"lsn":24023128,\
      "sequence":"[\\"24023000\\",\\"24023128\\"]"},"op":"c"}""";

  private Site site;
  private Database targetDatabase;
  private PostgresSource source;
  private PostgresTarget target;

  @Setup(Level.Trial)
  public void open() throws IOException, SQLException {
    site = Site.open();
    Runtime.getRuntime().addShutdownHook(new Thread(site::close, "hotpath-stop"));
    Database sourceDatabase = site.createSource(NAME);
    targetDatabase = site.createTarget(NAME);
    Conversations.createTables(sourceDatabase);
    Conversations.createTables(targetDatabase);
    source = new PostgresSource(at(Owner.SOURCE, sourceDatabase), NAME);
    target = new PostgresTarget(at(Owner.TARGET, targetDatabase), NAME);
  }

  private static PostgresSite at(Owner side, Database database) {
    return new PostgresSite(
        side,
        PostgresAddress.parse(database.url(), new Secret("")),
        LayoutCatalog.load("callsphere"),
        Map.of());
  }

  @TearDown(Level.Trial)
  public void close() {
    source.close();
    target.close();
    site.close();
  }

  /** A message of a session, as the change topic holds it: an insert of some 700 bytes. */
  static byte[] event(long message, int session) {
    String json =
        EVENT
            .replace("$message", new UUID(message, VARIANT).toString())
            .replace("$session", new UUID(session, VARIANT).toString())
            .replace("$content", CONTENT);
    return json.getBytes(StandardCharsets.UTF_8);
  }

  /** The same as a row of neutral texts, in the order of the table's columns. */
  static String[] row() {
    return new String[] {
      "00000000-0000-0001-8000-000000000000",
      "00000000-0000-0002-8000-000000000000",
      "assistant",
      CONTENT,
      "2026-03-01T09:30:00.250000Z",
      null,
      null,
      "{\"model\": \"kimi-1\", \"tokens\": 120, \"latency_ms\": 1733}"
    };
  }

  /** A message of a session, as an entity. */
  Entity message(long message, int session) {
    String[] row = row();
    row[0] = new UUID(message, VARIANT).toString();
    row[1] = new UUID(session, VARIANT).toString();
    return new RowReader(sourceBinding().of(Kind.MESSAGE).orElseThrow()).read(row);
  }

  ChangeTranslator translator() {
    return source.translator();
  }

  LayoutBinding sourceBinding() {
    return source.binding();
  }

  Map<Kind, Supply> supplies() {
    return source.supplies();
  }

  LayoutBinding targetBinding() {
    return target.binding();
  }

  PostgresTarget target() {
    return target;
  }

  /** The migration in the ledger, made if it is not there. */
  Ledger.Migration migration() {
    Ledger.Side side = new Ledger.Side("callsphere", target.binding().fingerprint());
    return target
        .ledger()
        .open(new Ledger.Identity(NAME, source.identity(), side, side, PARTITIONS));
  }

  /** Whether messages can be copied in binary: nothing is known of {@code name} there. */
  void copyInBinary(boolean may) throws SQLException {
    targetDatabase.execute(
        "ALTER TABLE messages ALTER COLUMN tool_name TYPE " + (may ? "text" : "name"));
  }

  /** Messages have no keys from here on. */
  void takeKeysAway() throws SQLException {
    targetDatabase.execute(
        "DROP INDEX messages_by_session", "ALTER TABLE messages DROP CONSTRAINT messages_pkey");
  }

  /** Takes all rows out of the target. */
  void empty() throws SQLException {
    targetDatabase.execute("TRUNCATE messages, sessions");
  }
}
