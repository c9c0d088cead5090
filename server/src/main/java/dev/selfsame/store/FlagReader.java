package dev.selfsame.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.UUID;

/** Reads for the rules whether flags are open. */
final class FlagReader {

  private final Connection connection;
  private final SpaceSettings space;

  FlagReader(Connection connection, SpaceSettings space) {
    this.connection = connection;
    this.space = space;
  }

  void readOpen(Snapshot into, Collection<String> flags) throws SQLException {
    for (String flag : flags) {
      FlagId id = FlagId.parse(flag);
      if (id != null && open(id)) {
        into.users().openFlag(flag);
      }
    }
  }

  private boolean open(FlagId id) throws SQLException {
    return switch (id) {
      case FlagId.Stored stored -> {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT true FROM selfsame.flag WHERE space = ? AND position = ? AND ordinal = ?"
                    + " AND closed_at IS NULL")) {
          statement.setInt(1, space.number());
          statement.setLong(2, stored.position());
          statement.setInt(3, stored.ordinal());
          yield any(statement);
        }
      }
      case FlagId.SameEmail same ->
          found(
              "SELECT true FROM selfsame.same_email WHERE space = ? AND key = ? AND closed_at IS"
                  + " NULL",
              same.key());
      case FlagId.MissingBillingId missing ->
          !space.policy().billingProviders().isEmpty()
              && (found(
                      "SELECT true FROM selfsame.part WHERE space = ? AND id = ? AND merged_into IS"
                          + " NULL AND NOT compound AND external_id IS NOT NULL AND billing_id IS"
                          + " NULL AND NOT billing_dismissed",
                      missing.user())
                  || found(
                      "SELECT true FROM selfsame.folded WHERE space = ? AND id = ? AND external_id"
                          + " IS NOT NULL AND billing_id IS NULL AND NOT billing_dismissed",
                      missing.user()));
    };
  }

  private boolean found(String sql, UUID id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, space.number());
      statement.setObject(2, id);
      return any(statement);
    }
  }

  private static boolean any(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      return row.next();
    }
  }
}
