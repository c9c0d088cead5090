package dev.selfsame.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * All live users of a space at one moment, one after the other, in order of their ids. They come by
 * COPY, so that PostgreSQL reads the next while the program works on these.
 */
public final class UserExport {

  private static final int NULL = -1;

  /** What a binary COPY says in place of a row's number of values when there are no more. */
  private static final int END = -1;

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
      int number = number(connection, space);
      try (Statement statement = connection.createStatement()) {
        // It lasts as long as the consumer takes.
        statement.execute("SET LOCAL statement_timeout = 0");
      }
      long count = copy(connection, number, consumer);
      connection.rollback();
      return count;
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  private static int number(Connection connection, String space) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT number FROM selfsame.space WHERE name = ?")) {
      statement.setString(1, space);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("There is no space " + space);
        }
        return row.getInt(1);
      }
    }
  }

  private static long copy(Connection connection, int space, Consumer<Row> consumer)
      throws SQLException {
    CopyOut copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut(
                "COPY (SELECT id, external_id, name, email, billing_id, created_at FROM"
                    + " selfsame.live_user WHERE space = %d ORDER BY id) TO STDOUT (FORMAT binary)"
                        .formatted(space));
    try {
      long count = 0;
      boolean first = true;
      for (byte[] message = copy.readFromCopy(); message != null; message = copy.readFromCopy()) {
        ByteBuffer values = ByteBuffer.wrap(message);
        if (first) {
          values.position(CopyRows.HEAD_BYTES);
          first = false;
        }
        while (values.hasRemaining() && values.getShort() != END) {
          consumer.accept(row(values));
          count++;
        }
      }
      return count;
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  private static Row row(ByteBuffer values) {
    values.getInt();
    UUID id = new UUID(values.getLong(), values.getLong());
    String externalId = text(values);
    String name = text(values);
    String email = text(values);
    String billingId = text(values);
    values.getInt();
    return new Row(id, externalId, name, email, billingId, UserQueries.time(values.getLong()));
  }

  private static @Nullable String text(ByteBuffer values) {
    int length = values.getInt();
    if (length == NULL) {
      return null;
    }
    byte[] utf8 = new byte[length];
    values.get(utf8);
    return new String(utf8, UTF_8);
  }
}
