package dev.selfsame.app;

import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** docs/review.md on the demo: settling flags, merging, undoing, keeping apart, moving, erasing. */
final class ReviewGuideTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir static Path data;

  @Test
  void the_guide_says_what_its_commands_print() throws IOException {
    Guide.of(hub, data).check(Path.of("..", "docs", "review.md"), COMMANDS);
    Sweep.invariants(hub);
  }

  private static final int COMMANDS = 16;
}
