package dev.selfsame.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The shipped program, killed under load: the server, the database, both. Every event that was
 * answered with 200 is there afterwards, and what was not answered can be sent again.
 */
@Tag("slow")
final class KilledIT {

  private static final Path JAR = Path.of(System.getProperty("selfsame.jar"));
  private static final String KEY = "wk_0123456789abcdef0123456789abcdef";
  private static final String TOKEN = "sst_0123456789abcdef0123456789abcdef";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int SENDERS = 6;
  private static final int BATCH = 20;
  private static final int PEOPLE = 40_000;

  @RegisterExtension static final TestDatabase warehouse = TestDatabase.empty();

  // Not below root's home: the database runs as another account.
  @TempDir Path directory;

  private Path data;
  private Process program;
  private String url = "";
  private final AtomicInteger minted = new AtomicInteger();
  private final Set<String> acknowledged = new ConcurrentSkipListSet<>();

  @BeforeEach
  void start() throws Exception {
    directory.toFile().setExecutable(true, false);
    data = directory.resolve("data");
    serve();
  }

  @AfterEach
  void stop() throws Exception {
    program.destroy();
    assertThat(program.waitFor(60, TimeUnit.SECONDS)).as("the program ends on SIGTERM").isTrue();
    assertThat(Files.exists(postmasterPid())).as("and takes its database along").isFalse();
  }

  @Test
  void the_server_is_killed() throws Exception {
    underLoad(() -> {
      program.destroyForcibly().waitFor();
      serve();
    });
    assertEverythingAcknowledgedIsThere();
  }

  @Test
  void the_database_is_killed() throws Exception {
    underLoad(this::killDatabase);
    assertEverythingAcknowledgedIsThere();
  }

  @Test
  void both_are_killed() throws Exception {
    underLoad(() -> {
      program.destroyForcibly();
      killDatabase();
      program.waitFor();
      serve();
    });
    assertEverythingAcknowledgedIsThere();
  }

  @Test
  void a_run_of_a_warehouse_source_is_killed() throws Exception {
    warehouse.sql(
        "CREATE TABLE people AS SELECT n::text AS id, 'p' || n || '@example.com' AS email, now() AS"
            + " loaded FROM generate_series(1, %d) n".formatted(PEOPLE));
    DatabaseAddress at = warehouse.address();
    call(
        "POST",
        "/api/connections",
        Map.of(
            "name", "dwh",
            "url", at.url(),
            "user", at.user(),
            "password", String.valueOf(at.password())));
    call(
        "POST",
        "/api/syncs",
        Map.of(
            "name", "people",
            "connection", "dwh",
            "query", "SELECT id, email FROM people WHERE loaded > $LAST_SYNC_TIMESTAMP"));
    call("PUT", "/api/syncs/people/mapping", Map.of("externalId", "id", "email", "email"));
    call("POST", "/api/syncs/people/runs", Map.of());
    await(() -> latestRun().at("/result/created").asInt() > 2_000);
    program.destroyForcibly().waitFor();
    serve();

    await(() -> latestRun().get("state").asString().equals("interrupted"));
    assertThat(call("GET", "/api/syncs/people", null).get("watermark").isNull()).isTrue();
    int before = Integer.parseInt(query("SELECT count(*) FROM users").getFirst());
    assertThat(before).isBetween(2_000, PEOPLE - 1);
    call("POST", "/api/syncs/people/runs", Map.of());
    await(() -> !latestRun().get("state").asString().equals("running"));
    JsonNode result = latestRun().get("result");
    assertThat(result.get("rows").asInt()).isEqualTo(PEOPLE);
    assertThat(result.get("created").asInt()).isEqualTo(PEOPLE - before);
    assertThat(result.get("unchanged").asInt()).isEqualTo(before);
    assertThat(query("SELECT count(*), count(DISTINCT email) FROM users"))
        .containsExactly("%d,%d".formatted(PEOPLE, PEOPLE));
    assertThat(call("GET", "/api/syncs/people", null).get("watermark").isNull()).isFalse();
  }

  private JsonNode latestRun() throws Exception {
    return call("GET", "/api/syncs/people/runs?limit=1", null).get(0);
  }

  private JsonNode call(String method, String path, @Nullable Map<String, String> body)
      throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(url + path))
                  .header("Authorization", "Bearer " + TOKEN)
                  .header("Content-Type", "application/json")
                  .method(
                      method,
                      body == null || body.isEmpty()
                          ? HttpRequest.BodyPublishers.noBody()
                          : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isLessThan(300);
      return JSON.readTree(response.body()).get("data");
    }
  }

  private interface Blow {
    void fall() throws Exception;
  }

  /**
   * Sends from several threads, lets the blow fall in the middle, and goes on until answers come
   * again.
   */
  private void underLoad(Blow blow) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      senders.add(Thread.ofVirtual().start(() -> send(stop)));
    }
    await(() -> acknowledged.size() > 2_000);
    blow.fall();
    int before = acknowledged.size();
    await(() -> acknowledged.size() > before + 1_000);
    stop.set(true);
    for (Thread sender : senders) {
      sender.join();
    }
  }

  private void send(AtomicBoolean stop) {
    HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    while (!stop.get()) {
      List<String> ids = new ArrayList<>();
      StringBuilder events = new StringBuilder();
      for (int i = 0; i < BATCH; i++) {
        String id = "user-" + minted.incrementAndGet();
        ids.add(id);
        events
            .append(i == 0 ? "" : ",")
            .append(
                "{\"type\":\"identify\",\"messageId\":\"m-%s\",\"userId\":\"%s\",\"traits\":{\"email\":\"%s@example.com\"}}"
                    .formatted(id, id, id));
      }
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url + "/v1/batch"))
              .timeout(Duration.ofSeconds(20))
              .header(
                  "Authorization",
                  "Basic " + Base64.getEncoder().encodeToString((KEY + ":").getBytes(UTF_8)))
              .POST(HttpRequest.BodyPublishers.ofString("{\"batch\":[" + events + "]}"))
              .build();
      try {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() == 200) {
          acknowledged.addAll(ids);
        } else {
          Thread.sleep(50);
        }
      } catch (IOException expected) {
        pause();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void assertEverythingAcknowledgedIsThere() throws Exception {
    Set<String> there = new TreeSet<>(query("SELECT external_id FROM users"));
    Set<String> lost = new TreeSet<>(acknowledged);
    lost.removeAll(there);
    assertThat(lost).as("acknowledged, of %d, and lost", acknowledged.size()).isEmpty();
  }

  private List<String> query(String sql) throws Exception {
    Process query = java("query", "--data", data.toString(), "--format", "csv", sql).start();
    List<String> rows =
        new String(query.getInputStream().readAllBytes(), UTF_8).lines().skip(1).toList();
    assertThat(query.waitFor()).isZero();
    return rows;
  }

  private void serve() throws Exception {
    Path log = directory.resolve("serve.log");
    Files.deleteIfExists(log);
    program =
        java("serve", "--data", data.toString(), "--listen", "127.0.0.1:0")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    await(() -> Files.exists(log) && Files.readString(log).contains("Selfsame is ready: "));
    url =
        Files.readString(log)
            .lines()
            .filter(line -> line.startsWith("Selfsame is ready: "))
            .findFirst()
            .orElseThrow()
            .substring("Selfsame is ready: ".length())
            .strip();
  }

  private static ProcessBuilder java(String... arguments) {
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
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SELFSAME_WRITE_KEY", KEY);
    builder.environment().put("SELFSAME_TOKEN", TOKEN);
    return builder;
  }

  private Path postmasterPid() {
    return data.resolve("postgres").resolve("data").resolve("postmaster.pid");
  }

  private void killDatabase() throws Exception {
    long pid = Long.parseLong(Files.readAllLines(postmasterPid()).getFirst().strip());
    assertThat(new ProcessBuilder("kill", "-9", Long.toString(pid)).start().waitFor()).isZero();
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("waited two minutes").isLessThan(end);
      Thread.sleep(20);
    }
  }
}
