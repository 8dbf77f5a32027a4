package dev.segue.config;

import dev.segue.postgres.PostgresAddress;
import dev.segue.redis.RedisAddress;
import java.util.Map;
import java.util.Objects;

/**
 * One side of a migration.
 *
 * @param tables real tables by the layout's name for them
 */
public record SystemConfig(String layout, Address address, Map<String, String> tables) {
  public SystemConfig {
    Objects.requireNonNull(layout, "layout");
    Objects.requireNonNull(address, "address");
    tables = Map.copyOf(tables);
  }

  /** Where a system is, whatever it is. */
  public sealed interface Address {}

  /** A PostgreSQL. */
  public record Postgres(PostgresAddress at) implements Address {}

  /** A Redis. */
  public record Redis(RedisAddress at) implements Address {}
}
