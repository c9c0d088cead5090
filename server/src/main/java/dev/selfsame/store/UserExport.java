package dev.selfsame.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Collection;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * All live users of a space at one moment, one after the other, in order of their ids. They come by
 * COPY, so that PostgreSQL reads the next while the program works on these.
 */
public final class UserExport {

  private static final int NULL = -1;
  private static final UUID NOBODY = new UUID(0, 0);

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
    return each(database, space, UserFilter.NONE, null, consumer);
  }

  /**
   * Reads some of them and returns how many there were.
   *
   * @param only those of these that still are users; null: all that the filter lets through
   */
  public static long each(
      Database database,
      String space,
      UserFilter filter,
      @Nullable Collection<UUID> only,
      Consumer<Row> consumer) {
    try (Connection connection = database.connect("export")) {
      connection.setAutoCommit(false);
      SpaceSettings settings = SpaceSettings.read(connection, space);
      try (Statement statement = connection.createStatement()) {
        // It lasts as long as the consumer takes.
        statement.execute("SET LOCAL statement_timeout = 0");
      }
      long count = copy(connection, sql(settings, filter, only), consumer);
      connection.rollback();
      return count;
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  private static String sql(
      SpaceSettings space, UserFilter filter, @Nullable Collection<UUID> only) {
    // With none named the list of ids has one that nobody has.
    String ids =
        only == null
            ? ""
            : Stream.concat(Stream.of(NOBODY), only.stream())
                .map("'%s'::uuid"::formatted)
                .collect(Collectors.joining(", ", " AND u.id IN (", ")"));
    return "SELECT u.id, u.external_id, u.name, u.email, u.billing_id, u.created_at FROM selfsame.live_user u WHERE u.space = %d%s%s ORDER BY u.id"
        .formatted(space.number(), ids, UserConditions.sql(space, filter));
  }

  private static long copy(Connection connection, String sql, Consumer<Row> consumer)
      throws SQLException {
    CopyOut copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("COPY (%s) TO STDOUT (FORMAT binary)".formatted(sql));
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
