package dev.selfsame.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The shipped program: users as files in and out, by command and by REST, while events come in. */
@Tag("slow")
final class ImportsIT {

  private static final Path JAR = Path.of(System.getProperty("selfsame.jar"));
  private static final String KEY = "wk_0123456789abcdef0123456789abcdef";
  private static final String TOKEN = "sst_0123456789abcdef0123456789abcdef";
  private static final JsonMapper JSON = new JsonMapper();
  private static final int MANY = 60_000;

  // Not below root's home: the database runs as another account.
  @TempDir Path directory;
  private final HttpClient client = HttpClient.newHttpClient();
  private Process program;
  private String url = "";

  @BeforeEach
  void start() throws Exception {
    assertThat(directory.toFile().setExecutable(true, false)).isTrue();
    serve();
  }

  @AfterEach
  void stop() throws Exception {
    program.destroy();
    assertThat(program.waitFor(60, TimeUnit.SECONDS)).as("the program ends on SIGTERM").isTrue();
    client.close();
  }

  @Test
  void files_go_in_and_out_beside_events() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    AtomicInteger answered = new AtomicInteger();
    Thread events =
        Thread.ofVirtual()
            .start(() -> {
              while (!enough.get()) {
                identify("live-" + answered.get());
                answered.incrementAndGet();
              }
            });
    Path file = Files.writeString(directory.resolve("users.csv"), rows("cli", 2_000));
    assertThat(run("import", "--data", "data", file.toString()))
        .contains("created           2,000");
    Path exported = directory.resolve("exported.csv");
    assertThat(run("export", "--data", "data", exported.toString())).contains(" users in ");
    assertThat(Files.readString(exported)).contains(",cli-1999,").contains(",live-0,");

    String id = uploaded("?preview=true&name=mine", rows("rest", 2_000));
    JsonNode previewed = await(id, state("previewed"));
    assertThat(previewed.get("outcomes").toString()).isEqualTo("{\"created\":2000}");
    assertThat(query("SELECT count(*) FROM users WHERE external_id LIKE 'rest-%'")).isEqualTo("0");
    assertThat(post("/api/imports/" + id + "/apply").statusCode()).isEqualTo(202);
    await(id, state("done"));
    assertThat(get("/api/imports/" + id + "/result").body()).contains("rest-1999", ",created,C5,");
    String all = get("/api/exports/users.csv").body();
    assertThat(all).contains(",rest-1999,", ",cli-0,", ",live-0,");
    String again = uploaded("", all);
    JsonNode done = await(again, state("done"));
    assertThat(done.get("outcomes").propertyNames()).containsExactly("unchanged");
    enough.set(true);
    events.join();
    assertThat(answered.get()).isGreaterThan(10);
    assertThat(query("SELECT count(*) FROM users"))
        .isEqualTo(Integer.toString(4_000 + answered.get()));
  }

  @Test
  void a_server_killed_in_the_middle_of_an_import_can_finish_it() throws Exception {
    String id = uploaded("", rows("many", MANY));
    JsonNode half =
        await(
            id,
            one ->
                one.get("state").asString().equals("importing")
                    && one.at("/rows/done").asInt() > 0);
    program.destroyForcibly().waitFor();
    serve();
    JsonNode left = JSON.readTree(get("/api/imports/" + id).body()).get("data");
    assertThat(left.get("state").asString()).as("%s, then %s", half, left).isEqualTo("interrupted");
    assertThat(left.at("/failure/code").asString()).isEqualTo("stopped");
    assertThat(left.at("/failure/detail").asString())
        .contains(
            "%d rows, the last of them on line %d, are known to be written"
                .formatted(left.at("/rows/done").asInt(), left.get("line").asInt()));
    int written = Integer.parseInt(query("SELECT count(*) FROM users"));
    assertThat(written).isBetween(left.at("/rows/done").asInt(), MANY - 1);
    assertThat(post("/api/imports/" + id + "/apply").statusCode()).isEqualTo(202);
    JsonNode done = await(id, state("done"));
    assertThat(done.at("/outcomes/unchanged").asInt()).isEqualTo(written);
    assertThat(done.at("/outcomes/created").asInt()).isEqualTo(MANY - written);
    assertThat(query("SELECT count(*), count(DISTINCT external_id) FROM users"))
        .isEqualTo(MANY + "," + MANY);
  }

  private static String rows(String prefix, int count) {
    StringBuilder text = new StringBuilder("external_id,name,email\n");
    for (int i = 0; i < count; i++) {
      text.append("%s-%d,Name of %d,%s-%d@example.com%n".formatted(prefix, i, i, prefix, i));
    }
    return text.toString();
  }

  private static Predicate<JsonNode> state(String state) {
    return one -> one.get("state").asString().equals(state);
  }

  private JsonNode await(String id, Predicate<JsonNode> until) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (true) {
      JsonNode one = JSON.readTree(get("/api/imports/" + id).body()).get("data");
      if (until.test(one)) {
        return one;
      }
      assertThat(System.nanoTime()).as("waited two minutes; last: %s", one).isLessThan(end);
      Thread.sleep(5);
    }
  }

  private String uploaded(String query, String text) throws Exception {
    HttpResponse<String> accepted =
        client.send(
            request("/api/imports" + query).POST(BodyPublishers.ofString(text)).build(),
            BodyHandlers.ofString());
    assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
    return JSON.readTree(accepted.body()).at("/data/id").asString();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path) throws Exception {
    return client.send(
        request(path).POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .header("Authorization", "Bearer " + TOKEN);
  }

  private void identify(String id) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/identify"))
            .header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString((KEY + ":").getBytes(UTF_8)))
            .POST(
                BodyPublishers.ofString(
                    "{\"messageId\":\"m-%s\",\"userId\":\"%s\"}".formatted(id, id)))
            .build();
    try {
      assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private String query(String sql) throws Exception {
    return run("query", "--data", "data", "--format", "csv", sql).lines().toList().getLast();
  }

  private String run(String... words) throws Exception {
    Path err = Files.createTempFile(directory, "err", "");
    Process process = java(words).redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(Files.readString(err)).isZero();
    return out;
  }

  private void serve() throws Exception {
    Path log = directory.resolve("serve.log");
    Files.deleteIfExists(log);
    program =
        java("serve", "--data", "data", "--listen", "127.0.0.1:0")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    String ready = "Selfsame is ready: ";
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!Files.readString(log).contains(ready)) {
      assertThat(System.nanoTime()).as("waited two minutes").isLessThan(end);
      assertThat(program.isAlive()).as(Files.readString(log)).isTrue();
      Thread.sleep(20);
    }
    url =
        Files.readString(log)
            .lines()
            .filter(line -> line.startsWith(ready))
            .findFirst()
            .orElseThrow()
            .substring(ready.length())
            .strip();
  }

  private ProcessBuilder java(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-jar",
                JAR.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().put("SELFSAME_WRITE_KEY", KEY);
    builder.environment().put("SELFSAME_TOKEN", TOKEN);
    return builder;
  }
}
