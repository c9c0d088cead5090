package dev.selfsame.connection;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Calendar;
import java.util.Locale;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;

/** Another database, connected to: reading alone, in UTC, and not for ever. */
public final class Warehouse implements AutoCloseable {

  private static final int ROWS_AT_A_TIME = 1_000;
  private static final DateTimeFormatter MYSQL =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

  private final Address address;
  private final Failures failures;
  private final Duration limit;
  private final Connection connection;
  private volatile @Nullable Statement asking;

  private Warehouse(Address address, Failures failures, Duration limit, Connection connection) {
    this.address = address;
    this.failures = failures;
    this.limit = limit;
    this.connection = connection;
  }

  /**
   * Connects.
   *
   * @param limit how long the database may work on a statement
   * @throws Failure {@code WAREHOUSE_UNREACHABLE}, {@code WAREHOUSE_LOGIN}, {@code WAREHOUSE_TLS}
   *     or {@code WAREHOUSE_DRIVER}
   */
  static Warehouse open(
      Drivers drivers, Address address, @Nullable String password, Duration limit) {
    Failures failures = new Failures(address, password, limit);
    try {
      Connection connection = drivers.connect(address, address.properties(password));
      try {
        Warehouse open = new Warehouse(address, failures, limit, connection);
        open.prepare();
        return open;
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw failures.connecting(e);
    }
  }

  private void prepare() throws SQLException {
    switch (address.kind()) {
      case POSTGRESQL -> {
        set("SET TimeZone = 'UTC'");
        set("SET statement_timeout = " + limit.toMillis());
        connection.setReadOnly(true);
        connection.setAutoCommit(false);
      }
      case MYSQL, MARIADB -> {
        set("SET SESSION TRANSACTION READ ONLY");
        set("SET SESSION time_zone = '+00:00'");
        boolean mariadb =
            connection.getMetaData().getDatabaseProductName().equalsIgnoreCase("MariaDB");
        set(
            mariadb
                ? "SET SESSION max_statement_time = " + limit.toSeconds()
                : "SET SESSION max_execution_time = " + limit.toMillis());
        connection.setReadOnly(true);
        connection.setAutoCommit(false);
      }
      case DUCKDB -> set("SET TimeZone = 'UTC'");
      case OTHER -> {
        connection.setReadOnly(true);
        connection.setAutoCommit(false);
      }
    }
  }

  private void set(String statement) throws SQLException {
    try (Statement setting = connection.createStatement()) {
      setting.execute(statement);
    }
  }

  /** What time it is there. */
  public Instant clock() {
    String now =
        switch (address.kind()) {
          case POSTGRESQL -> "SELECT clock_timestamp()";
          case MYSQL, MARIADB -> "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)";
          case DUCKDB -> "SELECT epoch_us(now())";
          case OTHER -> "SELECT CURRENT_TIMESTAMP";
        };
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(now)) {
      if (!row.next()) {
        throw new Failure(
            Problem.WAREHOUSE_QUERY, "%s does not say what time it is.".formatted(address.place()));
      }
      return switch (address.kind()) {
        case POSTGRESQL -> row.getObject(1, OffsetDateTime.class).toInstant();
        case MYSQL, MARIADB ->
            LocalDateTime.parse(row.getString(1), MYSQL).toInstant(ZoneOffset.UTC);
        case DUCKDB -> {
          long micros = row.getLong(1);
          yield Instant.ofEpochSecond(
              Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
        }
        case OTHER -> row.getTimestamp(1, utc()).toInstant();
      };
    } catch (SQLException e) {
      throw failures.asking(e, null, Duration.ZERO);
    }
  }

  /**
   * Asks the query.
   *
   * @param since what {@code $LAST_SYNC_TIMESTAMP} stands for
   * @param most so many rows at most; 0: all
   * @throws Failure {@code WAREHOUSE_QUERY}, {@code WAREHOUSE_WRITES} or {@code WAREHOUSE_TIMEOUT}
   */
  public WarehouseRows rows(QueryText query, Instant since, int most) {
    long began = System.nanoTime();
    try {
      // The rows close it.
      PreparedStatement reading = connection.prepareStatement(query.sql());
      asking = reading;
      reading.setFetchSize(most == 0 ? ROWS_AT_A_TIME : Math.min(most, ROWS_AT_A_TIME));
      if (most > 0) {
        reading.setMaxRows(most);
      }
      if (address.kind() == Kind.DUCKDB || address.kind() == Kind.OTHER) {
        reading.setQueryTimeout(Math.toIntExact(limit.toSeconds()));
      }
      for (int i = 1; i <= query.parameters(); i++) {
        bind(reading, i, since);
      }
      if (!reading.execute()) {
        throw new Failure(
            Problem.WAREHOUSE_QUERY, "The statement answers no rows: expected one SELECT.");
      }
      return new WarehouseRows(reading, failures);
    } catch (SQLException e) {
      throw failures.asking(e, null, Duration.ofNanos(System.nanoTime() - began));
    }
  }

  /** Ends what the database works on; another thread waits for it. */
  public void cancel() {
    Statement working = asking;
    try {
      if (working != null) {
        working.cancel();
      }
    } catch (SQLException e) {
      // It came to its end by itself, or goes with the connection.
      return;
    }
  }

  private void bind(PreparedStatement statement, int at, Instant time) throws SQLException {
    OffsetDateTime utc = time.atOffset(ZoneOffset.UTC);
    switch (address.kind()) {
      case POSTGRESQL -> statement.setObject(at, utc);
      case MYSQL, MARIADB -> statement.setString(at, MYSQL.format(utc));
      case DUCKDB -> statement.setObject(at, utc.toLocalDateTime());
      case OTHER -> statement.setTimestamp(at, Timestamp.from(time), utc());
    }
  }

  private static Calendar utc() {
    return Calendar.getInstance(TimeZone.getTimeZone("UTC"), Locale.ROOT);
  }

  @Override
  public void close() {
    try {
      // Reading to the end of what is left of a large answer would take its time.
      if (address.kind() != Kind.DUCKDB) {
        connection.abort(Runnable::run);
      }
      connection.close();
    } catch (SQLException e) {
      // What it had to say was said.
      return;
    }
  }
}
