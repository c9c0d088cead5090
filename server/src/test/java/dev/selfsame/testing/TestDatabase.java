package dev.selfsame.testing;

import dev.selfsame.store.Database;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.StoreSettings;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A database of its own for one test class, on a real PostgreSQL:
 *
 * <pre>{@code
 * @RegisterExtension static final TestDatabase database = TestDatabase.migrated();
 * }</pre>
 *
 * The schema is made once per JVM and copied. What a test opens here is closed after the class.
 */
public final class TestDatabase
    implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {

  /** The time at which tests take place unless they say another. */
  public static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private static final String MODEL = "selfsame_model";
  private static final AtomicInteger COUNT = new AtomicInteger();

  /** The server that the tests run on, and, where a test asks for it, the installed one (true). */
  private static final Map<Boolean, TestCluster> CLUSTERS = new HashMap<>();

  private final boolean empty;
  private final boolean installed;
  private boolean each;
  private final String name = "test_" + COUNT.incrementAndGet();
  private final List<Database> opened = new ArrayList<>();

  /** Connections that {@link #rows} has done with: to log in takes longer than most queries. */
  private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();

  private TestDatabase(boolean empty, boolean installed) {
    this.empty = empty;
    this.installed = installed;
  }

  /** With the program's schema, and no user yet. */
  public static TestDatabase migrated() {
    return new TestDatabase(false, false);
  }

  /** With nothing in it, not even a schema. */
  public static TestDatabase empty() {
    return new TestDatabase(true, false);
  }

  /**
   * With nothing in it, on the PostgreSQL that is installed on the machine, mostly an older one;
   * the tests are skipped where there is none.
   */
  public static TestDatabase onInstalledPostgres() {
    return new TestDatabase(true, true);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    Assumptions.assumeTrue(
        !installed || TestCluster.installedBinaries().isPresent(), "No PostgreSQL is installed");
    TestCluster server = cluster();
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name + (empty ? "" : " TEMPLATE " + MODEL));
      statement.execute("REVOKE TEMPORARY ON DATABASE " + name + " FROM PUBLIC");
    }
  }

  /** A migrated one that each test has for itself; registered in a field of the instance. */
  public static TestDatabase forEachTest() {
    TestDatabase database = new TestDatabase(false, false);
    database.each = true;
    return database;
  }

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    if (each) {
      beforeAll(context);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    if (each) {
      afterAll(context);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    for (Database database : opened) {
      database.close();
    }
    for (Connection connection : idle) {
      connection.close();
    }
    if (installed && TestCluster.installedBinaries().isEmpty()) {
      return;
    }
    try (Connection connection = cluster().connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("DROP DATABASE " + name + " WITH (FORCE)");
    }
  }

  public DatabaseAddress address() {
    try {
      return cluster().database(name);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Opens it as a server does; closed after the class. */
  public synchronized Database open() {
    Database database = Database.open(address(), StoreSettings.DEFAULT, NOW);
    opened.add(database);
    return database;
  }

  /** A connection as the database's owner; the caller closes it. */
  public Connection connect() throws SQLException {
    return connect(address());
  }

  /** Runs statements as the database's owner. */
  public void sql(String statements) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(statements);
    } catch (SQLException e) {
      throw new IllegalStateException(
          e.getMessage() + " in " + statements.lines().findFirst().orElse(""), e);
    }
  }

  /** Runs statements while connected to another database, such as those that shut this one. */
  public void sqlElsewhere(String statements) {
    try (Connection connection = cluster().connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(statements);
    } catch (IOException | InterruptedException | SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The rows of a query, each as its values joined by a bar; NULL is empty. */
  public List<String> rows(String query) {
    try {
      Connection connection = idleOrNew();
      try {
        List<String> rows = rows(connection, query);
        idle.push(connection);
        return rows;
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage() + " in " + query, e);
    }
  }

  private static List<String> rows(Connection connection, String query) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      int width = result.getMetaData().getColumnCount();
      while (result.next()) {
        StringBuilder row = new StringBuilder();
        for (int i = 1; i <= width; i++) {
          String value = result.getString(i);
          row.append(i == 1 ? "" : "|").append(value == null ? "" : value);
        }
        rows.add(row.toString());
      }
    }
    return rows;
  }

  /** Tests end connections, too: one that no longer answers is replaced. */
  private Connection idleOrNew() throws SQLException {
    Connection connection = idle.poll();
    while (connection != null && !connection.isValid(5)) {
      connection.close();
      connection = idle.poll();
    }
    return connection == null ? connect() : connection;
  }

  private static Connection connect(DatabaseAddress address) throws SQLException {
    return java.sql.DriverManager.getConnection(address.url(), address.user(), address.password());
  }

  private TestCluster cluster() throws IOException, InterruptedException, SQLException {
    synchronized (CLUSTERS) {
      TestCluster running = CLUSTERS.get(installed);
      if (running == null) {
        running =
            installed
                ? TestCluster.installed(TestCluster.installedBinaries().orElseThrow())
                : TestCluster.start();
        CLUSTERS.put(installed, running);
        if (!installed) {
          makeModel(running);
        }
      }
      return running;
    }
  }

  private static void makeModel(TestCluster cluster) throws SQLException {
    try (Connection connection = cluster.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + MODEL);
    }
    Database.open(cluster.database(MODEL), StoreSettings.DEFAULT, NOW).close();
  }
}
