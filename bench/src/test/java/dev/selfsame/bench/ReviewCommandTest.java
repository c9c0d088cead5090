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
final class ReviewCommandTest {

  private static final Path PROGRAM = Path.of("..", "server", "target", "selfsame.jar");

  @TempDir Path directory;

  @Test
  void a_tiny_run_restores_what_it_merged_and_leaves_nothing_behind() throws IOException {
    assumeTrue(
        Files.exists(PROGRAM), "The program's jar is made by mvn package, before this test.");
    Path out = directory.resolve("performance.md");
    Files.writeString(out, "before\n<!-- bench review -->\n<!-- /bench review -->\nafter\n");
    Path data = directory.resolve("data");

    int exit =
        Main.execute(
            "review",
            "--users",
            "2200",
            "--small",
            "2000",
            "--merges",
            "210",
            "--claims",
            "2100",
            "--identifiers",
            "20",
            "--runs",
            "1",
            "--jar",
            PROGRAM.toString(),
            "--dir",
            data.toString(),
            "--out",
            out.toString());

    String page = Files.readString(out);
    assertThat(exit).as(page).isZero();
    assertThat(page)
        .startsWith("before\n")
        .endsWith("after\n")
        .contains("| merge, 20 each | 1 |")
        .contains("| undo, 2 each | 1 |")
        .contains("| timeline, in the middle | 1 |")
        .contains("| flags: missing_billing_id, from the ")
        .contains("| merges: by M1, first | 1 |")
        // 22 emails that two share, besides three such flags that were dismissed; 1,980 with a user
        // id less the
        // 206 that a merge gave a customer.
        .contains("Open flags: 22 same_email, 1,774 missing_billing_id, 10 billing_id_in_use;")
        .contains("210 merges, 4 of them undone, 4 bars.")
        .contains("6 users were parted by an undo");
    try (Stream<Path> left = Files.list(data)) {
      assertThat(left).isEmpty();
    }
  }
}
