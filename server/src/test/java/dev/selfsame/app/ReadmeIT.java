package dev.selfsame.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.GivenSecrets;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command of the README, in its order, as a newcomer would type it: in a directory that holds
 * the launcher and nothing else, so that the hub makes its default data directory there, with
 * secrets that it made itself. Only the port is changed, since a hub may run here. {@code ./check}
 * is what runs this test.
 */
@Tag("slow")
final class ReadmeIT {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern COMMANDS = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

  private static final Pattern SECRETS =
      Pattern.compile("Write key .*: (wk_\\w+)\\s+Admin token .*: (sst_\\w+)\\s");

  /** What the README shows of an answer: a fence without a language, after a command. */
  private static final Pattern PRINTED =
      Pattern.compile("\n```\n(segment_id.*?)```", Pattern.DOTALL);

  @TempDir Path directory;
  private final Map<String, String> secrets = new HashMap<>();
  private final List<Process> serving = new ArrayList<>();
  private final int port = freePort();
  private final int demoPort = freePort();

  @Test
  void each_command_does_what_the_readme_says() throws Exception {
    directory.toFile().setExecutable(true, false);
    Files.createSymbolicLink(directory.resolve("selfsame"), ROOT.resolve("selfsame"));
    String readme = Files.readString(ROOT.resolve("README.md"));
    List<String> commands = new ArrayList<>();
    Matcher matcher = COMMANDS.matcher(readme);
    while (matcher.find()) {
      commands.add(matcher.group(1).strip());
    }
    assertThat(commands.getFirst()).isEqualTo("./selfsame serve");
    assertThat(commands.getLast()).isEqualTo("./check");
    Answers answers = new Answers();
    try {
      Path log = serve(commands.getFirst());
      assertThat(directory.resolve("selfsame-data/server.json")).isRegularFile();
      assertThat(directory.resolve("selfsame-data/postgres")).isDirectory();
      Matcher shown = SECRETS.matcher(Files.readString(log));
      assertThat(shown.find()).as("a write key and a token; it said: %s", said(log)).isTrue();
      secrets.put(GivenSecrets.WRITE_KEY, shown.group(1));
      secrets.put(GivenSecrets.TOKEN, shown.group(2));
      for (String command : commands.subList(1, commands.size() - 1)) {
        if (command.startsWith("./selfsame serve")) {
          answers.add(Files.readString(serve(command)));
        } else {
          answers.add(run(command));
        }
      }
    } finally {
      for (Process serve : serving) {
        serve.descendants().forEach(ProcessHandle::destroy);
        serve.destroy();
      }
      for (Process serve : serving) {
        serve.waitFor(60, TimeUnit.SECONDS);
      }
    }

    assertThat(answers.next()).as("npm").isBlank();
    assertThat(answers.next()).as("the SDK").isBlank();
    assertThat(answers.next()).as("import of billing's").contains("created               1");
    assertThat(answers.next()).as("curl").isEqualTo("{\"success\":true}");
    assertThat(answers.next()).as("export").isEqualTo("3 users in users.csv\n");
    assertThat(answers.next())
        .as("preview")
        .startsWith("Preview, nothing was written\n")
        .contains("merged                1")
        .contains("unchanged             2");
    assertThat(answers.next()).as("import").contains("merged                1");
    assertThat(Files.readString(directory.resolve("result.csv"))).contains(",merged,C6,");
    assertThat(answers.next())
        .as("query")
        .contains("segment_id")
        .contains("john.doe@example.com")
        .contains("jane.roe@example.com")
        .contains("(2 rows)");
    assertThat(answers.next())
        .as("lookup")
        .contains("billing_id       cus_Lp1bSKob4laHDD\n")
        .contains("billing_id       cus_NffrFeUfNV2Hib\n");
    assertThat(answers.next())
        .as("explain")
        .contains("K3")
        .contains("a new user was created")
        .contains("merged  C6");
    assertThat(answers.next())
        .as("REST")
        .contains("\"externalId\":\"userId124\"")
        .contains("\"billingId\":\"cus_NffrFeUfNV2Hib\"");
    assertThat(answers.next()).as("doctor").contains("ok");
    Matcher table = PRINTED.matcher(readme);
    assertThat(table.find()).isTrue();
    assertThat(answers.next()).as("demo").contains(table.group(1));
    assertThat(answers.next())
        .as("tickets by plan")
        .contains("plan_name  tickets")
        .contains("Basic")
        .contains("(3 rows)");
    assertThat(answers.done()).isTrue();
    assertThat(directory.resolve("selfsame-data/server.json")).as("it has ended").doesNotExist();
    assertThat(directory.resolve("selfsame-demo/server.json")).as("it has ended").doesNotExist();
  }

  /** What the commands printed, in their order. */
  private static final class Answers {
    private final List<String> all = new ArrayList<>();
    private int taken;

    void add(String answer) {
      all.add(answer);
    }

    String next() {
      return all.get(taken++);
    }

    boolean done() {
      return taken == all.size();
    }
  }

  private String run(String command) throws Exception {
    Process process = shell(here(command)).start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as("%s said: %s", command, out).isZero();
    return out;
  }

  /** Starts a server and gives what it prints, once it has printed all that it will. */
  private Path serve(String command) throws Exception {
    Path log = directory.resolve("serve%d.log".formatted(serving.size()));
    Process serve = shell(here(command)).redirectOutput(log.toFile()).start();
    serving.add(serve);
    String last =
        command.contains("--demo") ? "\n  selfsame query" : "Selfsame is ready: http://127";
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(10);
    while (!Files.readString(log).contains(last)) {
      assertThat(serve.isAlive()).as("serve still runs; it said: %s", said(log)).isTrue();
      assertThat(System.nanoTime()).as("ready within ten minutes").isLessThan(end);
      Thread.sleep(100);
    }
    return log;
  }

  /** The command with other ports: a hub may run here. */
  private String here(String command) {
    return command
        .replaceFirst("^(\\./selfsame serve)$", "$1 --listen 127.0.0.1:8400")
        .replaceFirst("^\\./selfsame serve", "exec $0")
        .replace("127.0.0.1:8400", "127.0.0.1:" + port)
        .replace("127.0.0.1:8401", "127.0.0.1:" + demoPort);
  }

  private ProcessBuilder shell(String command) {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", command).directory(directory.toFile());
    builder.redirectError(
        ProcessBuilder.Redirect.appendTo(directory.resolve("stderr.log").toFile()));
    for (String name :
        List.of(GivenSecrets.WRITE_KEY, GivenSecrets.TOKEN, "SELFSAME_DATABASE_URL")) {
      builder.environment().remove(name);
    }
    builder.environment().putAll(secrets);
    // What it would make outlives this test.
    builder.environment().put("SELFSAME_REHEARSE", "no");
    builder.environment().put("CURL_HOME", directory.toString());
    return builder;
  }

  /** Both of what the server wrote: why it ended stands on stderr. */
  private String said(Path log) throws IOException {
    return Files.readString(log) + Files.readString(directory.resolve("stderr.log"));
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
