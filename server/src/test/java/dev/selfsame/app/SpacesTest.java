package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.cli.Program;
import dev.selfsame.http.HttpServer;
import dev.selfsame.identity.Channel;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.store.ReaderQuery;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Two spaces in one hub as it is put together. Whatever one of them is asked, nothing of the other
 * is shown or changed.
 */
final class SpacesTest {
  @RegisterExtension final TestDatabase database = TestDatabase.forEachTest();
  @TempDir Path data;

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern UUIDS =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  /** In everything that the first space is told. */
  private static final String MARK = "zzleak";

  private Hub hub;
  private StoredAccess access;
  private String first;
  private String firstKey;
  private String other;
  private String otherKey;

  /** A call of a route. */
  private record Call(
      String method, String route, String path, String type, @Nullable String body) {}

  @BeforeEach
  void start() {
    hub =
        Hub.start(
            new Program.Start(
                data, database.address().full(), "127.0.0.1:0", 0, null, null, null, false),
            Map.of(),
            line -> {});
    access =
        new StoredAccess(
            new StoredGrants(database.open()), GivenSecrets.NONE, InstantSource.system());
    first = access.issueToken("first", Access.Scope.ADMIN).secret();
    firstKey = access.issueWriteKey("first", "default", "segment").secret();
    assertThat(send(first, post("/api/spaces", "{\"name\": \"acme\"}")).statusCode())
        .isEqualTo(201);
    other = access.issueToken("other", "acme", Access.Scope.ADMIN).secret();
    otherKey = access.issueWriteKey("other", "acme", "segment").secret();
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private static Call post(String path, String body) {
    return new Call("POST", path, path, "application/json", body);
  }

  private static Call get(String path) {
    return new Call("GET", path, path, "application/json", null);
  }

  private HttpResponse<String> send(String token, Call call) {
    return sendAs("Bearer " + token, call);
  }

  private HttpResponse<String> sendAs(String authorization, Call call) {
    try {
      return CLIENT.send(
          HttpRequest.newBuilder(URI.create(hub.url() + call.path()))
              .timeout(Duration.ofSeconds(60))
              .header("Authorization", authorization)
              .header("X-Version", "1")
              .header("Content-Type", call.type())
              .method(
                  call.method(),
                  call.body() == null
                      ? BodyPublishers.noBody()
                      : BodyPublishers.ofString(call.body()))
              .build(),
          BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(call.path(), e);
    }
  }

  private JsonNode answer(String token, Call call) {
    HttpResponse<String> response = send(token, call);
    assertThat(response.statusCode()).as("%s %s", call, response.body()).isLessThan(300);
    return JSON.readTree(response.body()).path("data");
  }

  private static String basic(String key) {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((key + ":").getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private void identify(String key, String userId, String email, String name) {
    Call call =
        post(
            "/v1/identify",
            "{\"userId\": \"%s\", \"messageId\": \"%s\", \"traits\": {\"email\": \"%s\", \"name\": \"%s\"}}"
                .formatted(userId, UUID.randomUUID(), email, name));
    assertThat(sendAs(basic(key), call).statusCode()).isEqualTo(200);
  }

  private List<String> users(String token) {
    List<String> users = new ArrayList<>();
    answer(token, get("/api/users"))
        .forEach(user ->
            users.add(user.path("externalId").asString("") + " " + user.path("name").asString("")));
    users.sort(null);
    return users;
  }

  @Test
  void the_same_ids_are_other_users_in_another_space() {
    identify(firstKey, "u1", "ann@x.org", "Ann");
    identify(otherKey, "u1", "ann@x.org", "Anna of Acme");
    identify(otherKey, "u2", "bob@x.org", "Bob");
    assertThat(users(first)).containsExactly("u1 Ann");
    assertThat(users(other)).containsExactly("u1 Anna of Acme", "u2 Bob");
    assertThat(database.rows("SELECT external_id, name FROM users")).containsExactly("u1|Ann");
    assertThat(database.rows("SELECT id, name FROM segment.users")).containsExactly("u1|Ann");
    assertThat(database.rows("SELECT name, position, users FROM selfsame.space ORDER BY 1"))
        .containsExactly("acme|2|2", "default|1|1");
    String traits = "/v1/spaces/%s/collections/users/profiles/user_id:u1/traits";
    assertThat(send(first, get(traits.formatted("default"))).body()).contains("\"Ann\"");
    assertThat(send(other, get(traits.formatted("acme"))).body()).contains("\"Anna of Acme\"");
    assertThat(send(other, get(traits.formatted("default"))).statusCode()).isEqualTo(404);
    assertThat(send(first, get(traits.formatted("acme"))).statusCode()).isEqualTo(404);
  }

  @Test
  void a_policy_is_of_one_space() {
    Call unique =
        new Call("PUT", "/api/policy", "/api/policy", "application/yaml", "emails: unique");
    assertThat(send(other, unique).statusCode()).isEqualTo(200);
    for (String key : List.of(firstKey, otherKey)) {
      identify(key, "u1", "ann@x.org", "Ann");
      identify(key, "u2", "ann@x.org", "Bob");
    }
    assertThat(database.rows("SELECT external_id, email FROM users ORDER BY 1"))
        .containsExactly("u1|ann@x.org", "u2|ann@x.org");
    assertThat(answer(other, get("/api/users?externalId=u2")).toString()).doesNotContain("ann@");
    assertThat(database.rows("SELECT space, email FROM selfsame.unique_email"))
        .containsExactly("2|ann@x.org");
    HttpResponse<String> refused = send(first, unique);
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("emails_shared", "which is so of 1: ann@x.org (");
    Call pages =
        new Call(
            "PUT",
            "/api/policy",
            "/api/policy",
            "application/yaml",
            "sources: {segment: {land_pages: true}}");
    assertThat(send(other, pages).body()).contains("become rows in the space default alone");
  }

  @Test
  void an_erasure_in_one_space_leaves_the_other_alone() {
    for (String key : List.of(firstKey, otherKey)) {
      identify(key, "u1", "ann@x.org", "Ann");
    }
    database.sql(
        "INSERT INTO zendesk.users (id, email, external_id) VALUES ('1', 'ann@x.org', 'u1')");
    answer(
        other,
        post(
            "/api/erasures",
            "{\"identifiers\": [{\"type\": \"email\", \"value\": \"ann@x.org\"}], \"suppress\":"
                + " true}"));
    assertThat(users(other)).isEmpty();
    assertThat(users(first)).containsExactly("u1 Ann");
    assertThat(database.rows("SELECT email FROM zendesk.users")).containsExactly("ann@x.org");
    identify(firstKey, "u3", "ann@x.org", "Ann again");
    identify(otherKey, "u3", "ann@x.org", "Ann again");
    assertThat(answer(first, get("/api/users?email=ann@x.org"))).hasSize(2);
    assertThat(answer(other, get("/api/users?email=ann@x.org"))).isEmpty();
  }

  @Test
  void what_a_space_does_by_itself_is_done_in_each() throws Exception {
    for (String key : List.of(firstKey, otherKey)) {
      identify(key, "u1", "ann@acme-shop.org", "Ann");
    }
    String company = "{\"externalId\": \"shop\", \"domain\": \"acme-shop.org\"}";
    answer(other, post("/api/accounts", company));
    String ann = "/api/users/" + idOf(other, "/api/users?externalId=u1") + "/accounts";
    for (int i = 0; i < 400 && answer(other, get(ann)).isEmpty(); i++) {
      Thread.sleep(50);
    }
    assertThat(answer(other, get(ann)).toString()).contains("\"shop\"");
    assertThat(
            answer(
                first, get("/api/users/" + idOf(first, "/api/users?externalId=u1") + "/accounts")))
        .isEmpty();
  }

  @Test
  void webhooks_write_to_the_space_whose_secret_they_carry() {
    String ours =
        String.valueOf(access.issueHook("relay", "relay", false, true, null, null).authorization());
    String theirs =
        String.valueOf(
            access
                .issueHook("relay", "acme", "relay", Channel.SEGMENT, false, true, null, null)
                .authorization());
    Call event =
        post(
            "/hooks/segment/relay",
            "{\"type\": \"identify\", \"userId\": \"h1\", \"messageId\": \"m1\"}");
    assertThat(sendAs(theirs, event).statusCode()).isEqualTo(200);
    assertThat(users(first)).isEmpty();
    assertThat(users(other)).containsExactly("h1 ");
    assertThat(sendAs(ours, event).statusCode()).isEqualTo(200);
    assertThat(users(first)).containsExactly("h1 ");
    String notes =
        String.valueOf(
            access
                .issueHook(
                    "z",
                    "acme",
                    NoteWrites.source("z").name(),
                    Channel.INSIGHTS,
                    false,
                    true,
                    null,
                    null)
                .authorization());
    Call note = post("/hooks/notes/z/json", "{\"content\": \"Good\", \"title\": \"Hello\"}");
    assertThat(sendAs(notes, note).statusCode()).as(sendAs(notes, note).body()).isEqualTo(200);
    assertThat(answer(first, get("/api/notes"))).isEmpty();
    assertThat(answer(other, get("/api/notes"))).isNotEmpty();
  }

  @Test
  void a_space_that_another_server_made_is_served_within_a_second_or_so() throws Exception {
    try (Hub second =
        Hub.start(
            new Program.Start(
                data.resolve("second"),
                database.address().full(),
                "127.0.0.1:0",
                0,
                null,
                null,
                null,
                false),
            Map.of(),
            line -> {})) {
      assertThat(send(first, post("/api/spaces", "{\"name\": \"later\"}")).statusCode())
          .isEqualTo(201);
      String token = access.issueToken("later", "later", Access.Scope.READ).secret();
      HttpResponse<String> there =
          CLIENT.send(
              HttpRequest.newBuilder(URI.create(second.url() + "/api/users"))
                  .header("Authorization", "Bearer " + token)
                  .build(),
              BodyHandlers.ofString());
      assertThat(there.statusCode()).as(there.body()).isEqualTo(200);
      // What a space does by itself runs where nobody asked for anything, too.
      long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (threads("intake-write-later") < 2 && System.nanoTime() < until) {
        Thread.sleep(50);
      }
      assertThat(threads("intake-write-later")).isEqualTo(2);
    }
  }

  private static long threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .count();
  }

  @Test
  void what_cannot_be_a_space_is_refused_by_name() throws Exception {
    for (String name : List.of("", "A", "1a", "a-b", "ä", "a".repeat(41))) {
      HttpResponse<String> refused =
          send(first, post("/api/spaces", "{\"name\": \"%s\"}".formatted(name)));
      assertThat(refused.statusCode()).as(name).isEqualTo(400);
      assertThat(refused.body()).as(name).containsAnyOf("space_name", "The field name is needed");
    }
    for (String name :
        List.of("public", "selfsame", "pg_x", "stripe", "information_schema", "select", "user")) {
      assertThat(send(first, post("/api/spaces", "{\"name\": \"%s\"}".formatted(name))).body())
          .contains("space_name")
          .contains("the database calls something else so");
    }
    for (String name : List.of("default", "acme")) {
      HttpResponse<String> refused =
          send(first, post("/api/spaces", "{\"name\": \"%s\"}".formatted(name)));
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("space_exists");
    }
    for (Call call : List.of(get("/api/spaces"), post("/api/spaces", "{\"name\": \"b\"}"))) {
      HttpResponse<String> refused = send(other, call);
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).contains("other_space");
    }
    String landing =
        made(
            new Call(
                "POST",
                "",
                "/api/landings?table=acme_crm.leads&format=csv&id=id&name=a.csv",
                "text/csv",
                "id\n1\n"));
    settle("/api/landings/" + landing);
    assertThat(answer(first, get("/api/landings/" + landing)).path("error").toString())
        .as("a tool whose schema would look like the space's")
        .contains("landing_name");
    assertThat(answer(first, get("/api/spaces")).toString())
        .contains("\"name\":\"default\"")
        .contains("\"name\":\"acme\"");
  }

  @Test
  void each_space_has_published_tables_and_readers_of_its_own() throws Exception {
    Map<String, String> ids = tellTheFirst();
    tellTheOther();
    String columns =
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE"
            + " table_schema = '%s' AND table_name IN (SELECT table_name FROM"
            + " information_schema.tables WHERE table_schema = 'acme') ORDER BY 1,"
            + " ordinal_position";
    assertThat(database.rows(columns.formatted("acme")))
        .isNotEmpty()
        .isEqualTo(database.rows(columns.formatted("public")));
    assertThat(database.rows("SELECT segment_id FROM acme.user_identities ORDER BY 1"))
        .containsExactly("zz-a", "zz-b", "zz-c");
    for (String view :
        database.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'acme'")) {
      String shown = String.join("\n", database.rows("SELECT * FROM acme." + view));
      assertThat(shown).as(view).doesNotContain(MARK);
      ids.values().stream()
          .filter(id -> UUIDS.matcher(id).matches())
          .forEach(id -> assertThat(shown).as(view).doesNotContain(id));
      assertThat(String.join("\n", database.rows("SELECT * FROM public." + view)))
          .as(view)
          .doesNotContain("Acme");
    }
    assertThat(database.rows("SELECT count(*) FROM acme.user_decisions")).containsExactly("3");
    assertThat(
            database.rows(
                "SELECT name, sum(count) FROM (SELECT source AS name, count FROM"
                    + " acme.decision_counts) d GROUP BY 1"))
        .containsExactly("segment|3");

    assertThat(read("acme", "SELECT count(*) FROM users")).containsExactly("3");
    for (String statement :
        List.of(
            "SELECT count(*) FROM public.users",
            "SELECT count(*) FROM segment.users",
            "SELECT count(*) FROM zendesk.users",
            "SELECT count(*) FROM selfsame.part")) {
      assertThatThrownBy(() -> read("acme", statement)).hasMessageContaining("permission denied");
    }
    assertThatThrownBy(() -> read("default", "SELECT count(*) FROM acme.users"))
        .hasMessageContaining("permission denied");
    assertThatThrownBy(() -> read("nowhere", "SELECT 1"))
        .hasMessageContaining("There is no space nowhere");

    Path directory = data.resolve("acmes");
    answer(
        other,
        post(
            "/api/publications",
            "{\"name\": \"zzpub\", \"directory\": %s, \"format\": \"csv\"}"
                .formatted(JSON.writeValueAsString(directory.toString()))));
    String run = answer(other, post("/api/publications/zzpub/runs", "")).path("id").asString();
    for (int i = 0;
        i < 200
            && answer(other, get("/api/publications/zzpub/runs/" + run))
                .path("state")
                .asString("")
                .equals("running");
        i++) {
      Thread.sleep(50);
    }
    try (Stream<Path> files = Files.walk(directory)) {
      String all = "";
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all += Files.readString(file);
      }
      assertThat(all).contains("Acme A").doesNotContain(MARK);
    }
    assertThat(send(other, get("/api/publications/zzpub/runs/" + ids.get("publish"))).statusCode())
        .as("a run of the first space's publication of that name")
        .isEqualTo(404);
  }

  private List<String> read(String space, String sql) {
    List<String> rows = new ArrayList<>();
    database
        .open()
        .readerQuery(space)
        .run(
            sql,
            Duration.ofSeconds(10),
            new ReaderQuery.Sink() {
              @Override
              public void columns(List<ReaderQuery.Column> columns) {}

              @Override
              public void row(@Nullable String[] values) {
                rows.add(String.join("|", values));
              }
            });
    return rows;
  }

  // ---- the walk ----

  @Test
  void no_route_shows_or_changes_anything_of_another_space() throws Exception {
    Map<String, String> ids = tellTheFirst();
    tellTheOther();
    ids.put("oa", idOf(other, "/api/users?externalId=zz-a"));
    ids.put("ob", idOf(other, "/api/users?externalId=zz-b"));
    ids.put(
        "oacc",
        answer(other, post("/api/accounts", "{\"externalId\": \"o-acc\"}")).path("id").asString());
    Set<String> own = Set.of(ids.get("oa"), ids.get("ob"), ids.get("oacc"));
    List<Call> calls = calls(ids);
    Set<String> walked = new TreeSet<>();
    calls.forEach(call -> walked.add(call.method() + " " + call.route()));
    Set<String> open = new TreeSet<>();
    Set<String> routes = new TreeSet<>();
    for (HttpServer.Route route : hub.routes()) {
      (route.role() == dev.selfsame.http.Role.OPEN ? open : routes)
          .add(route.method() + " " + route.path());
    }
    assertThat(walked).as("the routes that take a token").containsAll(routes);
    assertThat(routes).as("what is walked").containsAll(walked);
    assertThat(open)
        .as("the routes that take none: write keys, webhooks, and what is everybody's")
        .allMatch(route ->
            route.matches("(GET|POST) (/v1(/.*)?|/hooks/.*|/health/.*|/api/openapi.json)"));

    Set<String> known = new HashSet<>(ids.values());
    known.removeAll(own);
    Map<String, String> before = rows();
    for (Call call : calls) {
      HttpResponse<String> response = send(other, call);
      assertThat(response.statusCode()).as("%s %s", call, response.body()).isNotIn(401, 500, 503);
      assertThat(shown(call, response.body(), known))
          .as("%s answered %s", call, response.body())
          .isEmpty();
    }
    for (Call call : mixed(ids)) {
      HttpResponse<String> response = send(other, call);
      assertThat(response.statusCode())
          .as("%s %s", call, response.body())
          .isIn(call.route().endsWith("/batch") ? List.of(200) : List.of(400, 404, 409));
      assertThat(shown(call, response.body(), known))
          .as("%s answered %s", call, response.body())
          .isEmpty();
    }
    assertThat(rows()).as("what there is of the first space").isEqualTo(before);

    // The same calls find all of it with a token of that space: what was asked for is there.
    List<String> failed = new ArrayList<>();
    for (Call call : calls) {
      HttpResponse<String> response = send(first, call);
      // Nothing may run that could be cancelled, and nobody has fields of the own making.
      boolean refused = call.route().endsWith("/cancel") || call.route().contains("/custom-fields");
      if (response.statusCode() >= (refused ? 410 : 300)) {
        failed.add("%s answered %d %s".formatted(call, response.statusCode(), response.body()));
      }
    }
    assertThat(failed).isEmpty();
  }

  private String idOf(String token, String path) {
    return answer(token, get(path)).get(0).path("id").asString();
  }

  /** Calls that name things of both spaces. */
  private static List<Call> mixed(Map<String, String> ids) {
    return """
    GET /api/explain|?a=<oa>&b=<b>
    PUT /api/accounts/{id}/users/{user}|<oacc> <f>| {"company": true}
    PUT /api/accounts/{id}/users/{user}|<acc2> <oa>| {"company": true}
    DELETE /api/accounts/{id}/users/{user}|<oacc> <a>
    POST /api/accounts/{id}/merge|<oacc>| {"into": "<acc2>"}
    POST /api/accounts/{id}/merge|<acc2>| {"into": "<oacc>"}
    POST /api/users/merge|| {"users": ["<oa>", "<f>"]}
    POST /api/users/merge|| {"users": ["<oa>", "<ob>"], "survivor": "<f>"}
    POST /api/users/merge|| {"users": ["<oa>", "<ob>"], "fields": {"name": "<f>"}}
    POST /api/bars|| {"users": ["<oa>", "<f>"]}
    POST /api/users/{id}/identifiers/move|<oa>| {"type": "email", "value": "a@shared.org", "to": "<f>"}
    POST /api/users/{id}/identifiers/move|<f>| {"type": "email", "value": "f@zzleak.org", "to": "<oa>"}
    POST /api/users/batch|| {"users": [{"id": "<oa>", "name": "Mine"}, {"id": "<f>", "name": "Mine"}]}
    POST /api/notes|| {"title": "T", "content": "Hello", "company": {"id": "<acc2>"}}
    POST /api/syncs|| {"name": "mine", "connection": "zzconn2", "query": "SELECT 1 AS one"}
    POST /api/publications|| {"name": "mine", "connection": "zzconn2"}
    """
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> call(line.strip(), ids))
        .toList();
  }

  /** What an answer has of the first space that was not in the question. */
  private static List<String> shown(Call call, String body, Set<String> known) {
    String rest = body.replace("%40", "@").replace("%3A", ":");
    for (String asked :
        (call.path() + " " + (call.body() == null ? "" : call.body()))
            .split("[^A-Za-z0-9@._:-]+", -1)) {
      if (asked.length() > 2) {
        rest = rest.replace(asked, "");
      }
    }
    List<String> shown = new ArrayList<>();
    if (rest.contains(MARK)) {
      shown.add(MARK);
    }
    Matcher uuids = UUIDS.matcher(rest);
    while (uuids.find()) {
      if (known.contains(uuids.group())) {
        shown.add(uuids.group());
      }
    }
    return shown;
  }

  /** Hashes of the first space's rows, and of what no row says the space of. */
  private Map<String, String> rows() {
    Map<String, String> rows = new LinkedHashMap<>();
    for (String table :
        database.rows(
            """
            SELECT n.nspname || '.' || c.relname || '|' || CASE
              WHEN n.nspname || '.' || c.relname = 'selfsame.space' THEN 'WHERE number = 1'
              WHEN EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'space') THEN 'WHERE space = 1'
              ELSE '' END
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            ORDER BY 1
            """)) {
      String[] parts = table.split("\\|", -1);
      rows.put(
          parts[0],
          database
              .rows(
                  "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM %s t %s"
                      .formatted(parts[0], parts[1]))
              .getFirst());
    }
    return rows;
  }

  private String made(Call call) {
    JsonNode made = answer(first, call);
    for (String name : List.of("id", "user")) {
      JsonNode id = made.path(name);
      if (id.isString()) {
        return id.asString();
      }
      if (id.path("id").isString()) {
        return id.path("id").asString();
      }
    }
    throw new IllegalStateException(call + " answered " + made);
  }

  private String firstOf(String path, String field) {
    JsonNode list = answer(first, get(path));
    assertThat(list).as(path).isNotEmpty();
    return list.get(0).path(field).asString();
  }

  private String user(String externalId, String email) {
    return made(
        post(
            "/api/users",
            "{\"externalId\": \"%s\", \"email\": \"%s\", \"name\": \"zzleak %s\"}"
                .formatted(externalId, email, externalId)));
  }

  /** Fills the first space; its things by what the calls call them. */
  private Map<String, String> tellTheFirst() throws Exception {
    for (int i = 0; i < 60; i++) {
      identify(firstKey, "zz-e" + i, "e%d@zzleak.org".formatted(i), "zzleak E" + i);
    }
    Map<String, String> ids = new LinkedHashMap<>();
    ids.put("a", user("zz-a", "a@shared.org"));
    ids.put("b", user("zz-b", "a@shared.org"));
    ids.put("c", user("zz-c", "c@shared.org"));
    ids.put("d", user("zz-d", "d@zzleak.org"));
    ids.put("e", user("zz-ee", "ee@zzleak.org"));
    ids.put("f", user("zz-f", "f@zzleak.org"));
    ids.put("g", user("zz-g", "g@zzleak.org"));
    ids.put("h", user("zz-h", "h@zzleak.org"));
    ids.put("i", user("zz-i", "i@zzleak.org"));
    answer(
        first,
        post(
            "/api/users/merge",
            "{\"users\": [\"%s\", \"%s\"]}".formatted(ids.get("c"), ids.get("d"))));
    ids.put("merge", firstOf("/api/merges", "id"));
    ids.put("flag", firstOf("/api/flags", "id"));
    answer(
        first,
        post("/api/bars", "{\"users\": [\"%s\", \"%s\"]}".formatted(ids.get("a"), ids.get("e"))));
    ids.put(
        "note",
        made(
            post(
                "/api/notes",
                "{\"title\": \"zzleak\", \"content\": \"zzleak\", \"tags\": [\"zzleak\","
                    + " \"zztag\"], \"user\": {\"external_id\": \"zz-a\"}}")));
    ids.put(
        "note2",
        made(
            post(
                "/api/notes",
                "{\"title\": \"zzleak\", \"content\": \"zzleak\", \"tags\": [\"zztag\"], \"user\":"
                    + " {\"external_id\": \"zz-a\"}}")));
    for (String account : List.of("acc", "acc2", "acc3")) {
      ids.put(
          account,
          made(
              post(
                  "/api/accounts",
                  "{\"externalId\": \"zz-%1$s\", \"name\": \"zzleak %1$s\"}".formatted(account))));
    }
    answer(
        first,
        new Call(
            "PUT",
            "",
            "/api/accounts/%s/users/%s".formatted(ids.get("acc"), ids.get("a")),
            "application/json",
            "{\"company\": true}"));
    answer(
        first,
        post(
            "/api/erasures",
            "{\"identifiers\": [{\"type\": \"email\", \"value\": \"e1@zzleak.org\"}], \"suppress\":"
                + " true}"));
    ids.put("erasure", firstOf("/api/erasures", "id"));
    ids.put("suppression", firstOf("/api/suppressions", "id"));
    ids.put(
        "import",
        made(
            new Call(
                "POST",
                "",
                "/api/imports?preview=true&name=zzleak.csv",
                "text/csv",
                "external_id,name\nzz-i1,zzleak I1\n")));
    ids.put(
        "landing",
        made(
            new Call(
                "POST",
                "",
                "/api/landings?table=stripe.customers&format=csv&name=zzleak.csv",
                "text/csv",
                "id,email\ncus_1,l1@zzleak.org\n")));
    String postgres = JSON.writeValueAsString(database.address().url());
    answer(
        first,
        post(
            "/api/connections",
            "{\"name\": \"zzconn\", \"url\": %s, \"user\": %s, \"password\": %s}"
                .formatted(
                    postgres,
                    JSON.writeValueAsString(database.address().user()),
                    JSON.writeValueAsString(database.address().password()))));
    answer(
        first,
        post(
            "/api/connections",
            "{\"name\": \"zzconn2\", \"url\": %s, \"user\": \"nobody\"}".formatted(postgres)));
    answer(
        first,
        post(
            "/api/syncs",
            "{\"name\": \"zzsync\", \"connection\": \"zzconn\", \"query\": \"SELECT 'zz-w1' AS uid,"
                + " 'w1@zzleak.org' AS mail\"}"));
    answer(
        first,
        new Call(
            "PUT",
            "",
            "/api/syncs/zzsync/mapping",
            "application/json",
            "{\"externalId\": \"uid\", \"email\": \"mail\"}"));
    ids.put("run", made(post("/api/syncs/zzsync/runs", "")));
    answer(
        first,
        post(
            "/api/publications",
            "{\"name\": \"zzpub\", \"directory\": %s, \"format\": \"csv\"}"
                .formatted(JSON.writeValueAsString(data.resolve("published").toString()))));
    ids.put("publish", made(post("/api/publications/zzpub/runs", "")));
    settle("/api/imports/" + ids.get("import"));
    settle("/api/landings/" + ids.get("landing"));
    settle("/api/syncs/zzsync/runs/" + ids.get("run"));
    settle("/api/publications/zzpub/runs/" + ids.get("publish"));
    return ids;
  }

  /** Waits until something ended. */
  private void settle(String path) throws Exception {
    for (int i = 0; i < 400; i++) {
      String state = answer(first, get(path)).path("state").asString("");
      if (!Set.of("waiting", "uploading", "queued", "running", "reading", "previewing", "landing")
          .contains(state)) {
        return;
      }
      Thread.sleep(50);
    }
    throw new IllegalStateException(path + " came to no end");
  }

  /** The other has users of the same ids and emails. */
  private void tellTheOther() {
    identify(otherKey, "zz-a", "a@shared.org", "Acme A");
    identify(otherKey, "zz-b", "a@shared.org", "Acme B");
    identify(otherKey, "zz-c", "c@shared.org", "Acme C");
  }

  private static List<Call> calls(Map<String, String> ids) {
    List<Call> calls = new ArrayList<>();
    String[] lines =
        """
        GET /api/users|?email=a@shared.org
        GET /api/users|?externalId=zz-a
        GET /api/users|?q=zz
        GET /api/users|
        GET /api/users|?identifier=email:a@shared.org&history=true
        GET /api/users/{id}|<a>
        GET /api/users/{id}/decisions|<a>
        GET /api/users/{id}/timeline|<a>
        GET /api/users/{id}/fields|<a>
        GET /api/users/{id}/graph|<a>
        GET /api/users/{id}/accounts|<a>
        GET /api/lookup|?email=a@shared.org
        GET /api/explain|?a=<a>&b=<b>
        GET /v1/spaces/{space}/collections/{collection}/profiles/{profile}/traits|default users user_id:zz-a
        GET /v1/spaces/{space}/collections/{collection}/profiles/{profile}/external_ids|default users user_id:zz-a
        GET /v1/spaces/{space}/collections/{collection}/profiles/{profile}/metadata|default users user_id:zz-a
        GET /v1/spaces/{space}/collections/{collection}/profiles/{profile}/links|default users user_id:zz-a
        GET /v1/spaces/{space}/collections/{collection}/profiles/{profile}/traits|default accounts group_id:zz-acc
        GET /api/flags|
        GET /api/flags|?user=<a>
        GET /api/flags/{id}|<flag>
        GET /api/bars|
        GET /api/bars|?user=<a>
        GET /api/merges|
        GET /api/merges|?user=<c>
        GET /api/merges/{id}|<merge>
        GET /api/notes|
        GET /api/notes|?user=<a>
        GET /api/notes|?term=zzl
        GET /api/notes/{id}|<note>
        GET /api/accounts|
        GET /api/accounts|?externalId=zz-acc
        GET /api/accounts/{id}|<acc>
        GET /api/accounts/{id}/users|<acc>
        GET /api/erasures|
        GET /api/erasures/{id}|<erasure>
        GET /api/suppressions|
        GET /api/suppressions|?identifier=email:e1@zzleak.org
        GET /api/imports|
        GET /api/imports/{id}|<import>
        GET /api/exports/users.csv|
        GET /api/landings|
        GET /api/landings/{id}|<landing>
        GET /api/connections|
        GET /api/syncs|
        GET /api/syncs/{name}|zzsync
        GET /api/syncs/{name}/runs|zzsync
        GET /api/syncs/{name}/runs/{id}|zzsync <run>
        GET /api/publications|
        GET /api/publications/{name}|zzpub
        GET /api/publications/{name}/runs|zzpub
        GET /api/publications/{name}/runs/{id}|zzpub <publish>
        GET /api/questions|
        GET /api/questions/{name}|tickets-by-source
        GET /api/questions/{name}/answer|tickets-by-source
        GET /api/questions/{name}/chart.svg|tickets-by-source
        GET /api/questions/{name}/chart.png|tickets-by-source
        GET /api/policy|
        GET /api/policy/versions|
        GET /api/audit|
        GET /api/audit|?act=add_connection
        GET /api/spaces|
        GET /metrics|
        GET /compat/productboard/users|
        GET /compat/productboard/users/{id}|<a>
        GET /compat/productboard/companies|
        GET /compat/productboard/companies/{id}|<acc>
        GET /compat/productboard/companies/custom-fields|
        GET /compat/productboard/companies/custom-fields/{id}|<acc>
        GET /compat/productboard/companies/{companyId}/custom-fields/{companyCustomFieldId}/value|<acc> <acc>
        GET /compat/productboard/notes|
        GET /compat/productboard/notes/{id}|<note>
        GET /compat/productboard/notes/{id}/tags|<note>
        POST /api/users|| {"externalId": "zz-new", "email": "new@zzleak.org"}
        POST /api/users/batch|| {"users": [{"id": "<b>", "name": "Batch"}, {"externalId": "zz-new2"}]}
        PATCH /api/users/{id}|<a>| {"name": "Changed"}
        POST /api/lookup|| {"values": ["a@shared.org", "external_id:zz-a"]}
        POST /api/users/{id}/identifiers/move|<i>| {"type": "email", "value": "i@zzleak.org", "to": "<h>"}
        POST /api/flags/{id}/resolve|<flag>| {"action": "dismiss"}
        POST /api/bars|| {"users": ["<a>", "<f>"]}
        POST /api/users/merge|| {"users": ["<f>", "<g>"]}
        POST /api/merges/{id}/undo|<merge>| {}
        POST /api/notes|| {"title": "T", "content": "Hello", "user": {"external_id": "zz-a"}}
        POST /api/insights/{integration}/notes|zendesk| {"content": "Hello", "user": {"external_id": "zz-a"}}
        PATCH /api/notes/{id}|<note>| {"title": "Changed"}
        POST /api/notes/{id}/tags|<note>| {"tags": ["more"]}
        POST /api/accounts|| {"externalId": "zz-acc-new"}
        PATCH /api/accounts/{id}|<acc>| {"name": "Changed"}
        PUT /api/accounts/{id}/users/{user}|<acc> <b>| {"company": true}
        POST /api/accounts/{id}/merge|<acc3>| {"into": "<acc2>"}
        POST /api/erasures|| {"identifiers": [{"type": "email", "value": "e2@zzleak.org"}], "suppress": true}
        POST /api/imports/{id}/apply|<import>
        POST /api/connections|| {"name": "zzconn3", "url": "postgresql://127.0.0.1:1/x", "user": "nobody"}
        POST /api/connections/{name}/test|zzconn
        POST /api/syncs|| {"name": "zzsync2", "connection": "zzconn", "query": "SELECT 1 AS one"}
        POST /api/syncs/preview|| {"connection": "zzconn", "query": "SELECT 1 AS one"}
        POST /api/syncs/{name}/preview|zzsync
        PUT /api/syncs/{name}/mapping|zzsync| {"externalId": "uid", "email": "mail"}
        PUT /api/syncs/{name}/schedule|zzsync| {"paused": true}
        POST /api/syncs/{name}/cancel|zzsync
        POST /api/syncs/{name}/runs|zzsync
        POST /api/publications/{name}/runs|zzpub
        POST /api/publications|| {"name": "zzpub2", "directory": "/tmp/zzpub2", "format": "csv"}
        POST /api/policy/check|?last=10| {}
        POST /api/spaces|| {"name": "fromtheother"}
        POST /compat/productboard/users|| {"data": {"email": "pb@zzleak.org", "name": "PB"}}
        PATCH /compat/productboard/users/{id}|<b>| {"data": {"name": "Changed"}}
        POST /compat/productboard/notes|| {"title": "T", "content": "Hello", "user": {"email": "f@zzleak.org"}}
        PATCH /compat/productboard/notes/{id}|<note>| {"data": {"title": "Changed again"}}
        POST /compat/productboard/notes/{id}/tags/{tag}|<note> more
        DELETE /compat/productboard/notes/{id}/tags/{tag}|<note> more
        DELETE /compat/productboard/notes/{id}|<note2>
        DELETE /compat/productboard/users/{id}|<h>
        POST /compat/productboard/companies|| {"name": "zzleak company", "domain": "pb.zzleak.org"}
        PATCH /compat/productboard/companies/{id}|<acc2>| {"data": {"name": "Changed"}}
        DELETE /compat/productboard/companies/{id}|<acc2>
        POST /compat/productboard/companies/custom-fields|| {}
        PATCH /compat/productboard/companies/custom-fields/{id}|<acc>| {}
        DELETE /compat/productboard/companies/custom-fields/{id}|<acc>
        PUT /compat/productboard/companies/{companyId}/custom-fields/{companyCustomFieldId}/value|<acc> <acc>| {}
        DELETE /compat/productboard/companies/{companyId}/custom-fields/{companyCustomFieldId}/value|<acc> <acc>
        DELETE /api/notes/{id}/tags/{tag}|<note> zztag
        DELETE /api/notes/{id}|<note>
        DELETE /api/accounts/{id}/users/{user}|<acc> <b>
        DELETE /api/accounts/{id}|<acc>
        DELETE /api/suppressions/{id}|<suppression>
        DELETE /api/suppressions|?identifier=email:e2@zzleak.org
        GET /api/imports/{id}/result|<import>
        DELETE /api/imports/{id}|<import>
        DELETE /api/landings/{id}|<landing>
        DELETE /api/publications/{name}|zzpub
        DELETE /api/connections/{name}|zzconn2
        DELETE /api/users/{id}|<a>
        """
            .split("\n", -1);
    for (String line : lines) {
      if (!line.isBlank()) {
        calls.add(call(line, ids));
      }
    }
    calls.add(
        new Call(
            "PUT", "/api/policy", "/api/policy", "application/yaml", "match_on_billing_id: true"));
    calls.add(
        new Call(
            "POST",
            "/api/imports",
            "/api/imports?preview=true&name=more.csv",
            "text/csv",
            "external_id\nzz-i2\n"));
    calls.add(
        new Call(
            "POST",
            "/api/landings",
            "/api/landings?table=stripe.customers&format=csv&name=more.csv",
            "text/csv",
            "id,email\ncus_2,l2@zzleak.org\n"));
    return calls;
  }

  private static Call call(String line, Map<String, String> ids) {
    String[] parts = line.split("\\|", 3);
    String method = parts[0].substring(0, parts[0].indexOf(' '));
    String route = parts[0].substring(method.length() + 1);
    String path = route;
    String arguments = filled(parts[1], ids);
    if (arguments.startsWith("?")) {
      path += arguments;
    } else {
      for (String argument : arguments.split(" ", -1)) {
        path = path.replaceFirst("\\{[A-Za-z]+\\}", argument);
      }
    }
    String body = parts.length < 3 ? null : filled(parts[2], ids).strip();
    return new Call(method, route, path, "application/json", body);
  }

  private static String filled(String text, Map<String, String> ids) {
    String filled = text;
    for (Map.Entry<String, String> id : ids.entrySet()) {
      filled = filled.replace("<" + id.getKey() + ">", id.getValue());
    }
    return filled;
  }
}
