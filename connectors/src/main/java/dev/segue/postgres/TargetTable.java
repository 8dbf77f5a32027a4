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
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One table of the target: which columns are written, and which of them are the key. */
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
            .map(Map.Entry::getKey)
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

  /** The SQL by which many of its rows are written and found at once. */
  TargetStatements statements() {
    return new TargetStatements(this);
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

  /** Whether rows are items of messages. */
  boolean hasItems() {
    return item >= 0;
  }

  /** Whether a column of the key has the ids of messages' items. */
  boolean isItem(int column) {
    return hasItems() && key[item] == column;
  }

  /** The key of the message that a row of this key is an item of; the key itself if it is whole. */
  List<String> messageKey(List<String> rowKey) {
    if (!hasItems()) {
      return rowKey;
    }
    List<String> whole = new ArrayList<>(rowKey);
    whole.set(item, ItemIds.messageOf(rowKey.get(item)));
    return whole;
  }

  /** Where a row of this key stands among its message's items, counted from 1. */
  int itemPlace(List<String> rowKey) {
    return hasItems() ? ItemIds.placeOf(rowKey.get(item)) : 1;
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

  /** Key and session. */
  BitSet identity() {
    BitSet columns = new BitSet();
    for (int index : key) {
      columns.set(index);
    }
    columns.set(session);
    return columns;
  }

  /** The columns of the key. */
  int[] keyIndexes() {
    return key;
  }
}
