package dev.selfsame.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All live users of a space at one moment, one after the other, in order of their ids. */
public final class UserExport {

  private static final int FETCHED = 10_000;

  /** A live user, as the published table {@code users} has it. */
  public record Row(
      UUID id,
      @Nullable String externalId,
      @Nullable String name,
      @Nullable String email,
      @Nullable String billingId,
      Instant createdAt) {}

  private UserExport() {}

  /** Reads them and returns how many there were. */
  public static long each(Database database, String space, Consumer<Row> consumer) {
    try (Connection connection = database.connect("export")) {
      connection.setAutoCommit(false);
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT id, external_id, name, email, billing_id, created_at FROM selfsame.live_user"
                  + " WHERE space = (SELECT number FROM selfsame.space WHERE name = ?) ORDER BY"
                  + " id")) {
        statement.setFetchSize(FETCHED);
        statement.setString(1, space);
        long count = 0;
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            consumer.accept(
                new Row(
                    row.getObject(1, UUID.class),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    UserQueries.time(row.getLong(6))));
            count++;
          }
        }
        connection.rollback();
        return count;
      }
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }
}
