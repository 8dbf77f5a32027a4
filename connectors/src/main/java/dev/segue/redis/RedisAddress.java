package dev.segue.redis;

import dev.segue.spi.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;

/**
 * Where a Redis is and who to be there.
 *
 * @param user empty for the default one
 * @param tls whether the connection is encrypted
 * @param following how changes are learnt of
 */
public record RedisAddress(
    String host,
    int port,
    int database,
    String user,
    Secret password,
    boolean tls,
    Following following) {
  private static final Set<String> SCHEMES = Set.of("redis", "rediss");
  private static final String FOLLOW = "follow=";

  /** How changes of a Redis are learnt of. */
  public enum Following {
    /** By its replication stream, as a replica learns of them. */
    REPLICATION,
    /** By notifications of keys, where nobody may have the stream. */
    NOTIFICATIONS
  }

  public RedisAddress {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(password, "password");
    Objects.requireNonNull(following, "following");
  }

  /** Whether a URL names a Redis. */
  public static boolean isMeant(String url) {
    int colon = url.indexOf(':');
    return colon > 0 && SCHEMES.contains(url.substring(0, colon));
  }

  /**
   * Reads {@code redis[s]://[user[:password]@]host[:port][/database][?follow=notifications]}.
   *
   * @param password where not null, used instead of the URL's
   * @throws IllegalArgumentException saying what is wrong, never with the password
   */
  public static RedisAddress parse(String url, Secret password) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is not a URL: " + e.getReason());
    }
    if (!SCHEMES.contains(String.valueOf(uri.getScheme())) || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "must be redis://user@host:port/database, where user and database may be left out");
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    if (!path.isEmpty() && !path.matches("/\\d{0,4}")) {
      throw new IllegalArgumentException(
          "must end with the number of a database such as /0, found '" + path + "'");
    }
    String[] who =
        uri.getRawUserInfo() == null ? new String[] {""} : uri.getRawUserInfo().split(":", 2);
    String inUrl = who.length == 2 ? decode(who[1]) : "";
    return new RedisAddress(
        uri.getHost(),
        uri.getPort() < 0 ? 6379 : uri.getPort(),
        path.length() < 2 ? 0 : Integer.parseInt(path.substring(1)),
        decode(who[0]),
        password == null ? new Secret(inUrl) : password,
        uri.getScheme().equals("rediss"),
        following(uri.getQuery()));
  }

  private static Following following(String query) {
    if (query == null || query.equals(FOLLOW + "replication")) {
      return Following.REPLICATION;
    }
    if (query.equals(FOLLOW + "notifications")) {
      return Following.NOTIFICATIONS;
    }
    throw new IllegalArgumentException(
        "may end with ?follow=replication or ?follow=notifications, found '?" + query + "'");
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return (tls ? "rediss://" : "redis://")
        + (user.isEmpty() ? "" : user + "@")
        + host
        + ":"
        + port
        + "/"
        + database;
  }
}
