package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.RowWriter;
import dev.segue.layout.TableBinding;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import dev.segue.relational.Row;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Ledger;
import dev.segue.spi.Supply;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The kinds that a migration brings into a store, and what rows of them are to be. */
final class StoreTables {
  private final Map<Kind, RowWriter> writers = new EnumMap<>(Kind.class);
  private final LayoutBinding binding;

  StoreTables(LayoutBinding binding, Ledger.Migration migration, Map<Kind, Supply> supplies) {
    this.binding = binding;
    for (TableBinding table : binding.tables()) {
      Supply supply = supplies.get(table.layout().kind());
      if (supply != null) {
        writers.put(table.layout().kind(), supply.writer(table, migration));
      }
    }
  }

  Set<Kind> kinds() {
    return writers.keySet();
  }

  /** What the layout calls the rows of a kind. */
  String name(Kind kind) {
    return binding.of(kind).map(table -> table.layout().table()).orElse(kind.wireName());
  }

  /** Whether all is known that the migration brings of such an entity. */
  boolean isWhole(Entity entity) {
    return writers.get(entity.kind()).write(entity).isWhole();
  }

  /** What identifies an entity's row: its session, and what it is called within it. */
  static List<String> key(Entity entity) {
    return entity.kind().identity().stream().map(entity::text).map(String::valueOf).toList();
  }

  /**
   * An entity as a row that is compared.
   *
   * @throws UnmappableRowException if it cannot be written
   */
  HeldRow held(Entity entity) {
    RowWriter writer = writers.get(entity.kind());
    Written written = writer.write(entity);
    List<String> columns = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < writer.columns().size(); i++) {
      String column = writer.columns().get(i).name();
      String value = written.values()[i];
      columns.add(column);
      values.add(
          Row.isAbsent(value) || written.insertOnly().get(i)
              ? Row.ABSENT
              : Likeness.spelling(entity.kind(), field(entity.kind(), column), value));
    }
    return new HeldRow(entity.kind(), entity.sessionId(), key(entity), columns, values);
  }

  private Field field(Kind kind, String column) {
    return binding
        .of(kind)
        .orElseThrow()
        .layout()
        .columns()
        .get(column)
        .fieldItself()
        .orElseThrow();
  }
}
