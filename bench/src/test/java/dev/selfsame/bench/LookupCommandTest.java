package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class LookupCommandTest {
  @TempDir Path directory;

  @Test
  void a_tiny_run_finds_everybody_alone_and_beside_notes_and_events() throws IOException {
    assertThat(
            TinyRun.of(
                directory,
                "lookup",
                "--users",
                "2000",
                "--seconds",
                "1",
                "--warmup",
                "0.5",
                "--callers",
                "4",
                "--connections",
                "4",
                "--share",
                "0.05"))
        .contains("| `GET /api/lookup`, an email |")
        .contains("| Profile API, traits |")
        .contains("| insights that make notes |")
        .contains("| identify events |");
  }
}
