package dev.segue.spi;

import dev.segue.canonical.Field;
import dev.segue.layout.RowWriter;
import dev.segue.layout.Seldom;
import dev.segue.layout.TableBinding;
import dev.segue.layout.Variables;
import java.util.Objects;
import java.util.Set;

/**
 * What a source brings of one kind of entity.
 *
 * @param table where it keeps them, as its owner would name it
 * @param fields the fields that its rows can tell
 * @param restored further fields that rows tell which once came from the other side; empty on the
 *     way there
 * @param seldom what rows of some of its tables cannot tell
 * @param itemized whether it keeps each text and each call of a message by itself, so that none of
 *     its messages becomes several anywhere
 */
public record Supply(
    String table, Set<Field> fields, Set<Field> restored, Seldom seldom, boolean itemized) {
  public Supply {
    Objects.requireNonNull(table, "table");
    fields = Set.copyOf(fields);
    restored = Set.copyOf(restored);
    Objects.requireNonNull(seldom, "seldom");
  }

  /** What a source brings that keeps a kind in one table. */
  public Supply(String table, Set<Field> fields, Set<Field> restored) {
    this(table, fields, restored, Seldom.NONE, false);
  }

  /** The writer of a target's table for what is brought. */
  public RowWriter writer(TableBinding target, Ledger.Migration migration) {
    return new RowWriter(target, fields, restored, seldom, itemized, variables(migration));
  }

  /** What constants of the target's layout may name, when a migration brings this. */
  public Variables variables(Ledger.Migration migration) {
    return new Variables(
        migration.identity().source().layout(),
        table,
        migration.identity().name(),
        migration.startedAt());
  }
}
