package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole benchmark, tiny, on the program's own jar: not for its figures. */
@Tag("slow")
final class LandCommandTest {

  @TempDir Path directory;

  @Test
  void a_tiny_run_lands_and_answers_as_the_rules_say_and_leaves_nothing_behind()
      throws IOException {
    String page = TinyRun.of(directory, "land", "--users", "2000", "--cap", "30");

    assertThat(page).contains("each of the hub's answers is exact by the rules");
    assertThat(row(page, "segment.users").get(1)).isEqualTo("2,000");
    assertThat(row(page, "zendesk.tickets").get(1)).isEqualTo("4,000");
    // No user is wrong by the rules; nobody who writes SQL sees the leads that Segment does not
    // know.
    assertThat(row(page, "Selfsame: the view, read whole").subList(8, 11))
        .containsExactly("0", "0", "0");
    assertThat(row(page, "PostgreSQL: the guide's, no index").get(6)).isNotEqualTo("0");
    assertThat(row(page, "tickets by plan", "Selfsame: tickets-by-plan").subList(6, 9))
        .containsExactly("0", "0", "0");
    assertThat(row(page, "tickets by plan", "PostgreSQL: the best we know").subList(3, 6))
        .containsExactly("0", "0", "0");
    assertThat(row(page, "tickets by plan", "PostgreSQL: the guide's, no index").get(5))
        .as("tickets counted again for each charge")
        .isNotEqualTo("0");
    assertThat(row(page, "support and revenue", "Selfsame: support-and-revenue").get(4))
        .isEqualTo("0");
  }

  /** The cells of the first row that begins with these. */
  private static List<String> row(String page, String... first) {
    String start = "| " + String.join(" | ", first) + " |";
    String line =
        page.lines()
            .filter(each -> each.startsWith(start))
            .findFirst()
            .orElseThrow(() -> new AssertionError("No row " + start + " in\n" + page));
    return Stream.of(line.substring(2).split("\\|", -1)).map(String::strip).toList();
  }
}
