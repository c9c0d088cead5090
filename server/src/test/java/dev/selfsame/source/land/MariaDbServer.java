package dev.selfsame.source.land;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The MariaDB that is installed on the machine, on a directory of its own and loopback alone. */
public final class MariaDbServer {

  private static final Path SERVER = Path.of("/usr/sbin/mariadbd");
  private static final Path INSTALL = Path.of("/usr/bin/mariadb-install-db");
  private static final int NOBODY = 65534;

  private final Process process;
  private final int port;
  private final Path log;

  private MariaDbServer(Process process, int port, Path log) {
    this.process = process;
    this.port = port;
    this.log = log;
  }

  /** Why there is none; empty where there is one. */
  public static Optional<String> missing() {
    return Stream.of(SERVER, INSTALL)
        .filter(program -> !Files.isExecutable(program))
        .findFirst()
        .map(program -> "No MariaDB is installed: there is no " + program);
  }

  /**
   * Starts it, and makes the users and tables of the tests.
   *
   * @param directory empty; the caller deletes it
   */
  public static MariaDbServer start(Path directory) throws Exception {
    Path data = Files.createDirectory(directory.resolve("data"));
    Path log = directory.resolve("log");
    boolean root = "root".equals(System.getProperty("user.name"));
    if (root) {
      // It does not run as root.
      for (Path path : List.of(directory, data)) {
        Files.setAttribute(path, "unix:uid", NOBODY);
      }
    }
    List<String> account =
        root
            ? List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups")
            : List.of();
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Path setup = directory.resolve("setup.sql");
    Files.writeString(
        setup,
        """
        CREATE DATABASE IF NOT EXISTS shop CHARACTER SET utf8mb4;
        CREATE USER IF NOT EXISTS 'tool'@'127.0.0.1' IDENTIFIED BY 'p@ss/word';
        GRANT ALL ON shop.* TO 'tool'@'127.0.0.1';
        """);
    Process install =
        process(
            log,
            account,
            INSTALL.toString(),
            "--no-defaults",
            "--datadir=" + data,
            "--auth-root-authentication-method=normal",
            "--skip-test-db");
    if (!install.waitFor(2, TimeUnit.MINUTES) || install.exitValue() != 0) {
      install.destroyForcibly();
      throw new IOException("mariadb-install-db failed: " + Files.readString(log));
    }
    Process server =
        process(
            log,
            account,
            SERVER.toString(),
            "--no-defaults",
            "--datadir=" + data,
            "--bind-address=127.0.0.1",
            "--port=" + port,
            "--socket=" + directory.resolve("socket"),
            "--pid-file=" + directory.resolve("pid"),
            "--init-file=" + setup,
            "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=32M",
            "--default-time-zone=+05:00");
    var started = new MariaDbServer(server, port, log);
    started.await();
    return started;
  }

  private static Process process(Path log, List<String> account, String... command)
      throws IOException {
    List<String> all = new ArrayList<>(account);
    all.addAll(List.of(command));
    return new ProcessBuilder(all)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private void await() throws Exception {
    for (int i = 0; i < 600; i++) {
      try (Connection connection = connect()) {
        if (connection.isValid(5)) {
          return;
        }
      } catch (SQLException e) {
        if (!process.isAlive()) {
          throw new IOException("mariadbd ended: " + Files.readString(log), e);
        }
      }
      Thread.sleep(100);
    }
    close();
    throw new IOException("mariadbd does not answer: " + Files.readString(log));
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:mariadb://127.0.0.1:%d/shop?allowMultiQueries=true".formatted(port),
        "tool",
        "p@ss/word");
  }

  public void sql(String statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(statements);
    }
  }

  /** Host, port and database. */
  public String place() {
    return "127.0.0.1:%d/shop".formatted(port);
  }

  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
