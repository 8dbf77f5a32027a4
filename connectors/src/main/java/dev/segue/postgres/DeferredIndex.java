package dev.segue.postgres;

import dev.segue.relational.TableId;
import dev.segue.spi.DeferredIndexes.Index;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An index that was taken away, and how it is built again.
 *
 * @param name in SQL, with its schema
 * @param definition the statement that makes it
 * @param key what it is the primary key of; empty of a plain index
 */
record DeferredIndex(String name, String definition, Optional<Key> key) {
  /** A primary key; the constraint is called as its index. */
  record Key(TableId table, String constraint, List<String> columns) {
    Key {
      columns = List.copyOf(columns);
    }
  }

  Index index() {
    return new Index(name, key.isPresent());
  }

  /** What to do about rows that do not fit into it. */
  String remedy() {
    return key.map(DeferredIndex::remedy)
        .orElse("mend the rows, or build an index of that name which takes them; then: segue run");
  }

  /** The migration itself brings one row of each key. */
  private static String remedy(Key key) {
    String list = key.columns().stream().map(TableId::quote).collect(Collectors.joining(", "));
    return "somebody else wrote to the table while history was copied: SELECT "
        + list
        + " FROM "
        + key.table().sql()
        + " GROUP BY "
        + list
        + " HAVING count(*) > 1 tells which rows are there twice; change or delete one of each;"
        + " then: segue run";
  }
}
