package dev.selfsame.publish;

import dev.selfsame.store.PublishedRows;
import dev.selfsame.store.PublishedRows.Wanted;
import dev.selfsame.store.PublishedTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What differs between kinds of databases. */
sealed interface Dialect permits PostgresDialect, MySqlDialect, DuckDbDialect {

  /** Of a list in a statement. */
  int KEYS_AT_A_TIME = 1_000;

  /**
   * A table that is there.
   *
   * @param comment what it says of itself
   * @param columns each as {@code name type}
   */
  record Found(@Nullable String comment, List<String> columns) {}

  /** One column of a table of ours: what it is called, and its type as the database writes it. */
  record Shape(String name, String type) {
    @Override
    public String toString() {
      return name + " " + type;
    }
  }

  /** What the type of a key is here. */
  String keyType();

  String type(PublishedTable.Type type);

  /** Whole numbers of the ledger. */
  default String numberType() {
    return "bigint";
  }

  String quoted(String name);

  /** The schema to write to; made if it is named and not there. */
  String schema(Connection connection, @Nullable String named) throws SQLException;

  /** Null: there is no table, view or the like of that name. */
  @Nullable Found find(Connection connection, String schema, String table) throws SQLException;

  /** The statements that make a table; it is not there. */
  List<String> create(String table, List<Shape> columns, @Nullable String unique, String comment);

  /** The statements that make a filled table fast to find rows in. */
  default List<String> index(String table, String name, PublishedTable published) {
    return List.of();
  }

  /** Whether making and dropping tables goes back with the transaction. */
  default boolean tablesInTransaction() {
    return true;
  }

  /** What to say at the end of the question for the one row that two servers may want at once. */
  default String locking() {
    return " FOR UPDATE";
  }

  /** A moment, as a literal. */
  default String time(Instant moment) {
    return "TIMESTAMP WITH TIME ZONE '%s'"
        .formatted(moment.truncatedTo(ChronoUnit.MICROS).toString());
  }

  /** Takes the rows of these keys away. */
  default void delete(Connection connection, String table, String key, List<String> keys)
      throws SQLException {
    for (int from = 0; from < keys.size(); from += KEYS_AT_A_TIME) {
      List<String> some = keys.subList(from, Math.min(keys.size(), from + KEYS_AT_A_TIME));
      String marks = some.stream().map(k -> "?").collect(Collectors.joining(", "));
      try (PreparedStatement statement =
          connection.prepareStatement(
              "DELETE FROM %s WHERE %s IN (%s)".formatted(table, quoted(key), marks))) {
        for (int i = 0; i < some.size(); i++) {
          statement.setString(i + 1, some.get(i));
        }
        statement.executeUpdate();
      }
    }
  }

  /** Failures of the place are of JDBC; those of the hub pass. */
  long fill(
      Connection connection,
      String table,
      PublishedTable published,
      PublishedRows rows,
      Wanted wanted)
      throws SQLException;

  /** The columns of one of ours. */
  default List<Shape> shapes(PublishedTable table) {
    return table.columns().stream()
        .map(column ->
            new Shape(
                column.name(), column.name().equals(table.key()) ? keyType() : type(column.type())))
        .toList();
  }

  /** The names of the columns, in their order. */
  default String columns(PublishedTable table) {
    return table.columns().stream()
        .map(column -> quoted(column.name()))
        .collect(Collectors.joining(", "));
  }
}
