package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

final class SelfsameCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** What a command would do is asked for by one name or the other, whichever comes to mind. */
  @Test
  void whateverCanBePreviewedTakesBothNames() {
    List<String> previewed = new ArrayList<>();
    List<CommandLine> commands = new ArrayList<>(List.of(commandLine()));
    while (!commands.isEmpty()) {
      CommandLine command = commands.removeFirst();
      commands.addAll(command.getSubcommands().values());
      for (OptionSpec option : command.getCommandSpec().options()) {
        Set<String> names = Set.of(option.names());
        if (names.contains("--dry-run") || names.contains("--preview")) {
          assertThat(names)
              .as(command.getCommandSpec().qualifiedName())
              .containsExactlyInAnyOrder("--dry-run", "--preview");
          previewed.add(command.getCommandName());
        }
      }
    }
    assertThat(previewed)
        .contains("undo", "move-identifier", "erase", "land", "import", "merge", "keep-apart")
        .contains("set", "resolve");
  }

  @Test
  void version_goes_to_stdout_alone() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).startsWith("selfsame ");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void no_command_is_wrong_usage() {
    assertThat(run()).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("Name a command.").contains("Usage: selfsame");
  }

  private static CommandLine commandLine() {
    return SelfsameCommand.commandLine((start, progress) -> {
      throw new AssertionError("not started");
    });
  }

  private int run(String... args) {
    return commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }
}
