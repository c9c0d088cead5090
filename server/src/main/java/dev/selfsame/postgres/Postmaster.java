package dev.selfsame.postgres;

import dev.selfsame.postgres.PostgresFailure.Reason;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A running PostgreSQL server, known by its process. Whether this program started it or an earlier
 * one makes no difference: it is watched and stopped by what the system tells of the process, not
 * as a child.
 */
final class Postmaster {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final Duration POLL = Duration.ofMillis(5);
  private static final Duration FIRST_WORD = Duration.ofSeconds(3);

  /**
   * How long a server's remains, its shared memory above all, may stand in the way of the next one.
   */
  private static final Duration REMAINS = Duration.ofSeconds(10);

  private static final Duration LAST_RESORT = Duration.ofSeconds(10);

  private final Cluster cluster;
  private final long pid;
  private final int port;

  private Postmaster(Cluster cluster, long pid, int port) {
    this.cluster = cluster;
    this.pid = pid;
    this.port = port;
  }

  /** Starts a server and returns when it accepts connections; port 0 chooses a free one. */
  static Postmaster start(
      Cluster cluster,
      int port,
      Duration timeout,
      BooleanSupplier cancelled,
      Consumer<String> progress)
      throws IOException, InterruptedException {
    cluster.prepareStart();
    long begin = System.nanoTime();
    while (true) {
      switch (attempt(cluster, port == 0 ? freePort() : port, timeout, cancelled, progress)) {
        case Ready(Postmaster server) -> {
          return server;
        }
        case Ended(String words) -> {
          boolean mayPass =
              words.contains("shared memory block")
                  || words.contains("lock file \"postmaster.pid\" already exists")
                  || (port == 0 && words.contains("could not create any TCP/IP sockets"));
          if (!mayPass || since(begin).compareTo(REMAINS) > 0 || cancelled.getAsBoolean()) {
            throw didNotStart(cluster, words);
          }
          Thread.sleep(100);
        }
      }
    }
  }

  /**
   * The server that a killed program left running on the cluster. One that is just starting or
   * stopping is waited for.
   */
  static Optional<Postmaster> leftRunning(Cluster cluster, Duration timeout)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    while (true) {
      Optional<PidFile> file = PidFile.read(cluster.data());
      if (file.isEmpty() || !runs(file.get().pid(), cluster.data())) {
        return Optional.empty();
      }
      if (file.get().ready() || since(begin).compareTo(timeout) > 0) {
        return Optional.of(new Postmaster(cluster, file.get().pid(), file.get().port()));
      }
      Thread.sleep(POLL);
    }
  }

  long pid() {
    return pid;
  }

  int port() {
    return port;
  }

  boolean isRunning() {
    return runs(pid, cluster.data());
  }

  /**
   * Whether it is the server of this very cluster, of this program's version, and takes the
   * password.
   */
  boolean isOurs() {
    String question = "SELECT current_setting('data_directory'), current_setting('server_version')";
    try (Connection connection = cluster.connect(port);
        Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(question)) {
      return answer.next()
          && cluster.data().equals(Path.of(answer.getString(1)))
          && cluster.binaries().version().equals(answer.getString(2));
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * Ends the server: without waiting for its clients, but with the last checkpoint; when that takes
   * too long without it, which makes the next start recover. The plain end signal is never used,
   * since PostgreSQL then waits until every client has left.
   */
  void stop(Duration patience) {
    if (end("INT", patience) || end("QUIT", LAST_RESORT) || end("KILL", LAST_RESORT)) {
      return;
    }
    throw new IllegalStateException("The PostgreSQL process %d does not end".formatted(pid));
  }

  private boolean end(String signal, Duration patience) {
    if (isRunning()) {
      signal(signal);
    }
    long begin = System.nanoTime();
    boolean interrupted = false;
    while (isRunning() && since(begin).compareTo(patience) <= 0) {
      try {
        Thread.sleep(POLL);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !isRunning();
  }

  private void signal(String signal) {
    List<String> kill =
        List.of("sh", "-c", "kill -s \"$1\" \"$2\"", "sh", signal, Long.toString(pid));
    Path anywhere = cluster.layout().directory();
    if (!Command.run(kill, anywhere, LAST_RESORT).succeeded()) {
      // Root without CAP_KILL may not signal another account's process; that account may.
      Command.run(cluster.runAs().command(kill), anywhere, LAST_RESORT);
    }
  }

  private sealed interface Outcome {}

  private record Ready(Postmaster server) implements Outcome {}

  private record Ended(String words) implements Outcome {}

  private static Outcome attempt(
      Cluster cluster,
      int port,
      Duration timeout,
      BooleanSupplier cancelled,
      Consumer<String> progress)
      throws IOException, InterruptedException {
    deleteStalePidFile(cluster.data());
    long written = cluster.log().size();
    long begin = System.nanoTime();
    Duration spoken = FIRST_WORD;
    Process process = spawn(cluster, port);
    Postmaster server = new Postmaster(cluster, process.pid(), port);
    boolean ready = false;
    try {
      while (true) {
        ready =
            PidFile.read(cluster.data())
                .filter(f -> f.pid() == process.pid() && f.ready())
                .isPresent();
        if (ready) {
          return new Ready(server);
        }
        if (!process.isAlive()) {
          return new Ended(cluster.log().since(written));
        }
        if (cancelled.getAsBoolean()) {
          return new Ended("The start was cancelled.");
        }
        if (since(begin).compareTo(timeout) > 0) {
          return new Ended("It was not ready after %d s.".formatted(timeout.toSeconds()));
        }
        if (since(begin).compareTo(spoken) > 0) {
          progress.accept(
              "PostgreSQL is recovering after a crash (%d s)".formatted(since(begin).toSeconds()));
          spoken = spoken.multipliedBy(2);
        }
        Thread.sleep(POLL);
      }
    } finally {
      if (!ready && process.isAlive()) {
        server.stop(LAST_RESORT);
      }
    }
  }

  /**
   * Deletes the file when it names no server of ours. PostgreSQL itself would take any living
   * process of its account for a server, and even a dead one that nobody has reaped; should a
   * server live all the same, its shared memory still keeps a second one out.
   */
  private static void deleteStalePidFile(Path data) throws IOException {
    if (PidFile.read(data).filter(file -> runs(file.pid(), data)).isEmpty()) {
      Files.deleteIfExists(PidFile.path(data));
    }
  }

  private static Process spawn(Cluster cluster, int port) throws IOException {
    List<String> command = new ArrayList<>();
    if (Command.exists("setsid")) {
      // A session of its own: Ctrl-C in the terminal reaches the program, which then stops the
      // server last.
      command.add("setsid");
    }
    command.addAll(
        cluster
            .runAs()
            .command(
                List.of(
                    cluster.binaries().postgres(),
                    "-D",
                    cluster.data().toString(),
                    "-p",
                    Integer.toString(port))));
    return Command.builder(command, cluster.layout().cluster())
        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(cluster.layout().log().toFile()))
        .start();
  }

  /**
   * Whether a process is a server of this data directory, which every server makes its working
   * directory. Reading that may be forbidden where root's rights are cut; reading the arguments
   * never is. A dead process that nobody has reaped has neither.
   */
  static boolean runs(long pid, Path data) {
    try {
      if (Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd")).equals(data)) {
        return true;
      }
    } catch (IOException e) {
      // Ask the arguments.
    }
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().arguments())
        .filter(arguments -> List.of(arguments).contains(data.toString()))
        .isPresent();
  }

  /**
   * A free port below those that the system gives to outgoing connections: one of these could take
   * the port while the server is away, even a client's own try to reach it.
   */
  private static int freePort() throws IOException {
    IOException last = new IOException("no port tried");
    for (int tries = 0; tries < 100; tries++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_768);
      try {
        bind(port);
        return port;
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  static boolean isFree(int port) {
    try {
      bind(port);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void bind(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port));
    }
  }

  private static PostgresFailure didNotStart(Cluster cluster, String words) {
    Path directory = cluster.layout().directory();
    // On a full disk PostgreSQL's last words may have found no space either.
    if (PostgresFailure.meansDiskFull(words) || Disk.usableMegabytes(directory) < 1) {
      return new PostgresFailure(Reason.DISK_FULL, PostgresFailure.diskFull(directory));
    }
    boolean damaged =
        List.of("control file", "checkpoint record", "is not a valid data directory", "pg_control")
            .stream()
            .anyMatch(words::contains);
    return new PostgresFailure(
        damaged ? Reason.DAMAGED : Reason.DID_NOT_START,
        "PostgreSQL did not start in %s. Its own words (all of them are in %s):\n%s"
            .formatted(directory, cluster.layout().log(), words));
  }

  private static Duration since(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
