package dev.selfsame.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.postgres.PostgresFailure.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The life of a server inside one program, and the directories that are refused. */
final class EmbeddedPostgresTest extends PostgresTestCase {

  @Test
  void firstStartMakesADurableUtf8DatabaseBehindAPassword() throws Exception {
    try (EmbeddedPostgres postgres = open()) {
      assertThat(postgres.adopted()).isFalse();
      assertThat(postgres.alive()).isTrue();
      assertThat(postgres.majorVersion()).isEqualTo(18);
      assertThat(ask(postgres, "SHOW server_version")).startsWith("18.");
      assertThat(ask(postgres, "SHOW fsync")).isEqualTo("on");
      assertThat(ask(postgres, "SHOW synchronous_commit")).isEqualTo("on");
      assertThat(ask(postgres, "SHOW data_checksums")).isEqualTo("on");
      assertThat(ask(postgres, "SHOW server_encoding")).isEqualTo("UTF8");
      assertThat(ask(postgres, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(ask(postgres, "SHOW unix_socket_directories")).isEmpty();
      assertThat(ask(postgres, "SHOW max_wal_size")).isEqualTo(expectedMaxWalSize());
      assertThat(ask(postgres, "SELECT upper('éß')")).isEqualTo("Éß");
      assertThat(
              ask(
                  postgres,
                  "SELECT datlocprovider FROM pg_database WHERE datname = current_database()"))
          .isEqualTo("b");
      assertThatThrownBy(() -> connect(postgres.port(), "wrong").close())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(new Layout(directory).password())))
          .isEqualTo("rw-------");
    }
    assertThat(progress).contains("Creating the database (once)");
  }

  private String expectedMaxWalSize() throws IOException {
    String text = ServerConfiguration.forThisMachine(directory);
    String megabytes =
        text.lines()
            .filter(l -> l.startsWith("max_wal_size"))
            .findFirst()
            .orElseThrow()
            .replaceAll("\\D", "");
    return Long.parseLong(megabytes) % 1024 == 0
        ? Long.parseLong(megabytes) / 1024 + "GB"
        : megabytes + "MB";
  }

  @Test
  void restartKeepsRowsAndThePassword() throws Exception {
    makeDatabase();
    String password;
    try (EmbeddedPostgres postgres = open()) {
      insertARow(postgres);
      password = postgres.password();
    }
    progress.clear();
    try (EmbeddedPostgres postgres = open()) {
      assertThat(rows(postgres)).isEqualTo("1");
      assertThat(postgres.password()).isEqualTo(password);
    }
    assertThat(progress).isEmpty();
  }

  @Test
  void theNextStartHasTheSamePortUnlessItIsTaken() throws Exception {
    makeDatabase();
    Files.deleteIfExists(new Layout(directory).port());
    int port;
    try (EmbeddedPostgres postgres = open()) {
      port = postgres.port();
    }
    progress.clear();
    try (EmbeddedPostgres postgres = open()) {
      assertThat(postgres.port()).isEqualTo(port);
    }
    assertThat(progress).isEmpty();
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (ServerSocket taken = new ServerSocket(port, 1, loopback)) {
      assertThat(taken.isBound()).isTrue();
      try (EmbeddedPostgres postgres = open()) {
        assertThat(postgres.port()).isNotEqualTo(port);
        insertARow(postgres);
      }
      assertThat(progress)
          .containsExactly(
              "Port %d, where SQL clients know this database, is taken: this time it gets another one"
                  .formatted(port));
      assertThatThrownBy(() -> EmbeddedPostgres.open(settings().withPort(port), progress::add))
          .isInstanceOf(PostgresFailure.class)
          .hasMessageContaining("Address already in use");
    }
    try (EmbeddedPostgres postgres = open()) {
      assertThat(postgres.port()).as("once it is free again").isEqualTo(port);
    }
    Files.writeString(new Layout(directory).port(), "no number");
    try (EmbeddedPostgres postgres = open()) {
      assertThat(rows(postgres)).isEqualTo("1");
    }
  }

  @Test
  void closeCutsClientsOffAndMayBeCalledTwice() throws Exception {
    makeDatabase();
    EmbeddedPostgres postgres = open();
    try (Connection client = connect(postgres)) {
      postgres.close();
      postgres.close();
      assertThat(postgres.alive()).isFalse();
      assertThat(client.isValid(1)).isFalse();
    }
  }

  @Test
  void theServerRunsInASessionOfItsOwn() throws Exception {
    makeDatabase();
    try (EmbeddedPostgres postgres = open()) {
      String stat = Files.readString(Path.of("/proc", Long.toString(postgres.pid()), "stat"));
      String session = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)).get(3);
      assertThat(session).isEqualTo(Long.toString(postgres.pid()));
    }
  }

  @Test
  void aKilledServerComesBackOnTheSamePortWithTheCommittedRows() throws Exception {
    makeDatabase();
    try (EmbeddedPostgres postgres = open()) {
      insertARow(postgres);
      for (int kills = 1; kills <= 2; kills++) {
        int port = postgres.port();
        int before = kills - 1;
        kill(postgres.pid());
        await("a restart", () -> postgres.restarts() > before);
        assertThat(postgres.alive()).isTrue();
        assertThat(postgres.port()).isEqualTo(port);
        assertThat(rows(postgres)).isEqualTo("1");
      }
    }
  }

  @Test
  void aServerThatCannotComeBackIsTriedAgainUntilItCan() throws Exception {
    makeDatabase();
    Layout layout = new Layout(directory);
    Path obstacle = layout.data().resolve(ServerConfiguration.USER_FILE);
    try (EmbeddedPostgres postgres = open()) {
      insertARow(postgres);
      Files.writeString(obstacle, "shared_buffers = 'plenty'\n");
      kill(postgres.pid());
      await("two tries", () -> count("FATAL", layout.log()) >= 2);
      assertThat(postgres.alive()).isFalse();
      assertThat(postgres.restarts()).isZero();
      Files.delete(obstacle);
      await("a restart", () -> postgres.restarts() == 1);
      assertThat(rows(postgres)).isEqualTo("1");
    }
  }

  private static long count(String word, Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.filter(line -> line.contains(word)).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aSecondOpenIsRefusedNamingTheFirst() throws Exception {
    makeDatabase();
    try (EmbeddedPostgres postgres = open()) {
      PostgresFailure failure = openFails();
      assertThat(failure.reason()).isEqualTo(Reason.DIRECTORY_IN_USE);
      assertThat(failure)
          .hasMessageContaining("is in use by the process " + ProcessHandle.current().pid());
      insertARow(postgres);
      assertThat(openFails().reason()).isEqualTo(Reason.DIRECTORY_IN_USE);
    }
    open().close();
  }

  @Test
  void aForeignDirectoryIsRefusedAndLeftUntouched() throws Exception {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("thesis.odt"), "ten years of work");
    PostgresFailure failure = openFails();
    assertThat(failure.reason()).isEqualTo(Reason.DIRECTORY_NOT_OURS);
    assertThat(failure).hasMessageContaining("thesis.odt").hasMessageContaining("--data");
    assertThat(names(directory)).containsExactly("thesis.odt");
  }

  @Test
  void aFileInThePlaceOfTheDirectoryIsRefused() throws Exception {
    Files.writeString(directory, "");
    assertThat(openFails().reason()).isEqualTo(Reason.DIRECTORY_NOT_OURS);
  }

  @Test
  void theRootOfAMountedDiskCountsAsEmpty() throws Exception {
    Files.createDirectories(directory.resolve("lost+found"));
    open().close();
  }

  @Test
  void dataOfAnotherMajorVersionAreRefusedWithBothNumbers() throws Exception {
    makeDatabase();
    Files.writeString(new Layout(directory).data().resolve("PG_VERSION"), "17\n");
    PostgresFailure failure = openFails();
    assertThat(failure.reason()).isEqualTo(Reason.OTHER_MAJOR_VERSION);
    assertThat(failure)
        .hasMessageContaining("PostgreSQL 17")
        .hasMessageContaining("PostgreSQL 18")
        .hasMessageContaining("--database-url");
  }

  @Test
  void missingPartsAreNamed() throws Exception {
    makeDatabase();
    Path password = new Layout(directory).password();
    Files.move(password, directory.resolve("elsewhere"));
    assertThat(openFails().reason()).isEqualTo(Reason.DAMAGED);
    assertThat(openFails())
        .hasMessageContaining(password.toString())
        .hasMessageContaining("backup");
    Files.move(directory.resolve("elsewhere"), password);

    Files.delete(new Layout(directory).data().resolve("global/pg_control"));
    assertThat(openFails().reason()).isEqualTo(Reason.DAMAGED);
    assertThat(openFails()).hasMessageContaining("global/pg_control");

    Files.delete(new Layout(directory).data().resolve("PG_VERSION"));
    assertThat(openFails().reason()).isEqualTo(Reason.DAMAGED);
  }

  @Test
  void theUsersOwnSettingsWinAndSurvive() throws Exception {
    makeDatabase();
    Files.writeString(
        new Layout(directory).data().resolve(ServerConfiguration.USER_FILE), "work_mem = '3MB'\n");
    for (int start = 0; start < 2; start++) {
      try (EmbeddedPostgres postgres = open()) {
        assertThat(ask(postgres, "SHOW work_mem")).isEqualTo("3MB");
      }
    }
  }

  @Test
  void postgresOwnWordsAreShown() throws Exception {
    makeDatabase();
    Files.writeString(
        new Layout(directory).data().resolve(ServerConfiguration.USER_FILE),
        "shared_buffers = 'plenty'\n");
    PostgresFailure failure = openFails();
    assertThat(failure.reason()).isEqualTo(Reason.DID_NOT_START);
    assertThat(failure)
        .hasMessageContaining("FATAL:")
        .hasMessageContaining(ServerConfiguration.USER_FILE);
  }

  @Test
  void aFixedPortIsTakenOrItsLossIsNamed() throws Exception {
    makeDatabase();
    PostgresSettings fixed;
    try (ServerSocket taken =
        new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
      fixed = settings().withPort(taken.getLocalPort());
      PostgresFailure failure = openFails(fixed);
      assertThat(failure.reason()).isEqualTo(Reason.DID_NOT_START);
      assertThat(failure).hasMessageContaining("Address already in use");
    }
    try (EmbeddedPostgres postgres = open(fixed)) {
      assertThat(postgres.port()).isEqualTo(fixed.port());
    }
  }

  @Test
  void aDirectoryCopiedWithOpenPermissionsIsClosedAgain() throws Exception {
    makeDatabase();
    Disk.permit(new Layout(directory).data(), "rwxrwxrwx");
    open().close();
  }

  @Test
  void aLockFileThatNamesAnUnreapedOrAnotherProcessDoesNotBlock() throws Exception {
    makeDatabase();
    // The shell's first child ends when the shell is "sleep" itself, which never asks for its
    // status:
    // so it stays a zombie.
    Process parent = new ProcessBuilder("sh", "-c", "sleep 0.5 & echo $!; exec sleep 60").start();
    try {
      long zombie = Long.parseLong(parent.inputReader().readLine());
      await("a zombie", () -> isZombie(zombie));
      for (long pid : List.of(zombie, parent.pid())) {
        Path pidFile = PidFile.path(new Layout(directory).data());
        Files.writeString(
            pidFile, "%d\n%s\n1\n5432\n\n127.0.0.1\n\nready\n".formatted(pid, pidFile.getParent()));
        try (EmbeddedPostgres postgres = open()) {
          assertThat(postgres.adopted()).isFalse();
          assertThat(postgres.pid()).isNotEqualTo(pid);
        }
      }
    } finally {
      parent.destroyForcibly();
    }
  }

  private static boolean isZombie(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "stat")).contains(") Z ");
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void anUnfinishedClusterIsThrownAway() throws Exception {
    makeDatabase();
    Path unfinished = Files.createDirectories(directory.resolve("postgres.unfinished-1/data/base"));
    open().close();
    assertThat(unfinished).doesNotExist();
  }

  @Test
  @Tag("slow")
  void binariesUnpackedByManyAtOnceAreWholeAndLeaveNothingElse() throws Exception {
    Path binaries = temporary.resolve("binaries");
    Archive archive = Archive.forThisMachine();
    List<Binaries> found =
        Stream.generate(() -> archive).limit(3).parallel().map(a -> unpack(binaries, a)).toList();
    assertThat(found).hasSize(3).containsOnly(found.getFirst());
    assertThat(names(binaries)).containsExactly(archive.folder());
  }

  private static Binaries unpack(Path binaries, Archive archive) {
    try {
      return Binaries.in(binaries, archive, line -> {});
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @Tag("slow")
  void theDirectoryHoldsAllThatItNeedsByDefault() throws Exception {
    try (EmbeddedPostgres postgres = open(PostgresSettings.in(directory))) {
      assertThat(postgres.alive()).isTrue();
    }
    assertThat(names(directory)).containsExactly("postgres", "postgres-bin", "selfsame.lock");
    assertThat(names(directory.resolve("postgres")))
        .containsExactly("data", "log", "password", "port");
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
