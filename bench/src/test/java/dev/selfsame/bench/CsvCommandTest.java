package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole benchmark, tiny, on the program's own jar: not for its figures. */
@Tag("slow")
final class CsvCommandTest {

  @TempDir Path directory;

  @Test
  void a_tiny_run_decides_each_row_as_it_was_made_and_leaves_nothing_behind() throws IOException {
    String page = TinyRun.of(directory, "csv", "--rows", "613", "--runs", "1");

    assertThat(page)
        .contains("| import 1 |")
        .contains("| export 1 |")
        .contains("| import of the export 1 |")
        // 30 times twenty rows and 13 more.
        .contains("C2 updated 30, C3 updated 30, C4 updated 30, C5 created 493, C7")
        .contains("C7 external_id_fixed 10, C7 no_key 10, C7 value_malformed 10")
        .contains("| export | under 10 s |");
  }
}
