package dev.segue.config;

import dev.segue.postgres.PostgresAddress;
import dev.segue.redis.RedisAddress;
import dev.segue.spi.Secret;
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

  /**
   * One side by its address.
   *
   * @param password null if it stands in the URL, or if there is none
   * @throws IllegalArgumentException saying what is wrong with the URL
   */
  public static SystemConfig of(
      String layout, String url, Secret password, Map<String, String> tables) {
    Address address =
        RedisAddress.isMeant(url)
            ? new Redis(RedisAddress.parse(url, password))
            : new Postgres(PostgresAddress.parse(url, password));
    return new SystemConfig(layout, address, tables);
  }

  /** Where a system is, whatever it is. */
  public sealed interface Address {}

  /** A PostgreSQL. */
  public record Postgres(PostgresAddress at) implements Address {}

  /** A Redis. */
  public record Redis(RedisAddress at) implements Address {}
}
