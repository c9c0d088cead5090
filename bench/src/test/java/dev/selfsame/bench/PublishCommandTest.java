package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class PublishCommandTest {
  @TempDir Path directory;

  @Test
  void a_tiny_run_publishes_each_row_and_leaves_nothing_behind() throws IOException {
    assertThat(TinyRun.of(directory, "publish", "--users", "613", "--changes", "40", "--runs", "1"))
        .contains("| all 1 | 613 |")
        .contains("| changes 1 | 40 |");
  }
}
