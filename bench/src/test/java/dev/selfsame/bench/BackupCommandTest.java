package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole benchmark, tiny, on the program's own jar: not for its figures. */
@Tag("slow")
final class BackupCommandTest {

  @TempDir Path directory;

  @Test
  void a_tiny_run_restores_what_was_there_and_leaves_nothing_behind() throws IOException {
    String page = TinyRun.of(directory, "backup", "--users", "2000", "--runs", "1");

    assertThat(page)
        .contains("| run | backup s | COPY out s | ratio | restore s | COPY in s | ratio |")
        .contains("| restore | under 60 s |");
  }
}
