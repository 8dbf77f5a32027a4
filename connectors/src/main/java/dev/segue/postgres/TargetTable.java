package dev.segue.postgres;

import dev.segue.layout.ColumnSpec;
import dev.segue.layout.ItemIds;
import dev.segue.layout.RowWriter;
import dev.segue.layout.TableBinding;
import dev.segue.layout.Written;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Row;
import dev.segue.relational.TableId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One table of the target: which columns are written, which of them are the key, and its SQL. */
final class TargetTable {
  private final TableBinding binding;
  private final List<TableBinding> archives;
  private final RowWriter writer;
  private final List<String> names;
  private final int[] key;
  private final int session;

  /** Where in the key a message's id stands whose items are rows of their own; else -1. */
  private final int item;

  TargetTable(TableBinding binding, RowWriter writer) {
    this(binding, List.of(), writer);
  }

  /**
   * One that rows were moved away from.
   *
   * @param archives where they may be now, and are not written but deleted
   */
  TargetTable(TableBinding binding, List<TableBinding> archives, RowWriter writer) {
    this.binding = binding;
    this.archives = List.copyOf(archives);
    this.writer = writer;
    this.names = writer.columns().stream().map(Column::name).toList();
    this.key = binding.table().primaryKey().stream().mapToInt(names::indexOf).toArray();
    String sessionColumn =
        binding.layout().columns().entrySet().stream()
            .filter(
                e ->
                    e.getValue() instanceof ColumnSpec.OfField of
                        && of.field().equals(binding.layout().kind().sessionField()))
            .map(java.util.Map.Entry::getKey)
            .findFirst()
            .orElseThrow();
    this.session = names.indexOf(sessionColumn);
    this.item =
        IntStream.range(0, key.length)
            .filter(place -> writer.splitsMessages() && key[place] >= 0)
            .filter(place -> holds(key[place], "message_id"))
            .findFirst()
            .orElse(-1);
  }

  TableId id() {
    return binding.table().id();
  }

  /** The table and what its columns mean. */
  TableBinding binding() {
    return binding;
  }

  RowWriter writer() {
    return writer;
  }

  /** The further tables that may have its rows. */
  List<TableBinding> archives() {
    return archives;
  }

  /** It and its archives: where a row has to go that is deleted. */
  List<TableId> everywhere() {
    return Stream.concat(Stream.of(binding), archives.stream())
        .map(table -> table.table().id())
        .toList();
  }

  private boolean holds(int column, String field) {
    return spec(column) instanceof ColumnSpec.OfField of && of.field().name().equals(field);
  }

  /** The column that tells when an entity's time comes, to the moment; empty if none does. */
  OptionalInt expiry() {
    return IntStream.range(0, names.size())
        .filter(
            i ->
                holds(i, "expires_at") && writer.columns().get(i).type().family() == Family.INSTANT)
        .findFirst();
  }

  /** A written column's type. */
  ColumnType type(int column) {
    return writer.columns().get(column).type();
  }

  /** What a written column holds. */
  ColumnSpec spec(int column) {
    return binding.layout().columns().get(names.get(column));
  }

  /** The written columns. */
  List<String> columnNames() {
    return names;
  }

  int sessionIndex() {
    return session;
  }

  /** Whether two sessions could hold a row of the same key. */
  boolean keySpansSessions() {
    return IntStream.of(key).noneMatch(index -> index == session);
  }

  /** The value of a column as PostgreSQL reads it. */
  String literal(int column, String neutral) {
    return neutral == null || Row.isAbsent(neutral)
        ? neutral
        : NeutralText.toPostgres(type(column), neutral);
  }

  /** The values of a row as PostgreSQL reads them. */
  String[] literals(Written row) {
    String[] literals = new String[row.values().length];
    for (int i = 0; i < literals.length; i++) {
      literals[i] = literal(i, row.values()[i]);
    }
    return literals;
  }

  /** The row's key, for comparing. */
  List<String> keyOf(Written row) {
    List<String> values = new ArrayList<>(key.length);
    for (int index : key) {
      values.add(row.values()[index]);
    }
    return values;
  }

  /** The key of the message that a row of this key is an item of; the key itself if it is whole. */
  List<String> messageKey(List<String> rowKey) {
    if (item < 0) {
      return rowKey;
    }
    List<String> whole = new ArrayList<>(rowKey);
    whole.set(item, ItemIds.messageOf(rowKey.get(item)));
    return whole;
  }

  /** Where a row of this key stands among its message's items, counted from 1. */
  int itemPlace(List<String> rowKey) {
    return item < 0 ? 1 : ItemIds.placeOf(rowKey.get(item));
  }

  /** The columns that a row brings. */
  BitSet present(Written row) {
    BitSet present = new BitSet();
    for (int i = 0; i < row.values().length; i++) {
      boolean silent = row.insertOnly().get(i) && row.values()[i] == null;
      present.set(i, !silent && !Row.isAbsent(row.values()[i]));
    }
    return present;
  }

  private String name(int column) {
    return TableId.quote(writer.columns().get(column).name());
  }

  private String cast(int column) {
    return "u.c" + column + "::" + type(column).name();
  }

  private String columns(BitSet columns, java.util.function.IntFunction<String> each) {
    return columns.stream().mapToObj(each).collect(Collectors.joining(", "));
  }

  private String unnest(BitSet columns) {
    return " FROM unnest("
        + columns(columns, c -> "?")
        + ") AS u("
        + columns(columns, c -> "c" + c)
        + ")";
  }

  String conflictUpdate(BitSet columns, BitSet insertOnly) {
    BitSet changed = (BitSet) columns.clone();
    changed.andNot(insertOnly);
    for (int index : key) {
      changed.clear(index);
    }
    String target =
        " ON CONFLICT ("
            + IntStream.of(key).mapToObj(this::name).collect(Collectors.joining(", "))
            + ") DO ";
    if (changed.isEmpty()) {
      return target + "NOTHING";
    }
    return target + "UPDATE SET " + columns(changed, c -> name(c) + " = EXCLUDED." + name(c));
  }

  /** Inserts or overwrites whole rows; a row of the same key in another session stays. */
  String upsert(BitSet columns, BitSet insertOnly) {
    return merge(columns, insertOnly)
        + (keySpansSessions() ? " WHERE t." + name(session) + " = EXCLUDED." + name(session) : "");
  }

  /** Inserts or overwrites whole rows, whatever session has them. */
  String merge(BitSet columns, BitSet insertOnly) {
    return "INSERT INTO "
        + id().sql()
        + " AS t ("
        + columns(columns, this::name)
        + ") OVERRIDING SYSTEM VALUE SELECT "
        + columns(columns, this::cast)
        + unnest(columns)
        + conflictUpdate(columns, insertOnly);
  }

  /** Inserts rows whose key is not there yet. */
  String insert(BitSet columns) {
    return "INSERT INTO "
        + id().sql()
        + " ("
        + columns(columns, this::name)
        + ") OVERRIDING SYSTEM VALUE SELECT "
        + columns(columns, this::cast)
        + unnest(columns)
        + " ON CONFLICT DO NOTHING";
  }

  /** Whether {@link #upsert} counts a row whose key exists as affected. */
  boolean upsertCountsAll(BitSet columns, BitSet insertOnly) {
    return columns.cardinality() - insertOnly.cardinality() > key.length;
  }

  /** Updates the columns that are known of rows that exist. */
  String update(BitSet columns, BitSet partial, BitSet insertOnly) {
    BitSet changed = (BitSet) columns.clone();
    changed.andNot(insertOnly);
    for (int index : key) {
      changed.clear(index);
    }
    changed.clear(session);
    return "UPDATE "
        + id().sql()
        + " AS t SET "
        + columns(changed, c -> name(c) + " = " + (partial.get(c) ? overlay(c) : cast(c)))
        + unnest(columns)
        + where(true);
  }

  private String overlay(int column) {
    String both = "t." + name(column) + "::jsonb || u.c" + column + "::jsonb";
    return type(column).family() == Family.JSON && type(column).name().equals("json")
        ? "(" + both + ")::json"
        : both;
  }

  /** Deletes rows of the given keys that are still in the given session. */
  String delete(TableId from) {
    return "DELETE FROM " + from.sql() + " AS t USING " + deleteUnnest() + where(true);
  }

  /** Deletes rows of the given keys. */
  String deleteAnywhere(TableId from) {
    return "DELETE FROM " + from.sql() + " AS t USING " + deleteUnnest() + where(false);
  }

  /** Deletes all rows of one session but those of the given keys. */
  String deleteOthers(TableId from) {
    return "DELETE FROM "
        + from.sql()
        + " AS t WHERE NOT EXISTS (SELECT"
        + unnest(identity())
        + where(false)
        + ") AND "
        + inSession();
  }

  /**
   * Deletes all rows of one session but those of the given keys, and but items of such messages.
   */
  String deleteOtherMessages(TableId from) {
    if (item < 0) {
      return deleteOthers(from);
    }
    String ofMessage =
        IntStream.of(key)
            .mapToObj(c -> c == key[item] ? messageOf(c) + " = " + cast(c) : isEqual(c))
            .collect(Collectors.joining(" AND "));
    // Each is a join by itself; one that asks for either would compare every row with every key.
    return "WITH u AS MATERIALIZED (SELECT *"
        + unnest(identity())
        + ") DELETE FROM "
        + from.sql()
        + " AS t WHERE NOT EXISTS (SELECT FROM u"
        + where(false)
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
    return isGiven(session);
  }

  private String deleteUnnest() {
    BitSet columns = identity();
    return unnest(columns).substring(" FROM ".length());
  }

  /** Key and session. */
  BitSet identity() {
    BitSet columns = new BitSet();
    for (int index : key) {
      columns.set(index);
    }
    columns.set(session);
    return columns;
  }

  private String where(boolean withSession) {
    String keys =
        IntStream.of(key)
            .mapToObj(this::isEqual)
            .collect(Collectors.joining(" AND ", " WHERE ", ""));
    return withSession && keySpansSessions() ? keys + " AND " + isEqual(session) : keys;
  }

  /** Which of the given rows, counted from 1, are in another session than the given one. */
  String elsewhere() {
    return places("") + " WHERE t." + name(session) + " <> " + cast(session);
  }

  /** Of those of the given rows that are there, which they are, and what some columns have. */
  String there(BitSet columns) {
    return places(", " + columns(columns, c -> "t." + name(c) + "::text")) + " FOR UPDATE OF t";
  }

  private String places(String further) {
    BitSet columns = identity();
    String arrays = columns(columns, c -> "?");
    String names = columns(columns, c -> "c" + c);
    return "SELECT u.place"
        + further
        + " FROM unnest("
        + arrays
        + ") WITH ORDINALITY AS u("
        + names
        + ", place) JOIN "
        + id().sql()
        + " AS t ON "
        + where(false).substring(" WHERE ".length());
  }

  int[] keyIndexes() {
    return key;
  }

  /** Whether a row of that key exists, in any session. */
  String exists() {
    return "SELECT 1 FROM " + id().sql() + " AS t WHERE " + hasKey();
  }

  /** That a row, {@code t}, has the given key. */
  String hasKey() {
    return IntStream.of(key).mapToObj(this::isGiven).collect(Collectors.joining(" AND "));
  }

  private String isGiven(int column) {
    return "t." + name(column) + " = ?::" + type(column).name();
  }

  /** The session that a row of that key is in. */
  String holder() {
    return exists().replaceFirst("SELECT 1", "SELECT t." + name(session) + "::text");
  }

  String deleteAll(TableId from) {
    return "DELETE FROM " + from.sql();
  }
}
