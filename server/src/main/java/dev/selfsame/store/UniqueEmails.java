package dev.selfsame.store;

import dev.selfsame.resolution.Policy;
import dev.selfsame.store.StoredPolicies.SharedEmail;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Which emails are somebody's in a space that says {@code emails: unique}: one row each, so that
 * the database refuses a second user of one whatever the rules decided. A user may have an email on
 * several of its parts; mailboxes that match nobody are nobody's. All of it runs in the caller's
 * transaction, under the lock of the space's row; nothing is written where emails are shared.
 */
final class UniqueEmails {

  private static final String EXCEPT =
      """
      AND NOT EXISTS (SELECT FROM unnest(?::text[]) AS m (mailbox)
        WHERE CASE WHEN right(m.mailbox, 1) = '@' THEN starts_with(p.email, m.mailbox) ELSE p.email = m.mailbox END)
      """;

  /**
   * Emails that stand against being unique.
   *
   * @param first of them, by email
   * @param all how many there are
   */
  record Found(List<SharedEmail> first, long all) {}

  private final Connection connection;
  private final int space;

  UniqueEmails(Connection connection, int space) {
    this.connection = connection;
    this.space = space;
  }

  /** The emails that the parts have now. */
  Set<String> of(Collection<UUID> parts) throws SQLException {
    Set<String> emails = new LinkedHashSet<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT email FROM selfsame.part WHERE space = ? AND id = ANY(?) AND email IS NOT"
                + " NULL")) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("uuid", parts.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          emails.add(row.getString(1));
        }
      }
    }
    return emails;
  }

  /**
   * Holds of each email who has it, once the parts are written.
   *
   * @throws SQLException a unique violation if two users have one
   */
  void keep(Collection<String> emails) throws SQLException {
    if (emails.isEmpty()) {
      return;
    }
    for (String sql :
        List.of(
            "DELETE FROM selfsame.unique_email WHERE email = ANY(?) AND space = ?",
            """
            INSERT INTO selfsame.unique_email (email, space)
            SELECT email, space FROM (SELECT DISTINCT p.email, p.space, coalesce(p.merged_into, p.id)
              FROM unnest(?::text[]) AS k (email) JOIN selfsame.part p ON p.email = k.email AND p.space = ?) holders
            """)) {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setArray(1, connection.createArrayOf("text", emails.toArray()));
        statement.setInt(2, space);
        statement.executeUpdate();
      }
    }
  }

  /** What stands against them being unique under a policy. */
  Found shared(Policy policy, int most) throws SQLException {
    List<SharedEmail> first = new ArrayList<>();
    long all = 0;
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT p.email, array_agg(DISTINCT coalesce(p.merged_into, p.id)), count(*) OVER () FROM selfsame.part p
            WHERE p.space = ? AND p.email IS NOT NULL %s GROUP BY p.email
            HAVING count(DISTINCT coalesce(p.merged_into, p.id)) > 1 ORDER BY p.email LIMIT ?
            """
                .formatted(EXCEPT))) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("text", policy.neverMatchEmails().toArray()));
      statement.setInt(3, most);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          first.add(
              new SharedEmail(row.getString(1), List.of((UUID[]) row.getArray(2).getArray())));
          all = row.getLong(3);
        }
      }
    }
    return new Found(first, all);
  }

  /** Begins to hold them under a policy, all anew; where it shares them: ends it. */
  void begin(Policy policy) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("DELETE FROM selfsame.unique_email WHERE space = ?")) {
      statement.setInt(1, space);
      statement.executeUpdate();
    }
    if (!policy.uniqueEmails()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO selfsame.unique_email (email, space)
            SELECT email, space FROM (SELECT DISTINCT p.email, p.space, coalesce(p.merged_into, p.id)
              FROM selfsame.part p WHERE p.space = ? AND p.email IS NOT NULL %s) holders
            """
                .formatted(EXCEPT))) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("text", policy.neverMatchEmails().toArray()));
      statement.executeUpdate();
    }
  }
}
