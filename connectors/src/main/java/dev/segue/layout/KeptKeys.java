package dev.segue.layout;

import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType.Family;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Kinds of which no two rows of the source become rows of one key in the target: what the source's
 * primary key holds is in the target's, spelt so that what differs goes on differing.
 */
public final class KeptKeys {
  private KeptKeys() {}

  /** Those of two systems; a kind that has several tables in one of them is not among them. */
  public static Set<Kind> between(LayoutBinding source, LayoutBinding target) {
    Set<Kind> kept = EnumSet.noneOf(Kind.class);
    for (TableBinding table : source.tables()) {
      Kind kind = table.layout().kind();
      if (source.all(kind).size() == 1
          && target.all(kind).size() == 1
          && isKept(table, target.all(kind).get(0))) {
        kept.add(kind);
      }
    }
    return kept;
  }

  private static boolean isKept(TableBinding source, TableBinding target) {
    return !source.table().primaryKey().isEmpty()
        && !hasMessages(source)
        && !hasMessages(target)
        && source.table().primaryKey().stream().allMatch(column -> isKept(source, column, target));
  }

  /** Whether a row may be several on the other side, or several rows one. */
  private static boolean hasMessages(TableBinding table) {
    return table.layout().columns().values().stream()
        .anyMatch(ColumnSpec.OfMessage.class::isInstance);
  }

  private static boolean isKept(TableBinding source, String name, TableBinding target) {
    Optional<Column> from = source.table().column(name);
    Optional<ColumnSpec.OfField> of = field(source, name);
    return from.isPresent()
        && of.isPresent()
        && of.get().as() == ColumnSpec.Spelling.PLAIN
        && target.table().primaryKey().stream()
            .anyMatch(key -> holds(target, key, of.get().field(), from.get()));
  }

  private static Optional<ColumnSpec.OfField> field(TableBinding table, String column) {
    return table.layout().columns().get(column) instanceof ColumnSpec.OfField of
            && of.values().isEmpty()
        ? Optional.of(of)
        : Optional.empty();
  }

  private static boolean holds(TableBinding target, String key, Field field, Column from) {
    Family family = from.type().family();
    Optional<Column> to = target.table().column(key);
    Optional<ColumnSpec.OfField> of = field(target, key).filter(f -> f.field().equals(field));
    if (to.isEmpty() || of.isEmpty()) {
      return false;
    }
    // A UUID has one spelling, and so has a whole number; of texts only those of one type.
    return of.get().as() == ColumnSpec.Spelling.PLAIN
        ? to.get().type().equals(from.type())
            || (to.get().type().family() == family
                && (family == Family.UUID || family == Family.INTEGER))
        : of.get().asUuid() && family == Family.UUID;
  }
}
