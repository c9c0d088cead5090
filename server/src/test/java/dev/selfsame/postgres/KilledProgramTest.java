package dev.selfsame.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Programs that end in every way, and what the next one finds. */
@Tag("slow")
final class KilledProgramTest extends PostgresTestCase {

  private ProgramProcess startProgram() throws IOException {
    return ProgramProcess.start(
        directory, BINARIES, ProgramProcess.ownClassPath(), List.of(), Map.of());
  }

  @Test
  void afterSigtermNothingRuns() throws Exception {
    makeDatabase();
    try (ProgramProcess program = startProgram().awaitReady()) {
      assertThat(program.terminate()).isEqualTo(143);
      assertThat(Postmaster.runs(program.serverPid(), new Layout(directory).data())).isFalse();
      assertThat(PidFile.path(new Layout(directory).data())).doesNotExist();
    }
  }

  @Test
  void anotherProgramIsRefusedNamingTheFirst() throws Exception {
    makeDatabase();
    try (ProgramProcess first = startProgram().awaitReady();
        ProgramProcess second = startProgram().awaitWord()) {
      assertThat(second.lastLine())
          .contains("DIRECTORY_IN_USE")
          .contains("is in use by the process");
      assertThat(first.terminate()).isEqualTo(143);
    }
  }

  @Test
  void aKilledProgramsServerIsAdoptedAndThenStopped() throws Exception {
    makeDatabase();
    try (ProgramProcess program = startProgram().awaitReady()) {
      insertARow(program.port(), program.password());
      program.kill();
      try (EmbeddedPostgres postgres = open()) {
        assertThat(postgres.adopted()).isTrue();
        assertThat(postgres.pid()).isEqualTo(program.serverPid());
        assertThat(postgres.port()).isEqualTo(program.port());
        assertThat(rows(postgres)).isEqualTo("1");
      }
      assertThat(Postmaster.runs(program.serverPid(), new Layout(directory).data())).isFalse();
    }
  }

  @Test
  void anAdoptedServerIsWatchedToo() throws Exception {
    makeDatabase();
    try (ProgramProcess program = startProgram().awaitReady()) {
      insertARow(program.port(), program.password());
      program.kill();
      try (EmbeddedPostgres postgres = open()) {
        kill(postgres.pid());
        await("a restart", () -> postgres.restarts() == 1);
        assertThat(postgres.port()).isEqualTo(program.port());
        assertThat(rows(postgres)).isEqualTo("1");
      }
    }
  }

  @Test
  void aKilledProgramsServerThatCannotBeAdoptedIsStopped() throws Exception {
    makeDatabase();
    try (ProgramProcess program = startProgram().awaitReady()) {
      insertARow(program.port(), program.password());
      try (var connection = connect(program.port(), program.password())) {
        run(connection, "ALTER ROLE selfsame PASSWORD 'another'");
        program.kill();
        PostgresFailure failure = null;
        try (EmbeddedPostgres postgres = open()) {
          assertThat(postgres.adopted()).isFalse();
          assertThat(postgres.pid()).isNotEqualTo(program.serverPid());
        } catch (PostgresFailure e) {
          failure = e;
        }
        assertThat(failure).isNull();
      }
      assertThat(progress)
          .anyMatch(line -> line.contains("Stopping the PostgreSQL that a killed program left"));
    }
  }

  @Test
  void afterTheDeathOfBothCommittedRowsAreThere() throws Exception {
    makeDatabase();
    try (ProgramProcess program = startProgram().awaitReady()) {
      insertARow(program.port(), program.password());
      program.kill();
      kill(program.serverPid());
      try (EmbeddedPostgres postgres = open()) {
        assertThat(postgres.adopted()).isFalse();
        assertThat(rows(postgres)).isEqualTo("1");
      }
    }
  }

  @Test
  void aProgramKilledWhileItMakesTheDatabaseDoesNoHarm() throws Exception {
    Files.createDirectories(BINARIES);
    try (ProgramProcess program = startProgram()) {
      await(
          "the creation",
          () -> unfinished().anyMatch(path -> Files.exists(path.resolve("data/PG_VERSION"))));
      program.kill();
    }
    assertThat(new Layout(directory).cluster()).doesNotExist();
    try (EmbeddedPostgres postgres = open()) {
      insertARow(postgres);
    }
    open().close();
    assertThat(unfinished()).isEmpty();
  }

  private Stream<Path> unfinished() {
    if (!Files.exists(directory)) {
      return Stream.empty();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().contains("unfinished"))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
