package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole benchmark, tiny, on the program's own jar: not for its figures. */
@Tag("slow")
final class ReviewCommandTest {

  @TempDir Path directory;

  @Test
  void a_tiny_run_restores_what_it_merged_and_leaves_nothing_behind() throws IOException {
    String page =
        TinyRun.of(
            directory,
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
            "1");

    assertThat(page)
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
  }
}
