package dev.segue.postgres;

import dev.segue.layout.TableBinding;
import dev.segue.relational.Column;
import dev.segue.relational.TableId;

/** What is asked of one table of memory items, and of what is remembered of their vectors. */
final class EmbeddingSql {
  private final TableBinding binding;
  private final String table;
  private final String session;
  private final String item;
  private final String text;
  private final String vector;
  private final String sessionType;
  private final String itemType;
  private final String vectorType;
  private final String waiting;

  EmbeddingSql(TableBinding binding) {
    this.binding = binding;
    this.table = binding.table().id().sql();
    Column sessionColumn = column("session_id");
    Column itemColumn = column("memory_id");
    Column vectorColumn =
        binding.table().column(binding.layout().vectors().orElseThrow().name()).orElseThrow();
    this.session = "t." + TableId.quote(sessionColumn.name());
    this.item = "t." + TableId.quote(itemColumn.name());
    this.text = "t." + TableId.quote(column("text").name()) + "::text";
    this.vector = TableId.quote(vectorColumn.name());
    this.sessionType = sessionColumn.type().name();
    this.itemType = itemColumn.type().name();
    this.vectorType = vectorColumn.type().name();
    this.waiting =
        " FROM "
            + table
            + " AS t LEFT JOIN segue.embedding e ON e.migration = ? AND e.session_id = "
            + session
            + "::text AND e.memory_id = "
            + item
            + "::text WHERE NOT coalesce(e.space = ? AND e.text_sha256 = sha256(convert_to("
            + text
            + ", 'UTF8')), false)";
  }

  private Column column(String field) {
    return binding
        .layout()
        .columnOf(field)
        .flatMap(name -> binding.table().column(name))
        .orElseThrow();
  }

  private String page() {
    return "SELECT "
        + session
        + "::text, "
        + item
        + "::text, "
        + text
        + waiting
        + " AND "
        + text
        + " IS NOT NULL";
  }

  String waiting(boolean behind) {
    return page()
        + (behind
            ? " AND (" + session + ", " + item + ") > (?::" + sessionType + ", ?::" + itemType + ")"
            : "")
        + " ORDER BY "
        + session
        + ", "
        + item
        + " LIMIT ?";
  }

  private String ofSessions() {
    return " AND " + session + " = ANY (?::text[]::" + sessionType + "[])";
  }

  String waitingIn() {
    return page() + ofSessions() + " LIMIT ?";
  }

  String sessionsWaiting(boolean some) {
    return "SELECT "
        + session
        + "::text, count(*), min(CASE WHEN "
        + text
        + " IS NULL THEN 'it has no text' WHEN e.text_sha256 IS NULL THEN e.refused END)"
        + waiting
        + (some ? ofSessions() : "")
        + " GROUP BY 1";
  }

  String put() {
    return "WITH made AS (SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[])"
        + " AS m(session, item, text, vector)), written AS (UPDATE "
        + table
        + " AS t SET "
        + vector
        + " = m.vector::"
        + vectorType
        + " FROM made m WHERE "
        + session
        + " = m.session::"
        + sessionType
        + " AND "
        + item
        + " = m.item::"
        + itemType
        + " AND "
        + text
        + " = m.text RETURNING m.session, m.item, sha256(convert_to(m.text, 'UTF8')) AS hash)"
        + " INSERT INTO segue.embedding (migration, session_id, memory_id, space, text_sha256)"
        + " SELECT ?, session, item, ?, hash FROM written ON CONFLICT (migration, session_id,"
        + " memory_id) DO UPDATE SET space = EXCLUDED.space, text_sha256 = EXCLUDED.text_sha256,"
        + " refused = NULL, embedded_at = now()";
  }

  String volume() {
    return "SELECT count(*), count(*) FILTER (WHERE "
        + text
        + " IS NULL), coalesce(sum(length("
        + text
        + ")), 0) FROM "
        + table
        + " AS t";
  }

  /** By the hash of what identifies them: the same ones each time, and spread over all. */
  String sample() {
    return "SELECT "
        + session
        + "::text, "
        + item
        + "::text FROM "
        + table
        + " AS t WHERE t."
        + vector
        + " IS NOT NULL AND "
        + text
        + " IS NOT NULL ORDER BY md5("
        + item
        + "::text) LIMIT ?";
  }

  String read() {
    return "SELECT u.session, u.item, t."
        + vector
        + "::text FROM unnest(?::text[], ?::text[]) AS u(session, item) JOIN "
        + table
        + " AS t ON "
        + session
        + " = u.session::"
        + sessionType
        + " AND "
        + item
        + " = u.item::"
        + itemType
        + " WHERE t."
        + vector
        + " IS NOT NULL";
  }
}
