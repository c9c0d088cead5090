package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class SelfsameCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

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

  private int run(String... args) {
    return SelfsameCommand.commandLine(
            (start, progress) -> {
              throw new AssertionError("not started");
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }
}
