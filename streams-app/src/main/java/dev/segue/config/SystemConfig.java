package dev.segue.config;

import dev.segue.postgres.PostgresAddress;
import dev.segue.redis.RedisAddress;
import dev.segue.spi.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One side of a migration.
 *
 * @param tables real tables by the layout's name for them
 */
public record SystemConfig(String layout, Address address, Map<String, String> tables) {
  private static final String FILE = "file:";

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
    return new SystemConfig(layout, address(url, password), tables);
  }

  private static Address address(String url, Secret password) {
    if (url.startsWith(FILE)) {
      return Files.parse(url);
    }
    return RedisAddress.isMeant(url)
        ? new Redis(RedisAddress.parse(url, password))
        : new Postgres(PostgresAddress.parse(url, password));
  }

  /** What a URL names that does not tell its layout by itself; empty for tables, which do. */
  public static Optional<String> withoutTables(String url) {
    if (url.startsWith(FILE)) {
      return Optional.of("files");
    }
    return RedisAddress.isMeant(url) ? Optional.of("a Redis") : Optional.empty();
  }

  /** Where a system is, whatever it is. */
  public sealed interface Address {
    /** What layouts are for that go with it. */
    String kind();
  }

  /** A PostgreSQL. */
  public record Postgres(PostgresAddress at) implements Address {
    @Override
    public String kind() {
      return "a PostgreSQL";
    }
  }

  /** A Redis. */
  public record Redis(RedisAddress at) implements Address {
    @Override
    public String kind() {
      return "a Redis";
    }
  }

  /** A directory of files, or the file of a database. */
  public record Files(Path at) implements Address {
    /**
     * Reads {@code file:///path/of/the/directory}, or of a file.
     *
     * @throws IllegalArgumentException saying what is wrong with the URL
     */
    static Files parse(String url) {
      try {
        return new Files(Path.of(new URI(url)));
      } catch (URISyntaxException | IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "must be file:///path/of/the/directory (or of a database's file), with %20 for a space, found '"
                + url
                + "'",
            e);
      }
    }

    @Override
    public String kind() {
      return "files";
    }
  }
}
