package dev.selfsame.connection;

import dev.selfsame.error.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Another database, connected to for writing: in UTC, and in transactions. */
public final class WritableWarehouse implements AutoCloseable {

  private final Address address;
  private final Failures failures;
  private final Connection connection;

  private WritableWarehouse(Address address, Failures failures, Connection connection) {
    this.address = address;
    this.failures = failures;
    this.connection = connection;
  }

  static WritableWarehouse open(Drivers drivers, Address address, @Nullable String password) {
    Failures failures = new Failures(address, password, Duration.ofDays(1));
    try {
      Connection connection = drivers.connect(address, address.writingProperties(password));
      try {
        WritableWarehouse open = new WritableWarehouse(address, failures, connection);
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
      case POSTGRESQL -> set("SET TimeZone = 'UTC'");
      case MYSQL, MARIADB -> {
        set("SET SESSION time_zone = '+00:00'");
        // What is too long is refused, not cut.
        set("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')");
      }
      case DUCKDB -> {
        set("SET TimeZone = 'UTC'");
        // Beside the heap; by itself it takes most of the machine.
        set("SET memory_limit = '512MB'");
        set("SET threads = 2");
        set("SET preserve_insertion_order = false");
      }
      case OTHER -> {}
    }
    connection.setAutoCommit(false);
  }

  private void set(String statement) throws SQLException {
    try (Statement setting = connection.createStatement()) {
      setting.execute(statement);
    }
  }

  public Kind kind() {
    return address.kind();
  }

  /** What a message may show. */
  public String place() {
    return address.place();
  }

  /** Without autocommit. */
  public Connection connection() {
    return connection;
  }

  /**
   * What a failure of a statement means.
   *
   * @param what could not be done
   */
  public Failure failure(SQLException e, String what) {
    return failures.writing(e, what);
  }

  /** What was not committed is gone. */
  @Override
  public void close() {
    try {
      if (!connection.isClosed()) {
        connection.rollback();
      }
    } catch (SQLException e) {
      // It goes with the connection.
    }
    try {
      connection.close();
    } catch (SQLException e) {
      // What it had to say was said.
      return;
    }
  }
}
