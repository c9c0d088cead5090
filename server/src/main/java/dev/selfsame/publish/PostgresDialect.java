package dev.selfsame.publish;

import dev.selfsame.store.PublishedRows;
import dev.selfsame.store.PublishedRows.Wanted;
import dev.selfsame.store.PublishedTable;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** PostgreSQL: rows go from one COPY into the other, as they are. */
final class PostgresDialect implements Dialect {

  @Override
  public String keyType() {
    return "text";
  }

  @Override
  public String type(PublishedTable.Type type) {
    return switch (type) {
      case TEXT -> "text";
      case BOOLEAN -> "boolean";
      case TIME -> "timestamp with time zone";
    };
  }

  @Override
  public String quoted(String name) {
    return '"' + name + '"';
  }

  @Override
  public String schema(Connection connection, @Nullable String named) throws SQLException {
    if (named == null) {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT current_schema()")) {
        row.next();
        String schema = row.getString(1);
        return schema == null ? "public" : schema;
      }
    }
    // IF NOT EXISTS wants the right to make one even where it is there.
    try (PreparedStatement there =
        connection.prepareStatement("SELECT FROM pg_namespace WHERE nspname = ?")) {
      there.setString(1, named);
      try (ResultSet row = there.executeQuery()) {
        if (!row.next()) {
          try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA " + quoted(named));
          }
        }
      }
    }
    return named;
  }

  @Override
  public @Nullable Found find(Connection connection, String schema, String table)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT CASE WHEN c.relkind = 'r' THEN obj_description(c.oid, 'pg_class') END,
              ARRAY(SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ?
            """)) {
      statement.setString(1, schema);
      statement.setString(2, table);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return null;
        }
        Array columns = row.getArray(2);
        return new Found(row.getString(1), List.of((String[]) columns.getArray()));
      }
    }
  }

  @Override
  public List<String> create(
      String table, List<Shape> columns, @Nullable String unique, String comment) {
    String list =
        columns.stream()
            .map(column ->
                quoted(column.name())
                    + " "
                    + column.type()
                    + (column.name().equals(unique) ? " NOT NULL" : ""))
            .collect(Collectors.joining(", "));
    return List.of(
        "CREATE TABLE %s (%s)".formatted(table, list),
        "COMMENT ON TABLE %s IS '%s'".formatted(table, comment));
  }

  @Override
  public List<String> index(String table, String name, PublishedTable published) {
    List<String> statements = new ArrayList<>();
    statements.add(
        published.unique()
            ? "ALTER TABLE %s ADD PRIMARY KEY (%s)".formatted(table, quoted(published.key()))
            : "CREATE INDEX %s ON %s (%s)"
                .formatted(quoted(name + "_key"), table, quoted(published.key())));
    statements.add("ANALYZE " + table);
    return statements;
  }

  @Override
  public void delete(Connection connection, String table, String key, List<String> keys)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM %s WHERE %s = ANY(?)".formatted(table, quoted(key)))) {
      statement.setArray(1, connection.createArrayOf("text", keys.toArray()));
      statement.executeUpdate();
    }
  }

  @Override
  public long fill(
      Connection connection,
      String table,
      PublishedTable published,
      PublishedRows rows,
      Wanted wanted)
      throws SQLException {
    CopyIn copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY %s (%s) FROM STDIN (FORMAT text)".formatted(table, columns(published)));
    try {
      rows.copy(
          published,
          wanted,
          PublishedRows.Format.TEXT,
          piece -> {
            try {
              copy.writeToCopy(piece, 0, piece.length);
            } catch (SQLException e) {
              throw new Broken(e);
            }
          });
      return copy.endCopy();
    } catch (Broken e) {
      throw e.failure();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }
}
