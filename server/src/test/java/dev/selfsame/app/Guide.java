package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.Program;
import dev.selfsame.cli.SelfsameCommand;
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

/**
 * A page of docs on the demo: each command in a fence of its own is run, and the fence after it
 * holds what it prints. Ids, times of receipt and who and where it is run, which are others at
 * every run, are replaced by made-up ones. With {@code -Drewrite=true} the page is written anew.
 */
final class Guide {

  private static final Pattern COMMAND =
      Pattern.compile("```sh\nselfsame ([^\n]*)\n```\n\n```\n(.*?)```", Pattern.DOTALL);
  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|…[0-9a-f]{12}");
  private static final Pattern TIME = Pattern.compile("20\\d\\d-\\d\\d-\\d\\dT[0-9:.]+Z");

  private static final List<String> SUB = List.of("flags resolve", "suppressions lift");

  private final TestDatabase hub;
  private final Instant started = Instant.now();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Map<String, String> ids = new LinkedHashMap<>();

  private Guide(TestDatabase hub) {
    this.hub = hub;
  }

  /** Tells the demo to a hub that knows nobody yet. */
  static Guide of(TestDatabase hub, Path data) {
    Guide guide = new Guide(hub);
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
    return guide;
  }

  /** Runs the page's commands, which are so many. */
  void check(Path page, int commands) throws IOException {
    ids.clear();
    String text = Files.readString(page);
    Matcher matcher = COMMAND.matcher(text);
    StringBuilder written = new StringBuilder();
    int count = 0;
    while (matcher.find()) {
      count++;
      String command = matcher.group(1);
      int status = run(command.split(" "));
      if (!Boolean.getBoolean("rewrite")) {
        assertThat(status).as("%s: %s", command, err).isZero();
      }
      matcher.appendReplacement(
          written,
          Matcher.quoteReplacement(
              "```sh\nselfsame %s\n```\n\n```\n%s```".formatted(command, stable(said()))));
    }
    matcher.appendTail(written);
    assertThat(count).isEqualTo(commands);
    check(page, text, written.toString());
  }

  /** What the page holds, written anew where that is asked for. */
  static void check(Path page, String text, String now) throws IOException {
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(page, now);
    }
    assertThat(text).isEqualTo(now);
  }

  /** The same at every run. */
  String stable(String text) {
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
    return timeless
        .toString()
        .replace("cli:" + System.getProperty("user.name"), "cli:ann")
        .replaceAll("(by cli:ann +from )\\S+", "$1laptop");
  }

  String said() {
    String text = out.toString();
    out.getBuffer().setLength(0);
    return text;
  }

  int run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    // After the words of the command, of which some have two.
    int at = SUB.contains(words[0] + " " + words[Math.min(1, words.length - 1)]) ? 2 : 1;
    all.addAll(at, List.of("--database-url", hub.address().full()));
    return SelfsameCommand.commandLine(
            (start, progress) -> {
              throw new AssertionError("nothing is served");
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }
}
