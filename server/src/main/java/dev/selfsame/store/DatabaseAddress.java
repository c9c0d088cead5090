package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Where a PostgreSQL database is and as whom to log in.
 *
 * @param url for JDBC, without user and password
 * @param password null: as {@code ~/.pgpass} says, or none
 */
public record DatabaseAddress(String url, String user, @Nullable String password) {

  private static final String JDBC = "jdbc:";

  /**
   * Reads {@code postgresql://user:password@host:port/database?option=value}, with or without
   * {@code jdbc:} before it.
   */
  public static DatabaseAddress parse(String text) {
    URI uri;
    try {
      uri = new URI(text.startsWith(JDBC) ? text.substring(JDBC.length()) : text);
    } catch (URISyntaxException e) {
      throw malformed(e.getReason());
    }
    if (!List.of("postgresql", "postgres").contains(String.valueOf(uri.getScheme()))) {
      throw malformed("it must start with postgresql://");
    }
    String authority = uri.getRawAuthority();
    String path = uri.getRawPath();
    if (authority == null || path == null || path.length() < 2) {
      throw malformed("it must name a host and a database");
    }
    String user = null;
    String password = null;
    int at = authority.lastIndexOf('@');
    if (at >= 0) {
      String login = authority.substring(0, at);
      authority = authority.substring(at + 1);
      int colon = login.indexOf(':');
      user = decode(colon < 0 ? login : login.substring(0, colon));
      password = colon < 0 ? null : decode(login.substring(colon + 1));
    }
    List<String> options = new ArrayList<>();
    for (String option :
        uri.getRawQuery() == null ? new String[0] : uri.getRawQuery().split("&", -1)) {
      if (option.startsWith("user=")) {
        user = decode(option.substring("user=".length()));
      } else if (option.startsWith("password=")) {
        password = decode(option.substring("password=".length()));
      } else if (!option.isEmpty()) {
        options.add(option);
      }
    }
    if (user == null || user.isEmpty()) {
      throw malformed("it must name a user");
    }
    String query = options.isEmpty() ? "" : "?" + String.join("&", options);
    return new DatabaseAddress("jdbc:postgresql://" + authority + path + query, user, password);
  }

  /** The same database for another login. */
  DatabaseAddress as(String otherUser, String otherPassword) {
    return new DatabaseAddress(url, otherUser, otherPassword);
  }

  /** All of it as one URL that {@link #parse} reads, the password too. */
  public String full() {
    String login = password == null ? encode(user) : encode(user) + ":" + encode(password);
    return url.substring(JDBC.length())
        .replaceFirst("//", "//" + Matcher.quoteReplacement(login) + "@");
  }

  /** Host, port and database: what a message may show. */
  public String place() {
    int query = url.indexOf('?');
    return (query < 0 ? url : url.substring(0, query)).substring("jdbc:postgresql://".length());
  }

  /** Without the password. */
  @Override
  public String toString() {
    return user + "@" + place();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String decode(String text) {
    try {
      // Not a form: a plus sign is itself.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed("a % must be followed by two hexadecimal digits");
    }
  }

  private static Failure malformed(@Nullable String why) {
    return new Failure(
        Problem.INVALID_SETTING,
        "The database URL cannot be read: %s. Expected postgresql://user:password@host:5432/database"
            .formatted(why));
  }
}
