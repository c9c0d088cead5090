package dev.selfsame.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whom PostgreSQL runs as, when the program runs as root, as root with cut rights, and as others.
 */
@Tag("slow")
final class AccountsTest extends PostgresTestCase {
  private static final int NOBODY = 65534;

  /** An account that every Linux has, with no rights. */
  private static final int ORDINARY = 1;

  private static final int WITHOUT_A_NAME = 54321;

  @TempDir static Path readable;
  private static String classPath = "";

  @BeforeAll
  static void copyTheProgram() throws IOException {
    assumeTrue(isRoot(), "only root can become other accounts");
    classPath = ProgramProcess.readableClassPath(readable);
    Binaries.in(BINARIES, Archive.forThisMachine(), line -> {});
  }

  @BeforeEach
  void makeDirectoryOfRoot() throws IOException {
    Files.createDirectory(directory);
  }

  private ProgramProcess start(List<String> prefix, Map<String, String> environment)
      throws IOException {
    return ProgramProcess.start(directory, BINARIES, classPath, prefix, environment);
  }

  private ProgramProcess startAs(int uid) throws IOException {
    return start(
        List.of("setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups"), Map.of());
  }

  private int ownerOfServer(ProgramProcess program) throws IOException {
    return Disk.owner(Path.of("/proc", Long.toString(program.serverPid())));
  }

  private int ownerOfData() throws IOException {
    return Disk.owner(new Layout(directory).data());
  }

  private static void insertAndTerminate(ProgramProcess program)
      throws SQLException, InterruptedException {
    insertARow(program.port(), program.password());
    assertThat(program.terminate()).isEqualTo(143);
  }

  /** A search path with some of the commands alone. */
  private Map<String, String> pathWith(String... commands) throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("commands"));
    List<String> all = new ArrayList<>(List.of("sh", "id", "setsid"));
    all.addAll(List.of(commands));
    for (String command : all) {
      Path script = folder.resolve(command);
      Files.writeString(script, "#!/bin/sh\nexec /usr/bin/%s \"$@\"\n".formatted(command));
      Disk.permit(script, "rwxr-xr-x");
    }
    return Map.of("PATH", folder.toString());
  }

  @Test
  void rootRunsItAsNobodyAlsoWithoutUserNamespaces() throws Exception {
    try (ProgramProcess program = start(List.of(), pathWith("setpriv")).awaitReady()) {
      assertThat(ownerOfServer(program)).isEqualTo(NOBODY);
      assertThat(ownerOfData()).isEqualTo(NOBODY);
      insertAndTerminate(program);
    }
  }

  @Test
  void rootWithoutSetprivDisguisesItself() throws Exception {
    try (ProgramProcess program = start(List.of(), pathWith("unshare")).awaitReady()) {
      assertThat(ownerOfServer(program)).isEqualTo(0);
      assertThat(ownerOfData()).isEqualTo(0);
      insertAndTerminate(program);
    }
    // The data stay root's when setpriv is there again; nothing is handed over.
    try (ProgramProcess program = start(List.of(), Map.of()).awaitReady()) {
      assertThat(ownerOfData()).isEqualTo(0);
      insertAndTerminate(program);
    }
    // And they are handed over when there is no other way.
    try (ProgramProcess program = start(List.of(), Map.of("PATH", onlySetpriv())).awaitReady()) {
      assertThat(ownerOfData()).isEqualTo(NOBODY);
      insertAndTerminate(program);
    }
    try (EmbeddedPostgres postgres = open()) {
      assertThat(rows(postgres)).isEqualTo("3");
    }
  }

  private String onlySetpriv() throws IOException {
    Files.delete(temporary.resolve("commands/unshare"));
    return String.valueOf(pathWith("setpriv").get("PATH"));
  }

  @Test
  void rootWithoutAnyRightsDisguisesItself() throws Exception {
    List<String> cut = List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");
    try (ProgramProcess program = start(cut, Map.of()).awaitReady()) {
      assertThat(ownerOfServer(program)).isEqualTo(0);
      insertAndTerminate(program);
    }
  }

  @Test
  void rootThatMayNotLookAtOtherProcessesStillKnowsItsServer() throws Exception {
    List<String> asInAContainer =
        List.of("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-all");
    try (ProgramProcess program = start(asInAContainer, pathWith("setpriv")).awaitReady()) {
      assertThat(ownerOfServer(program)).isEqualTo(NOBODY);
      program.kill();
      try (ProgramProcess next = start(asInAContainer, pathWith("setpriv")).awaitReady()) {
        assertThat(next.adopted()).isTrue();
        insertAndTerminate(next);
        assertThat(Postmaster.runs(program.serverPid(), new Layout(directory).data())).isFalse();
      }
    }
  }

  @Test
  void noWayToAnotherAccountIsExplained() throws Exception {
    try (ProgramProcess program = start(List.of(), pathWith()).awaitWord()) {
      assertThat(program.lastLine())
          .contains("CANNOT_DROP_PRIVILEGES")
          .contains("setpriv --reuid=65534")
          .contains("unshare -U")
          .contains("--database-url");
    }
    assertThat(new Layout(directory).cluster()).doesNotExist();
  }

  @Test
  void aParentThatIsClosedToOthersIsNamed() throws Exception {
    Disk.permit(temporary, "rwx------");
    try (ProgramProcess program = start(List.of(), pathWith("setpriv")).awaitWord()) {
      assertThat(program.lastLine())
          .contains("CANNOT_DROP_PRIVILEGES")
          .contains(temporary.toRealPath() + " cannot be entered by other accounts");
    }
    try (ProgramProcess program = start(List.of(), Map.of()).awaitReady()) {
      assertThat(ownerOfServer(program)).isEqualTo(0);
      insertAndTerminate(program);
    }
  }

  @Test
  void anOrdinaryAccountRunsItItselfAndKeepsItWhenRootFollows() throws Exception {
    Disk.give(directory, ORDINARY, ORDINARY);
    try (ProgramProcess program = startAs(ORDINARY).awaitReady()) {
      assertThat(ownerOfServer(program)).isEqualTo(ORDINARY);
      insertAndTerminate(program);
    }
    try (EmbeddedPostgres postgres = open()) {
      assertThat(Disk.owner(Path.of("/proc", Long.toString(postgres.pid())))).isEqualTo(ORDINARY);
      insertARow(postgres);
    }
    try (ProgramProcess program = startAs(ORDINARY).awaitReady()) {
      insertAndTerminate(program);
    }
  }

  @Test
  void anAccountWithoutANameDisguisesItself() throws Exception {
    Disk.give(directory, WITHOUT_A_NAME, WITHOUT_A_NAME);
    try (ProgramProcess program = startAs(WITHOUT_A_NAME).awaitReady()) {
      assertThat(ownerOfServer(program)).isEqualTo(WITHOUT_A_NAME);
      insertAndTerminate(program);
    }
  }

  @Test
  void aDirectoryOfAnotherAccountIsRefused() throws Exception {
    try (ProgramProcess program = startAs(ORDINARY).awaitWord()) {
      assertThat(program.lastLine()).contains("NOT_WRITABLE").contains(directory.toString());
    }
  }
}
