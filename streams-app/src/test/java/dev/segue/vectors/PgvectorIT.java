package dev.segue.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.examples.Example;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutCatalog;
import dev.segue.ownership.Owner;
import dev.segue.postgres.PostgresAddress;
import dev.segue.postgres.PostgresSite;
import dev.segue.postgres.PostgresSource;
import dev.segue.postgres.PostgresTarget;
import dev.segue.relational.ColumnType;
import dev.segue.spi.Applier;
import dev.segue.spi.Embeddings;
import dev.segue.spi.Ledger;
import dev.segue.spi.MemoryItem;
import dev.segue.spi.OffsetChange;
import dev.segue.support.PgvectorServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opentest4j.TestAbortedException;

/** {@code examples/memory} with columns of pgvector, both sides in one database that has it. */
class PgvectorIT {
  private static final String MIGRATION = "recall";

  private static PgvectorServer server;
  private static String whyNone;
  private PostgresSource source;
  private PostgresTarget target;

  @BeforeAll
  static void start() throws Exception {
    try {
      server = PgvectorServer.start();
    } catch (TestAbortedException e) {
      whyNone = e.getMessage();
    }
  }

  /** Asked for each test, for a class without tests would not be told of as skipped. */
  @BeforeEach
  void needServer() {
    assumeTrue(server != null, whyNone);
  }

  @AfterAll
  static void close() {
    if (server != null) {
      server.close();
    }
  }

  /** Makes both systems, with vectors of that type and some dimension at each. */
  private void make(String schema, String type, int there, int here) throws Exception {
    server.execute(
        "DROP SCHEMA IF EXISTS chat, segue, extensions CASCADE; DROP EXTENSION IF EXISTS vector CASCADE;"
            + " DROP TABLE IF EXISTS recollections, entries, threads; CREATE SCHEMA IF NOT EXISTS "
            + schema);
    server.execute("CREATE EXTENSION vector SCHEMA " + schema);
    String qualified = schema + "." + type;
    server.execute(
        Example.text("memory/source.sql")
            .replaceAll("(?s)INSERT INTO chat.memories.*", "")
            .replace("vector real[]", "vector " + qualified + "(" + there + ")"));
    server.execute(
        Example.text("memory/target.sql")
            .replace("embedding real[]", "embedding " + qualified + "(" + here + ")"));
    server.execute(
        "CREATE INDEX nearest ON recollections USING hnsw (embedding %s.%s_cosine_ops)"
            .formatted(schema, type));
  }

  private void remember(String session, int item, String vector) throws Exception {
    server.execute(
        "INSERT INTO chat.memories (conversation_id, id, fact, vector) VALUES ('%s', %d, 'fact %d', '%s')"
            .formatted(session, item, item, vector));
  }

  private void bind(boolean anew) throws Exception {
    PostgresAddress address = PostgresAddress.parse(server.url(), null);
    Layout older = layout("old-assistant");
    source =
        new PostgresSource(
            new PostgresSite(
                Owner.SOURCE, address, anew ? older.withVectorsAside("words:1") : older, Map.of()),
            MIGRATION);
    Layout newer = layout("new-assistant");
    target =
        new PostgresTarget(
            new PostgresSite(
                Owner.TARGET, address, anew ? newer.withVectorsAside("words:2") : newer, Map.of()),
            MIGRATION);
    server.forgetSession();
  }

  private static Layout layout(String name) {
    return LayoutCatalog.load(
        Path.of(System.getProperty("segue.home"), "examples", "memory", name + ".yaml").toString());
  }

  private static ColumnType type(PostgresTarget target) {
    return target
        .binding()
        .of(Kind.MEMORY_ITEM)
        .orElseThrow()
        .table()
        .column("embedding")
        .orElseThrow()
        .type();
  }

  /** What the source's rows would be read as; reading them takes two sessions at a time. */
  private static Entity memory(String session, int item, String vector) {
    return Entity.of(Kind.MEMORY_ITEM)
        .set("session_id", session)
        .set("memory_id", Integer.toString(item))
        .set("text", "fact " + item)
        .set("type", "semantic")
        .set("importance", null)
        .set("created_at", "2026-01-01T00:00:00.000000Z")
        .set("embeddings", vector)
        .build();
  }

  /** Applies them as the sink does; returns why changes were kept as dead letters. */
  private List<String> apply(List<Entity> entities) throws Exception {
    Ledger.Migration migration =
        target
            .ledger()
            .open(
                new Ledger.Identity(
                    MIGRATION,
                    source.identity(),
                    new Ledger.Side("old-assistant", "a"),
                    new Ledger.Side("new-assistant", "b"),
                    1));
    server.forgetSession();
    List<OffsetChange> changes = new ArrayList<>();
    for (Entity entity : entities) {
      int place = changes.size();
      SourcePosition position = new SourcePosition(100, 100, place + 1);
      changes.add(new OffsetChange(0, place, new CanonicalChange.Upsert(position, 1, entity)));
    }
    List<String> reasons = new ArrayList<>();
    try (Applier applier = target.applier(migration, source.supplies(), 0)) {
      applier.claim(List.of(0));
      applier.apply(
          changes,
          Map.of(0, (long) changes.size()),
          new Applier.DeadLetterOutlet() {
            @Override
            public void put(OffsetChange change, String reason) {
              reasons.add(reason);
            }

            @Override
            public void flush() {
              // They are kept in memory.
            }
          });
    }
    server.forgetSession();
    return reasons;
  }

  @ParameterizedTest
  @CsvSource({"public,vector", "public,halfvec", "extensions,vector", "extensions,halfvec"})
  void vectorsAreCopiedAndFoundByTheirIndex(String schema, String type) throws Exception {
    make(schema, type, 3, 3);
    bind(false);
    assertThat(type(target).family()).isEqualTo(ColumnType.Family.VECTOR);

    List<String> reasons =
        apply(
            List.of(
                memory("conv-1", 1, "[0.5,-0.25,0.125]"),
                memory("conv-1", 2, "[1, 2.0, 3]"),
                memory("conv-2", 3, null),
                memory("conv-2", 4, "[-1,0,65504]")));

    assertThat(reasons).isEmpty();
    assertThat(
            server.ask(
                "SELECT string_agg(item || embedding::text, ' ' ORDER BY item) FROM recollections"))
        .isEqualTo("1[0.5,-0.25,0.125] 2[1,2,3] 4[-1,0,65504]");
    assertThat(server.ask("SELECT count(*) FROM recollections")).isEqualTo("4");
    String nearest =
        "SELECT item FROM recollections ORDER BY embedding OPERATOR(%s.<=>) '[1,2,2.5]' LIMIT 1"
            .formatted(schema);
    assertThat(server.ask("SET enable_seqscan = off; " + nearest)).isEqualTo("2");
    assertThat(server.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'nearest'::regclass"))
        .isEqualTo("t");
  }

  @ParameterizedTest
  @CsvSource({"vector", "halfvec"})
  void aVectorOfAnotherDimensionParksItsSessionOnly(String type) throws Exception {
    make("public", type, 3, 4);
    bind(false);

    List<String> reasons =
        apply(List.of(memory("conv-1", 1, "[1,2,3]"), memory("conv-2", 2, "[1,2,3,4]")));

    assertThat(reasons).isNotEmpty();
    assertThat(reasons.get(0)).contains("expected 4 dimensions, not 3", "[22000]");
    assertThat(reasons.get(0)).doesNotContain("[1,2,3]");
    assertThat(server.ask("SELECT session_id FROM segue.parked")).isEqualTo("conv-1");
    assertThat(server.ask("SELECT string_agg(item, ',') FROM recollections")).isEqualTo("2");
  }

  @ParameterizedTest
  @CsvSource({"public,vector", "extensions,halfvec"})
  void vectorsThatAreMadeAnewAreWrittenAndRead(String schema, String type) throws Exception {
    make(schema, type, 3, 4);
    remember("conv-1", 1, "[1,2,3]");
    remember("conv-2", 2, "[3,2,1]");
    bind(true);
    List<Entity> items = List.of(memory("conv-1", 1, "[1,2,3]"), memory("conv-2", 2, "[3,2,1]"));
    assertThat(apply(items)).isEmpty();
    assertThat(server.ask("SELECT count(embedding) FROM recollections")).isEqualTo("0");
    Embeddings embeddings = target.embeddings().orElseThrow();
    List<MemoryItem> waiting = embeddings.waiting(Optional.empty(), 10);
    assertThat(waiting).extracting(MemoryItem::item).containsExactly("1", "2");

    float[] made = {0.5f, -1.5f, 1e-4f, 12_288f};
    int written =
        embeddings.put(waiting.stream().map(item -> new Embeddings.Embedded(item, made)).toList());

    assertThat(written).isEqualTo(2);
    assertThat(embeddings.waiting(Optional.empty(), 10)).isEmpty();
    var sample = embeddings.sample(10);
    assertThat(sample).hasSize(2);
    assertThat(embeddings.read(sample).values())
        .hasSize(2)
        .allSatisfy(
            vector -> {
              assertThat(vector).hasSize(4);
              assertThat(vector[0]).isEqualTo(0.5f);
              assertThat(vector[3]).isEqualTo(12_288f);
            });
    var there = source.vectors().orElseThrow();
    assertThat(there.read(there.sample(10)).values()).contains(new float[] {3, 2, 1});
    assertThat(
            server.ask(
                "SET enable_seqscan = off; SELECT count(*) FROM (SELECT 1 FROM recollections ORDER BY"
                    + " embedding OPERATOR(%s.<=>) '[1,0,0,1]' LIMIT 2) n".formatted(schema)))
        .isEqualTo("2");
  }
}
