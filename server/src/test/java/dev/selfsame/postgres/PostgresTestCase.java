package dev.selfsame.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the tests of this package share: a directory per test, the binaries unpacked once, and
 * nothing left running.
 */
abstract class PostgresTestCase {
  /** Several test classes may use them at once, as several programs may. */
  static final Path BINARIES =
      Path.of(System.getProperty("java.io.tmpdir"), "selfsame-test-binaries");

  @TempDir static Path shared;
  @TempDir Path temporary;
  Path directory = Path.of("");
  final List<String> progress = new ArrayList<>();

  @BeforeEach
  void makeDirectory() throws IOException {
    Disk.permit(temporary, "rwxr-xr-x");
    directory = temporary.toRealPath().resolve("data");
  }

  /**
   * Ends the server of a test that failed half-way; nothing else has this directory as its data.
   */
  @AfterEach
  void leaveNothingRunning() throws IOException {
    Path data = new Layout(directory).data();
    if (!Files.isDirectory(data)) {
      return;
    }
    PidFile.read(data).filter(f -> Postmaster.runs(f.pid(), data)).ifPresent(f -> kill(f.pid()));
  }

  PostgresSettings settings() {
    return PostgresSettings.in(directory).withBinaries(BINARIES);
  }

  /** Puts a finished and stopped database into the directory: a copy, quicker than another one. */
  void makeDatabase() throws IOException {
    Path finished = shared.toRealPath().resolve("finished");
    if (!Files.exists(finished)) {
      Disk.permit(shared, "rwxr-xr-x");
      EmbeddedPostgres.open(PostgresSettings.in(finished).withBinaries(BINARIES), line -> {})
          .close();
    }
    List<String> copy = List.of("cp", "-a", finished.toString(), directory.toString());
    assertThat(Command.run(copy, temporary, Duration.ofSeconds(30)).output()).isEmpty();
  }

  EmbeddedPostgres open() {
    return open(settings());
  }

  EmbeddedPostgres open(PostgresSettings settings) {
    return EmbeddedPostgres.open(settings, progress::add);
  }

  PostgresFailure openFails() {
    return openFails(settings());
  }

  PostgresFailure openFails(PostgresSettings settings) {
    return catchThrowableOfType(PostgresFailure.class, () -> open(settings).close());
  }

  static Connection connect(EmbeddedPostgres postgres) throws SQLException {
    return connect(postgres.port(), postgres.password());
  }

  static Connection connect(int port, String password) throws SQLException {
    return DriverManager.getConnection(Cluster.jdbcUrl(port), Cluster.USER, password);
  }

  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static String ask(EmbeddedPostgres postgres, String question) throws SQLException {
    try (Connection connection = connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(question)) {
      assertThat(answer.next()).isTrue();
      return answer.getString(1);
    }
  }

  static void insertARow(int port, String password) throws SQLException {
    try (Connection connection = connect(port, password)) {
      run(connection, "CREATE TABLE IF NOT EXISTS kept (n int)");
      run(connection, "INSERT INTO kept VALUES (1)");
    }
  }

  static void insertARow(EmbeddedPostgres postgres) throws SQLException {
    insertARow(postgres.port(), postgres.password());
  }

  static String rows(EmbeddedPostgres postgres) throws SQLException {
    return ask(postgres, "SELECT count(*) FROM kept");
  }

  static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  static void await(String what, BooleanSupplier condition) {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .as(what)
          .isLessThan(Duration.ofSeconds(20));
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  static boolean isRoot() throws IOException {
    return Disk.owner(Path.of("/proc/self")) == 0;
  }
}
