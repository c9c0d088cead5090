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

  @TempDir Path directory;
  private final Map<String, String> secrets = new HashMap<>();

  @Test
  void each_command_does_what_the_readme_says() throws Exception {
    directory.toFile().setExecutable(true, false);
    Files.createSymbolicLink(directory.resolve("selfsame"), ROOT.resolve("selfsame"));
    int port = freePort();
    List<String> commands = new ArrayList<>();
    Matcher matcher = COMMANDS.matcher(Files.readString(ROOT.resolve("README.md")));
    while (matcher.find()) {
      commands.add(matcher.group(1).strip());
    }
    assertThat(commands.getFirst()).isEqualTo("./selfsame serve");
    assertThat(commands.getLast()).isEqualTo("./check");
    Path log = directory.resolve("serve.log");
    Process serve = shell(here(commands.getFirst(), port)).redirectOutput(log.toFile()).start();
    try {
      String ready = "Selfsame is ready: http://127.0.0.1:" + port;
      long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(10);
      while (!Files.readString(log).contains(ready)) {
        assertThat(serve.isAlive()).as("serve still runs; it said: %s", said(log)).isTrue();
        assertThat(System.nanoTime()).as("ready within ten minutes").isLessThan(end);
        Thread.sleep(100);
      }
      assertThat(directory.resolve("selfsame-data/server.json")).isRegularFile();
      assertThat(directory.resolve("selfsame-data/postgres")).isDirectory();
      Matcher shown = SECRETS.matcher(Files.readString(log));
      assertThat(shown.find()).as("a write key and a token; it said: %s", said(log)).isTrue();
      secrets.put(GivenSecrets.WRITE_KEY, shown.group(1));
      secrets.put(GivenSecrets.TOKEN, shown.group(2));
      List<String> answers = new ArrayList<>();
      for (String command : commands.subList(1, commands.size() - 1)) {
        Process process = shell(here(command, port)).start();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as("%s said: %s", command, out).isZero();
        answers.add(out);
      }
      assertThat(answers.get(0)).isEqualTo("{\"success\":true}");
      assertThat(answers.get(1))
          .contains("segment_id")
          .contains("userId123")
          .contains("john.doe@example.com");
      assertThat(answers.get(2)).contains("K3").contains("a new user was created");
      assertThat(answers.get(3))
          .contains("\"externalId\":\"userId123\"")
          .contains("\"billingId\":\"cus_Lp1bSKob4laHDD\"");
      assertThat(answers.get(4)).contains("ok");
    } finally {
      serve.descendants().forEach(ProcessHandle::destroy);
      serve.destroy();
      serve.waitFor(60, TimeUnit.SECONDS);
    }
    assertThat(directory.resolve("selfsame-data/server.json")).as("it has ended").doesNotExist();
  }

  private static String here(String command, int port) {
    return command
        .replaceFirst("^(\\./selfsame serve.*)$", "exec $1 --listen 127.0.0.1:" + port)
        .replace("127.0.0.1:8400", "127.0.0.1:" + port);
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
    builder.environment().put("CURL_HOME", directory.toString());
    return builder;
  }

  /** Both of what the server wrote: why it ended stands on stderr. */
  private String said(Path log) throws IOException {
    return Files.readString(log) + Files.readString(directory.resolve("stderr.log"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
