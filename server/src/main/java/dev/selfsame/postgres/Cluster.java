package dev.selfsame.postgres;

import dev.selfsame.postgres.PostgresFailure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;

/** The databases on the disk, with all that is needed to run a server on them. */
final class Cluster {
  static final String USER = "selfsame";
  static final String DATABASE = "selfsame";

  /** PostgreSQL refuses a data directory with any of these, as a copy may have them. */
  private static final Set<PosixFilePermission> TOO_OPEN =
      EnumSet.of(
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  private static final Duration CREATE_TIMEOUT = Duration.ofMinutes(5);

  private final Layout layout;
  private final Binaries binaries;
  private final RunAs runAs;
  private final String password;

  private Cluster(Layout layout, Binaries binaries, RunAs runAs, String password) {
    this.layout = layout;
    this.binaries = binaries;
    this.runAs = runAs;
    this.password = password;
  }

  /** Opens the cluster of a data directory, or makes it. */
  static Cluster open(Layout layout, Binaries binaries, RunAs runAs, Consumer<String> progress)
      throws IOException {
    layout.deleteUnfinished();
    if (!Files.exists(layout.cluster())) {
      progress.accept("Creating the database (once)");
      create(layout, binaries, runAs);
    }
    checkMajorVersion(layout);
    return new Cluster(layout, binaries, runAs, readPassword(layout));
  }

  /** The real path of PostgreSQL's own data directory. */
  Path data() {
    return layout.data();
  }

  Layout layout() {
    return layout;
  }

  Binaries binaries() {
    return binaries;
  }

  RunAs runAs() {
    return runAs;
  }

  ServerLog log() {
    return new ServerLog(layout.log());
  }

  String password() {
    return password;
  }

  /** The port to start on again; 0 if none is known. */
  int keptPort() throws IOException {
    try {
      int port = Integer.parseInt(Files.readString(layout.port()).strip());
      return port > 0 && port <= 65_535 ? port : 0;
    } catch (NoSuchFileException | NumberFormatException e) {
      return 0;
    }
  }

  void keepPort(int port) throws IOException {
    if (keptPort() != port) {
      Disk.write(layout.port(), port + "\n", "rw-r--r--");
    }
  }

  static String jdbcUrl(int port) {
    return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, DATABASE);
  }

  Connection connect(int port) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", USER);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "5");
    return DriverManager.getConnection(jdbcUrl(port), properties);
  }

  /**
   * Puts right what may differ since the last start: the program's settings, the owner and the mode
   * of the files.
   */
  void prepareStart() throws IOException {
    Path configuration = data().resolve(ServerConfiguration.FILE);
    String wanted = ServerConfiguration.forThisMachine(data());
    if (!Files.exists(configuration) || !Files.readString(configuration).equals(wanted)) {
      Disk.write(configuration, wanted, "rw-r--r--");
      runAs.own(configuration);
    }
    runAs.own(data());
    if (Files.getPosixFilePermissions(data()).stream().anyMatch(TOO_OPEN::contains)) {
      Disk.permit(data(), "rwx------");
    }
    log().create();
    log().bound();
  }

  private static void create(Layout layout, Binaries binaries, RunAs runAs) throws IOException {
    Path fresh = layout.newUnfinished();
    try {
      Disk.permit(fresh, "rwxr-xr-x");
      Path data = Files.createDirectory(Layout.data(fresh));
      Disk.permit(data, "rwx------");
      runAs.own(data);
      Path password = Layout.password(fresh);
      Disk.write(password, newPassword() + "\n", "rw-------");
      int keeper = Disk.owner(password);
      int keeperGroup = Disk.group(password);

      // initdb reads the password from a file under its own account: a pipe from another account is
      // refused.
      runAs.own(password);
      run(layout, runAs, fresh, initdb(binaries, data, password), "");
      Disk.give(password, keeper, keeperGroup);

      Files.writeString(
          data.resolve("postgresql.conf"),
          ServerConfiguration.includes(),
          StandardOpenOption.APPEND);
      Path configuration = data.resolve(ServerConfiguration.FILE);
      Disk.write(configuration, ServerConfiguration.forThisMachine(data), "rw-r--r--");
      runAs.own(configuration);
      run(
          layout,
          runAs,
          fresh,
          List.of(binaries.postgres(), "--single", "-F", "-D", data.toString(), "postgres"),
          "CREATE DATABASE " + DATABASE + "\n");
      // All at once here, where initdb and the single-user server would save file after file.
      Disk.syncTree(fresh);
      Disk.move(fresh, layout.cluster());
    } finally {
      Disk.delete(fresh);
    }
  }

  private static List<String> initdb(Binaries binaries, Path data, Path password) {
    return List.of(
        binaries.initdb(),
        "--pgdata=" + data,
        "--username=" + USER,
        "--pwfile=" + password,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--no-sync",
        "--no-instructions");
  }

  private static void run(
      Layout layout, RunAs runAs, Path directory, List<String> words, String input) {
    Command.Result result = Command.run(runAs.command(words), directory, CREATE_TIMEOUT, input);
    // A single-user server goes on after a failed statement and ends well.
    if (result.succeeded() && !result.output().contains("ERROR: ")) {
      return;
    }
    if (PostgresFailure.meansDiskFull(result.output())) {
      throw new PostgresFailure(Reason.DISK_FULL, PostgresFailure.diskFull(layout.directory()));
    }
    throw new PostgresFailure(
        Reason.DID_NOT_START,
        "The database could not be created in %s; %s ended with %d and said:\n%s"
            .formatted(
                layout.directory(),
                Path.of(words.get(0)).getFileName(),
                result.exit(),
                result.output()));
  }

  private static void checkMajorVersion(Layout layout) throws IOException {
    String found;
    try {
      found = Files.readString(layout.data().resolve("PG_VERSION")).strip();
    } catch (NoSuchFileException e) {
      throw missing(layout.data().resolve("PG_VERSION"));
    }
    if (!found.equals(Integer.toString(Archive.MAJOR_VERSION))) {
      throw new PostgresFailure(
          Reason.OTHER_MAJOR_VERSION,
          """
          %s holds data of PostgreSQL %s; this program carries PostgreSQL %d, which cannot read them. Nothing was touched. Run the \
          version of the program that wrote them, or a PostgreSQL %s of your own on %s with --database-url; or start anew with \
          another --data.\
          """
              .formatted(layout.directory(), found, Archive.MAJOR_VERSION, found, layout.data()));
    }
  }

  private static String readPassword(Layout layout) throws IOException {
    try {
      return Files.readString(layout.password()).strip();
    } catch (NoSuchFileException e) {
      throw missing(layout.password());
    }
  }

  private static PostgresFailure missing(Path file) {
    return new PostgresFailure(
        Reason.DAMAGED,
        "%s is missing, so the database cannot be opened. Restore the directory from a backup."
            .formatted(file));
  }

  private static String newPassword() {
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }
}
