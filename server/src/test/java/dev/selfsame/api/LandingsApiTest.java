package dev.selfsame.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.error.Failure;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.source.land.LandingSettings;
import dev.selfsame.source.land.Landings;
import dev.selfsame.store.Database;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.TraitColumns;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/landings} on the real server and database. */
final class LandingsApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static final String TOKEN = "sst_a_token_for_tests";
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  /** Small enough to meet each bound. */
  private static final LandingSettings SETTINGS =
      new LandingSettings(1_000_000, 0, 5, 3, Duration.ofSeconds(30));

  @TempDir Path data;
  private Database database;
  private Pipeline pipeline;
  private Landings landings;
  private HttpServer server;

  /** What lets claims through, a chunk each; null: all at once. */
  private volatile @Nullable Semaphore gate;

  @BeforeEach
  void start() {
    hub.sql("DELETE FROM selfsame.landing");
    database = hub.open();
    pipeline =
        new Pipeline(
            "default",
            database.sessions("intake"),
            IntakeSettings.DEFAULT,
            new TraitColumns(database)::ensure);
    pipeline.start();
    serve(SETTINGS);
  }

  private void serve(LandingSettings settings) {
    landings =
        Landings.open(
            data.resolve("landings"),
            settings,
            database,
            "default",
            new Gated(),
            InstantSource.system());
    server =
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(new LandingsApi(landings, settings, new Bodies(1 << 20))),
            new StoredAccess(
                new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system()),
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    landings.close();
    pipeline.close();
  }

  /** The real intake behind a gate, so that a test can look at a landing that is half done. */
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
  void a_file_is_sent_and_landed() throws Exception {
    String csv =
        """
        id,Email,Full Name,plan
        1,ann@way.org,Ann,pro
        2,bob@way.org,Bob,free
        1,ann@way.org,Ann,pro
        """;
    HttpResponse<String> accepted =
        post("?table=way.people&email=Email&name=way.csv", "text/csv", csv.getBytes(UTF_8));
    String id = id(accepted);
    assertThat(accepted.headers().firstValue("Location")).hasValue("/api/landings/" + id);
    JsonNode done = await(id, "done");
    assertThat(done.propertyNames())
        .containsExactly(
            "id",
            "table",
            "preview",
            "name",
            "format",
            "query",
            "columns",
            "origin",
            "actor",
            "state",
            "createdAt",
            "changedAt",
            "counts",
            "newColumns",
            "renamed",
            "leftOut",
            "error");
    assertThat(done.get("table").asString()).isEqualTo("way.people");
    assertThat(done.get("name").asString()).isEqualTo("way.csv");
    assertThat(done.get("format").asString()).isEqualTo("csv");
    assertThat(done.get("origin").asString()).isEqualTo("rest");
    assertThat(done.get("actor").asString()).startsWith("token:");
    assertThat(done.at("/columns/email").asString()).isEqualTo("Email");
    assertThat(done.get("counts"))
        .isEqualTo(
            JSON.readTree(
                """
                {"bytes": {"done": %d, "total": %d}, "rows": 3, "added": 2, "changed": 0, "unchanged": 0, "repeated": 1,
                 "claims": {"done": 2, "total": 2}, "outcomes": {"created": 2}, "codes": {"R4": 2}, "rejected": {},
                 "flagged": 0, "again": 0}
                """
                    .formatted(csv.length(), csv.length())));
    assertThat(done.get("newColumns").get("plan").asString()).isEqualTo("text");
    assertThat(done.get("renamed"))
        .isEqualTo(JSON.readTree("{\"Email\": \"email\", \"Full Name\": \"full_name\"}"));
    assertThat(done.get("error").isNull()).isTrue();
    assertThat(hub.rows("SELECT email, plan FROM way.people ORDER BY id"))
        .containsExactly("ann@way.org|pro", "bob@way.org|free");
    assertThat(files()).as("the file is gone").isEmpty();

    JsonNode again =
        await(id(post("?table=way.people&email=Email", "text/csv", csv.getBytes(UTF_8))), "done");
    assertThat(again.at("/counts/unchanged").asInt()).isEqualTo(2);
    assertThat(again.at("/counts/claims/total").asInt()).isZero();
    assertThat(again.get("name").asString()).isEqualTo("the file");

    assertThat(delete(id).statusCode()).isEqualTo(204);
    assertThat(get("/" + id).statusCode()).isEqualTo(404);
    assertThat(hub.rows("SELECT count(*) FROM way.people")).containsExactly("2");
  }

  @Test
  void files_come_in_each_format_packed_and_in_forms() throws Exception {
    byte[] csv = "id,email\n1,f1@x.org\n".getBytes(UTF_8);
    byte[] lines = "{\"id\": 2, \"email\": \"f2@x.org\"}\n".getBytes(UTF_8);
    byte[] parquet = parquet("SELECT 3 AS id, 'f3@x.org' AS email");
    String to = "?table=forms.people&email=email";
    String multipart = "multipart/form-data; boundary=xYzZY";
    List<String> ids = new ArrayList<>();
    for (HttpResponse<String> accepted :
        List.of(
            post(to, "text/csv; charset=utf-8", csv),
            post(to, "application/x-ndjson", lines),
            post(to, "application/vnd.apache.parquet", parquet))) {
      ids.add(id(accepted));
      await(ids.getLast(), one -> one.get("state").asString().equals("done"));
    }
    assertThat(hub.rows("SELECT id, email FROM forms.people ORDER BY id"))
        .containsExactly("1|f1@x.org", "2|f2@x.org", "3|f3@x.org");
    for (HttpResponse<String> accepted :
        List.of(
            post(to + "&format=jsonl", "application/json", lines),
            post(to + "&format=parquet", "application/octet-stream", parquet))) {
      assertThat(await(id(accepted), "done").at("/counts/unchanged").asInt()).isEqualTo(1);
    }
    for (HttpResponse<String> accepted :
        List.of(
            send(
                request(to)
                    .header("Content-Type", "text/csv")
                    .header("Content-Encoding", "gzip")
                    .POST(BodyPublishers.ofByteArray(gzip(csv)))),
            post(to + "&name=users.jsonl.gz", "application/gzip", gzip(lines)))) {
      assertThat(await(id(accepted), "done").at("/counts/unchanged").asInt()).isEqualTo(1);
    }
    for (HttpResponse<String> accepted :
        List.of(
            post(to, multipart, form("users.parquet", parquet)),
            post(to, multipart, form("C:\\\\x\\\\users.csv.gz", gzip(csv))))) {
      JsonNode done = await(id(accepted), "done");
      assertThat(done.at("/counts/unchanged").asInt()).as(done.toString()).isEqualTo(1);
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void a_preview_says_what_would_be_and_writes_nothing() throws Exception {
    StringBuilder rows = new StringBuilder("id,email\n");
    for (int i = 1; i < 10; i++) {
      rows.append(i).append(",p").append(i).append("@prev.org\n");
    }
    byte[] csv = rows.toString().getBytes(UTF_8);
    JsonNode done =
        await(id(post("?table=prev.people&email=email&preview=true", "text/csv", csv)), "done");
    assertThat(done.get("preview").asBoolean()).isTrue();
    assertThat(done.at("/counts/rows").asInt()).as("it stops after so many").isEqualTo(5);
    assertThat(done.at("/counts/added").asInt()).isEqualTo(5);
    assertThat(done.at("/counts/outcomes").toString()).isEqualTo("{\"created\":5}");
    assertThat(hub.rows("SELECT to_regclass('prev.people') IS NULL")).containsExactly("t");
    assertThat(hub.rows("SELECT count(*) FROM users WHERE email LIKE '%@prev.org'"))
        .containsExactly("0");
    assertThat(files()).isEmpty();
  }

  // ---- a query ----

  @Test
  void a_query_on_another_database_is_landed_and_its_password_is_kept_nowhere() throws Exception {
    DatabaseAddress there = hub.address();
    hub.sql("CREATE TABLE public.crm_people AS SELECT 7 AS id, 'q7@x.org' AS mail");
    HttpResponse<String> accepted = ask("quest.people", place(there, true), null);
    JsonNode done = await(id(accepted), "done");
    assertThat(done.at("/query/database").asString()).startsWith(there.user() + "@");
    assertThat(done.at("/query/sql").asString()).isEqualTo("SELECT id, mail FROM crm_people");
    assertThat(done.at("/counts/bytes/total").isNull()).isTrue();
    assertThat(done.at("/counts/outcomes").toString()).isEqualTo("{\"created\":1}");
    assertThat(hub.rows("SELECT id, email FROM quest.people")).containsExactly("7|q7@x.org");
    JsonNode given = await(id(ask("quest.people", place(there, false), there.password())), "done");
    assertThat(given.at("/counts/unchanged").asInt()).isEqualTo(1);
    assertThat(hub.rows("SELECT * FROM selfsame.landing").toString())
        .doesNotContain(Objects.requireNonNull(there.password()));

    JsonNode failed = await(id(ask("quest.people", place(there, false), "no")), "failed");
    assertThat(failed.at("/error/code").asString()).isEqualTo("landing_query");
    assertThat(failed.at("/error/detail").asString()).contains("does not let " + there.user());
    assertThat(files()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"query": {"database": "postgresql://u@h/d", "sql": "SELECT 1"}}                          | invalid_field  | /table
          {"table": "a.b"}                                                                          | invalid_field  | /query
          {"table": "a.b", "query": {"sql": "SELECT 1"}}                                            | invalid_field  | /query/database
          {"table": "a.b", "query": {"database": "postgresql://u@h/d", "sql": " "}}                 | invalid_field  | /query/sql
          {"table": "a.b", "query": {"database": "postgresql://u@h/d", "sql": 1}}                   | invalid_field  | /query/sql
          {"table": "a.b", "query": {"database": "postgresql://u@h/d", "sq": ""}}                   | invalid_field  | /query/sq
          {"table": "a.b", "email": "", "query": {"database": "postgresql://u@h/d", "sql": "x"}}    | invalid_field  | /email
          {"table": "a.b", "preview": 1, "query": {"database": "postgresql://u@h/d", "sql": "x"}}   | invalid_field  | /preview
          {"table": "b", "query": {"database": "postgresql://u@h/d", "sql": "SELECT 1"}}            | landing_name   |
          {"table": "a.b", "query": {"database": "redis://h/d", "sql": "SELECT 1"}}                 | landing_query  |
          {"table": "a.b", "query": {"database": "duckdb:/etc/x.db", "sql": "SELECT 1"}}            | landing_query  |
          {"table": "a.b",                                                                          | malformed_json |
          """)
  void what_cannot_be_asked_is_refused_at_once(String body, String code, @Nullable String pointer)
      throws Exception {
    HttpResponse<String> refused = post("", "application/json", body.getBytes(UTF_8));
    assertError(refused, 400, code);
    if (pointer != null) {
      assertThat(JSON.readTree(refused.body()).at("/errors/0/source/pointer").asString())
          .isEqualTo(pointer);
    }
    assertThat(hub.rows("SELECT count(*) FROM selfsame.landing")).containsExactly("0");
    assertThat(files()).isEmpty();
  }

  // ---- what is wrong ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ?table=zendesk.users&tabel=x         | text/csv         | invalid_parameter | did you mean table?
          ''                                   | text/csv         | invalid_parameter | Say which table
          ?table=zendesk.users&preview=yes     | text/csv         | invalid_parameter | true or false
          ?table=zendesk.users&format=xml      | text/csv         | invalid_parameter | csv, jsonl, parquet
          ?table=zendesk.users                 | application/gzip | invalid_parameter | give format=csv
          ?table=zendesk.users                 | application/json | invalid_parameter | say format=jsonl
          ?table=zendesk.users&email=          | text/csv         | invalid_parameter | 1 to 200 characters
          ?table=zendesk.users&name=a%0Ab      | text/csv         | invalid_parameter | control character
          ?table=zendesk                       | text/csv         | landing_name      | TOOL.TABLE
          ?table=segment.users&externalId=x    | text/csv         | landing_column    | no place for
          ?table=zendesk.users&id=x&email=x    | text/csv         | landing_column    | can be one of them
          ?table=zendesk.users                 | text/html        | invalid_request   | text/csv
          """)
  void what_is_asked_for_wrongly_is_refused_at_once(
      String parameters, String type, String code, String words) throws Exception {
    HttpResponse<String> refused = post(parameters, type, "id\n1\n".getBytes(UTF_8));
    assertError(refused, 400, code);
    assertThat(refused.body()).contains(words);
    assertThat(hub.rows("SELECT count(*) FROM selfsame.landing")).containsExactly("0");
    assertThat(files()).isEmpty();
  }

  @Test
  void a_file_that_cannot_land_fails_with_its_place() throws Exception {
    String to = "?table=zendesk.users&name=export.csv";
    String csv = "id,active\n1,true\n2,perhaps\n";
    JsonNode value = await(id(post(to, "text/csv", csv.getBytes(UTF_8))), "failed");
    assertThat(value.at("/error/code").asString()).isEqualTo("landing_value");
    assertThat(value.at("/error/detail").asString()).startsWith("export.csv, line 3: \"perhaps\"");
    JsonNode column = await(id(post(to, "text/csv", "name\nAnn\n".getBytes(UTF_8))), "failed");
    assertThat(column.at("/error/code").asString()).isEqualTo("landing_column");
    JsonNode broken =
        await(
            id(
                post(
                    "?table=zendesk.users&name=x.parquet",
                    "application/vnd.apache.parquet",
                    "PAR1 and no more".getBytes(UTF_8))),
            "failed");
    assertThat(broken.at("/error/detail").asString())
        .startsWith("x.parquet: it cannot be read as Parquet")
        .doesNotContain(data.toString());
    assertThat(hub.rows("SELECT count(*) FROM zendesk.users WHERE id IN ('1', '2')"))
        .containsExactly("0");
    assertThat(files()).isEmpty();
  }

  @Test
  void bounds_refuse_by_name_and_leave_nothing() throws Exception {
    String to = "?table=zendesk.users";
    assertError(post(to, "text/csv", new byte[0]), 400, "landing_file");
    assertError(post(to, "text/csv", new byte[1_000_001]), 400, "body_too_large");
    assertError(post(to, "text/csv", gzip(new byte[1_000_001])), 400, "body_too_large");
    server.close();
    landings.close();
    serve(new LandingSettings(1_000_000, Long.MAX_VALUE, 5, 3, Duration.ofSeconds(30)));
    assertError(post(to, "text/csv", "id\n1\n".getBytes(UTF_8)), 503, "disk_low");
    assertThat(files()).isEmpty();
    assertThat(hub.rows("SELECT count(*) FROM selfsame.landing")).containsExactly("0");
    assertThatThrownBy(() -> serve(SETTINGS))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("Another server uses " + data);
  }

  // ---- half done ----

  @Test
  void others_wait_while_one_is_landed_and_either_can_be_stopped() throws Exception {
    Semaphore open = new Semaphore(30);
    gate = open;
    String running = id(post("?table=stopped.people&email=email", "text/csv", rows("st", 11_000)));
    JsonNode half = await(running, "deciding");
    assertThat(half.at("/counts/rows").asInt()).isEqualTo(11_000);
    assertThat(half.at("/counts/claims/total").asInt()).isEqualTo(11_000);
    String waiting = id(post("?table=stopped.others", "text/csv", rows("ot", 1)));
    assertThat(one(waiting).get("state").asString()).isEqualTo("waiting");
    String last = id(post("?table=stopped.others", "text/csv", rows("ot", 2)));
    HttpResponse<String> fourth = post("?table=stopped.others", "text/csv", rows("ot", 3));
    assertError(fourth, 429, "too_busy");
    assertThat(fourth.headers().firstValue("Retry-After")).isPresent();
    assertThat(files()).containsExactly("csv", "csv", "csv");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(data.resolve("landings").resolve(running + ".csv"))))
        .isEqualTo("rw-------");

    assertThat(delete(waiting).statusCode()).isEqualTo(204);
    assertThat(get("/" + waiting).statusCode()).isEqualTo(404);
    HttpResponse<String> stopping = delete(running);
    assertThat(stopping.statusCode()).isEqualTo(202);
    open.release(10_000);
    JsonNode stopped = await(running, "interrupted");
    assertThat(stopped.at("/error/code").asString()).isEqualTo("stopped");
    assertThat(stopped.at("/error/detail").asString())
        .contains("The rows are in stopped.people, but not all that they say is decided");
    assertThat(await(last, "done").at("/counts/added").asInt()).isEqualTo(2);
    assertThat(hub.rows("SELECT count(*) FROM stopped.people")).containsExactly("11000");
    gate = null;
    JsonNode again =
        await(
            id(post("?table=stopped.people&email=email", "text/csv", rows("st", 11_000))), "done");
    assertThat(again.at("/counts/unchanged").asInt()).isEqualTo(11_000);
    assertThat(hub.rows("SELECT count(*) FROM users WHERE email LIKE 'st%@rows.org'"))
        .containsExactly("11000");
  }

  @Test
  void the_next_server_begins_anew_what_this_one_does_not_finish() throws Exception {
    Semaphore open = new Semaphore(30);
    gate = open;
    String running = id(post("?table=anew.people&email=email", "text/csv", rows("an", 11_000)));
    await(running, "deciding");
    String waiting = id(post("?table=anew.others&name=o.csv", "text/csv", rows("ao", 1)));
    String query = id(ask("anew.people", place(hub.address(), true), null));
    server.close();
    CompletableFuture<Void> closed = CompletableFuture.runAsync(this::closeLandings);
    Thread.sleep(500);
    open.release(10_000);
    closed.get(30, TimeUnit.SECONDS);
    Files.writeString(data.resolve("landings/00000000-0000-4000-8000-000000000000.part"), "half");
    Files.writeString(data.resolve("landings/11111111-0000-4000-8000-000000000000.csv"), "whose");
    gate = null;
    serve(SETTINGS);
    JsonNode done = await(running, "done");
    assertThat(done.at("/counts/unchanged").asInt()).isEqualTo(11_000);
    assertThat(hub.rows("SELECT count(*) FROM users WHERE email LIKE 'an%@rows.org'"))
        .containsExactly("11000");
    JsonNode other = await(waiting, "done");
    assertThat(other.at("/counts/added").asInt()).isEqualTo(1);
    assertThat(other.get("name").asString()).isEqualTo("o.csv");
    JsonNode lost = one(query);
    assertThat(lost.get("state").asString()).isEqualTo("interrupted");
    assertThat(lost.at("/error/code").asString()).isEqualTo("stopped");
    assertThat(files()).isEmpty();
  }

  /** What a killed server leaves: its files, and entries that say it was at work. */
  @Test
  void what_a_killed_server_left_is_taken_up() throws Exception {
    String file = id(post("?table=killed.people", "text/csv", rows("ki", 1)));
    await(file, "done");
    String query = id(ask("killed.asked", "postgresql://u@127.0.0.1:1/none", "secret"));
    await(query, "failed");
    server.close();
    landings.close();
    Files.write(data.resolve("landings").resolve(file + ".csv"), rows("ki", 3));
    Files.createFile(data.resolve("landings").resolve(query + ".query"));
    hub.sql("UPDATE selfsame.landing SET state = 'landing', error = NULL");
    serve(SETTINGS);
    assertThat(await(file, "done").at("/counts/added").asInt()).isEqualTo(2);
    JsonNode lost = one(query);
    assertThat(lost.get("state").asString()).isEqualTo("interrupted");
    assertThat(lost.at("/error/detail").asString()).contains("keeps no password");
    assertThat(files()).isEmpty();
  }

  // ---- the list ----

  @Test
  void landings_are_listed_newest_first_and_those_of_others_too() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ids.addFirst(id(post("?table=listed.people", "text/csv", rows("li", 1))));
      await(ids.getFirst(), "done");
    }
    String cli = "00000000-0000-4000-8000-00000000000a";
    hub.sql(
        """
        INSERT INTO selfsame.landing SELECT '%s', 'zendesk', 'users', 'cli', 'ann', 'landing', now() + interval '1 minute',
          now(), request, counts, NULL FROM selfsame.landing WHERE id = '%s'
        """
            .formatted(cli, ids.getFirst()));
    ids.addFirst(cli);
    List<String> seen = new ArrayList<>();
    String next = "?limit=3";
    while (next != null) {
      JsonNode page = JSON.readTree(get(next).body());
      page.get("data").forEach(one -> seen.add(one.get("id").asString()));
      next =
          page.at("/links/next").isMissingNode()
              ? null
              : page.at("/links/next").asString().substring("/api/landings".length());
    }
    assertThat(seen).isEqualTo(ids);
    assertError(delete(cli), 409, "landing_elsewhere");
    hub.sql("UPDATE selfsame.landing SET changed_at = now() - interval '25 hours'");
    assertThat(delete(cli).statusCode()).as("nobody is at work on it").isEqualTo(204);
    for (String bad : List.of("?limit=0", "?cursor=x", "?cursor=bDE6eA", "?curser=x")) {
      assertError(get(bad), 400, "invalid_parameter");
    }
    assertError(get("/x"), 404, "not_found");
    assertError(delete("00000000-0000-4000-8000-000000000000"), 404, "not_found");
  }

  @Test
  void old_landings_are_forgotten_unless_they_are_among_the_newest() throws Exception {
    String first = id(post("?table=old.people", "text/csv", rows("ol", 1)));
    await(first, "done");
    hub.sql(
        """
        INSERT INTO selfsame.landing SELECT gen_random_uuid(), tool, name, origin, actor, state, created_at - interval '40 days'
          - i * interval '1 minute', changed_at, request, counts, NULL FROM selfsame.landing, generate_series(1, 1005) i
        """);
    await(id(post("?table=old.people", "text/csv", rows("ol", 1))), "done");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.landing")).containsExactly("1001");
    hub.sql("UPDATE selfsame.landing SET created_at = created_at + interval '20 days'");
    await(id(post("?table=old.people", "text/csv", rows("ol", 1))), "done");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.landing")).containsExactly("1002");
  }

  @Test
  void scopes_are_asked_for() throws Exception {
    StoredAccess access =
        new StoredAccess(
            new StoredGrants(database), new GivenSecrets(null, null), InstantSource.system());
    String reader = access.issueToken("reader", Access.Scope.READ).secret();
    String writer = access.issueToken("writer", Access.Scope.WRITE).secret();
    String to = "?table=scoped.people";
    byte[] csv = rows("sc", 1);
    assertError(
        as(reader, request(to).POST(BodyPublishers.ofByteArray(csv))), 403, "missing_scope");
    HttpResponse<String> sent =
        as(
            writer,
            request(to).header("Content-Type", "text/csv").POST(BodyPublishers.ofByteArray(csv)));
    String id = id(sent);
    assertThat(await(id, "done").get("actor").asString()).isEqualTo("token:writer");
    HttpRequest.Builder query =
        request("")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"table\": \"a.b\"}"));
    HttpResponse<String> refused = as(writer, query);
    assertError(refused, 403, "missing_scope");
    assertThat(refused.body()).contains("admin");
    assertThat(as(reader, request("/" + id)).statusCode()).isEqualTo(200);
    assertThat(as(reader, request("")).statusCode()).isEqualTo(200);
    assertError(as(reader, request("/" + id).DELETE()), 403, "missing_scope");
    assertError(as("no", request("")), 401, "invalid_token");
    assertThat(as(writer, request("/" + id).DELETE()).statusCode()).isEqualTo(204);
  }

  // ---- what it takes ----

  private static byte[] rows(String prefix, int count) {
    StringBuilder text = new StringBuilder("id,email\n");
    for (int i = 0; i < count; i++) {
      text.append(prefix).append(i).append(',').append(prefix).append(i).append("@rows.org\n");
    }
    return text.toString().getBytes(UTF_8);
  }

  private byte[] parquet(String select) throws Exception {
    Path file = data.resolve("made.parquet");
    try (var duck = DriverManager.getConnection("jdbc:duckdb:");
        var statement = duck.createStatement()) {
      statement.execute("COPY (%s) TO '%s' (FORMAT parquet)".formatted(select, file));
    }
    return Files.readAllBytes(file);
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
                "Content-Disposition: form-data; name=\"file\"; filename=\"%s\"".formatted(name),
                "",
                "")
            .getBytes(UTF_8));
    form.write(file);
    form.write("\r\n--xYzZY--\r\n".getBytes(UTF_8));
    return form.toByteArray();
  }

  /** The address as callers write it. */
  private static String place(DatabaseAddress of, boolean withPassword) {
    String bare = of.url().substring("jdbc:postgresql://".length());
    int options = bare.indexOf('?');
    String login =
        withPassword
            ? of.user() + ":" + URLEncoder.encode(Objects.requireNonNull(of.password()), UTF_8)
            : of.user();
    return "postgresql://%s@%s".formatted(login, options < 0 ? bare : bare.substring(0, options));
  }

  private void closeLandings() {
    try {
      landings.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpResponse<String> ask(String table, String database, @Nullable String password)
      throws Exception {
    ObjectNode body = JSON.createObjectNode().put("table", table).put("email", "mail");
    body.putObject("query")
        .put("database", database)
        .put("sql", "SELECT id, mail FROM crm_people")
        .put("password", password);
    return post("", "application/json", JSON.writeValueAsBytes(body));
  }

  private static String id(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    return JSON.readTree(response.body()).at("/data/id").asString();
  }

  private JsonNode one(String id) throws Exception {
    HttpResponse<String> response = get("/" + id);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body()).get("data");
  }

  private JsonNode await(String id, String state) throws Exception {
    return await(id, one -> one.get("state").asString().equals(state));
  }

  /** Finished, and its file gone. */
  private JsonNode await(String id, Predicate<JsonNode> until) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    JsonNode one = one(id);
    while (!until.test(one) || (finished(one) && hasFile(id))) {
      assertThat(finished(one) && !until.test(one)).as("ended otherwise: %s", one).isFalse();
      assertThat(System.nanoTime()).as("waited a minute; last: %s", one).isLessThan(end);
      Thread.sleep(5);
      one = one(id);
    }
    return one;
  }

  private static boolean finished(JsonNode one) {
    return List.of("done", "failed", "interrupted").contains(one.get("state").asString());
  }

  private boolean hasFile(String id) throws IOException {
    try (Stream<Path> all = Files.list(data.resolve("landings"))) {
      return all.anyMatch(file -> file.getFileName().toString().startsWith(id));
    }
  }

  /** The endings of the files of landings. */
  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(data.resolve("landings"))) {
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

  private HttpResponse<String> get(String rest) throws Exception {
    return send(request(rest));
  }

  private HttpResponse<String> delete(String id) throws Exception {
    return send(request("/" + id).DELETE());
  }

  private HttpResponse<String> post(String rest, String type, byte[] body) throws Exception {
    return send(request(rest).header("Content-Type", type).POST(BodyPublishers.ofByteArray(body)));
  }

  private HttpRequest.Builder request(String rest) {
    return HttpRequest.newBuilder(URI.create(server.url() + "/api/landings" + rest))
        .header("Authorization", "Bearer " + TOKEN);
  }

  private static HttpResponse<String> as(String token, HttpRequest.Builder request)
      throws Exception {
    return send(request.setHeader("Authorization", "Bearer " + token));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }
}
