package dev.selfsame.testing;

import dev.selfsame.store.DatabaseAddress;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server for tests: one per JVM, started at first use, stopped and deleted with the
 * JVM. It does not wait for the disk; what must survive a crash is tested elsewhere, with the
 * server that the program itself starts.
 */
final class TestCluster {

  private static final String USER = "app";
  private static final String PASSWORD = "secret";
  private static final int NOBODY = 65534;

  private final int port;

  private TestCluster(int port) {
    this.port = port;
  }

  /**
   * The server of an installed PostgreSQL, newest first; the tests' own default is the packaged
   * one.
   */
  static Optional<Path> installed() {
    try (Stream<Path> binaries = Files.list(Path.of("/usr/lib/postgresql"))) {
      return binaries
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.comparing(Path::toString));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Starts the server of the binaries in {@code bin}. */
  static TestCluster start(Path bin) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("selfsame-test-");
    int port = freePort();
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
    Files.writeString(password, PASSWORD);
    run(
        directory,
        account,
        bin.resolve("initdb"),
        "-D",
        data,
        "-U",
        USER,
        "-A",
        "scram-sha-256",
        "--pwfile=" + password,
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync");
    String options =
        "-p %d -k '' -h 127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
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
    Thread stop =
        new Thread(() -> {
          try {
            run(
                directory,
                account,
                bin.resolve("pg_ctl"),
                "-D",
                data,
                "-m",
                "immediate",
                "-w",
                "stop");
            delete(directory);
          } catch (IOException e) {
            System.err.println("The test's PostgreSQL in " + directory + " was not stopped: " + e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Runtime.getRuntime().addShutdownHook(stop);
    return new TestCluster(port);
  }

  DatabaseAddress database(String name) {
    return DatabaseAddress.parse(
        "postgresql://%s:%s@127.0.0.1:%d/%s".formatted(USER, PASSWORD, port, name));
  }

  Connection connect(String database) throws SQLException {
    DatabaseAddress address = database(database);
    return DriverManager.getConnection(address.url(), address.user(), address.password());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
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
    if (!directory.startsWith(
        FileSystems.getDefault().getPath(System.getProperty("java.io.tmpdir")))) {
      throw new IOException(directory + " is no temporary directory");
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
