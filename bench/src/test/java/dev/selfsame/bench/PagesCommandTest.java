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
final class PagesCommandTest {

  private static final Path PROGRAM = Path.of("..", "server", "target", "selfsame.jar");

  @TempDir Path directory;

  @Test
  void every_page_is_shown_while_events_come_in() throws IOException {
    assumeTrue(
        Files.exists(PROGRAM), "The program's jar is made by mvn package, before this test.");
    Path out = directory.resolve("pages.md");
    Path data = directory.resolve("data");

    int exit =
        Main.execute(
            "pages",
            "--users",
            "2000",
            "--rate",
            "500",
            "--runs",
            "2",
            "--warmup",
            "1",
            "--pause",
            "0",
            "--connections",
            "8",
            "--jar",
            PROGRAM.toString(),
            "--dir",
            data.toString(),
            "--out",
            out.toString());

    assertThat(exit).isZero();
    assertThat(Files.readString(out))
        .contains("| page | median ms, alone |")
        .contains("| Home, 7 days |")
        .contains("| A user |")
        .contains("| Audit |");
    try (Stream<Path> left = Files.list(data)) {
      assertThat(left).isEmpty();
    }
  }
}
