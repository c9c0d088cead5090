package dev.selfsame.publish;

import dev.selfsame.store.PublishedRows;
import dev.selfsame.store.PublishedRows.Wanted;
import dev.selfsame.store.PublishedTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * DuckDB: rows go by a file beside, which it reads at its own speed. Without keys and indexes: in
 * one transaction they refuse a row that was just deleted, and it finds rows fast without.
 */
final class DuckDbDialect implements Dialect {

  private final Scratch scratch;

  DuckDbDialect(Scratch scratch) {
    this.scratch = scratch;
  }

  @Override
  public String keyType() {
    return "VARCHAR";
  }

  @Override
  public String type(PublishedTable.Type type) {
    return switch (type) {
      case TEXT -> "VARCHAR";
      case BOOLEAN -> "BOOLEAN";
      case TIME -> "TIMESTAMP WITH TIME ZONE";
    };
  }

  @Override
  public String numberType() {
    return "BIGINT";
  }

  @Override
  public String quoted(String name) {
    return '"' + name + '"';
  }

  @Override
  public String schema(Connection connection, @Nullable String named) throws SQLException {
    if (named == null) {
      return "main";
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA IF NOT EXISTS " + quoted(named));
    }
    return named;
  }

  @Override
  public @Nullable Found find(Connection connection, String schema, String table)
      throws SQLException {
    String comment = null;
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT t.table_type = 'BASE TABLE', d.comment FROM information_schema.tables t
            LEFT JOIN duckdb_tables() d ON d.database_name = t.table_catalog AND d.schema_name = t.table_schema
              AND d.table_name = t.table_name
            WHERE t.table_catalog = current_database() AND t.table_schema = ? AND t.table_name = ?
            """)) {
      statement.setString(1, schema);
      statement.setString(2, table);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return null;
        }
        comment = row.getBoolean(1) ? row.getString(2) : null;
      }
    }
    List<String> columns = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name ="
                + " current_database() AND schema_name = ? AND table_name = ? ORDER BY"
                + " column_index")) {
      statement.setString(1, schema);
      statement.setString(2, table);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          columns.add(row.getString(1) + " " + row.getString(2));
        }
      }
    }
    return new Found(comment, columns);
  }

  @Override
  public List<String> create(
      String table, List<Shape> columns, @Nullable String unique, String comment) {
    String list =
        columns.stream()
            .map(column -> quoted(column.name()) + " " + column.type())
            .collect(Collectors.joining(", "));
    return List.of(
        "CREATE TABLE %s (%s)".formatted(table, list),
        "COMMENT ON TABLE %s IS '%s'".formatted(table, comment));
  }

  /** A file has one writer. */
  @Override
  public String locking() {
    return "";
  }

  @Override
  public long fill(
      Connection connection,
      String table,
      PublishedTable published,
      PublishedRows rows,
      Wanted wanted)
      throws SQLException {
    Path file = scratch.file(published.code() + ".csv");
    long count = scratch.write(file, published, rows, wanted, PublishedRows.Format.CSV);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO %s (%s) SELECT %s FROM %s"
              .formatted(
                  table, columns(published), columns(published), read(this, file, published)));
    }
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw scratch.unwritable(e);
    }
    return count;
  }

  /**
   * A file of ours, in a FROM. Without a size of its own, DuckDB's buffer is many lines of the
   * longest.
   */
  static String read(Dialect dialect, Path file, PublishedTable table) {
    String columns =
        dialect.shapes(table).stream()
            .map(shape -> "'%s': '%s'".formatted(shape.name(), shape.type()))
            .collect(Collectors.joining(", ", "{", "}"));
    return """
    read_csv('%s', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', new_line = '\\n',
      nullstr = '', allow_quoted_nulls = false, parallel = false, max_line_size = 2000000, buffer_size = 8000000, columns = %s)
    """
        .formatted(file.toString().replace("'", "''"), columns);
  }
}
