package dev.selfsame.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What an erasure must leave behind for the next publish: the ids whose rows go or are written
 * anew, since the lines of the ledger that named them lose what they said. Nothing, where nothing
 * is published.
 */
final class Unpublished {

  private final Connection connection;
  private final int space;
  private final long position;

  private Unpublished(Connection connection, int space, long position) {
    this.connection = connection;
    this.space = space;
    this.position = position;
  }

  /**
   * Notes the erased users and their merges, and whom their own lines name. Comes before all that
   * is told there goes.
   *
   * @return to be told which other lines go as a whole; null: nothing is published
   */
  static @Nullable Unpublished of(Connection connection, int space, Batch.Erasure erasure)
      throws SQLException {
    Long since = since(connection, space);
    if (since == null) {
      return null;
    }
    Unpublished noting = new Unpublished(connection, space, erasure.position());
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO selfsame.unpublished (space, position, kind, id)
            SELECT ?, ?, 'user', unnest(?::uuid[])::text
            UNION
            SELECT m.space, ?, 'merge', m.position::text || CASE WHEN m.ordinal = 0 THEN '' ELSE '.' || m.ordinal END
            FROM selfsame.merge m WHERE m.space = ? AND m.survivor = ANY(?)
            UNION
            SELECT m.space, ?, 'merge', m.position::text || CASE WHEN m.ordinal = 0 THEN '' ELSE '.' || m.ordinal END
            FROM selfsame.merge m WHERE m.space = ? AND m.absorbed = ANY(?)
            ON CONFLICT DO NOTHING
            """)) {
      Object parts = connection.createArrayOf("uuid", erasure.parts().toArray());
      statement.setInt(1, space);
      statement.setLong(2, erasure.position());
      statement.setObject(3, parts);
      statement.setLong(4, erasure.position());
      statement.setInt(5, space);
      statement.setObject(6, parts);
      statement.setLong(7, erasure.position());
      statement.setInt(8, space);
      statement.setObject(9, parts);
      statement.executeUpdate();
    }
    Set<UUID> named = new LinkedHashSet<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT before FROM selfsame.ledger WHERE space = ? AND part = ANY(?) AND position > ?"
                + " AND before IS NOT NULL")) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("uuid", erasure.parts().toArray()));
      statement.setLong(3, since);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          named.addAll(named(row.getString(1)));
        }
      }
    }
    noting.users(named);
    return noting;
  }

  /** Up to where every publication has come; null: there is none. */
  private static @Nullable Long since(Connection connection, int space) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT min(coalesce(position, 0)) FROM selfsame.publication WHERE space = ?")) {
      statement.setInt(1, space);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        long since = row.getLong(1);
        return row.wasNull() ? null : since;
      }
    }
  }

  /** A line loses its before-image. */
  void struck(@Nullable String before) throws SQLException {
    if (before != null) {
      users(named(before));
    }
  }

  private static Set<UUID> named(String before) {
    Set<UUID> named = new LinkedHashSet<>();
    JsonNode json = Json.MAPPER.readTree(before);
    json.forEachEntry((part, was) -> {
      named.add(UUID.fromString(part));
      JsonNode user = was.get("user");
      // An earlier erasure took the id of the user that the part left.
      if (user != null && user.isString()) {
        named.add(UUID.fromString(user.asString()));
      }
    });
    return named;
  }

  private void users(Set<UUID> users) throws SQLException {
    if (users.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO selfsame.unpublished (space, position, kind, id) SELECT ?, ?, 'user',"
                + " unnest(?::uuid[])::text ON CONFLICT DO NOTHING")) {
      statement.setInt(1, space);
      statement.setLong(2, position);
      statement.setArray(3, connection.createArrayOf("uuid", users.toArray()));
      statement.executeUpdate();
    }
  }
}
