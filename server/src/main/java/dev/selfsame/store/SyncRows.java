package dev.selfsame.store;

import dev.selfsame.identity.Source;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private final Database database;
  private final int space;
  private final int source;

  public SyncRows(Database database, SpaceSettings space, Source source) {
    this.database = database;
    this.space = space.number();
    this.source = source.number();
  }

  /** What rows said last, by their names; without those that were never applied. */
  public Map<ByteBuffer, byte[]> said(List<byte[]> rows) {
    return database.read(handle -> {
      Map<ByteBuffer, byte[]> said = new HashMap<>();
      try (PreparedStatement statement =
          handle
              .getConnection()
              .prepareStatement(
                  "SELECT row, said FROM selfsame.sync_row WHERE space = ? AND source = ? AND row ="
                      + " ANY(?)")) {
        statement.setInt(1, space);
        statement.setInt(2, source);
        statement.setArray(
            3, handle.getConnection().createArrayOf("bytea", rows.toArray(new byte[0][])));
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            said.put(ByteBuffer.wrap(row.getBytes(1)), row.getBytes(2));
          }
        }
      }
      return said;
    });
  }

  /**
   * Notes what rows said. The claims are committed by then: a row whose note is lost says the same
   * once more.
   *
   * @param applied each row once
   */
  public void applied(List<Applied> applied) {
    if (applied.isEmpty()) {
      return;
    }
    database.write(handle -> {
      try (PreparedStatement statement =
          handle
              .getConnection()
              .prepareStatement(
                  """
                  INSERT INTO selfsame.sync_row (space, source, row, said, part)
                  SELECT l.space, ?, v.row, v.said, l.part FROM unnest(?, ?, ?) AS v (row, said, position)
                  JOIN selfsame.ledger l ON l.space = ? AND l.position = v.position
                  JOIN selfsame.part p ON p.space = l.space AND p.id = l.part
                  ON CONFLICT (space, source, row) DO UPDATE SET said = excluded.said, part = excluded.part
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
        return statement.executeUpdate();
      }
    });
  }
}
