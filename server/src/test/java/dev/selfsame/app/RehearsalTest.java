package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.SelfsameCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the launcher lets Java watch. */
final class RehearsalTest {
  @TempDir Path directory;

  @Test
  void a_hub_of_its_own_takes_and_answers_everything_and_ends() {
    StringWriter out = new StringWriter();
    CommandLine program =
        SelfsameCommand.commandLine((start, progress) -> Hub.start(start, Map.of(), progress))
            .setOut(new PrintWriter(out, true));
    assertThat(
            program.execute(
                "rehearse",
                "--data",
                directory.resolve("hub").toString(),
                "--events",
                "1500",
                "--alone",
                "100",
                "--look-ups",
                "60",
                "--notes",
                "40",
                "--people",
                "30"))
        .isZero();
    assertThat(out.toString().strip())
        .isEqualTo("Rehearsed with 1600 events, 60 look-ups, 40 notes and 60 rows");
    assertThat(program.getUsageMessage()).as("it is the launcher's own").doesNotContain("rehearse");
  }
}
