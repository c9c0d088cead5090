package dev.selfsame.connection;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where another database is, and as whom to log in there.
 *
 * @param url as its driver takes it, without a password
 * @param options {@code sslmode} and {@code sslrootcert}; of another kind than the built-in ones,
 *     whatever its driver knows
 */
public record Address(Kind kind, String url, @Nullable String user, Map<String, String> options) {

  private static final Pattern SERVER =
      Pattern.compile("jdbc:(postgresql|mysql|mariadb)://[^/?#@\\s]+/[^/?#@;\\s]+");
  private static final Pattern SECRET =
      Pattern.compile("(?i)(//[^/?#]*:[^/?#]*@|password\\s*=|pwd\\s*=|token\\s*=|secret\\s*=)");
  private static final List<String> SSL_MODES =
      List.of("disable", "prefer", "require", "verify-ca", "verify-full");

  public Address {
    options = Map.copyOf(options);
  }

  /**
   * Reads an address.
   *
   * @param text {@code jdbc:postgresql://host:5432/database}, the same with {@code mysql} or {@code
   *     mariadb}, {@code jdbc:duckdb:/path/file.db}, or any of a driver in the folder of drivers;
   *     with or without {@code jdbc:} before it
   * @throws Failure {@code CONNECTION_INVALID}, without a word of what the address holds where that
   *     may be a password
   */
  static Address of(String text, @Nullable String user, Map<String, String> options) {
    String bare = text.strip();
    String url = bare.startsWith("jdbc:") ? bare : "jdbc:" + bare;
    if (SECRET.matcher(url).find()) {
      throw invalid("it holds a password or another secret, which would be shown; say it apart");
    }
    url = url.replaceFirst("^jdbc:postgres://", "jdbc:postgresql://");
    Kind kind = Kind.of(url);
    if (kind == null || url.equals("jdbc:")) {
      throw invalid("it is empty");
    }
    switch (kind) {
      case POSTGRESQL, MYSQL, MARIADB -> {
        if (!SERVER.matcher(url).matches()) {
          throw invalid(
              "expected %s://host:port/database, without a user and without options after it"
                  .formatted(kind.code()));
        }
        if (user == null || user.isBlank()) {
          throw invalid("it names nobody to log in as; say the user apart");
        }
      }
      case DUCKDB -> {
        if (url.length() <= "jdbc:duckdb:".length() || url.contains(":memory:")) {
          throw invalid("expected duckdb:/path/file.db");
        }
      }
      case OTHER -> {}
    }
    if (kind != Kind.OTHER) {
      check(kind, options);
    }
    return new Address(kind, url, user == null || user.isBlank() ? null : user, options);
  }

  private static void check(Kind kind, Map<String, String> options) {
    for (Map.Entry<String, String> option : new TreeMap<>(options).entrySet()) {
      if (!kind.options().contains(option.getKey())) {
        throw new Failure(
            Problem.CONNECTION_INVALID,
            kind.options().isEmpty()
                ? "A connection of kind %s has no options.".formatted(kind.code())
                : "The option %s is not known; did you mean %s? There are: %s"
                    .formatted(
                        option.getKey(),
                        Nearest.of(option.getKey(), kind.options()),
                        String.join(", ", kind.options())));
      }
      if (option.getKey().equals("sslmode") && !SSL_MODES.contains(option.getValue())) {
        throw new Failure(
            Problem.CONNECTION_INVALID,
            "The option sslmode is %s; it must be one of %s"
                .formatted(option.getValue(), String.join(", ", SSL_MODES)));
      }
    }
  }

  /** What the driver is told besides the place. */
  Properties properties(@Nullable String password) {
    Properties all = new Properties();
    if (user != null) {
      all.setProperty("user", user);
    }
    if (password != null) {
      all.setProperty("password", password);
    }
    String ssl = options.get("sslmode");
    String root = options.get("sslrootcert");
    switch (kind) {
      case POSTGRESQL -> {
        all.setProperty("connectTimeout", "10");
        all.setProperty("loginTimeout", "20");
        all.setProperty("tcpKeepAlive", "true");
        all.setProperty("ApplicationName", "Selfsame");
        options.forEach(all::setProperty);
      }
      case MYSQL, MARIADB -> {
        all.setProperty("connectTimeout", "10000");
        all.setProperty("tcpKeepAlive", "true");
        // A server could ask for any file of this machine.
        all.setProperty("allowLocalInfile", "false");
        all.setProperty("allowMultiQueries", "false");
        if (ssl != null && !ssl.equals("prefer")) {
          all.setProperty("sslMode", ssl.equals("require") ? "trust" : ssl);
        }
        if (root != null) {
          all.setProperty("serverSslCert", root);
        }
      }
      case DUCKDB -> {
        all.setProperty("duckdb.read_only", "true");
        // A query is about the file, not about whatever else the machine can read.
        all.setProperty("enable_external_access", "false");
        all.setProperty("jdbc_stream_results", "true");
      }
      case OTHER -> options.forEach(all::setProperty);
    }
    return all;
  }

  /** What the driver is told where the database is to be written. */
  Properties writingProperties(@Nullable String password) {
    Properties all = properties(password);
    switch (kind) {
      // What it says in detail of a row that it refuses is the row.
      case POSTGRESQL -> all.setProperty("logServerErrorDetail", "false");
      case DUCKDB -> {
        all.remove("duckdb.read_only");
        // It is filled from files.
        all.remove("enable_external_access");
      }
      case MYSQL, MARIADB, OTHER -> {}
    }
    return all;
  }

  /** What the built-in driver is called with. */
  String driverUrl() {
    return kind == Kind.MYSQL ? url.replaceFirst("^jdbc:mysql:", "jdbc:mariadb:") : url;
  }

  /** What a message may show. */
  String place() {
    return url.replaceFirst("^jdbc:", "");
  }

  private static Failure invalid(String why) {
    return new Failure(
        Problem.CONNECTION_INVALID,
        "The address cannot be used: %s. Examples: postgresql://host:5432/database, mysql://host:3306/database, duckdb:/path/file.db"
            .formatted(why));
  }
}
