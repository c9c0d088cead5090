package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole benchmark, tiny, on the program's own jar: not for its figures. */
@Tag("slow")
final class PublishCommandTest {

  private static final Path PROGRAM = Path.of("..", "server", "target", "selfsame.jar");

  @TempDir Path directory;

  @Test
  void a_tiny_run_publishes_each_row_and_leaves_nothing_behind() throws IOException {
    assumeTrue(
        Files.exists(PROGRAM), "The program's jar is made by mvn package, before this test.");
    Path out = directory.resolve("performance.md");
    Files.writeString(out, "before\n<!-- bench publish -->\n<!-- /bench publish -->\nafter\n");
    Path data = directory.resolve("data");

    int exit =
        Main.execute(
            "publish",
            "--users",
            "613",
            "--changes",
            "40",
            "--runs",
            "1",
            "--jar",
            PROGRAM.toString(),
            "--dir",
            data.toString(),
            "--out",
            out.toString());

    assertThat(exit).isZero();
    assertThat(Files.readString(out))
        .startsWith("before\n")
        .endsWith("after\n")
        .contains("| all 1 | 613 |")
        .contains("| changes 1 | 40 |");
    try (Stream<Path> left = Files.list(data)) {
      assertThat(left).isEmpty();
    }
  }
}
