package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.SelfsameCommand;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** examples/exports, landed by the command into a hub that knows nothing, and asked. */
final class ExportsLandTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static final Path EXPORTS = Path.of("..", "examples", "exports");

  /** Whom the product knows comes first, then customers, then those who have no id of ours. */
  private static final List<String> FIRST =
      List.of("segment.users", "stripe.customers", "zendesk.users", "intercom.users");

  private final StringWriter out = new StringWriter();

  @Test
  void they_land_once_and_the_questions_count_right() throws IOException {
    hub.open();
    List<Path> files = files();
    for (Path file : files) {
      assertThat(run("land", table(file), file.toString())).as(file.toString()).isZero();
    }
    Sweep.invariants(hub);
    said();
    assertThat(run("ask", "tickets-by-source", "--csv")).isZero();
    assertThat(said().lines())
        .containsExactly(
            "referral_source,tickets,people",
            "friend,7,4",
            "podcast,7,4",
            "search,5,3",
            "conference,4,3",
            "(not given),2,1",
            "newsletter,2,1",
            "(unknown requester),1,1");
    String tickets = "SELECT count(*) FROM zendesk.tickets WHERE status IS DISTINCT FROM 'deleted'";
    for (String question : List.of("tickets-by-source", "tickets-by-plan")) {
      assertThat(run("ask", question, "--csv")).isZero();
      assertThat(
              said()
                  .lines()
                  .skip(1)
                  .mapToInt(line -> Integer.parseInt(line.split(",", -1)[1]))
                  .sum())
          .as("every ticket once: %s", question)
          .isEqualTo(Integer.parseInt(hub.rows(tickets).getFirst()));
    }
    String position = hub.rows("SELECT position FROM selfsame.space").getFirst();
    for (Path file : files) {
      assertThat(run("land", table(file), file.toString())).isZero();
      assertThat(said()).contains("new                   0  rows\n  changed               0\n");
    }
    assertThat(hub.rows("SELECT position FROM selfsame.space")).containsExactly(position);
  }

  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(EXPORTS)) {
      all.filter(file -> !file.endsWith("README.md")).sorted().forEach(files::add);
    }
    List<Path> ordered = new ArrayList<>();
    for (String table : FIRST) {
      files.stream().filter(file -> table(file).equals(table)).forEach(ordered::add);
    }
    files.removeAll(ordered);
    ordered.addAll(files);
    return ordered;
  }

  private static String table(Path file) {
    return file.getFileName().toString().replaceFirst("\\.[a-z]+$", "");
  }

  private String said() {
    String text = out.toString();
    out.getBuffer().setLength(0);
    return text;
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(1, List.of("--database-url", hub.address().full()));
    return SelfsameCommand.commandLine(
            (start, progress) -> {
              throw new AssertionError("nothing is served");
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(new StringWriter(), true))
        .execute(all.toArray(String[]::new));
  }
}
