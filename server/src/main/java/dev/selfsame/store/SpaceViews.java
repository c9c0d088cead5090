package dev.selfsame.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The published views of a further space, in a schema that is called as the space is: the first
 * space's as PostgreSQL knows them, with the other number. So a migration that changes a view need
 * not say it twice. Views that read what tools landed are not among them: that is the first
 * space's.
 */
final class SpaceViews {

  static final List<String> NAMES =
      List.of(
          "users",
          "user_identities",
          "user_identifiers",
          "user_merges",
          "user_decisions",
          "user_traits",
          "gone_users",
          "accounts",
          "account_traits",
          "account_users",
          "notes",
          "event_counts",
          "decision_counts");

  /** How PostgreSQL writes that a row is the first space's. */
  private static final Pattern FIRST = Pattern.compile("\\b(space|s\\.number) = 1\\b");

  private SpaceViews() {}

  /** Makes the schema and its views, or what changed of them, in the connection's transaction. */
  static void make(Connection connection, int space, String name) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA IF NOT EXISTS " + name);
      for (String view : NAMES) {
        statement.execute(
            "CREATE OR REPLACE VIEW %s.%s AS %s"
                .formatted(name, view, definition(connection, view, space)));
      }
    }
  }

  private static String definition(Connection connection, String view, int space)
      throws SQLException {
    String first;
    try (Statement statement = connection.createStatement()) {
      // So that every name stands there with its schema.
      statement.execute("SET LOCAL search_path = pg_catalog");
    }
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_get_viewdef(?::regclass)")) {
      statement.setString(1, "public." + view);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        first = row.getString(1);
      }
    }
    Matcher number = FIRST.matcher(first);
    if (!number.find() || first.toLowerCase(Locale.ROOT).contains("public.")) {
      throw new IllegalStateException(
          "public.%s cannot be had for another space: %s".formatted(view, first));
    }
    return number.replaceAll("$1 = " + space);
  }
}
