package dev.selfsame.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.Program;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * docs/conflicts.md on a hub of its own: each curl of the page is run as it stands, and the fence
 * after it holds the status and the answer. {@code …} stands for any value, {@code "…": "…"} for
 * fields that are left out.
 */
final class ConflictsGuideTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir static Path data;

  private static final Path PAGE = Path.of("..", "docs", "conflicts.md");
  private static final Pattern STEP =
      Pattern.compile("```sh\n(curl .*?)\n```\n\n```\n(\\d{3}) (.*?)\n```", Pattern.DOTALL);
  private static final String ANY = "…";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int COMMANDS = 34;

  @Test
  void the_guide_says_what_its_commands_answer() throws Exception {
    Assumptions.assumeTrue(installed("curl"), "No curl is installed");
    try (Hub running =
        Hub.start(
            new Program.Start(
                data, hub.address().full(), "127.0.0.1:0", 0, null, null, null, false),
            Map.of(
                "SELFSAME_WRITE_KEY", "a-key-of-mine-0000", "SELFSAME_TOKEN", "a-token-000000000"),
            line -> {})) {
      String page = Files.readString(PAGE);
      Matcher step = STEP.matcher(page);
      int steps = 0;
      while (step.find()) {
        String command = step.group(1);
        String said = run(command.replace("http://127.0.0.1:8400", running.url()));
        int end = said.lastIndexOf('\n');
        assertThat(said.substring(end + 1)).as("%s%n%s", command, said).isEqualTo(step.group(2));
        same(
            JSON.readTree(step.group(3)),
            JSON.readTree(said.substring(0, end)),
            command + "\n" + said);
        steps++;
      }
      assertThat(steps).isEqualTo(COMMANDS);
      assertThat(page.split("\ncurl ", -1))
          .as("each command is followed by an answer")
          .hasSize(steps + 1);
    }
    Sweep.invariants(hub);
  }

  private static void same(JsonNode shown, JsonNode answered, String where) {
    if (shown.isString() && shown.asString().equals(ANY)) {
      assertThat(answered.isMissingNode()).as(where).isFalse();
    } else if (shown.isObject()) {
      for (String name : shown.propertyNames()) {
        if (!name.equals(ANY)) {
          same(shown.get(name), answered.path(name), where + "\n" + name);
        }
      }
      if (!shown.has(ANY)) {
        assertThat(answered.propertyNames()).as(where).isSubsetOf(shown.propertyNames());
      }
    } else if (shown.isArray()) {
      assertThat(answered.size()).as(where).isEqualTo(shown.size());
      for (int i = 0; i < shown.size(); i++) {
        same(shown.get(i), answered.get(i), where + "\n" + i);
      }
    } else {
      assertThat(answered).as(where).isEqualTo(shown);
    }
  }

  private static boolean installed(String program) {
    return Pattern.compile(":")
        .splitAsStream(System.getenv("PATH"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** What the command prints, and on a line of its own the status. */
  private static String run(String command) throws IOException, InterruptedException {
    ProcessBuilder shell =
        new ProcessBuilder(
            "sh",
            "-c",
            "curl() { command curl --silent --show-error --max-time 60 --write-out"
                + " '\\n%{http_code}' \"$@\"; }\n"
                + command);
    shell.environment().put("SELFSAME_TOKEN", "a-token-000000000");
    shell.environment().put("LC_ALL", "C.UTF-8");
    shell.redirectErrorStream(true);
    Process process = shell.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return said;
  }
}
