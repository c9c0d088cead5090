package dev.selfsame.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Takes accounts away. One that was merged leaves its row, so that its external id goes on finding
 * the other; one that was deleted leaves nothing, nor do those that were merged into it.
 */
final class GoneAccounts {

  private GoneAccounts() {}

  static void write(Connection connection, int space, Batch.GoneRow row) throws SQLException {
    if (row.into() == null) {
      run(
          connection,
          "UPDATE selfsame.note SET account = NULL WHERE space = ? AND account = ?",
          space,
          row.account());
      run(
          connection,
          "DELETE FROM selfsame.account_part WHERE space = ? AND account = ?",
          space,
          row.account());
      try (PreparedStatement noted =
          connection.prepareStatement(
              "INSERT INTO selfsame.unpublished (space, position, kind, id) SELECT ?, ?, 'account',"
                  + " ?::uuid::text WHERE EXISTS (SELECT FROM selfsame.publication WHERE space = ?)"
                  + " ON CONFLICT DO NOTHING")) {
        noted.setInt(1, space);
        noted.setLong(2, row.position());
        noted.setObject(3, row.account());
        noted.setInt(4, space);
        noted.executeUpdate();
      }
      run(
          connection,
          "DELETE FROM selfsame.account WHERE space = ? AND merged_into = ?",
          space,
          row.account());
      run(
          connection,
          "DELETE FROM selfsame.account WHERE space = ? AND id = ?",
          space,
          row.account());
      return;
    }
    run(
        connection,
        "UPDATE selfsame.note SET account = ? WHERE space = ? AND account = ?",
        row.into(),
        space,
        row.account());
    // A user of both keeps the earlier link, and the choice that was made last.
    run(
        connection,
        """
        UPDATE selfsame.account_part t SET position = least(t.position, f.position),
          first_seen = least(t.first_seen, f.first_seen), chosen = greatest(t.chosen, f.chosen)
        FROM selfsame.account_part f WHERE t.account = ? AND f.space = ? AND f.account = ? AND t.space = f.space
          AND t.part = f.part
        """,
        row.into(),
        space,
        row.account());
    run(
        connection,
        """
        UPDATE selfsame.account_part f SET account = ? WHERE f.space = ? AND f.account = ? AND NOT EXISTS (
          SELECT FROM selfsame.account_part t WHERE t.space = f.space AND t.account = ? AND t.part = f.part)
        """,
        row.into(),
        space,
        row.account(),
        row.into());
    run(
        connection,
        "DELETE FROM selfsame.account_part WHERE space = ? AND account = ?",
        space,
        row.account());
    run(
        connection,
        """
        UPDATE selfsame.account t SET traits = f.traits || coalesce(t.traits, '{}')
        FROM selfsame.account f WHERE t.id = ? AND f.space = ? AND f.id = ? AND t.space = f.space AND f.traits IS NOT NULL
        """,
        row.into(),
        space,
        row.account());
    run(
        connection,
        """
        UPDATE selfsame.account SET merged_into = ?, name = NULL, name_at = NULL, name_position = NULL, name_source = NULL,
          domain = NULL, domain_at = NULL, domain_position = NULL, domain_source = NULL, domain_gained = NULL, traits = NULL,
          written_position = ?
        WHERE space = ? AND (id = ? OR merged_into = ?)
        """,
        row.into(),
        row.position(),
        space,
        row.account(),
        row.account());
  }

  private static void run(Connection connection, String sql, Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      statement.executeUpdate();
    }
  }
}
