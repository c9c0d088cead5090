package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Parser;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rows that a query on another database answers: one statement, in a transaction that can only
 * read, and never more than some of its rows in memory.
 */
final class QueryRows implements Rows {

  private static final int ROWS_AT_A_TIME = 1_000;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** How a column's values are taken from the driver. */
  private enum Form {
    TEXT,
    BOOLEAN,
    INTEGER,
    DECIMAL,
    FLOATING,
    TIME,
    TIME_WITH_ZONE,
    ARRAY
  }

  private final QueryAddress.Server server;
  private final Duration limit;
  private final Connection connection;
  private final ColumnNames columns = new ColumnNames();
  private final Form[] forms;
  private final ResultSet rows;
  private long row;

  private QueryRows(
      QueryAddress.Server server,
      Duration limit,
      Connection connection,
      Statement reading,
      String sql)
      throws SQLException {
    this.server = server;
    this.limit = limit;
    this.connection = connection;
    if (!reading.execute(sql)) {
      throw new Failure(
          Problem.LANDING_QUERY, "The statement answers no rows: expected one SELECT.");
    }
    rows = reading.getResultSet();
    ResultSetMetaData meta = rows.getMetaData();
    forms = new Form[meta.getColumnCount()];
    for (int i = 0; i < forms.length; i++) {
      String name = meta.getColumnLabel(i + 1);
      columns.add(name, "the query, column " + (i + 1));
      forms[i] = form(name, meta.getColumnType(i + 1), meta.getColumnTypeName(i + 1));
    }
  }

  /**
   * Runs the query.
   *
   * @param address as {@link QueryAddress#parse} reads it
   * @param password where the address has none
   * @param limit how long the database may work on it at a stretch; MySQL and MariaDB: until the
   *     last row was taken
   * @param whole columns of a DuckDB file in which a struct stays one value: its JSON text
   * @throws Failure {@code LANDING_QUERY}, {@code LANDING_COLUMN} or {@code LANDING_LIMIT}
   */
  static Rows open(
      String address, @Nullable String password, String sql, Duration limit, Set<String> whole) {
    if (sql.isBlank()) {
      throw new Failure(Problem.LANDING_QUERY, "The query is empty.");
    }
    return switch (QueryAddress.parse(address, password)) {
      case QueryAddress.File file -> DuckDbRows.query(file.path(), sql, limit, whole);
      case QueryAddress.Server server -> open(server, sql, limit);
    };
  }

  private static Rows open(QueryAddress.Server server, String sql, Duration limit) {
    try {
      Connection connection = DriverManager.getConnection(server.url(), server.properties());
      try {
        prepare(connection, server, sql, limit);
        Statement reading = connection.createStatement();
        reading.setEscapeProcessing(false);
        reading.setFetchSize(ROWS_AT_A_TIME);
        return new QueryRows(server, limit, connection, reading, sql);
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw failure(e, server, limit, null);
    }
  }

  /** Reading alone, in UTC, and not for ever. */
  private static void prepare(
      Connection connection, QueryAddress.Server server, String sql, Duration limit)
      throws SQLException {
    try (Statement setting = connection.createStatement()) {
      if (server.mysql()) {
        setting.execute("SET SESSION TRANSACTION READ ONLY");
        setting.execute("SET SESSION time_zone = '+00:00'");
        boolean mariadb =
            connection.getMetaData().getDatabaseProductName().equalsIgnoreCase("MariaDB");
        setting.execute(
            mariadb
                ? "SET SESSION max_statement_time = " + limit.toSeconds()
                : "SET SESSION max_execution_time = " + limit.toMillis());
      } else {
        // The driver would run several, one after the other: its own parser says how many.
        int statements = Parser.parseJdbcSql(sql, true, false, true, false, false).size();
        if (statements != 1) {
          throw new Failure(
              Problem.LANDING_QUERY,
              "There are %d statements; one SELECT is run.".formatted(statements));
        }
        setting.execute("SET TimeZone = 'UTC'");
        setting.execute("SET statement_timeout = " + limit.toMillis());
      }
    }
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
  }

  private static Form form(String column, int type, String typeName) {
    return switch (type) {
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB ->
          throw new Failure(
              Problem.LANDING_COLUMN,
              "the query: the column %s holds bytes (%s), which no table takes. Leave it out, or make text of it."
                  .formatted(column, typeName));
      case Types.BIT, Types.BOOLEAN ->
          typeName.equals("bit") || typeName.equals("varbit") ? Form.TEXT : Form.BOOLEAN;
      case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> Form.INTEGER;
      case Types.DECIMAL, Types.NUMERIC -> Form.DECIMAL;
      case Types.FLOAT, Types.REAL, Types.DOUBLE ->
          typeName.equals("money") ? Form.TEXT : Form.FLOATING;
      case Types.TIMESTAMP -> typeName.equals("timestamptz") ? Form.TIME_WITH_ZONE : Form.TIME;
      case Types.TIMESTAMP_WITH_TIMEZONE -> Form.TIME_WITH_ZONE;
      case Types.ARRAY -> Form.ARRAY;
      default -> Form.TEXT;
    };
  }

  @Override
  public List<String> columns() {
    return columns.all();
  }

  @Override
  public @Nullable Row next() {
    try {
      if (!rows.next()) {
        return null;
      }
      row++;
      var place = new QueryPlace(row);
      @Nullable Cell[] cells = new Cell[forms.length];
      long length = 0;
      for (int i = 0; i < cells.length; i++) {
        Cell cell = cell(i, columns.all().get(i), place);
        cells[i] = cell;
        length += cell == null ? 0 : cell.text().length();
      }
      var read = new Row(cells, place);
      if (length > RowFailures.LONGEST_ROW / 3) {
        RowFailures.checkLength(read);
      }
      return read;
    } catch (SQLException e) {
      throw failure(e, server, limit, row);
    }
  }

  private @Nullable Cell cell(int at, String column, Place place) throws SQLException {
    return switch (forms[at]) {
      case TIME -> {
        LocalDateTime time = rows.getObject(at + 1, LocalDateTime.class);
        yield time == null
            ? null
            : time.equals(LocalDateTime.MAX) || time.equals(LocalDateTime.MIN)
                ? TypedCells.number("infinity", column, place)
                : TypedCells.time(time.toInstant(ZoneOffset.UTC));
      }
      case TIME_WITH_ZONE -> {
        OffsetDateTime time = rows.getObject(at + 1, OffsetDateTime.class);
        yield time == null
            ? null
            : time.equals(OffsetDateTime.MAX) || time.equals(OffsetDateTime.MIN)
                ? TypedCells.number("infinity", column, place)
                : TypedCells.time(time.toInstant());
      }
      case ARRAY -> {
        Array array = rows.getArray(at + 1);
        yield array == null
            ? null
            : TypedCells.of(
                Cell.Kind.TEXT, JSON.writeValueAsString(array.getArray()), column, place);
      }
      case TEXT, BOOLEAN, INTEGER, DECIMAL, FLOATING -> {
        String text = rows.getString(at + 1);
        yield text == null ? null : cell(forms[at], text, column, place);
      }
    };
  }

  private static @Nullable Cell cell(Form form, String text, String column, Place place) {
    return switch (form) {
      case BOOLEAN ->
          switch (text) {
            case "1", "t", "true" -> new Cell(Cell.Kind.BOOLEAN, "true");
            case "0", "f", "false" -> new Cell(Cell.Kind.BOOLEAN, "false");
            // MySQL's TINYINT(1) holds other numbers too.
            default -> TypedCells.of(Cell.Kind.INTEGER, text, column, place);
          };
      case INTEGER -> TypedCells.of(Cell.Kind.INTEGER, text, column, place);
      case DECIMAL ->
          Character.isLetter(text.charAt(text.length() - 1))
              ? TypedCells.number(text, column, place)
              : TypedCells.of(Cell.Kind.DECIMAL, text, column, place);
      case FLOATING -> TypedCells.number(text, column, place);
      default -> TypedCells.of(Cell.Kind.TEXT, text, column, place);
    };
  }

  private static Failure failure(
      SQLException e, QueryAddress.Server server, Duration limit, @Nullable Long after) {
    String state = String.valueOf(e.getSQLState());
    String said = String.valueOf(e.getMessage());
    String password = server.password();
    if (password != null && !password.isEmpty()) {
      said = said.replace(password, "***");
    }
    // MariaDB's number for the time limit, MySQL's, PostgreSQL's state.
    if (e.getErrorCode() == 1969 || e.getErrorCode() == 3024 || state.equals("57014")) {
      return new Failure(
          Problem.LANDING_QUERY,
          "The query on %s took longer than %d s and was stopped. Ask for less, or allow more time."
              .formatted(server.place(), limit.toSeconds()),
          0,
          e);
    }
    String what =
        state.startsWith("28")
            ? "%s does not let %s log in".formatted(server.place(), server.user())
            : state.startsWith("08") && after == null
                ? "%s cannot be reached".formatted(server.place())
                : "The query on %s failed%s"
                    .formatted(
                        server.place(), after == null ? "" : " after row %d".formatted(after));
    String hint =
        state.startsWith("28") && password == null
            ? ". The address names no password; %s may.".formatted(QueryAddress.PASSWORD)
            : "";
    return new Failure(Problem.LANDING_QUERY, "%s: %s%s".formatted(what, said.strip(), hint), 0, e);
  }

  /** Nobody knows how many rows there are. */
  @Override
  public long read() {
    return 0;
  }

  @Override
  public long size() {
    return 0;
  }

  @Override
  public void close() throws IOException {
    try {
      // Reading to the end of what is left of a large answer would take its time.
      connection.abort(Runnable::run);
      connection.close();
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }
}
