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
final class LiveCommandTest {

  private static final Path PROGRAM = Path.of("..", "server", "target", "selfsame.jar");

  @TempDir Path directory;

  @Test
  void a_tiny_run_holds_what_was_acknowledged_and_leaves_nothing_behind() throws IOException {
    assumeTrue(
        Files.exists(PROGRAM), "The program's jar is made by mvn package, before this test.");
    Path out = directory.resolve("live.md");
    Path data = directory.resolve("data");

    int exit =
        Main.execute(
            "live",
            "--users",
            "2000",
            "--seconds",
            "2",
            "--runs",
            "1",
            "--warmup",
            "1",
            "--connections",
            "16",
            "--jar",
            PROGRAM.toString(),
            "--dir",
            data.toString(),
            "--out",
            out.toString());

    assertThat(exit).isZero();
    assertThat(Files.readString(out)).contains("| run | users at its start | events/s | of COPY |");
    try (Stream<Path> left = Files.list(data)) {
      assertThat(left).isEmpty();
    }
  }
}
