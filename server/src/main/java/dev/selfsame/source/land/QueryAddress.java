package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Another database, and as whom to log in there. */
sealed interface QueryAddress {

  /** The environment variable for a password that is not in the address. */
  String PASSWORD = "SELFSAME_LAND_PASSWORD";

  /** A file of DuckDB. */
  record File(Path path) implements QueryAddress {}

  /**
   * A server.
   *
   * @param mysql MySQL or MariaDB; else PostgreSQL, or what speaks like it
   * @param place host, port and database: what a message may show
   * @param options of the address, by name
   * @param password null: none, or as the driver finds it
   */
  record Server(
      boolean mysql,
      String place,
      String user,
      @Nullable String password,
      Map<String, String> options)
      implements QueryAddress {

    /** Without the password. */
    @Override
    public String toString() {
      return user + "@" + place;
    }

    String url() {
      return (mysql ? "jdbc:mariadb://" : "jdbc:postgresql://") + place;
    }

    /** What the driver is told besides the place. */
    Properties properties() {
      var all = new Properties();
      all.setProperty("user", user);
      if (password != null) {
        all.setProperty("password", password);
      }
      String sslmode = options.get("sslmode");
      String root = options.get("sslrootcert");
      if (mysql) {
        all.setProperty("connectTimeout", "10000");
        all.setProperty("tcpKeepAlive", "true");
        // A server could ask for any file of this machine.
        all.setProperty("allowLocalInfile", "false");
        all.setProperty("allowMultiQueries", "false");
        if (sslmode != null) {
          all.setProperty("sslMode", sslmode.equals("require") ? "trust" : sslmode);
        }
        if (root != null) {
          all.setProperty("serverSslCert", root);
        }
      } else {
        all.setProperty("connectTimeout", "10");
        all.setProperty("loginTimeout", "20");
        all.setProperty("tcpKeepAlive", "true");
        all.setProperty("ApplicationName", "Selfsame");
        options.forEach(all::setProperty);
      }
      return all;
    }
  }

  /**
   * Reads {@code postgresql://user:password@host:5432/database?sslmode=require}, the same with
   * {@code mysql} or {@code mariadb}, or {@code duckdb:/path/file.db}; with or without {@code
   * jdbc:} before it.
   *
   * @param password where the address has none
   */
  static QueryAddress parse(String text, @Nullable String password) {
    String bare = text.strip();
    bare = bare.startsWith("jdbc:") ? bare.substring("jdbc:".length()) : bare;
    if (bare.startsWith("duckdb:")) {
      return file(bare.substring("duckdb:".length()));
    }
    URI uri;
    try {
      uri = new URI(bare);
    } catch (URISyntaxException e) {
      // Its message would say all of it, the password too.
      throw malformed(e.getReason() + "; what is special in a name or password is written %XX");
    }
    boolean mysql =
        switch (String.valueOf(uri.getScheme())) {
          case "postgresql", "postgres" -> false;
          case "mysql", "mariadb" -> true;
          default ->
              throw malformed("it must start with postgresql://, mysql://, mariadb:// or duckdb:");
        };
    String authority = uri.getRawAuthority();
    String path = uri.getRawPath();
    if (authority == null || path == null || path.length() < 2) {
      throw malformed("it must name a host and a database");
    }
    String login = "";
    int at = authority.lastIndexOf('@');
    if (at >= 0) {
      login = authority.substring(0, at);
      authority = authority.substring(at + 1);
    }
    int colon = login.indexOf(':');
    String user = decoded(colon < 0 ? login : login.substring(0, colon));
    String own = colon < 0 ? null : decoded(login.substring(colon + 1));
    if (user.isEmpty()) {
      throw malformed("it must name a user");
    }
    if (authority.isEmpty()) {
      throw malformed("it must name a host");
    }
    return new Server(
        mysql, authority + path, user, own == null ? password : own, options(uri, mysql));
  }

  private static QueryAddress file(String path) {
    String bare = path.startsWith("//") ? path.substring(2) : path;
    try {
      if (!bare.isBlank() && !bare.startsWith(":")) {
        return new File(Path.of(bare));
      }
    } catch (InvalidPathException e) {
      throw malformed(e.getReason());
    }
    throw malformed("it must name a file: duckdb:/path/file.db");
  }

  /** Those that are known alone: a driver has some that make it run what another says. */
  private static Map<String, String> options(URI uri, boolean mysql) {
    Map<String, List<String>> known =
        mysql
            ? Map.of(
                "sslmode",
                List.of("disable", "require", "verify-ca", "verify-full"),
                "sslrootcert",
                List.of())
            : Map.of(
                "sslmode",
                List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
                "sslrootcert",
                List.of(),
                "currentSchema",
                List.of());
    Map<String, String> options = new TreeMap<>();
    String query = uri.getRawQuery();
    for (String option : query == null ? new String[0] : query.split("&", -1)) {
      int equals = option.indexOf('=');
      String name = equals < 0 ? option : option.substring(0, equals);
      List<String> values = known.get(name);
      if (values == null) {
        throw malformed(
            "its option %s is not known; the options are %s"
                .formatted(name, String.join(", ", new TreeMap<>(known).keySet())));
      }
      String value = equals < 0 ? "" : decoded(option.substring(equals + 1));
      if (value.isEmpty() || (!values.isEmpty() && !values.contains(value))) {
        throw malformed(
            "its option %s must be %s"
                .formatted(
                    name,
                    values.isEmpty() ? "given a value" : "one of " + String.join(", ", values)));
      }
      options.put(name, value);
    }
    return options;
  }

  private static String decoded(String text) {
    try {
      // Not a form: a plus sign is itself.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed("a % must be followed by two hexadecimal digits");
    }
  }

  private static Failure malformed(@Nullable String why) {
    return new Failure(
        Problem.LANDING_QUERY,
        "The database's address cannot be read: %s. Expected postgresql://user:password@host:5432/database, mysql://user:password@host:3306/database or duckdb:/path/file.db"
            .formatted(why));
  }
}
