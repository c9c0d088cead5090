package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** docs/explain.md on the demo, and its picture. */
final class ExplainGuideTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir static Path data;

  private static final Path GUIDE = Path.of("..", "docs", "explain.md");
  private static final Path PICTURE = Path.of("..", "docs", "images", "explain.svg");
  private static Guide guide;

  @BeforeAll
  static void tell() {
    guide = Guide.of(hub, data);
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void the_guide_says_what_its_commands_print() throws IOException {
    guide.check(GUIDE, 4);
  }

  @Test
  void the_guides_picture_is_drawn_from_the_demo() throws IOException {
    Path drawn = data.resolve("ziggy.svg");
    assertThat(guide.run("explain", "external_id:mYhgYcRBC7", "--graph", drawn.toString()))
        .isZero();
    String svg =
        guide.stable(Files.readString(drawn)).replaceAll("20\\d\\d-\\d\\d-\\d\\d", "2026-11-22");
    Guide.check(PICTURE, Files.readString(PICTURE), svg);
  }

  @Test
  void every_user_of_the_demo_has_a_picture_fields_and_a_story() throws IOException {
    Path drawn = data.resolve("each.svg");
    guide.said();
    for (String id : hub.rows("SELECT id FROM users ORDER BY id")) {
      assertThat(guide.run("explain", id, "--graph", drawn.toString(), "--fields")).as(id).isZero();
      assertThat(Files.readString(drawn)).startsWith("<svg ").endsWith("</svg>\n");
      assertThat(guide.said()).startsWith("User " + id).contains("Drew the user " + id);
      assertThat(guide.run("explain", id)).isZero();
      assertThat(guide.said())
          .contains("What happened")
          .containsAnyOf("A new user, ", "… and before");
    }
  }
}
