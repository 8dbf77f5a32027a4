package dev.segue.postgres;

import dev.segue.spi.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/**
 * Where a PostgreSQL database is and who to be there.
 *
 * @param parameters further settings of the driver, such as {@code sslmode}
 */
public record PostgresAddress(
    String host,
    int port,
    String database,
    String user,
    Secret password,
    Map<String, String> parameters) {
  public PostgresAddress {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(database, "database");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(password, "password");
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /**
   * Reads {@code postgresql://user[:password]@host[:port]/database[?name=value&…]}.
   *
   * @param password where not null, used instead of the URL's
   * @throws IllegalArgumentException saying what is wrong, never with the password
   */
  public static PostgresAddress parse(String url, Secret password) {
    URI uri;
    try {
      uri = new URI(url.startsWith("jdbc:") ? url.substring(5) : url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is not a URL: " + e.getReason());
    }
    if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
      throw new IllegalArgumentException(
          "must be postgresql://user@host:port/database, found scheme '" + uri.getScheme() + "'");
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    if (uri.getHost() == null || path.length() < 2) {
      throw new IllegalArgumentException(
          "must name host and database: postgresql://user@host:port/database");
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    if (uri.getRawQuery() != null) {
      for (String part : uri.getRawQuery().split("&", -1)) {
        int equals = part.indexOf('=');
        if (equals > 0) {
          parameters.put(decode(part.substring(0, equals)), decode(part.substring(equals + 1)));
        }
      }
    }
    String[] who =
        uri.getRawUserInfo() == null
            ? new String[] {parameters.getOrDefault("user", "")}
            : uri.getRawUserInfo().split(":", 2);
    if (who[0].isEmpty()) {
      throw new IllegalArgumentException("must name the user: postgresql://user@host/database");
    }
    String inUrl = who.length == 2 ? decode(who[1]) : parameters.getOrDefault("password", "");
    parameters.remove("user");
    parameters.remove("password");
    if ("simple".equals(parameters.get("preferQueryMode"))) {
      throw new IllegalArgumentException(
          "must not set preferQueryMode=simple, in which rows cannot be sent in binary: leave it out");
    }
    return new PostgresAddress(
        uri.getHost(),
        uri.getPort() < 0 ? 5432 : uri.getPort(),
        path.substring(1),
        decode(who[0]),
        password == null ? new Secret(inUrl) : password,
        parameters);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  String jdbcUrl() {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database;
  }

  Properties driverProperties() {
    Properties properties = new Properties();
    properties.putAll(parameters);
    properties.setProperty("user", user);
    properties.setProperty("password", password.reveal());
    return properties;
  }

  @Override
  public String toString() {
    return "postgresql://" + user + "@" + host + ":" + port + "/" + database;
  }
}
