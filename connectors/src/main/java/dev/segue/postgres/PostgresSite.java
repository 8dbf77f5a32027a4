package dev.segue.postgres;

import dev.segue.layout.Layout;
import dev.segue.ownership.Owner;
import java.util.Map;
import java.util.Objects;

/**
 * A database that takes part in a migration, and how it stores sessions.
 *
 * @param side which of the two it is, whatever direction rows flow in
 * @param tables tables that the user named, by the layout's name for them
 */
public record PostgresSite(
    Owner side, PostgresAddress address, Layout layout, Map<String, String> tables) {
  public PostgresSite {
    Objects.requireNonNull(side, "side");
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(layout, "layout");
    tables = Map.copyOf(tables);
  }

  /** How the direction back from the target to the source is called. */
  public static String wayBack(String migration) {
    return migration + PostgresNames.BACK;
  }

  /** Our sessions there. */
  PostgresConnections connections(String migration) {
    return new PostgresConnections(
        side.toString(), address, PostgresNames.application(PostgresNames.whole(migration)));
  }
}
