package dev.selfsame.store;

import static dev.selfsame.store.LandingTables.quoted;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The landed rows of a tool that have something to claim: first those that are new, in the order in
 * which they landed, later those that could not be settled and are tried again. A row leaves the
 * list when its claim is decided, so that an end in the middle loses none.
 */
public final class LandedClaims {

  /**
   * A row, as its table has it.
   *
   * @param seq its place in the list
   * @param values by the columns that were asked for: text as it is, times in microseconds since
   *     1970 UTC; null where the table has no such column or the row no value. None at all if the
   *     row is gone
   * @param rest of the columns that were not asked for, a JSON object; null if none was wanted
   * @param followed whether the record that this one follows has a user
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares rows.
  public record ClaimRow(
      long seq,
      String id,
      @Nullable String @Nullable [] values,
      @Nullable String rest,
      boolean followed) {}

  /**
   * What to read of a table's rows.
   *
   * @param columns whose values are wanted
   * @param rest whether all others are wanted too, but for these; null: no
   * @param follows the columns that name another record of the tool, the first that is filled
   *     counts; none: nothing is followed
   * @param idType of the tool's records
   */
  public record Reading(
      LandingTable table,
      List<String> columns,
      @Nullable Set<String> rest,
      List<String> follows,
      String idType) {}

  private final Database database;
  private final Connection connection;
  private final String tool;

  LandedClaims(Database database, Connection connection, String tool) {
    this.database = database;
    this.connection = connection;
    this.tool = tool;
  }

  /** The tables whose rows are in the list, in the order of their first. */
  public List<String> tables() {
    return inStore(() -> {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT name FROM selfsame.landed_claim WHERE tool = ? GROUP BY name ORDER BY"
                  + " min(seq)")) {
        statement.setString(1, tool);
        List<String> names = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            names.add(row.getString(1));
          }
        }
        return names;
      }
    });
  }

  /** How many rows of the table wait. */
  public long count(String name, boolean again) {
    return inStore(() -> {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT count(*) FROM selfsame.landed_claim WHERE tool = ? AND name = ? AND again"
                  + " = ?")) {
        statement.setString(1, tool);
        statement.setString(2, name);
        statement.setBoolean(3, again);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          return row.getLong(1);
        }
      }
    });
  }

  /** The last place in the list. */
  public long end() {
    return inStore(() -> {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT coalesce(max(seq), 0) FROM selfsame.landed_claim WHERE tool = ?")) {
        statement.setString(1, tool);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          return row.getLong(1);
        }
      }
    });
  }

  /**
   * The next rows of a table.
   *
   * @param again those that are tried again, instead of those that are new
   * @param after places behind this one
   * @param to places up to this one
   */
  public List<ClaimRow> next(Reading reading, boolean again, long after, long to, int limit) {
    return inStore(() -> {
      try (Statement settings = connection.createStatement()) {
        // A page is found by its ids, however many rows the table has.
        settings.execute("SET enable_hashjoin = off; SET enable_mergejoin = off");
        try (PreparedStatement statement = connection.prepareStatement(select(reading))) {
          statement.setString(1, tool);
          statement.setString(2, reading.table().name());
          statement.setBoolean(3, again);
          statement.setLong(4, after);
          statement.setLong(5, to);
          statement.setInt(6, limit);
          return rows(statement, reading);
        } finally {
          settings.execute("RESET enable_hashjoin; RESET enable_mergejoin");
        }
      }
    });
  }

  private static List<ClaimRow> rows(PreparedStatement statement, Reading reading)
      throws SQLException {
    List<ClaimRow> rows = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        @Nullable String[] values = null;
        if (row.getBoolean(3)) {
          values = new @Nullable String[reading.columns().size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = row.getString(6 + i);
          }
        }
        rows.add(
            new ClaimRow(
                row.getLong(1), row.getString(2), values, row.getString(5), row.getBoolean(4)));
      }
    }
    return rows;
  }

  private String select(Reading reading) {
    LandingTable table = reading.table();
    String follows =
        reading.follows().stream()
            .filter(table.columns()::containsKey)
            .map(column -> "t." + quoted(column))
            .collect(Collectors.joining(", "));
    String followed =
        follows.isEmpty()
            ? "false"
            : "EXISTS (SELECT FROM selfsame.tool_record r WHERE r.type = '%s' AND r.value = coalesce(%s))"
                .formatted(reading.idType(), follows);
    Set<String> left = reading.rest();
    String rest =
        left == null
            ? "NULL"
            : "jsonb_strip_nulls(to_jsonb(t) - ARRAY[%s]::text[])::text"
                .formatted(
                    left.stream()
                        .map(column -> "'" + column.replace("'", "''") + "'")
                        .collect(Collectors.joining(", ")));
    return """
    WITH p AS MATERIALIZED (
      SELECT seq, id FROM selfsame.landed_claim
      WHERE tool = ? AND name = ? AND again = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?)
    SELECT p.seq, p.id, t.id IS NOT NULL, %s, %s%s
    FROM p LEFT JOIN %s t ON t.id = p.id ORDER BY p.seq
    """
        .formatted(
            followed,
            rest,
            reading.columns().stream()
                .map(column -> ", " + shown(table, column))
                .collect(Collectors.joining()),
            table);
  }

  private static String shown(LandingTable table, String column) {
    ColumnType type = table.columns().get(column);
    return switch (type) {
      case null -> "NULL";
      case TIME -> "(extract(epoch FROM t.%s) * 1000000)::bigint::text".formatted(quoted(column));
      case BOOLEAN, TEXT, INTEGER, DECIMAL -> "t.%s::text".formatted(quoted(column));
    };
  }

  /**
   * Claims are decided.
   *
   * @param last the new rows up to this place leave the list
   * @param again but these, which are tried again later
   */
  public void decided(String name, long last, Collection<Long> again) {
    inStore(() -> {
      if (!again.isEmpty()) {
        atPlaces(
            "UPDATE selfsame.landed_claim SET again = true WHERE tool = ? AND seq = ANY (?)",
            again);
      }
      try (PreparedStatement statement =
          connection.prepareStatement(
              "DELETE FROM selfsame.landed_claim WHERE tool = ? AND name = ? AND seq <= ? AND NOT"
                  + " again")) {
        statement.setString(1, tool);
        statement.setString(2, name);
        statement.setLong(3, last);
        return statement.executeUpdate();
      }
    });
  }

  /** Rows that were tried again are settled. */
  public void settled(Collection<Long> places) {
    inStore(() ->
        atPlaces("DELETE FROM selfsame.landed_claim WHERE tool = ? AND seq = ANY (?)", places));
  }

  private int atPlaces(String sql, Collection<Long> places) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, tool);
      statement.setArray(2, connection.createArrayOf("bigint", places.toArray()));
      return statement.executeUpdate();
    }
  }

  /** Takes rows out of their table: of users that were erased nothing lands. */
  public void remove(LandingTable table, Collection<String> ids) {
    inStore(() -> {
      try (PreparedStatement statement =
          connection.prepareStatement("DELETE FROM %s WHERE id = ANY (?)".formatted(table))) {
        statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
        return statement.executeUpdate();
      }
    });
  }

  private interface Work<T> {
    T done() throws SQLException;
  }

  private <T> T inStore(Work<T> work) {
    try {
      return work.done();
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }
}
