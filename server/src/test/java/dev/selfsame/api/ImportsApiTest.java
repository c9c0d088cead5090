package dev.selfsame.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.error.Failure;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.source.csv.Exports;
import dev.selfsame.source.csv.ImportSettings;
import dev.selfsame.source.csv.Imports;
import dev.selfsame.store.Database;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code /api/imports} and {@code /api/exports} on the real server and database. */
final class ImportsApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static final String TOKEN = "sst_a_token_for_tests";
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String THREE =
      "external_id,name,email\nid1,Ann,ann@x.org\n,Bob,bob@x.org\nnull,Cid,\n";

  /** Small enough to meet each bound. */
  private static final ImportSettings SETTINGS =
      new ImportSettings(4_000_000, 0, 5_000, 6, Duration.ofHours(24));

  @TempDir Path data;
  private Database database;
  private Pipeline pipeline;
  private Imports imports;
  private HttpServer server;
  private Instant now = Instant.parse("2026-11-22T12:00:00Z");

  /** What lets an import's rows through, a chunk each; null: all at once. */
  private volatile @Nullable Semaphore gate;

  @BeforeEach
  void start() {
    Histories.empty(hub);
    database = hub.open();
    pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, names -> {});
    pipeline.start();
    serve(SETTINGS);
  }

  private void serve(ImportSettings settings) {
    InstantSource clock = () -> now;
    imports =
        Imports.open(data.resolve("imports"), settings, database, "default", new Gated(), clock);
    StoredAccess access =
        new StoredAccess(
            new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system());
    server =
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(
                new ImportsApi(imports, settings, clock),
                new ExportsApi(new Exports(database, "default", clock))),
            access,
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    imports.close();
    pipeline.close();
    // The sweep compares each with each.
    if (Integer.parseInt(hub.rows("SELECT count(*) FROM users").getFirst()) < 4_000) {
      Sweep.invariants(hub);
    }
  }

  /** The real intake behind a gate, so that a test can look at an import that is half done. */
  private final class Gated implements Intake {
    @Override
    public CompletableFuture<List<Receipt>> submit(List<Submission> submissions) {
      Semaphore closed = gate;
      if (closed != null) {
        closed.acquireUninterruptibly();
      }
      return pipeline.submit(submissions);
    }
  }

  // ---- the way through ----

  @Test
  void a_file_is_uploaded_and_imported() throws Exception {
    HttpResponse<String> accepted = post("/api/imports?name=first%20try", "text/csv", THREE);
    assertThat(accepted.statusCode()).isEqualTo(202);
    JsonNode queued = JSON.readTree(accepted.body()).get("data");
    String id = queued.get("id").asString();
    assertThat(accepted.headers().firstValue("Location")).hasValue("/api/imports/" + id);
    assertThat(queued.propertyNames())
        .containsExactly(
            "id",
            "name",
            "preview",
            "state",
            "createdAt",
            "changedAt",
            "bytes",
            "rows",
            "line",
            "perSecond",
            "secondsLeft",
            "outcomes",
            "codes",
            "rejected",
            "flagged",
            "failure");
    JsonNode done = await(id, "done");
    assertThat(done.get("name").asString()).isEqualTo("first try");
    assertThat(done.get("preview").asBoolean()).isFalse();
    assertThat(done.get("bytes")).isEqualTo(JSON.readTree("{\"done\": 66, \"total\": 66}"));
    assertThat(done.get("rows")).isEqualTo(JSON.readTree("{\"done\": 3, \"total\": 3}"));
    assertThat(done.get("line").asInt()).isEqualTo(4);
    assertThat(done.get("outcomes")).isEqualTo(JSON.readTree("{\"created\": 2, \"rejected\": 1}"));
    assertThat(done.get("codes")).isEqualTo(JSON.readTree("{\"C5\": 2, \"C7\": 1}"));
    assertThat(done.get("rejected")).isEqualTo(JSON.readTree("{\"value_blocked\": 1}"));
    assertThat(done.get("failure").isNull()).isTrue();
    assertThat(hub.rows("SELECT external_id, name FROM users ORDER BY id"))
        .containsExactly("id1|Ann", "|Bob");

    HttpResponse<String> result = get("/api/imports/" + id + "/result");
    assertThat(result.headers().firstValue("Content-Type")).hasValue("text/csv; charset=utf-8");
    assertThat(result.headers().firstValue("Content-Disposition"))
        .hasValue("attachment; filename=\"import-" + id + "-result.csv\"");
    assertThat(result.body())
        .startsWith("external_id,name,email,result_line,result,result_code,")
        .contains("id1,Ann,ann@x.org,2,created,C5,,")
        .contains("null,Cid,,4,rejected,C7,value_blocked,");
    awaitTrue(() -> files().equals(List.of("json", "result.csv")));
    assertThat(delete("/api/imports/" + id).statusCode()).isEqualTo(204);
    assertThat(files()).isEmpty();
    assertThat(get("/api/imports/" + id).statusCode()).isEqualTo(404);
  }

  @Test
  void a_previewed_file_is_applied_as_it_was() throws Exception {
    String id = uploaded("/api/imports?preview=true", THREE);
    JsonNode previewed = await(id, "previewed");
    assertThat(previewed.get("preview").asBoolean()).isTrue();
    assertThat(previewed.get("outcomes").toString()).isEqualTo("{\"created\":2,\"rejected\":1}");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger")).containsExactly("0");
    String promised = get("/api/imports/" + id + "/result").body();
    assertThat(files()).containsExactly("csv", "json", "result.csv");

    assertThat(post("/api/imports/" + id + "/apply", null, "").statusCode()).isEqualTo(202);
    JsonNode done = await(id, "done");
    assertThat(done.get("preview").asBoolean()).isFalse();
    assertThat(done.get("outcomes")).isEqualTo(previewed.get("outcomes"));
    String kept = get("/api/imports/" + id + "/result").body();
    assertThat(columns(kept)).isEqualTo(columns(promised));
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("2");
    assertError(post("/api/imports/" + id + "/apply", null, ""), 409, "import_not_previewed");
  }

  /** Line, outcome, code and reason: ids differ. */
  private static List<String> columns(String result) {
    return result
        .lines()
        .map(row -> row.split(",", -1))
        .map(c -> c[3] + c[4] + c[5] + c[6])
        .toList();
  }

  @Test
  void a_preview_stops_where_it_may_not_go_on() throws Exception {
    String id = uploaded("/api/imports?preview=true", rows(5_100));
    JsonNode previewed = await(id, "previewed");
    assertThat(previewed.get("rows").toString()).isEqualTo("{\"done\":5000,\"total\":5100}");
    assertThat(post("/api/imports/" + id + "/apply", null, "").statusCode()).isEqualTo(202);
    assertThat(await(id, "done").at("/rows/done").asInt()).isEqualTo(5_100);
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("5100");
  }

  /** What was previewed is kept until it is applied, however soon that is. */
  @Test
  void a_preview_may_be_applied_in_the_moment_that_it_is_ready() throws Exception {
    for (int i = 0; i < 40; i++) {
      String id = uploaded("/api/imports?preview=true", THREE);
      while (!get("/api/imports/" + id).body().contains("\"previewed\"")) {
        Thread.onSpinWait();
      }
      assertThat(post("/api/imports/" + id + "/apply", null, "").statusCode()).isEqualTo(202);
      assertThat(await(id, "done").at("/rows/done").asInt()).isEqualTo(3);
    }
  }

  @Test
  void files_come_packed_and_in_forms() throws Exception {
    byte[] packed = gzip(THREE.getBytes(UTF_8));
    List<String> ids = new ArrayList<>();
    ids.add(uploaded("text/csv; charset=utf-8", packed));
    ids.add(uploaded("application/octet-stream", THREE.getBytes(UTF_8)));
    ids.add(uploaded(null, THREE.getBytes(UTF_8)));
    ids.add(uploaded("application/gzip", packed));
    byte[] form = form("C:\\mine\\users, all.csv", THREE.getBytes(UTF_8));
    ids.add(uploaded("multipart/form-data; boundary=xYzZY", form));
    assertThat(await(ids.getLast(), "done").get("name").asString()).isEqualTo("users, all.csv");
    ids.add(uploaded("multipart/form-data; boundary=\"xYzZY\"", form("a.gz", packed)));
    for (String id : ids) {
      JsonNode done = await(id, "done");
      assertThat(done.get("rows").toString()).isEqualTo("{\"done\":3,\"total\":3}");
      assertThat(done.at("/bytes/total").asInt()).as("inflated").isEqualTo(THREE.length());
    }
  }

  /** The bytes of a large form arrive whole, whatever pieces they come in. */
  @Test
  void a_large_form_arrives_whole() throws Exception {
    String text = rows(60_000);
    String id =
        uploaded("multipart/form-data; boundary=xYzZY", form("u.csv", text.getBytes(UTF_8)));
    await(id, "done");
    assertThat(hub.rows("SELECT count(DISTINCT external_id) FROM users")).containsExactly("60000");
  }

  @Test
  void imports_are_listed_newest_first_in_pages() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.addFirst(uploaded("/api/imports?preview=true&name=n" + i, THREE));
    }
    List<String> seen = new ArrayList<>();
    String next = "/api/imports?limit=2";
    int pages = 0;
    while (next != null) {
      JsonNode page = JSON.readTree(get(next).body());
      page.get("data").forEach(one -> seen.add(one.get("id").asString()));
      next = page.at("/links/next").isMissingNode() ? null : page.at("/links/next").asString();
      pages++;
    }
    assertThat(seen).isEqualTo(ids);
    assertThat(pages).isEqualTo(3);
  }

  // ---- half done ----

  @Test
  void others_wait_while_one_runs_and_a_running_one_tells_how_far_it_is() throws Exception {
    Semaphore open = new Semaphore(30);
    gate = open;
    String first = uploaded("/api/imports", rows(20_000));
    String second = uploaded("/api/imports", THREE);
    now = now.plusSeconds(2);
    JsonNode half = await(first, one -> one.at("/rows/done").asInt() >= 1_500);
    assertThat(half.get("state").asString()).isEqualTo("importing");
    assertThat(half.at("/rows/total").asInt()).isEqualTo(20_000);
    assertThat(half.get("line").asInt()).isEqualTo(half.at("/rows/done").asInt() + 1);
    assertThat(half.get("perSecond").asDouble()).isPositive();
    assertThat(half.get("secondsLeft").asInt()).isPositive();
    assertThat(half.at("/outcomes/created").asInt()).isEqualTo(half.at("/rows/done").asInt());
    assertThat(one(second).get("state").asString()).isEqualTo("waiting");
    assertError(get("/api/imports/" + first + "/result"), 409, "import_not_finished");
    assertError(post("/api/imports/" + first + "/apply", null, ""), 409, "import_not_previewed");
    assertThat(delete("/api/imports/" + second).statusCode()).isEqualTo(204);
    open.release(1_000);
    assertThat(await(first, "done").get("outcomes").toString()).isEqualTo("{\"created\":20000}");
    awaitTrue(() -> files().equals(List.of("json", "result.csv")));
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("20000");
  }

  @Test
  void a_running_import_is_stopped_after_the_rows_on_their_way() throws Exception {
    Semaphore open = new Semaphore(40);
    gate = open;
    String id = uploaded("/api/imports", rows(20_000));
    await(id, one -> one.at("/rows/done").asInt() >= 2_000);
    HttpResponse<String> stopping = delete("/api/imports/" + id);
    assertThat(stopping.statusCode()).isEqualTo(202);
    assertThat(JSON.readTree(stopping.body()).at("/data/state").asString()).isEqualTo("stopping");
    assertThat(delete("/api/imports/" + id).statusCode()).isEqualTo(202);
    open.release(1_000);
    JsonNode stopped = await(id, "interrupted");
    int rows = stopped.at("/rows/done").asInt();
    assertThat(rows).isBetween(2_000, 19_000);
    assertThat(stopped.at("/failure/code").asString()).isEqualTo("stopped");
    assertThat(stopped.at("/failure/detail").asString())
        .contains("stopped after %d rows, the last of them on line %d".formatted(rows, rows + 1));
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly(Integer.toString(rows));
    assertError(get("/api/imports/" + id + "/result"), 409, "import_not_finished");

    assertThat(post("/api/imports/" + id + "/apply", null, "").statusCode()).isEqualTo(202);
    assertThat(await(id, "done").get("outcomes"))
        .isEqualTo(
            JSON.readTree("{\"created\": %d, \"unchanged\": %d}".formatted(20_000 - rows, rows)));
    assertThat(delete("/api/imports/" + id).statusCode()).isEqualTo(204);
  }

  @Test
  void a_server_that_stops_interrupts_an_import_and_the_next_one_can_apply_it() throws Exception {
    Semaphore open = new Semaphore(40);
    gate = open;
    String running = uploaded("/api/imports", rows(20_000));
    String waiting = uploaded("/api/imports?preview=true", THREE);
    await(running, one -> one.at("/rows/done").asInt() >= 2_000);
    open.release(1_000_000);
    restart();
    JsonNode left = one(running);
    assertThat(left.get("state").asString()).isEqualTo("interrupted");
    int rows = left.at("/rows/done").asInt();
    assertThat(left.at("/failure/detail").asString()).contains("on line " + (rows + 1) + ":");
    assertThat(await(waiting, "previewed").at("/rows/done").asInt()).isEqualTo(3);
    assertThat(post("/api/imports/" + running + "/apply", null, "").statusCode()).isEqualTo(202);
    await(running, "done");
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("20000");
  }

  /** An intake that never answers does not keep the server from stopping. */
  @Test
  void a_stop_does_not_wait_for_ever() throws Exception {
    try (var connection = hub.connect()) {
      connection.setAutoCommit(false);
      connection
          .createStatement()
          .execute("SELECT 1 FROM selfsame.space WHERE name = 'default' FOR UPDATE");
      String id = uploaded("/api/imports", THREE);
      await(id, "importing");
      long before = System.nanoTime();
      server.close();
      imports.close();
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(25));
      connection.rollback();
      serve(SETTINGS);
      assertThat(one(id).get("state").asString()).isEqualTo("interrupted");
      post("/api/imports/" + id + "/apply", null, "");
      await(id, "done");
    }
  }

  /** What a killed server leaves behind is what its state file said last. */
  @Test
  void what_a_killed_server_left_is_interrupted() throws Exception {
    String id = uploaded("/api/imports?preview=true", THREE);
    await(id, "previewed");
    server.close();
    imports.close();
    Path state = data.resolve("imports/" + id + ".json");
    String said = Files.readString(state);
    Files.writeString(data.resolve("imports/00000000-0000-4000-8000-000000000000.part"), "half");
    Files.writeString(data.resolve("imports/11111111-0000-4000-8000-000000000000.csv"), "whose");
    for (String running : List.of("checking", "previewing")) {
      Files.writeString(state, said.replace("\"previewed\"", '"' + running + '"'));
      serve(SETTINGS);
      JsonNode left = one(id);
      assertThat(left.get("state").asString()).isEqualTo("interrupted");
      assertThat(left.at("/failure/detail").asString())
          .contains("ended while it was " + running + "; nothing was written");
      assertError(post("/api/imports/" + id + "/apply", null, ""), 409, "import_not_previewed");
      assertThat(files()).containsExactly("csv", "json", "result.csv");
      server.close();
      imports.close();
    }
    Files.writeString(
        state,
        said.replace("\"previewed\"", "\"importing\"")
            .replace("\"preview\":true", "\"preview\":false"));
    serve(SETTINGS);
    assertThat(one(id).at("/failure/detail").asString()).contains("3 rows", "on line 4");
    post("/api/imports/" + id + "/apply", null, "");
    assertThat(await(id, "done").at("/rows/done").asInt()).isEqualTo(3);
    server.close();
    imports.close();
    Files.writeString(state, "{\"id\":");
    serve(SETTINGS);
    assertThat(get("/api/imports/" + id).statusCode()).isEqualTo(404);
    assertThat(files()).isEmpty();
  }

  @Test
  void a_directory_is_one_servers() {
    assertThatThrownBy(() -> serve(SETTINGS))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("Another server uses " + data);
  }

  @Test
  void without_the_database_an_import_is_interrupted_and_can_be_applied_later() throws Exception {
    Semaphore open = new Semaphore(20);
    gate = open;
    String id = uploaded("/api/imports", rows(20_000));
    await(id, one -> one.get("state").asString().equals("importing"));
    // The pipeline ends as it does when the database stays away: nothing more is taken.
    pipeline.close();
    open.release(1_000);
    JsonNode left = await(id, "interrupted");
    assertThat(left.at("/failure/code").asString()).isEqualTo("store_away");
    pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, names -> {});
    pipeline.start();
    post("/api/imports/" + id + "/apply", null, "");
    await(id, "done");
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("20000");
  }

  // ---- bounds ----

  @Test
  void finished_imports_are_forgotten_in_time() throws Exception {
    String done = uploaded("/api/imports", THREE);
    await(done, "done");
    now = now.plus(Duration.ofHours(20));
    String previewed = uploaded("/api/imports?preview=true", THREE);
    await(previewed, "previewed");
    now = now.plus(Duration.ofHours(4));
    assertError(get("/api/imports/" + done), 404, "not_found");
    assertThat(files()).containsExactly("csv", "json", "result.csv");
    now = now.plus(Duration.ofHours(20));
    assertThat(JSON.readTree(get("/api/imports").body()).get("data")).isEmpty();
    assertThat(files()).isEmpty();
  }

  @Test
  void so_many_are_kept_and_no_more() throws Exception {
    Semaphore open = new Semaphore(0);
    gate = open;
    String running = uploaded("/api/imports", THREE);
    await(running, "importing");
    List<String> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waiting.add(uploaded("/api/imports?preview=true", THREE));
    }
    HttpResponse<String> seventh = post("/api/imports", "text/csv", THREE);
    assertError(seventh, 429, "too_busy");
    assertThat(seventh.headers().firstValue("Retry-After")).isPresent();
    open.release(100);
    for (String id : waiting) {
      await(id, "previewed");
    }
    String after = uploaded("/api/imports", THREE);
    await(after, "done");
    assertThat(get("/api/imports/" + running).statusCode())
        .as("the done one goes before those that can be applied")
        .isEqualTo(404);
    String last = uploaded("/api/imports?preview=true", THREE);
    await(last, "previewed");
    assertThat(get("/api/imports/" + waiting.getFirst()).statusCode()).isEqualTo(200);
  }

  @Test
  void what_is_too_large_leaves_nothing() throws Exception {
    byte[] large = rows(110_000).getBytes(UTF_8);
    assertThat(large.length).isGreaterThan(4_000_000);
    byte[] packed = gzip(large);
    assertThat(packed.length).isLessThan(4_000_000);
    String form = "multipart/form-data; boundary=xYzZY";
    for (HttpResponse<String> refused :
        List.of(
            post("/api/imports", "text/csv", BodyPublishers.ofByteArray(large)),
            post("/api/imports", "text/csv", chunked(large)),
            post("/api/imports", "text/csv", BodyPublishers.ofByteArray(packed)),
            post("/api/imports", form, BodyPublishers.ofByteArray(form("x", large))),
            post("/api/imports", form, chunked(form("x", large))),
            post("/api/imports", form, BodyPublishers.ofByteArray(form("x", packed))))) {
      assertError(refused, 400, "body_too_large");
      assertThat(refused.body()).contains("larger than the 4000000 bytes");
    }
    assertThat(files()).isEmpty();
    assertThat(JSON.readTree(get("/api/imports").body()).get("data")).isEmpty();
  }

  @Test
  void an_upload_leaves_room_on_the_disk() throws Exception {
    server.close();
    imports.close();
    serve(new ImportSettings(4_000_000, Long.MAX_VALUE, 5_000, 6, Duration.ofHours(24)));
    HttpResponse<String> refused = post("/api/imports", "text/csv", THREE);
    assertError(refused, 503, "disk_low");
    assertThat(files()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          text/csv                            | ''       | csv_header      | The file is empty
          application/json                    | {}       | invalid_request | send text/csv
          application/x-www-form-urlencoded   | a        | invalid_request | send text/csv
          multipart/form-data                 | x        | invalid_request | no boundary
          multipart/form-data; boundary=b     | nonsense | invalid_request | cannot be read
          multipart/form-data; boundary=b     | NOFILE   | invalid_request | no file
          multipart/form-data; boundary=b     | TWO      | invalid_request | more than one file
          multipart/form-data; boundary=b     | EMPTY    | csv_header      | The file is empty
          multipart/form-data; boundary=b     | CUT      | invalid_request | cannot be read
          text/csv                            | GZIP     | invalid_request | cannot be inflated
          """)
  void what_is_no_file_is_refused_and_leaves_nothing(
      String type, String body, String code, String words) throws Exception {
    String file = "Content-Disposition: form-data; name=\"f\"; filename=\"u.csv\"\r\n\r\n";
    String sent =
        switch (body) {
          case "NOFILE" ->
              "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--b--\r\n";
          case "TWO" -> "--b\r\n" + file + "x\r\n--b\r\n" + file + "y\r\n--b--\r\n";
          case "EMPTY" -> "--b\r\n" + file + "\r\n--b--\r\n";
          case "CUT" -> "--b\r\n" + file + "external_id\nid1";
          default -> body;
        };
    byte[] bytes =
        body.equals("GZIP") ? new byte[] {0x1f, (byte) 0x8b, 7, 7} : sent.getBytes(UTF_8);
    HttpResponse<String> refused = post("/api/imports", type, BodyPublishers.ofByteArray(bytes));
    assertError(refused, 400, code);
    assertThat(refused.body()).contains(words);
    assertThat(files()).isEmpty();
  }

  @Test
  void an_upload_that_is_cut_leaves_nothing() throws Exception {
    URI uri = URI.create(server.url());
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /api/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type:"
                  + " text/csv\r\nContent-Length: 1000\r\n\r\nexternal_id\nid1\n")
              .formatted(TOKEN)
              .getBytes(UTF_8));
      out.flush();
      awaitTrue(() -> files().equals(List.of("part")));
    }
    awaitTrue(() -> files().isEmpty());
    assertThat(JSON.readTree(get("/api/imports").body()).get("data")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          external_id,plan\\nid1,x\\n        | csv_header   | 1 | 2
          external_id,name\\nid1,"x\\n       | csv_syntax   | 2 | 2
          external_id,name\\nid1\\n          | csv_syntax   | 2 | 2
          external_id,name\\nid1,a\\0b\\n    | csv_encoding | 2 | 6
          name\\nAnn\\n                      | csv_header   |   |
          """)
  void a_broken_file_fails_with_its_place_and_nothing_is_written(
      String text, String code, @Nullable Integer line, @Nullable Integer column) throws Exception {
    String id = uploaded("/api/imports", text.replace("\\n", "\n").replace("\\0", "\0"));
    JsonNode failure = await(id, "failed").get("failure");
    assertThat(failure.get("code").asString()).isEqualTo(code);
    assertThat(failure.get("detail").asString()).contains("written");
    assertThat(failure.get("line").isNull() ? null : Integer.valueOf(failure.get("line").asInt()))
        .isEqualTo(line);
    assertThat(
            failure.get("column").isNull() ? null : Integer.valueOf(failure.get("column").asInt()))
        .isEqualTo(column);
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger")).containsExactly("0");
    awaitTrue(() -> files().equals(List.of("json")));
    assertError(get("/api/imports/" + id + "/result"), 409, "import_not_finished");
    assertError(post("/api/imports/" + id + "/apply", null, ""), 409, "import_not_previewed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET    | /api/imports?limit=0         | limit   | expected 1 to 1000
          GET    | /api/imports?cursor=x        | cursor  | not one
          GET    | /api/imports?cursor=aXg      | cursor  | not one
          GET    | /api/imports?curser=x        | curser  | did you mean cursor?
          POST   | /api/imports?preview=yes     | preview | true or false
          POST   | /api/imports?name=           | name    | 1 to 200
          POST   | /api/imports?name=a%0Ab      | name    | control
          POST   | /api/imports?previw=true     | previw  | did you mean preview?
          GET    | /api/exports/users.csv?q=x   | q       | no parameters
          """)
  void a_wrong_parameter_is_named(String method, String path, String parameter, String words)
      throws Exception {
    HttpResponse<String> response =
        send(request(path).method(method, BodyPublishers.ofString(THREE)));
    assertError(response, 400, "invalid_parameter");
    assertThat(JSON.readTree(response.body()).at("/errors/0/source/parameter").asString())
        .isEqualTo(parameter);
    assertThat(response.body()).contains(words);
    assertThat(files()).isEmpty();
  }

  @Test
  void what_is_no_import_is_not_found() throws Exception {
    for (String id : List.of("x", "..%2F..%2Fetc", "00000000-0000-4000-8000-000000000000")) {
      assertError(get("/api/imports/" + id), 404, "not_found");
      assertError(get("/api/imports/" + id + "/result"), 404, "not_found");
      assertError(post("/api/imports/" + id + "/apply", null, ""), 404, "not_found");
      assertError(delete("/api/imports/" + id), 404, "not_found");
    }
  }

  @Test
  void scopes_are_asked_for() throws Exception {
    String reader =
        new StoredAccess(
                new StoredGrants(database), new GivenSecrets(null, null), InstantSource.system())
            .issueToken("reader", Access.Scope.READ)
            .secret();
    String id = uploaded("/api/imports", THREE);
    await(id, "done");
    for (HttpRequest.Builder call :
        List.of(
            request("/api/imports").POST(BodyPublishers.ofString(THREE)),
            request("/api/imports/" + id + "/apply").POST(BodyPublishers.noBody()),
            request("/api/imports/" + id).DELETE())) {
      assertError(send(call.setHeader("Authorization", "Bearer " + reader)), 403, "missing_scope");
      assertError(send(call.setHeader("Authorization", "Bearer no")), 401, "invalid_token");
    }
    for (String path :
        List.of(
            "/api/imports",
            "/api/imports/" + id,
            "/api/imports/" + id + "/result",
            "/api/exports/users.csv")) {
      HttpRequest.Builder call = request(path);
      assertThat(send(call.setHeader("Authorization", "Bearer " + reader)).statusCode())
          .isEqualTo(200);
      assertError(send(call.setHeader("Authorization", "Bearer no")), 401, "invalid_token");
    }
    assertThat(one(id).get("state").asString()).as("the file was not deleted").isEqualTo("done");
  }

  @Test
  void only_the_server_can_read_the_files() throws Exception {
    String id = uploaded("/api/imports?preview=true", THREE);
    await(id, "previewed");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("imports"))))
        .isEqualTo("rwx------");
    for (String end : List.of(".csv", ".json", ".result.csv")) {
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(data.resolve("imports/" + id + end))))
          .as(end)
          .isEqualTo("rw-------");
    }
  }

  // ---- export ----

  @Test
  void what_is_exported_changes_nothing_when_it_is_imported() throws Exception {
    await(uploaded("/api/imports", rows(3_000)), "done");
    HttpResponse<String> exported = get("/api/exports/users.csv");
    assertThat(exported.statusCode()).isEqualTo(200);
    assertThat(exported.headers().firstValue("Content-Type")).hasValue("text/csv; charset=utf-8");
    assertThat(exported.headers().firstValue("Content-Disposition"))
        .hasValue("attachment; filename=\"users.csv\"");
    assertThat(exported.body())
        .startsWith("id,external_id,name,email,billing_id,created_at,as_of\r\n")
        .hasLineCount(3_001);
    String id = uploaded("/api/imports", exported.body());
    assertThat(await(id, "done").get("outcomes").toString()).isEqualTo("{\"unchanged\":3000}");
  }

  @Test
  void an_export_that_breaks_off_can_be_told_from_a_whole_one() throws Exception {
    await(uploaded("/api/imports", rows(60_000)), "done");
    URI uri = URI.create(server.url());
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      // Small enough that the hub has to wait for it; smaller ones make TCP crawl.
      socket.setReceiveBufferSize(64 * 1024);
      socket
          .getOutputStream()
          .write(
              "GET /api/exports/users.csv HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n"
                  .formatted(TOKEN)
                  .getBytes(UTF_8));
      InputStream in = socket.getInputStream();
      got.write(in.readNBytes(20_000));
      awaitTrue(() ->
          !hub.rows(
                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                      + " current_database() AND application_name LIKE '%export%'")
              .isEmpty());
      byte[] rest = new byte[1 << 16];
      try {
        for (int read = in.read(rest); read >= 0; read = in.read(rest)) {
          got.write(rest, 0, read);
        }
      } catch (IOException reset) {
        assertThat(reset).hasMessageContaining("reset");
      }
    }
    String answer = got.toString(UTF_8);
    assertThat(answer).startsWith("HTTP/1.1 200").contains("Transfer-Encoding: chunked");
    assertThat(answer.lines().filter(line -> line.contains("@x.org")).count()).isLessThan(60_000);
    assertThat(answer)
        .as("no end of chunks, and no error amid the rows")
        .doesNotEndWith("0\r\n\r\n")
        .doesNotContain("\"errors\"");
  }

  @Test
  void exports_at_once_are_few() throws Exception {
    await(uploaded("/api/imports", rows(60_000)), "done");
    List<InputStream> bodies = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      HttpResponse<InputStream> response =
          CLIENT.send(request("/api/exports/users.csv").build(), BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).isEqualTo(200);
      bodies.add(response.body());
    }
    HttpResponse<String> third = get("/api/exports/users.csv");
    assertError(third, 429, "too_busy");
    assertThat(third.headers().firstValue("Content-Disposition")).isEmpty();
    for (InputStream in : bodies) {
      assertThat(new String(in.readAllBytes(), UTF_8)).hasLineCount(60_001);
    }
    awaitTrue(() -> get("/api/exports/users.csv").statusCode() == 200);
  }

  // ---- what it takes ----

  private static String rows(int count) {
    StringBuilder text = new StringBuilder("external_id,name,email\n");
    for (int i = 0; i < count; i++) {
      text.append("id")
          .append(i)
          .append(",Name of ")
          .append(i)
          .append(",user-")
          .append(i)
          .append("@x.org\n");
    }
    return text.toString();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private static byte[] form(String name, byte[] file) throws IOException {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    form.write(
        String.join(
                "\r\n",
                "--xYzZY",
                "Content-Disposition: form-data; name=\"csrf\"",
                "",
                "abc",
                "--xYzZY",
                "Content-Disposition: form-data; name=\"file\"; filename=\"%s\""
                    .formatted(name.replace("\\", "\\\\")),
                "Content-Type: text/csv",
                "",
                "")
            .getBytes(UTF_8));
    form.write(file);
    form.write("\r\n--xYzZY--\r\n".getBytes(UTF_8));
    return form.toByteArray();
  }

  private static HttpRequest.BodyPublisher chunked(byte[] bytes) {
    return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes));
  }

  private void restart() throws IOException {
    server.close();
    imports.close();
    gate = null;
    serve(SETTINGS);
  }

  private String uploaded(String path, String text) throws Exception {
    return id(post(path, "text/csv", text));
  }

  private String uploaded(@Nullable String type, byte[] body) throws Exception {
    return id(post("/api/imports", type, BodyPublishers.ofByteArray(body)));
  }

  private static String id(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    return JSON.readTree(response.body()).at("/data/id").asString();
  }

  private JsonNode one(String id) throws Exception {
    HttpResponse<String> response = get("/api/imports/" + id);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body()).get("data");
  }

  private JsonNode await(String id, String state) throws Exception {
    return await(id, one -> one.get("state").asString().equals(state));
  }

  private JsonNode await(String id, Predicate<JsonNode> until) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    JsonNode one = one(id);
    while (!until.test(one)) {
      assertThat(System.nanoTime()).as("waited a minute; last: %s", one).isLessThan(end);
      Thread.sleep(5);
      one = one(id);
    }
    return one;
  }

  private interface Question {
    boolean yes() throws Exception;
  }

  private static void awaitTrue(Question question) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!question.yes()) {
      assertThat(System.nanoTime()).as("waited half a minute").isLessThan(end);
      Thread.sleep(10);
    }
  }

  /** The endings of the files of imports. */
  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(data.resolve("imports"))) {
      return all.map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("lock"))
          .map(name -> name.substring(name.indexOf('.') + 1))
          .sorted()
          .toList();
    }
  }

  private static void assertError(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(JSON.readTree(response.body()).at("/errors/0/code").asString()).isEqualTo(code);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  private HttpResponse<String> delete(String path) throws Exception {
    return send(request(path).DELETE());
  }

  private HttpResponse<String> post(String path, @Nullable String type, String body)
      throws Exception {
    return post(path, type, BodyPublishers.ofString(body));
  }

  private HttpResponse<String> post(
      String path, @Nullable String type, HttpRequest.BodyPublisher body) throws Exception {
    HttpRequest.Builder request = request(path).POST(body);
    return send(type == null ? request : request.header("Content-Type", type));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.url() + path))
        .header("Authorization", "Bearer " + TOKEN);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }
}
