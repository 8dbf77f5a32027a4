package dev.segue.postgres;

import dev.segue.layout.ItemIds;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.TableId;
import java.util.BitSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The SQL by which rows of a table are written and found, many with one statement. Rows come as one
 * array for each of the columns that are named, in the table's order.
 */
record TargetStatements(TargetTable table) {
  private String name(int column) {
    return TableId.quote(table.writer().columns().get(column).name());
  }

  private String session() {
    return name(table.sessionIndex());
  }

  private String cast(int column) {
    return "u.c" + column + "::" + table.type(column).name();
  }

  private String columns(BitSet columns, IntFunction<String> each) {
    return columns.stream().mapToObj(each).collect(Collectors.joining(", "));
  }

  private String key(String separator, IntFunction<String> each) {
    return IntStream.of(table.keyIndexes()).mapToObj(each).collect(Collectors.joining(separator));
  }

  /** The given rows, as {@code u}. */
  private String given(BitSet columns) {
    return "unnest("
        + columns(columns, c -> "?")
        + ") AS u("
        + columns(columns, c -> "c" + c)
        + ")";
  }

  /** Those of the columns that are written over a row that is there. */
  private BitSet changed(BitSet columns, BitSet insertOnly) {
    BitSet changed = (BitSet) columns.clone();
    changed.andNot(insertOnly);
    for (int index : table.keyIndexes()) {
      changed.clear(index);
    }
    return changed;
  }

  /** What an insert does where a row of the same key is there. */
  String conflictUpdate(BitSet columns, BitSet insertOnly) {
    BitSet changed = changed(columns, insertOnly);
    String target = " ON CONFLICT (" + key(", ", this::name) + ") DO ";
    if (changed.isEmpty()) {
      return target + "NOTHING";
    }
    return target + "UPDATE SET " + columns(changed, c -> name(c) + " = EXCLUDED." + name(c));
  }

  /** Inserts or overwrites whole rows; a row of the same key in another session stays. */
  String upsert(BitSet columns, BitSet insertOnly) {
    return merge(columns, insertOnly)
        + (table.keySpansSessions() ? " WHERE t." + session() + " = EXCLUDED." + session() : "");
  }

  /** Inserts or overwrites whole rows, whatever session has them. */
  String merge(BitSet columns, BitSet insertOnly) {
    return "INSERT INTO "
        + table.id().sql()
        + " AS t ("
        + columns(columns, this::name)
        + ") OVERRIDING SYSTEM VALUE SELECT "
        + columns(columns, this::cast)
        + " FROM "
        + given(columns)
        + conflictUpdate(columns, insertOnly);
  }

  /** Inserts rows whose key is not there yet. */
  String insert(BitSet columns) {
    return "INSERT INTO "
        + table.id().sql()
        + " ("
        + columns(columns, this::name)
        + ") OVERRIDING SYSTEM VALUE SELECT "
        + columns(columns, this::cast)
        + " FROM "
        + given(columns)
        + " ON CONFLICT DO NOTHING";
  }

  /** Whether {@link #upsert} counts a row whose key exists as affected. */
  boolean upsertCountsAll(BitSet columns, BitSet insertOnly) {
    return columns.cardinality() - insertOnly.cardinality() > table.keyIndexes().length;
  }

  /** Updates the columns that are known of rows that exist. */
  String update(BitSet columns, BitSet partial, BitSet insertOnly) {
    BitSet changed = changed(columns, insertOnly);
    changed.clear(table.sessionIndex());
    return "UPDATE "
        + table.id().sql()
        + " AS t SET "
        + columns(changed, c -> name(c) + " = " + (partial.get(c) ? overlay(c) : cast(c)))
        + " FROM "
        + given(columns)
        + " WHERE "
        + isGivenRow();
  }

  private String overlay(int column) {
    String both = "t." + name(column) + "::jsonb || u.c" + column + "::jsonb";
    return table.type(column).family() == Family.JSON && table.type(column).name().equals("json")
        ? "(" + both + ")::json"
        : both;
  }

  /** Deletes rows of the given keys that are still in the given session. */
  String delete(TableId from) {
    return deleteGiven(from) + isGivenRow();
  }

  /** Deletes rows of the given keys. */
  String deleteAnywhere(TableId from) {
    return deleteGiven(from) + hasGivenKey();
  }

  private String deleteGiven(TableId from) {
    return "DELETE FROM " + from.sql() + " AS t USING " + given(table.identity()) + " WHERE ";
  }

  /** Deletes all rows of one session but those of the given keys. */
  String deleteOthers(TableId from) {
    return "DELETE FROM "
        + from.sql()
        + " AS t WHERE NOT EXISTS (SELECT FROM "
        + given(table.identity())
        + " WHERE "
        + hasGivenKey()
        + ") AND "
        + inSession();
  }

  /**
   * Deletes all rows of one session but those of the given keys, and but items of such messages.
   */
  String deleteOtherMessages(TableId from) {
    if (!table.hasItems()) {
      return deleteOthers(from);
    }
    String ofMessage =
        key(" AND ", c -> table.isItem(c) ? messageOf(c) + " = " + cast(c) : isEqual(c));
    // Each is a join by itself; one that asks for either would compare every row with every key.
    return "WITH u AS MATERIALIZED (SELECT * FROM "
        + given(table.identity())
        + ") DELETE FROM "
        + from.sql()
        + " AS t WHERE NOT EXISTS (SELECT FROM u WHERE "
        + hasGivenKey()
        + ") AND NOT EXISTS (SELECT FROM u WHERE "
        + ofMessage
        + ") AND "
        + inSession();
  }

  private String messageOf(int column) {
    return "regexp_replace(t." + name(column) + ", '" + ItemIds.ENDING + "', '')";
  }

  private String isEqual(int column) {
    return "t." + name(column) + " = " + cast(column);
  }

  /** That a row, {@code t}, is of the given session. */
  String inSession() {
    return isGiven(table.sessionIndex());
  }

  /** That a row, {@code t}, has the key of one of the given. */
  private String hasGivenKey() {
    return key(" AND ", this::isEqual);
  }

  /** Likewise, and is in that one's session. */
  private String isGivenRow() {
    return table.keySpansSessions()
        ? hasGivenKey() + " AND " + isEqual(table.sessionIndex())
        : hasGivenKey();
  }

  /** Which of the given rows, counted from 1, are in another session than the given one. */
  String elsewhere() {
    return places("") + " WHERE t." + session() + " <> " + cast(table.sessionIndex());
  }

  /** Of those of the given rows that are there, which they are, and what some columns have. */
  String there(BitSet columns) {
    return places(", " + columns(columns, c -> "t." + name(c) + "::text")) + " FOR UPDATE OF t";
  }

  private String places(String further) {
    BitSet columns = table.identity();
    return "SELECT u.place"
        + further
        + " FROM unnest("
        + columns(columns, c -> "?")
        + ") WITH ORDINALITY AS u("
        + columns(columns, c -> "c" + c)
        + ", place) JOIN "
        + table.id().sql()
        + " AS t ON "
        + hasGivenKey();
  }

  /** That a row, {@code t}, has the given key. */
  String hasKey() {
    return key(" AND ", this::isGiven);
  }

  private String isGiven(int column) {
    return "t." + name(column) + " = ?::" + table.type(column).name();
  }

  /** The session that the row of the given key is in. */
  String holder() {
    return "SELECT t." + session() + "::text FROM " + table.id().sql() + " AS t WHERE " + hasKey();
  }

  /** Deletes every row. */
  String deleteAll(TableId from) {
    return "DELETE FROM " + from.sql();
  }
}
