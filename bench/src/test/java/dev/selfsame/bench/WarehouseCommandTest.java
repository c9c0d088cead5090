package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole benchmark, tiny, on the program's own jar: not for its figures. */
@Tag("slow")
final class WarehouseCommandTest {

  @TempDir Path directory;

  @Test
  void a_tiny_run_applies_each_row_as_it_was_made_and_leaves_nothing_behind() throws IOException {
    String page =
        TinyRun.of(
            directory,
            "warehouse",
            "--rows",
            "613",
            "--large",
            "1500",
            "--changes",
            "40",
            "--runs",
            "1");

    assertThat(page)
        .contains("| new 1 | 613 |")
        .contains("| unchanged 1 | 613 |")
        .contains("| the large table's first | 1,500 |")
        .contains("| some changed 1 | 40 |");
  }
}
