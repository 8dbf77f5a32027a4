package dev.segue.spi;

import dev.segue.canonical.Kind;
import java.util.List;
import java.util.Set;

/**
 * Indexes of a target that are taken away while history is copied, for they are built faster behind
 * the rows than along with them. The ledger remembers them before they are gone. All methods throw
 * {@link SystemFault} when the system fails or refuses.
 */
public interface DeferredIndexes {
  /**
   * An index.
   *
   * @param isKey whether it is a primary key's, without which no row can be written over
   */
  record Index(String name, boolean isKey) {
    @Override
    public String toString() {
      return (isKey ? "primary key " : "index ") + name;
    }
  }

  /**
   * Those of some tables that could be taken away; none of a table that has rows.
   *
   * @param keys of which kinds the primary keys count too
   */
  List<Index> candidates(Set<Kind> kinds, Set<Kind> keys);

  /**
   * Takes them away, unless somebody uses the table just now.
   *
   * @return those that are gone
   */
  List<Index> takeAway(Set<Kind> kinds, Set<Kind> keys);

  /** Those that were taken away and are not built yet, primary keys first. */
  List<Index> missing();

  /**
   * Does that part of building one which takes long and may be done for several at once, also of
   * one table. What is left is for {@link #build}, if anything is.
   *
   * @throws SystemFault of a permanent nature if the rows do not fit into it
   */
  void prepare(Index index);

  /**
   * Builds one, if nothing of that name is there.
   *
   * @throws SystemFault of a permanent nature if the rows do not fit into it
   */
  void build(Index index);
}
