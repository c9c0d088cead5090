package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A whole benchmark, tiny, on the program's own jar: not for its figures. */
final class TinyRun {

  private static final Path PROGRAM = Path.of("..", "server", "target", "selfsame.jar");

  private TinyRun() {}

  /**
   * Runs it, and returns the page into whose place it wrote; it must have left nothing else behind.
   *
   * @param directory for the page and the run's data
   */
  static String of(Path directory, String command, String... options) throws IOException {
    assumeTrue(
        Files.exists(PROGRAM), "The program's jar is made by mvn package, before this test.");
    Path out = directory.resolve("performance.md");
    Files.writeString(
        out, "before\n<!-- bench %1$s -->\n<!-- /bench %1$s -->\nafter\n".formatted(command));
    Path data = directory.resolve("data");
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of(options));
    words.addAll(
        List.of("--jar", PROGRAM.toString(), "--dir", data.toString(), "--out", out.toString()));

    int exit = Main.execute(words.toArray(String[]::new));

    String page = Files.readString(out);
    assertThat(exit).as(page).isZero();
    assertThat(page).startsWith("before\n").endsWith("after\n");
    try (Stream<Path> left = Files.list(data)) {
      assertThat(left).isEmpty();
    }
    return page;
  }
}
