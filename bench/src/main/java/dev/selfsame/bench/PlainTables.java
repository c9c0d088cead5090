package dev.selfsame.bench;

import dev.selfsame.bench.land.Export;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The exports as they are, in plain tables of PostgreSQL or DuckDB: where a guide's SQL runs. What
 * takes longer than the cap is stopped.
 */
final class PlainTables implements AutoCloseable {

  /** What takes less is measured three times. */
  private static final double SHORT = 10;

  private static final int ROWS_AT_A_TIME = 10_000;

  /**
   * How long a statement took.
   *
   * @param seconds the median where there are several
   * @param over it was stopped then
   */
  record Timed(double seconds, boolean over) {
    String words() {
      return over ? "over %.0f".formatted(seconds) : Report.decimals(seconds, 2);
    }
  }

  /** Takes the rows of a result. */
  interface Sink {
    void row(@Nullable String[] values);
  }

  private interface Loader {
    void load(Connection connection, Export export, Path csv) throws SQLException, IOException;
  }

  private final Connection connection;
  private final Loader loader;
  private final double cap;
  private final ScheduledExecutorService watch;

  private PlainTables(Connection connection, Loader loader, double cap) {
    this.connection = connection;
    this.loader = loader;
    this.cap = cap;
    this.watch =
        Executors.newSingleThreadScheduledExecutor(task -> {
          Thread thread = new Thread(task, "cap");
          thread.setDaemon(true);
          return thread;
        });
    for (String schema : Arrays.stream(Export.values()).map(Export::schema).distinct().toList()) {
      execute("CREATE SCHEMA " + schema);
    }
  }

  /**
   * In a database of their own.
   *
   * @param connection to an empty database of PostgreSQL
   */
  static PlainTables postgres(Connection connection, double cap) {
    return new PlainTables(connection, PlainTables::copy, cap);
  }

  /** In DuckDB, in this process and in memory, with its defaults. */
  static PlainTables duckDb(double cap) {
    try {
      return new PlainTables(
          DriverManager.getConnection("jdbc:duckdb:"), PlainTables::readCsv, cap);
    } catch (SQLException e) {
      throw new Failed("DuckDB did not start: " + e.getMessage(), e);
    }
  }

  /** Seconds to take a file in. */
  double load(Export export, Path csv) {
    execute("CREATE TABLE %s (%s)".formatted(export.table(), export.definition()));
    long start = System.nanoTime();
    try {
      loader.load(connection, export, csv);
    } catch (SQLException | IOException e) {
      throw new Failed(csv + " could not be loaded: " + e.getMessage(), e);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static void copy(Connection connection, Export export, Path csv)
      throws SQLException, IOException {
    try (InputStream rows = new BufferedInputStream(Files.newInputStream(csv), 1 << 16)) {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn(
              "COPY %s FROM STDIN (FORMAT csv, HEADER true)".formatted(export.table()),
              rows,
              1 << 16);
    }
  }

  private static void readCsv(Connection connection, Export export, Path csv) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO %s SELECT * FROM read_csv('%s', header = true, columns = %s)"
              .formatted(export.table(), csv, export.struct()));
    }
  }

  /** Writes a table of DuckDB as a file of Parquet. */
  void writeParquet(Export export, Path file) {
    execute("COPY %s TO '%s' (FORMAT parquet)".formatted(export.table(), file));
  }

  void execute(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new Failed(sql + ": " + e.getMessage(), e);
    }
  }

  /** Makes a table by a query, which takes the place of the one before. */
  Timed table(String name, String query) {
    List<Double> seconds = new ArrayList<>();
    do {
      execute("DROP TABLE IF EXISTS " + name);
      Timed once = once("CREATE TABLE " + name + " AS " + query);
      if (once.over()) {
        return once;
      }
      seconds.add(once.seconds());
    } while (again(seconds));
    return median(seconds);
  }

  /** Asks, and reads the answer. */
  Timed ask(String query) {
    List<Double> seconds = new ArrayList<>();
    do {
      Timed once = once(query);
      if (once.over()) {
        return once;
      }
      seconds.add(once.seconds());
    } while (again(seconds));
    return median(seconds);
  }

  private static boolean again(List<Double> seconds) {
    return seconds.size() < 3 && seconds.getFirst() < SHORT;
  }

  private static Timed median(List<Double> seconds) {
    return new Timed(
        Report.median(seconds.stream().mapToDouble(Double::doubleValue).toArray()), false);
  }

  private Timed once(String sql) {
    AtomicBoolean over = new AtomicBoolean();
    long start = System.nanoTime();
    try (Statement statement = connection.createStatement()) {
      ScheduledFuture<?> stop =
          watch.schedule(
              () -> {
                over.set(true);
                statement.cancel();
                return null;
              },
              (long) (cap * 1_000),
              TimeUnit.MILLISECONDS);
      try {
        if (statement.execute(sql)) {
          try (ResultSet rows = statement.getResultSet()) {
            while (rows.next()) {
              rows.getString(1);
            }
          }
        }
      } finally {
        stop.cancel(false);
      }
    } catch (SQLException e) {
      if (over.get()) {
        return new Timed(cap, true);
      }
      throw new Failed(sql + ": " + e.getMessage(), e);
    }
    return new Timed((System.nanoTime() - start) / 1e9, false);
  }

  /** Reads every row, however many. */
  void each(String query, Sink sink) {
    each(connection, query, sink);
  }

  static void each(Connection connection, String query, Sink sink) {
    try {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(ROWS_AT_A_TIME);
        try (ResultSet rows = statement.executeQuery(query)) {
          int width = rows.getMetaData().getColumnCount();
          @Nullable String[] values = new @Nullable String[width];
          while (rows.next()) {
            for (int i = 0; i < width; i++) {
              values[i] = rows.getString(i + 1);
            }
            sink.row(values);
          }
        }
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw new Failed(query + ": " + e.getMessage(), e);
    }
  }

  long rows(String table) {
    long[] rows = new long[1];
    each("SELECT count(*) FROM " + table, values -> rows[0] = Long.parseLong(values[0]));
    return rows[0];
  }

  @Override
  public void close() {
    watch.shutdownNow();
    try {
      connection.close();
    } catch (SQLException e) {
      Progress.say("The connection was not closed: %s", e.getMessage());
    }
  }
}
