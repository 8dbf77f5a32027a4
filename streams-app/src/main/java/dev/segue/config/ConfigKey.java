package dev.segue.config;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** Every key of {@code migration.yaml}; the reader and the reference page are made from this. */
public enum ConfigKey {
  NAME(
      "name",
      "chat-move",
      "required",
      "Names slot, publication, topics and bookkeeping: [a-z][a-z0-9-]{0,30}."),
  SOURCE_LAYOUT(
      "source.layout",
      "callsphere",
      "required",
      "How the source stores sessions: a built-in layout (`segue layouts list`) or a path."),
  SOURCE_URL(
      "source.url",
      "postgresql://segue@old-db:5432/agents",
      "required",
      "Where the source is; for a Redis `redis://user@host:6379/0`, or `rediss://` with TLS,"
          + " and `?follow=notifications` where its replication stream is forbidden;"
          + " for OpenClaw `file:///path/of/the/directory`, or of its database."
          + " Parameters of PostgreSQL's driver may follow: `?sslmode=verify-full`."),
  SOURCE_PASSWORD(
      "source.password",
      "${env:SOURCE_PASSWORD}",
      "empty",
      "Never printed, never logged. `${env:NAME}` or `${file:/run/secrets/name}` keep it out of the"
          + " file."),
  SOURCE_TABLES(
      "source.tables",
      "{sessions: chat.conversations}",
      "none",
      "Real tables by the layout's name for them, where name or schema differ."),
  TARGET_LAYOUT("target.layout", "aria-engine", "required", "How the target stores sessions."),
  TARGET_URL(
      "target.url",
      "postgresql://segue@new-db:5432/engine",
      "required",
      "Where the target is: a PostgreSQL, or a Redis, `redis://user@host:6379/0`."),
  TARGET_PASSWORD("target.password", "${env:TARGET_PASSWORD}", "empty", "As `source.password`."),
  TARGET_TABLES("target.tables", "{chat_sessions: engine.sessions}", "none", "As `source.tables`."),
  KAFKA_BOOTSTRAP(
      "kafka.bootstrap",
      "broker-1:9092,broker-2:9092",
      "embedded",
      "A Kafka cluster, or `embedded`: a broker inside the process, with its data in `data-dir`."),
  KAFKA_PROPERTIES(
      "kafka.properties",
      "{security.protocol: SASL_SSL}",
      "none",
      "Passed through to every Kafka client: `security.protocol`, `sasl.*`, `ssl.*`."),
  KAFKA_PARTITIONS(
      "kafka.partitions",
      "8",
      "8",
      "Partitions of the topics, 1 to 256. Frozen when the migration first runs."),
  DATA_DIR(
      "data-dir",
      "/var/lib/segue/chat-move",
      ".segue/<name>",
      "Where the embedded broker, the lock file and scratch files live."),
  SNAPSHOT_PARALLELISM(
      "snapshot.parallelism",
      "4",
      "auto",
      "Tables ranges copied at a time, 1 to 32. `auto` is the number of processors, at most 8."),
  SNAPSHOT_CHUNK(
      "snapshot.chunk",
      "16MB",
      "16MB",
      "How much of a table is copied as one piece: what a crash makes Segue copy again."),
  SNAPSHOT_DEFER_INDEXES(
      "snapshot.defer-indexes",
      "auto",
      "auto",
      "Whether plain indexes of empty tables of the target are taken away while history is copied, and"
          + " built behind it: `auto` where the source's table has 32 MB or more, `always`,"
          + " `never`. So are primary keys that no foreign key refers to, where the source's own key"
          + " goes into them as it is. Unique, partial and expression indexes stay."),
  CAPTURE_HEARTBEAT(
      "capture.heartbeat",
      "1s",
      "1s",
      "How often a mark is written into the source's log, 100ms to 1m. Lag is measured by it."),
  SINK_MEMBERS(
      "sink.members",
      "4",
      "1",
      "Members of the sink in this process, 1 to 8, at most one a partition. Each writes what is in"
          + " partitions of its own, over a session of its own. May be another at every start."),
  VERIFY_CONTINUOUS(
      "verify.continuous",
      "true",
      "false",
      "Whether `segue run` goes on comparing sessions that were written to, also after a cutover."),
  VECTORS_SOURCE_PROVIDER(
      "vectors.source.provider",
      "openai",
      "empty",
      "Who runs the model that the source's vectors were made with."),
  VECTORS_SOURCE_MODEL(
      "vectors.source.model",
      "text-embedding-ada-002",
      "required in vectors",
      "The model that the source's vectors were made with. Vectors of the same provider, model,"
          + " revision and dimension are copied; others are made anew from the texts."),
  VECTORS_SOURCE_REVISION(
      "vectors.source.revision", "2", "empty", "The model's revision, if it has any."),
  VECTORS_SOURCE_DIMENSION(
      "vectors.source.dimension", "1536", "required in vectors", "How many numbers a vector has."),
  VECTORS_SOURCE_METRIC(
      "vectors.source.metric",
      "cosine",
      "cosine",
      "How vectors are compared: `cosine`, `inner-product` or `euclidean`."),
  VECTORS_TARGET_PROVIDER(
      "vectors.target.provider", "openai", "empty", "As `vectors.source.provider`."),
  VECTORS_TARGET_MODEL(
      "vectors.target.model",
      "text-embedding-3-small",
      "required in vectors",
      "The model of the target's vectors, as the embedder calls it."),
  VECTORS_TARGET_REVISION("vectors.target.revision", "1", "empty", "As `vectors.source.revision`."),
  VECTORS_TARGET_DIMENSION(
      "vectors.target.dimension",
      "1536",
      "required in vectors",
      "As `vectors.source.dimension`; a vector of another length stops the embedding."),
  VECTORS_TARGET_METRIC("vectors.target.metric", "cosine", "cosine", "As `vectors.source.metric`."),
  VECTORS_EMBEDDER_URL(
      "vectors.embedder.url",
      "https://api.openai.com/v1",
      "none",
      "An API as OpenAI's, to which `/embeddings` is added; needed, or `vectors.embedder.name`, where"
          + " vectors are made anew."),
  VECTORS_EMBEDDER_NAME(
      "vectors.embedder.name",
      "minilm",
      "none",
      "An embedder that is installed with its model, instead of a URL."),
  VECTORS_EMBEDDER_KEY(
      "vectors.embedder.key",
      "${env:EMBEDDER_KEY}",
      "empty",
      "What requests bring as `Authorization: Bearer …`. Never printed, never logged."),
  VECTORS_EMBEDDER_BATCH("vectors.embedder.batch", "64", "64", "Texts in one request, 1 to 2048."),
  VECTORS_EMBEDDER_REQUESTS_PER_MINUTE(
      "vectors.embedder.requests-per-minute",
      "500",
      "as many as it takes",
      "A limit to keep to, 1 to 100000."),
  VECTORS_EMBEDDER_PRICE(
      "vectors.embedder.price",
      "0.02",
      "none",
      "What a million tokens cost, for the estimate in `segue plan`."),
  CUTOVER_MAX_PAUSE(
      "cutover.max-pause",
      "3s",
      "3s",
      "How long writers of the sessions that are moved may be refused, 200ms to 1m. A move that"
          + " takes longer is taken back."),
  CUTOVER_MAX_LAG(
      "cutover.max-lag",
      "5s",
      "5s",
      "A cutover does not begin while the target is further behind, 100ms to 1m."),
  CUTOVER_REQUIRE_PARITY(
      "cutover.require-parity",
      "true",
      "true",
      "Whether every session that is moved must be the same on both sides right before."),
  CUTOVER_ROUTE_GRACE(
      "cutover.route-grace",
      "1s",
      "no cutover of such a source",
      "Says that every writer of a source that cannot refuse writers, such as a Redis, asks for a"
          + " session's route before it writes: how long one may still be at work by a route that"
          + " has changed, 200ms to less than `cutover.max-pause`. A route is good for half of it;"
          + " what is written by it has to end within the other half."),
  CUTOVER_ROLLBACK_ON_DRIFT(
      "cutover.rollback-on-drift",
      "true",
      "false",
      "Whether all sessions of the target are given back by themselves once one of them is found to"
          + " differ; needs `verify.continuous`. Those that differ stay, and are named."),
  CUTOVER_HOOKS_BEFORE(
      "cutover.hooks.before",
      "./announce.sh",
      "none",
      "A command that is run before anything is moved; ending with other than 0, it vetoes."),
  CUTOVER_HOOKS_AFTER(
      "cutover.hooks.after", "./announce.sh", "none", "A command that is run after the last move."),
  CUTOVER_HOOKS_ABORT(
      "cutover.hooks.abort",
      "./alarm.sh",
      "none",
      "A command that is run if a move is taken back."),
  HTTP_LISTEN(
      "http.listen",
      "127.0.0.1:7070",
      "127.0.0.1:0",
      "Where `segue run` answers; port 0 takes a free one. Other than loopback needs `http.token`."),
  HTTP_TOKEN(
      "http.token",
      "${env:SEGUE_TOKEN}",
      "made at each start",
      "What a request that changes anything has to bring: `Authorization: Bearer …`.");

  private final String path;
  private final String example;
  private final String defaultValue;
  private final String meaning;

  ConfigKey(String path, String example, String defaultValue, String meaning) {
    this.path = path;
    this.example = example;
    this.defaultValue = defaultValue;
    this.meaning = meaning;
  }

  public String path() {
    return path;
  }

  public String example() {
    return example;
  }

  public String defaultValue() {
    return defaultValue;
  }

  public String meaning() {
    return meaning;
  }

  /** The keys that may stand in a section; the empty section is the whole file. */
  static Set<String> in(String section) {
    String prefix = section.isEmpty() ? "" : section + ".";
    return Arrays.stream(values())
        .filter(key -> key.path.startsWith(prefix))
        .map(key -> key.path.substring(prefix.length()))
        .map(rest -> rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : rest)
        .collect(Collectors.toSet());
  }
}
