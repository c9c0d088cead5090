package dev.selfsame.connection;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The kinds of databases, each with its own ways. */
public enum Kind {
  POSTGRESQL("jdbc:postgresql:"),
  MYSQL("jdbc:mysql:"),
  MARIADB("jdbc:mariadb:"),
  DUCKDB("jdbc:duckdb:"),
  /** Any other whose JDBC driver lies in the folder of drivers. */
  OTHER("jdbc:");

  private final String prefix;

  Kind(String prefix) {
    this.prefix = prefix;
  }

  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** MySQL's dialect and protocol. */
  public boolean mysql() {
    return this == MYSQL || this == MARIADB;
  }

  /** The one of a JDBC address; null where it is none. */
  public static @Nullable Kind of(String url) {
    return Arrays.stream(values())
        .filter(kind -> url.startsWith(kind.prefix))
        .findFirst()
        .orElse(null);
  }

  public static Kind named(String code) {
    return valueOf(code.toUpperCase(Locale.ROOT));
  }

  /** The options that a connection may have. */
  public List<String> options() {
    return switch (this) {
      case POSTGRESQL, MYSQL, MARIADB -> List.of("sslmode", "sslrootcert");
      case DUCKDB, OTHER -> List.of();
    };
  }
}
