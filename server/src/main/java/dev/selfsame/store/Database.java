package dev.selfsame.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.selfsame.access.Access;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Properties;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open database: checked, migrated, with its readers' login in place. Look-ups share a small
 * pool; the writing flow takes connections of its own. Thread-safe.
 */
public final class Database implements AutoCloseable {

  static final int OLDEST_POSTGRES = 15;

  /** One plan a statement, which suits a full table also when it is made on an empty one. */
  private static final String BY_INDEX =
      """
      SET plan_cache_mode = force_generic_plan;
      SET enable_seqscan = off;
      SET enable_hashjoin = off;
      SET enable_mergejoin = off;
      SET enable_bitmapscan = off;
      SET jit = off;
      """;

  /** At least as many as rounds of look-ups at once. */
  private static final int POINTED = 4;

  private static final Logger log = LoggerFactory.getLogger(Database.class);
  private static final long STARTING_MILLIS = 30_000;
  private static final long STARTING_PAUSE_MILLIS = 250;

  private final DatabaseAddress address;
  private final StoreSettings settings;
  private final ReaderRole reader;

  /** What look-ups share; made by the first, since most commands have none. Guarded by this. */
  private @Nullable HikariDataSource pool;

  private volatile @Nullable Jdbi jdbi;

  /** What look-ups by what users hold share. Guarded by this. */
  private @Nullable HikariDataSource pointedPool;

  private volatile @Nullable Jdbi pointed;

  private Database(DatabaseAddress address, StoreSettings settings, ReaderRole reader) {
    this.address = address;
    this.settings = settings;
    this.reader = reader;
  }

  /**
   * Opens the database, which may be new: makes or updates the schema, the readers' login and the
   * partitions of the coming weeks.
   *
   * @param now today, for the partitions
   * @throws Failure naming what is wrong with the server or the login and what to do
   */
  public static Database open(DatabaseAddress address, StoreSettings settings, Instant now) {
    try (Connection connection = connectPatiently(address, settings)) {
      check(address, connection);
      Migrations.run(address, connection);
      ReaderRole reader = new ReaderRole(address, settings);
      reader.ensure(connection);
      new Partitions(connection).ensure(now);
      return new Database(address, settings, reader);
    } catch (SQLException e) {
      throw StoreFailures.of(e, address);
    }
  }

  /** Looks after the partitions; to be called a few times a day, by any number of servers. */
  public void upkeep(Instant now) {
    try (Connection connection = plain(address, settings, "upkeep")) {
      new Partitions(connection).ensure(now);
    } catch (SQLException e) {
      throw StoreFailures.of(e, address);
    }
  }

  /**
   * A connection for the writing flow, to be kept and closed by the caller. Statements are prepared
   * at their first use, with plans that suit a full table even when they are made on an empty one;
   * values travel in binary.
   *
   * @param name what the database lists it as
   */
  public Connection connect(String name) throws SQLException {
    Properties properties = properties(address, settings, name);
    properties.setProperty("prepareThreshold", "1");
    properties.setProperty("binaryTransferEnable", ArrayParameter.TYPES);
    properties.setProperty("socketTimeout", Integer.toString(settings.answerSeconds()));
    Connection connection = DriverManager.getConnection(address.url(), properties);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          BY_INDEX
              + """
              SET tcp_keepalives_idle = 10;
              SET tcp_keepalives_interval = 5;
              SET tcp_keepalives_count = 3;
              SET tcp_user_timeout = 30000;
              SET idle_in_transaction_session_timeout = %d;
              SET statement_timeout = %d
              """
                  .formatted(
                      settings.answerSeconds() * 1_000, (settings.answerSeconds() - 2) * 1_000));
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** What a statement's failure on a connection of {@link #connect} means to the caller. */
  Failure failure(SQLException cause) {
    return StoreFailures.of(cause, address);
  }

  /** Where the writing flow gets its sessions from. */
  public Session.Connector sessions(String name) {
    return () -> {
      Connection connection = connect(name);
      connection.setAutoCommit(false);
      return connection;
    };
  }

  /** Whether the database answers and takes writes; takes as long as a look-up may at most. */
  public boolean writable() {
    try {
      return read(handle ->
          handle.createQuery("SELECT NOT pg_is_in_recovery()").mapTo(Boolean.class).one());
    } catch (Failure e) {
      log.debug("The database did not answer", e);
      return false;
    }
  }

  /**
   * The login of a space's readers, with its password: for tools that speak SQL.
   *
   * @throws Failure if there is none
   */
  public DatabaseAddress readerAddress(String space) {
    return reader.login(space);
  }

  /** Statements of people and tools, under the readers' login. */
  public ReaderQuery readerQuery() {
    return readerQuery(Access.DEFAULT_SPACE);
  }

  /** The same of a space. */
  public ReaderQuery readerQuery(String space) {
    return new ReaderQuery(this, space, 0);
  }

  /**
   * The same, of an answer that is small enough to be kept in memory.
   *
   * @param mostBytes of the answer; a larger one is a failure
   */
  public ReaderQuery readerQuery(int mostBytes) {
    return new ReaderQuery(this, Access.DEFAULT_SPACE, mostBytes);
  }

  @Override
  public synchronized void close() {
    if (pool != null) {
      pool.close();
    }
    if (pointedPool != null) {
      pointedPool.close();
    }
  }

  DatabaseAddress address() {
    return address;
  }

  StoreSettings settings() {
    return settings;
  }

  /** Makes what readers see of a space that was just made. */
  void ensureReaders() {
    try (Connection connection = plain(address, settings, "readers' logins")) {
      reader.ensure(connection);
    } catch (SQLException e) {
      throw StoreFailures.of(e, address);
    }
  }

  ReaderRole reader() {
    return reader;
  }

  /**
   * Runs a look-up on the shared connections; each statement sees what was committed before it
   * began.
   */
  <T extends @Nullable Object> T read(Look<T> look) {
    try {
      return jdbi().withHandle(look::at);
    } catch (JdbiException e) {
      throw failure(e);
    } catch (SQLException e) {
      throw StoreFailures.of(e, address);
    }
  }

  /**
   * Runs a look-up all of whose statements find a few rows by indexes, whatever they are asked:
   * they are planned once, and see what was committed before the first began. On connections of its
   * own, a few.
   */
  <T extends @Nullable Object> T readPointed(Look<T> look) {
    try {
      return pointed().inTransaction(look::at);
    } catch (JdbiException e) {
      throw failure(e);
    } catch (SQLException e) {
      throw StoreFailures.of(e, address);
    }
  }

  /** Runs a short transaction on the shared connections. */
  <T extends @Nullable Object> T write(Look<T> look) {
    try {
      return jdbi().inTransaction(look::at);
    } catch (JdbiException e) {
      throw failure(e);
    } catch (SQLException e) {
      throw StoreFailures.of(e, address);
    }
  }

  private Jdbi jdbi() {
    Jdbi made = jdbi;
    return made == null ? makeJdbi() : made;
  }

  private synchronized Jdbi makeJdbi() {
    Jdbi made = jdbi;
    if (made == null) {
      HikariConfig config = poolOf("look-ups", address, settings);
      config.setMaximumPoolSize(settings.readConnections());
      // Plans made while a table was empty would be kept: plan each time.
      config.setConnectionInitSql(
          "SET plan_cache_mode = force_custom_plan; SET jit = off; SET statement_timeout = "
              + settings.readSeconds() * 1_000);
      pool = new HikariDataSource(config);
      made = Jdbi.create(pool);
      jdbi = made;
    }
    return made;
  }

  private Jdbi pointed() {
    Jdbi made = pointed;
    return made == null ? makePointed() : made;
  }

  private synchronized Jdbi makePointed() {
    Jdbi made = pointed;
    if (made == null) {
      HikariConfig config = poolOf("pointed look-ups", address, settings);
      config.addDataSourceProperty("prepareThreshold", "1");
      config.setMaximumPoolSize(POINTED);
      config.setConnectionInitSql(
          BY_INDEX
              + "SET default_transaction_isolation = 'repeatable read';"
              + " SET statement_timeout = "
              + settings.readSeconds() * 1_000);
      pointedPool = new HikariDataSource(config);
      made = Jdbi.create(pointedPool);
      pointed = made;
    }
    return made;
  }

  /** What is done with a connection. */
  @FunctionalInterface
  interface Look<T extends @Nullable Object> {
    T at(Handle handle) throws SQLException;
  }

  Connection plain(String name) throws SQLException {
    return plain(address, settings, name);
  }

  static Connection plain(DatabaseAddress address, StoreSettings settings, String name)
      throws SQLException {
    return DriverManager.getConnection(address.url(), properties(address, settings, name));
  }

  private Failure failure(JdbiException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return StoreFailures.of(sql, address);
      }
      if (cause instanceof Failure failure) {
        return failure;
      }
    }
    return new Failure(Problem.INTERNAL_ERROR, "A look-up failed: " + e.getMessage(), 0, e);
  }

  private static HikariConfig poolOf(String name, DatabaseAddress address, StoreSettings settings) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(name);
    config.setJdbcUrl(address.url());
    Properties properties = properties(address, settings, name);
    properties.setProperty("socketTimeout", Integer.toString(settings.readSeconds() + 5));
    config.setDataSourceProperties(properties);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(settings.connectSeconds() * 1_000L);
    // The database has been reached a moment ago; a pool that fills by and by does not delay the
    // start.
    config.setInitializationFailTimeout(-1);
    return config;
  }

  private static Properties properties(
      DatabaseAddress address, StoreSettings settings, String name) {
    Properties properties = new Properties();
    properties.setProperty("user", address.user());
    if (address.password() != null) {
      properties.setProperty("password", address.password());
    }
    properties.setProperty("ApplicationName", "selfsame " + name);
    properties.setProperty("connectTimeout", Integer.toString(settings.connectSeconds()));
    properties.setProperty("loginTimeout", Integer.toString(settings.connectSeconds()));
    properties.setProperty("tcpKeepAlive", "true");
    // The details of an error show whole rows, and an error may be logged.
    properties.setProperty("logServerErrorDetail", "false");
    return properties;
  }

  /** A server that has just been started says that it is starting; that passes. */
  private static Connection connectPatiently(DatabaseAddress address, StoreSettings settings)
      throws SQLException {
    long end = System.nanoTime() + STARTING_MILLIS * 1_000_000;
    while (true) {
      try {
        return plain(address, settings, "start");
      } catch (SQLException e) {
        if (!StoreFailures.STARTING.equals(e.getSQLState()) || System.nanoTime() > end) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(STARTING_PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(
          Problem.STORE_AWAY, "Interrupted while waiting for PostgreSQL to start", 0, e);
    }
  }

  static void check(DatabaseAddress address, Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT current_setting('server_version_num')::int,"
                    + " current_setting('server_version'), current_setting('server_encoding')")) {
      row.next();
      if (row.getInt(1) < OLDEST_POSTGRES * 10_000) {
        throw new Failure(
            Problem.STORE_UNFIT,
            "PostgreSQL %s at %s is too old: Selfsame needs %d or later."
                .formatted(row.getString(2), address.place(), OLDEST_POSTGRES));
      }
      if (!row.getString(3).equals("UTF8")) {
        throw new Failure(
            Problem.STORE_UNFIT,
            "The database at %s is encoded as %s: Selfsame needs one with ENCODING 'UTF8'."
                .formatted(address.place(), row.getString(3)));
      }
    }
  }
}
