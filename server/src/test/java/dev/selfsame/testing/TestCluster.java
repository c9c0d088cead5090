package dev.selfsame.testing;

import dev.selfsame.postgres.EmbeddedPostgres;
import dev.selfsame.postgres.PostgresSettings;
import dev.selfsame.store.DatabaseAddress;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server for tests, started once per JVM, stopped and deleted with it: the one that
 * the program brings along, or, with {@code -Dselfsame.test.postgres=installed}, the one installed
 * on the machine. It does not wait for the disk; what must survive a crash has tests of its own.
 */
final class TestCluster {

  /** Several test classes, and several builds, may use them at once, as several programs may. */
  private static final Path BINARIES =
      Path.of(System.getProperty("java.io.tmpdir"), "selfsame-test-binaries");

  private static final int NOBODY = 65534;

  private final DatabaseAddress any;

  private TestCluster(DatabaseAddress any) {
    this.any = any;
  }

  static TestCluster start() throws IOException, InterruptedException, SQLException {
    return System.getProperty("selfsame.test.postgres", "embedded").equals("installed")
        ? installed(installedBinaries().orElseThrow())
        : embedded();
  }

  /** Where an installed PostgreSQL has its programs; of several, the newest. */
  static Optional<Path> installedBinaries() {
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.comparing(Path::toString));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static TestCluster embedded() throws IOException, SQLException {
    Path directory = directory();
    EmbeddedPostgres postgres =
        EmbeddedPostgres.open(
            PostgresSettings.in(directory.resolve("hub")).withBinaries(BINARIES), line -> {});
    atTheEnd(() -> {
      postgres.close();
      delete(directory);
    });
    DatabaseAddress address =
        new DatabaseAddress(postgres.jdbcUrl(), postgres.user(), postgres.password());
    try (Connection connection =
            DriverManager.getConnection(address.url(), address.user(), address.password());
        Statement statement = connection.createStatement()) {
      for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
        statement.execute("ALTER SYSTEM SET " + setting + " = off");
      }
      statement.execute("SELECT pg_reload_conf()");
    }
    return new TestCluster(address);
  }

  /** Starts the server of the programs in {@code bin}. */
  static TestCluster installed(Path bin) throws IOException, InterruptedException {
    Path directory = directory();
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    boolean root = "root".equals(System.getProperty("user.name"));
    if (root) {
      Files.setAttribute(directory, "unix:uid", NOBODY);
    }
    List<String> account =
        root
            ? List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups")
            : List.of();
    Path data = directory.resolve("data");
    Path password = directory.resolve("password");
    Files.writeString(password, "secret");
    run(
        directory,
        account,
        bin.resolve("initdb"),
        "-D",
        data,
        "-U",
        "app",
        "-A",
        "scram-sha-256",
        "--pwfile=" + password,
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync");
    String options =
        "-p %d -k '' -h 127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
            .formatted(port);
    run(
        directory,
        account,
        bin.resolve("pg_ctl"),
        "-D",
        data,
        "-o",
        options,
        "-l",
        directory.resolve("log"),
        "-w",
        "start");
    atTheEnd(() -> {
      run(directory, account, bin.resolve("pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop");
      delete(directory);
    });
    return new TestCluster(
        DatabaseAddress.parse("postgresql://app:secret@127.0.0.1:%d/postgres".formatted(port)));
  }

  DatabaseAddress database(String name) {
    return new DatabaseAddress(
        any.url().replaceFirst("/[^/]*$", "/" + name), any.user(), any.password());
  }

  Connection connect(String database) throws SQLException {
    DatabaseAddress address = database(database);
    return DriverManager.getConnection(address.url(), address.user(), address.password());
  }

  private static Path directory() throws IOException {
    return Files.createTempDirectory(
        "selfsame-test-",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
  }

  @FunctionalInterface
  private interface Ending {
    void run() throws IOException, InterruptedException;
  }

  private static void atTheEnd(Ending ending) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              try {
                ending.run();
              } catch (IOException e) {
                System.err.println("The tests' PostgreSQL was not stopped: " + e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
  }

  private static void run(Path directory, List<String> account, Object... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(account);
    for (Object word : words) {
      command.add(word.toString());
    }
    // A file, not a pipe: the server inherits it and would keep a pipe open.
    Path output = Files.createTempFile("selfsame-test-", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("%s failed: %s".formatted(command, Files.readString(output)));
      }
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
