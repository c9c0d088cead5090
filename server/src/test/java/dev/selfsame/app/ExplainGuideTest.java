package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.Program;
import dev.selfsame.cli.SelfsameCommand;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/explain.md on the demo: each command is run, and the fence after it holds what it prints.
 * Ids and times of receipt, which are others at every run, are replaced by made-up ones. With
 * {@code -Drewrite=true} the guide is written anew.
 */
final class ExplainGuideTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir static Path data;

  private static final Path GUIDE = Path.of("..", "docs", "explain.md");
  private static final Path PICTURE = Path.of("..", "docs", "images", "explain.svg");
  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|…[0-9a-f]{12}");
  private static final Pattern TIME = Pattern.compile("20\\d\\d-\\d\\d-\\d\\dT[0-9:.]+Z");
  private static Instant started;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Map<String, String> ids = new LinkedHashMap<>();

  @BeforeAll
  static void tell() {
    started = Instant.now();
    try (Hub running =
        Hub.start(
            new Program.Start(data, hub.address().full(), "127.0.0.1:0", 0, null, null, null, true),
            Map.of(
                "SELFSAME_WRITE_KEY",
                "a-key-of-mine-0000",
                "SELFSAME_TOKEN",
                "a-token-of-mine-000"),
            line -> {})) {
      assertThat(running.url()).isNotEmpty();
    }
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void the_guide_says_what_its_commands_print() throws IOException {
    String guide = Files.readString(GUIDE);
    Matcher matcher =
        Pattern.compile("```sh\nselfsame (explain [^\n]*)\n```\n\n```\n(.*?)```", Pattern.DOTALL)
            .matcher(guide);
    StringBuilder written = new StringBuilder();
    int count = 0;
    while (matcher.find()) {
      count++;
      String command = matcher.group(1);
      assertThat(run(command.split(" "))).as("%s: %s", command, err).isZero();
      matcher.appendReplacement(
          written,
          Matcher.quoteReplacement(
              "```sh\nselfsame %s\n```\n\n```\n%s```".formatted(command, stable(said()))));
    }
    matcher.appendTail(written);
    assertThat(count).isEqualTo(4);
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(GUIDE, written);
    }
    assertThat(guide).isEqualTo(written.toString());
  }

  @Test
  void the_guides_picture_is_drawn_from_the_demo() throws IOException {
    Path drawn = data.resolve("ziggy.svg");
    assertThat(run("explain", "external_id:mYhgYcRBC7", "--graph", drawn.toString())).isZero();
    String svg = stable(Files.readString(drawn)).replaceAll("20\\d\\d-\\d\\d-\\d\\d", "2026-11-22");
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(PICTURE, svg);
    }
    assertThat(PICTURE).hasContent(svg);
  }

  @Test
  void every_user_of_the_demo_has_a_picture_fields_and_a_story() throws IOException {
    Path drawn = data.resolve("each.svg");
    for (String id : hub.rows("SELECT id FROM users ORDER BY id")) {
      assertThat(run("explain", id, "--graph", drawn.toString(), "--fields"))
          .as("%s: %s", id, err)
          .isZero();
      assertThat(Files.readString(drawn)).startsWith("<svg ").endsWith("</svg>\n");
      assertThat(said()).startsWith("User " + id).contains("Drew the user " + id);
      assertThat(run("explain", id)).isZero();
      assertThat(said()).contains("What happened").containsAnyOf("A new user, ", "… and before");
    }
  }

  /** The same at every run. */
  private String stable(String text) {
    StringBuilder stable = new StringBuilder();
    Matcher id = UUID.matcher(text);
    while (id.find()) {
      String known = id.group();
      boolean cut = known.startsWith("…");
      String end = known.substring(known.length() - 12);
      String made =
          ids.computeIfAbsent(end, none -> "%012x".formatted(0x7d1c_0000_0000L + ids.size() + 1));
      id.appendReplacement(stable, cut ? "…" + made : "019ab54c-8e10-7000-8000-" + made);
    }
    id.appendTail(stable);
    StringBuilder timeless = new StringBuilder();
    Matcher time = TIME.matcher(stable);
    while (time.find()) {
      boolean now = !Instant.parse(time.group()).isBefore(started);
      time.appendReplacement(timeless, now ? "2026-11-22T10:00:00Z" : time.group());
    }
    time.appendTail(timeless);
    return timeless.toString();
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
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }
}
