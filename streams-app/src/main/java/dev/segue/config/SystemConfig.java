package dev.segue.config;

import dev.segue.postgres.PostgresAddress;
import java.util.Map;
import java.util.Objects;

/**
 * One side of a migration.
 *
 * @param tables real tables by the layout's name for them
 */
public record SystemConfig(String layout, PostgresAddress address, Map<String, String> tables) {
  public SystemConfig {
    Objects.requireNonNull(layout, "layout");
    Objects.requireNonNull(address, "address");
    tables = Map.copyOf(tables);
  }
}
