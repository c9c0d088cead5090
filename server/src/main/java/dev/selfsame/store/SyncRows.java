package dev.selfsame.store;

import dev.selfsame.identity.Source;
import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What each row of a warehouse's source said when it was last applied (V0), as hashes that the
 * space's secret keys. They go with the user that the row was written to.
 */
public final class SyncRows {

  /**
   * A row that was applied.
   *
   * @param row its name, hashed
   * @param said what it said, hashed
   * @param position of its claim
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
  public record Applied(byte[] row, byte[] said, long position) {}

  private static final int FETCHED = 10_000;

  private final Database database;
  private final int space;
  private final int source;

  public SyncRows(Database database, SpaceSettings space, Source source) {
    this.database = database;
    this.space = space.number();
    this.source = source.number();
  }

  /**
   * A row that was applied before.
   *
   * @param said what it said, hashed
   * @param gone a whole answer did not have it, and it was marked
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
  public record Known(byte[] said, boolean gone) {}

  /** What is known of rows, by their names; without those that were never applied. */
  public Map<ByteBuffer, Known> known(List<byte[]> rows) {
    return database.read(handle -> {
      Map<ByteBuffer, Known> known = new HashMap<>();
      try (PreparedStatement statement =
          handle
              .getConnection()
              .prepareStatement(
                  "SELECT row, said, gone_at IS NOT NULL FROM selfsame.sync_row WHERE space = ? AND"
                      + " source = ? AND row = ANY(?)")) {
        statement.setInt(1, space);
        statement.setInt(2, source);
        statement.setArray(3, names(handle, rows));
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            known.put(
                ByteBuffer.wrap(row.getBytes(1)), new Known(row.getBytes(2), row.getBoolean(3)));
          }
        }
      }
      return known;
    });
  }

  private static Array names(Handle handle, List<byte[]> rows) throws SQLException {
    return handle.getConnection().createArrayOf("bytea", rows.toArray(new byte[0][]));
  }

  /**
   * Goes through the names of the rows that were applied.
   *
   * @param from the first name, or the beginning of it
   * @param to behind the last; null: to the end
   * @param unmarked only those that are not marked as gone
   */
  public void each(byte[] from, byte @Nullable [] to, boolean unmarked, Consumer<byte[]> name) {
    database.read(handle -> {
      try (PreparedStatement statement =
          handle
              .getConnection()
              .prepareStatement(
                  "SELECT row FROM selfsame.sync_row WHERE space = ? AND source = ? AND row >= ?"
                      + (to == null ? "" : " AND row < ?")
                      + (unmarked ? " AND gone_at IS NULL" : ""))) {
        statement.setFetchSize(FETCHED);
        statement.setInt(1, space);
        statement.setInt(2, source);
        statement.setBytes(3, from);
        if (to != null) {
          statement.setBytes(4, to);
        }
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            name.accept(row.getBytes(1));
          }
        }
      }
      return true;
    });
  }

  /** Marks rows that the last whole answer did not have. */
  public void gone(List<byte[]> rows, Instant now) {
    mark(rows, Timestamp.from(now));
  }

  /** Takes the mark off rows that are there again. */
  public void back(List<byte[]> rows) {
    if (!rows.isEmpty()) {
      mark(rows, null);
    }
  }

  private void mark(List<byte[]> rows, @Nullable Timestamp gone) {
    database.write(handle -> {
      try (PreparedStatement statement =
          handle
              .getConnection()
              .prepareStatement(
                  "UPDATE selfsame.sync_row SET gone_at = ? WHERE space = ? AND source = ? AND row"
                      + " = ANY(?)")) {
        statement.setTimestamp(1, gone);
        statement.setInt(2, space);
        statement.setInt(3, source);
        statement.setArray(4, names(handle, rows));
        return statement.executeUpdate();
      }
    });
  }

  /**
   * Notes what rows said. The claims are committed by then: a row whose note is lost says the same
   * once more.
   *
   * @param applied each row once
   * @param at of their claims' lines in the ledger, microseconds since 1970 UTC
   */
  public void applied(List<Applied> applied, long at) {
    if (applied.isEmpty()) {
      return;
    }
    database.write(handle -> {
      // OFFSET 0: a few look-ups by key, which the planner would rather do by reading all users.
      try (PreparedStatement statement =
          handle
              .getConnection()
              .prepareStatement(
                  """
                  INSERT INTO selfsame.sync_row (space, source, row, said, part)
                  SELECT l.space, ?, v.row, v.said, l.part FROM unnest(?, ?, ?) AS v (row, said, position)
                  CROSS JOIN LATERAL (SELECT space, part FROM selfsame.ledger
                    WHERE space = ? AND position = v.position AND at = ? OFFSET 0) l
                  WHERE EXISTS (SELECT FROM selfsame.part p WHERE p.space = l.space AND p.id = l.part OFFSET 0)
                  ON CONFLICT (space, source, row) DO UPDATE SET said = excluded.said, part = excluded.part, gone_at = NULL
                  """)) {
        statement.setInt(1, source);
        statement.setArray(
            2,
            handle
                .getConnection()
                .createArrayOf("bytea", applied.stream().map(Applied::row).toArray(byte[][]::new)));
        statement.setArray(
            3,
            handle
                .getConnection()
                .createArrayOf(
                    "bytea", applied.stream().map(Applied::said).toArray(byte[][]::new)));
        @Nullable Object[] positions = applied.stream().map(Applied::position).toArray();
        statement.setArray(4, handle.getConnection().createArrayOf("bigint", positions));
        statement.setInt(5, space);
        statement.setLong(6, at);
        return statement.executeUpdate();
      }
    });
  }
}
