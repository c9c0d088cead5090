package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows that DuckDB reads: of a Parquet file, or of a query on a DuckDB file. What is nested becomes
 * columns of its own, {@code plan.id}; a list or a map is its JSON text.
 */
final class DuckDbRows implements Rows {

  /** How a column's values come out of DuckDB as text. */
  private enum Form {
    TEXT(Cell.Kind.TEXT, "CAST(%s AS VARCHAR)"),
    BOOLEAN(Cell.Kind.BOOLEAN, "CAST(%s AS VARCHAR)"),
    INTEGER(Cell.Kind.INTEGER, "CAST(%s AS VARCHAR)"),
    DECIMAL(Cell.Kind.DECIMAL, "CAST(%s AS VARCHAR)"),
    FLOATING(Cell.Kind.DECIMAL, "CAST(%s AS VARCHAR)"),
    TIME(Cell.Kind.TIME, micros("CAST(%1$s AS TIMESTAMP)")),
    TIME_WITH_ZONE(Cell.Kind.TIME, micros("%1$s")),
    JSON(Cell.Kind.TEXT, "CAST(to_json(%s) AS VARCHAR)");

    private final Cell.Kind kind;
    private final String sql;

    Form(Cell.Kind kind, String sql) {
      this.kind = kind;
      this.sql = sql;
    }

    static String micros(String time) {
      return "CASE WHEN isfinite(%1$s) THEN CAST(epoch_us(%1$s) AS VARCHAR) WHEN %1$s IS NOT NULL THEN 'infinite' END"
          .replace("%1$s", time);
    }

    /** Null for bytes, which are no value of a table. */
    static @Nullable Form of(String type) {
      if (type.endsWith("]")
          || type.startsWith("STRUCT")
          || type.startsWith("MAP")
          || type.startsWith("UNION")
          || type.equals("VARIANT")) {
        return JSON;
      }
      if (type.startsWith("DECIMAL")) {
        return DECIMAL;
      }
      return switch (type) {
        case "BLOB", "BIT", "GEOMETRY" -> null;
        case "BOOLEAN" -> BOOLEAN;
        case "TINYINT",
            "SMALLINT",
            "INTEGER",
            "BIGINT",
            "HUGEINT",
            "UTINYINT",
            "USMALLINT",
            "UINTEGER",
            "UBIGINT",
            "UHUGEINT",
            "BIGNUM" ->
            INTEGER;
        case "FLOAT", "DOUBLE" -> FLOATING;
        case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS" -> TIME;
        case "TIMESTAMP WITH TIME ZONE" -> TIME_WITH_ZONE;
        default -> TEXT;
      };
    }
  }

  private final Connection connection;

  /** The file, or "the query". */
  private final String name;

  /** Of what goes wrong while reading. */
  private final Problem problem;

  private final Set<String> whole;
  private final long size;
  private final long total;
  private final ColumnNames columns = new ColumnNames();
  private final List<Form> forms = new ArrayList<>();
  private final ResultSet rows;
  private long row;

  private DuckDbRows(
      Connection connection,
      String name,
      Problem problem,
      String source,
      Duration limit,
      Set<String> whole,
      long size,
      long total)
      throws SQLException {
    this.connection = connection;
    this.name = name;
    this.problem = problem;
    this.whole = whole;
    this.size = size;
    this.total = total;
    List<String> values = new ArrayList<>();
    columns("SELECT * FROM " + source, "", null, source, values);
    rows = started("SELECT %s FROM %s".formatted(String.join(", ", values), source), limit);
  }

  private ResultSet started(String select, Duration limit) throws SQLException {
    long start = System.nanoTime();
    try {
      return execute(connection, select, limit);
    } catch (SQLException e) {
      if (limit.isPositive() && System.nanoTime() - start >= limit.toNanos()) {
        throw new Failure(
            Problem.LANDING_QUERY,
            "The query took longer than %d s and was stopped. Ask for less, or allow more time."
                .formatted(limit.toSeconds()),
            0,
            e);
      }
      // A streamed result that fails at once does not say why. One that is gathered does.
      String url = connection.getMetaData().getURL();
      connection.close();
      try (Connection gathering = connect(url, false, readOnly())) {
        execute(gathering, select, limit).close();
      }
      throw e;
    }
  }

  private static ResultSet execute(Connection connection, String select, Duration limit)
      throws SQLException {
    Statement reading = connection.createStatement();
    reading.closeOnCompletion();
    reading.setQueryTimeout(Math.toIntExact(limit.toSeconds()));
    return reading.executeQuery(select);
  }

  private boolean readOnly() {
    return problem == Problem.LANDING_QUERY;
  }

  /**
   * Opens a Parquet file.
   *
   * @param whole columns, by their table's names, in which a struct stays one value: its JSON text
   */
  static Rows parquet(Path file, Set<String> whole) {
    String name = file.toString();
    try {
      long size = Files.size(file);
      if (size == 0) {
        throw RowFailures.file(name, "the file is empty.");
      }
      Connection connection = connect("jdbc:duckdb:", true, false);
      try {
        // DuckDB takes a name for a pattern.
        String pattern =
            file.toAbsolutePath().toString().replaceAll("[\\[*?]", "[$0]").replace("'", "''");
        return new DuckDbRows(
            connection,
            name,
            Problem.LANDING_FILE,
            "read_parquet('%s', hive_partitioning = false)".formatted(pattern),
            Duration.ZERO,
            whole,
            size,
            counted(connection, pattern));
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (IOException e) {
      throw RowFailures.unreadable(name, e);
    } catch (SQLException e) {
      throw new Failure(
          Problem.LANDING_FILE,
          "%s: it cannot be read as Parquet, and may be cut short: %s".formatted(name, said(e)),
          0,
          e);
    }
  }

  private static long counted(Connection connection, String pattern) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT sum(num_rows) FROM parquet_file_metadata('%s')".formatted(pattern))) {
      result.next();
      return result.getLong(1);
    }
  }

  /** Runs one SELECT on a DuckDB file, which is opened for reading alone. */
  static Rows query(Path database, String sql, Duration limit, Set<String> whole) {
    if (!Files.isRegularFile(database)) {
      throw new Failure(Problem.LANDING_QUERY, "There is no DuckDB file %s.".formatted(database));
    }
    try {
      Connection connection = connect("jdbc:duckdb:" + database.toAbsolutePath(), true, true);
      try {
        return new DuckDbRows(
            connection,
            "the query",
            Problem.LANDING_QUERY,
            "(\n%s\n) AS query".formatted(single(connection, sql)),
            limit,
            whole,
            0,
            0);
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw new Failure(
          Problem.LANDING_QUERY, "The query on %s failed: %s".formatted(database, said(e)), 0, e);
    }
  }

  private static Connection connect(String url, boolean streaming, boolean readOnly)
      throws SQLException {
    var settings = new Properties();
    settings.setProperty("jdbc_stream_results", String.valueOf(streaming));
    settings.setProperty("threads", "2");
    settings.setProperty("memory_limit", "1GB");
    settings.setProperty("temp_directory", System.getProperty("java.io.tmpdir"));
    // Nothing is fetched from the network on the way.
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    if (readOnly) {
      settings.setProperty("duckdb.read_only", "true");
    }
    Connection connection = DriverManager.getConnection(url, settings);
    try (Statement setting = connection.createStatement()) {
      setting.execute("SET TimeZone = 'UTC'");
    }
    return connection;
  }

  /** The one SELECT in the text, by the word of DuckDB's own parser. */
  private static String single(Connection connection, String sql) throws SQLException {
    try (PreparedStatement parse =
        connection.prepareStatement(
            "SELECT p ->> 'error_message', json_array_length(p -> 'statements') FROM (SELECT"
                + " json_serialize_sql(CAST(? AS VARCHAR)) AS p)")) {
      parse.setString(1, sql);
      try (ResultSet parsed = parse.executeQuery()) {
        parsed.next();
        String error = parsed.getString(1);
        if (error != null) {
          throw new Failure(Problem.LANDING_QUERY, "The query is not one SELECT: " + error);
        }
        if (parsed.getLong(2) != 1) {
          throw new Failure(
              Problem.LANDING_QUERY,
              "There are %d statements; one SELECT is run.".formatted(parsed.getLong(2)));
        }
      }
    }
    return sql.strip().replaceAll("[;\\s]+$", "");
  }

  /**
   * Finds the columns, those inside structs too.
   *
   * @param select what has them
   * @param path of the struct that has them, with a dot after it
   * @param struct its SQL; null: they are the source's own
   * @param values receives each one's SQL
   */
  private void columns(
      String select, String path, @Nullable String struct, String source, List<String> values)
      throws SQLException {
    List<String> names = new ArrayList<>();
    List<String> types = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet described = statement.executeQuery("DESCRIBE " + select)) {
      while (described.next()) {
        names.add(described.getString(1));
        types.add(described.getString(2));
      }
    }
    for (int i = 0; i < names.size(); i++) {
      String column = path + names.get(i);
      String type = types.get(i);
      String value =
          struct == null
              ? "\"%s\"".formatted(names.get(i).replace("\"", "\"\""))
              : "struct_extract(%s, '%s')".formatted(struct, names.get(i).replace("'", "''"));
      Form form = Form.of(type);
      if (form == null) {
        throw new Failure(
            Problem.LANDING_COLUMN,
            "%s: the column %s holds bytes (%s), which no table takes. Leave it out, or make text of it."
                .formatted(name, column, type));
      }
      if (type.startsWith("STRUCT(")
          && type.endsWith(")")
          && !whole.contains(ColumnNames.of(column))) {
        columns(
            "SELECT unnest(%s) FROM %s".formatted(value, source),
            column + ".",
            value,
            source,
            values);
      } else {
        columns.add(column, name);
        forms.add(form);
        values.add(form.sql.replace("%1$s", value).replace("%s", value));
      }
    }
  }

  @Override
  public List<String> columns() {
    return columns.all();
  }

  @Override
  public @Nullable Row next() {
    try {
      if (!rows.next()) {
        if (row < total) {
          throw RowFailures.file(name, "it ends after %d of %d rows.".formatted(row, total));
        }
        return null;
      }
      row++;
      Place place = place();
      @Nullable Cell[] cells = new Cell[forms.size()];
      long length = 0;
      for (int i = 0; i < cells.length; i++) {
        String text = rows.getString(i + 1);
        Cell cell = text == null ? null : cell(i, text, place);
        cells[i] = cell;
        length += cell == null ? 0 : cell.text().length();
      }
      var read = new Row(cells, place);
      if (length > RowFailures.LONGEST_ROW / 3) {
        RowFailures.checkLength(read);
      }
      return read;
    } catch (SQLException e) {
      throw new Failure(problem, "%s, after row %d: %s".formatted(name, row, said(e)), 0, e);
    }
  }

  private @Nullable Cell cell(int column, String text, Place place) {
    Form form = forms.get(column);
    String name = columns.all().get(column);
    return switch (form) {
      case FLOATING -> TypedCells.number(text, name, place);
      case TIME, TIME_WITH_ZONE ->
          text.equals("infinite")
              ? TypedCells.number("inf", name, place)
              : TypedCells.time(Instant.EPOCH.plus(Long.parseLong(text), ChronoUnit.MICROS));
      case TEXT, BOOLEAN, INTEGER, DECIMAL, JSON -> TypedCells.of(form.kind, text, name, place);
    };
  }

  private Place place() {
    return readOnly() ? new QueryPlace(row) : new FilePlace(name, "row", row);
  }

  private static String said(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }

  /** In proportion to the rows. */
  @Override
  public long read() {
    return total == 0 ? size : (long) ((double) size * row / total);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void close() throws IOException {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }
}
