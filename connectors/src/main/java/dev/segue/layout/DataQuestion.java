package dev.segue.layout;

import dev.segue.relational.Limits;
import dev.segue.relational.TableId;

/** A question about the rows that a source has now, where its types alone do not tell. */
public sealed interface DataQuestion {
  TableId table();

  String column();

  /** The column that would not take the value, for messages. */
  String target();

  /** Whether there are nulls. */
  record Nulls(TableId table, String column, String target) implements DataQuestion {}

  /** Whether there are texts of more characters. */
  record Longer(TableId table, String column, String target, int limit) implements DataQuestion {}

  /** Whether there are numbers out of the range. */
  record Beyond(TableId table, String column, String target, Limits.Range range)
      implements DataQuestion {}
}
