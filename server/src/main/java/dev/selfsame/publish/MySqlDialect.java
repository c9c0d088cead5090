package dev.selfsame.publish;

import dev.selfsame.store.PublishedRows;
import dev.selfsame.store.PublishedRows.Wanted;
import dev.selfsame.store.PublishedTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * MySQL and MariaDB: rows go in statements of many each. Making or dropping a table ends the
 * transaction there.
 */
final class MySqlDialect implements Dialect {

  private static final int ROWS_AT_A_TIME = 500;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

  @Override
  public String keyType() {
    return "varchar(64)";
  }

  @Override
  public String type(PublishedTable.Type type) {
    return switch (type) {
      case TEXT -> "mediumtext";
      case BOOLEAN -> "tinyint(1)";
      case TIME -> "datetime(6)";
    };
  }

  @Override
  public String quoted(String name) {
    return '`' + name + '`';
  }

  @Override
  public String schema(Connection connection, @Nullable String named) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT database()")) {
      row.next();
      return row.getString(1);
    }
  }

  @Override
  public @Nullable Found find(Connection connection, String schema, String table)
      throws SQLException {
    String comment;
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT CASE WHEN table_type = 'BASE TABLE' THEN table_comment END FROM"
                + " information_schema.tables WHERE table_schema = ? AND table_name = ?")) {
      statement.setString(1, schema);
      statement.setString(2, table);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return null;
        }
        comment = row.getString(1);
      }
    }
    List<String> columns = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT column_name, column_type FROM information_schema.columns WHERE table_schema ="
                + " ? AND table_name = ? ORDER BY ordinal_position")) {
      statement.setString(1, schema);
      statement.setString(2, table);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          // MariaDB has widths of whole numbers, MySQL has none.
          String type = row.getString(2).toLowerCase(Locale.ROOT);
          columns.add(row.getString(1) + " " + type.replaceFirst("^(bigint|int)\\(\\d+\\)", "$1"));
        }
      }
    }
    return new Found(comment, columns);
  }

  @Override
  public List<String> create(
      String table, List<Shape> columns, @Nullable String unique, String comment) {
    List<String> all = new ArrayList<>();
    for (Shape column : columns) {
      String type = column.type();
      String collation =
          type.startsWith("varchar")
              ? " CHARACTER SET ascii COLLATE ascii_bin NOT NULL"
              : type.equals("mediumtext") ? " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" : "";
      all.add(quoted(column.name()) + " " + type + collation);
    }
    columns.stream()
        .filter(column -> column.type().startsWith("varchar"))
        .forEach(column ->
            all.add(
                (column.name().equals(unique) ? "PRIMARY KEY" : "KEY")
                    + " ("
                    + quoted(column.name())
                    + ")"));
    return List.of(
        "CREATE TABLE %s (%s) ENGINE = InnoDB COMMENT = '%s'"
            .formatted(table, String.join(", ", all), comment));
  }

  @Override
  public boolean tablesInTransaction() {
    return false;
  }

  @Override
  public String time(Instant moment) {
    return "'" + TIME.format(moment.atOffset(ZoneOffset.UTC)) + "'";
  }

  @Override
  public long fill(
      Connection connection,
      String table,
      PublishedTable published,
      PublishedRows rows,
      Wanted wanted)
      throws SQLException {
    try (Inserts inserts = new Inserts(connection, table, columns(published), published)) {
      long count = rows.rows(published, wanted, inserts::add);
      inserts.finish();
      return count;
    } catch (Broken e) {
      throw e.failure();
    }
  }

  /** Rows that wait until there are enough for a statement. */
  private static final class Inserts implements AutoCloseable {
    private final Connection connection;
    private final String head;
    private final String row;
    private final List<@Nullable Object[]> waiting = new ArrayList<>(ROWS_AT_A_TIME);
    private @Nullable PreparedStatement full;

    Inserts(Connection connection, String table, String columns, PublishedTable published) {
      this.connection = connection;
      this.head = "INSERT INTO %s (%s) VALUES ".formatted(table, columns);
      this.row =
          published.columns().stream()
              .map(column -> "?")
              .collect(Collectors.joining(", ", "(", ")"));
    }

    void add(@Nullable Object[] values) {
      waiting.add(values);
      if (waiting.size() == ROWS_AT_A_TIME) {
        try {
          if (full == null) {
            full = prepare(ROWS_AT_A_TIME);
          }
          write(full);
        } catch (SQLException e) {
          throw new Broken(e);
        }
      }
    }

    void finish() throws SQLException {
      if (!waiting.isEmpty()) {
        try (PreparedStatement last = prepare(waiting.size())) {
          write(last);
        }
      }
    }

    private PreparedStatement prepare(int rows) throws SQLException {
      StringBuilder sql = new StringBuilder(head);
      for (int i = 0; i < rows; i++) {
        sql.append(i == 0 ? "" : ", ").append(row);
      }
      return connection.prepareStatement(sql.toString());
    }

    private void write(PreparedStatement statement) throws SQLException {
      int at = 1;
      for (@Nullable Object[] values : waiting) {
        for (Object value : values) {
          switch (value) {
            case null -> statement.setString(at++, null);
            case Boolean truth -> statement.setInt(at++, truth ? 1 : 0);
            case Instant time ->
                statement.setString(at++, TIME.format(time.atOffset(ZoneOffset.UTC)));
            default -> statement.setString(at++, value.toString());
          }
        }
      }
      statement.executeUpdate();
      waiting.clear();
    }

    @Override
    public void close() throws SQLException {
      if (full != null) {
        full.close();
      }
    }
  }
}
