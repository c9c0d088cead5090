package dev.selfsame.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.Erasures;
import dev.selfsame.review.Merges;
import dev.selfsame.source.api.AccountWrites;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.source.api.TakeOvers;
import dev.selfsame.source.api.UserWrites;
import dev.selfsame.store.AccountQueries;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.Database;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code /api/accounts}, on two real servers with an intake each and one database. */
final class AccountsApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String TOKEN = "token-of-the-operator-1234";
  private static final String NOBODY = "01940000-0000-7000-8000-000000000000";
  private static final String PATH = "/api/accounts";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private record Running(Pipeline pipeline, HttpServer server, TakeOvers takeOvers) {}

  private static Running one;
  private static Running other;
  private static String readToken;

  @BeforeAll
  static void start() {
    Database database = hub.open();
    StoredAccess access =
        new StoredAccess(
            new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system());
    readToken = access.issueToken("reader", Access.Scope.READ).secret();
    one = server(database, access);
    other = server(database, access);
  }

  private static Running server(Database database, StoredAccess access) {
    Pipeline pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, traits -> {});
    pipeline.start();
    UserQueries users = new UserQueries(database, "default");
    InstantSource clock = InstantSource.system();
    Supplier<Preview> previews = () -> Preview.open("default", database.sessions("preview"));
    NoteQueries notes = new NoteQueries(database, "default", clock);
    AccountQueries accounts = new AccountQueries(database, "default");
    AccountWrites writes = new AccountWrites("default", database, pipeline, previews, users, clock);
    Bodies bodies = new Bodies(4 * 1024 * 1024);
    Lookup lookup = new Lookup(users);
    return new Running(
        pipeline,
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(
                new UsersApi(lookup),
                new UserWritesApi(
                    new UserWrites("default", database, pipeline, previews, users, clock), bodies),
                new NotesApi(
                    new NoteWrites("default", database, pipeline, users, notes, clock),
                    notes,
                    lookup,
                    bodies),
                new AccountsApi(writes, accounts, lookup, bodies),
                new AuditApi(new ActLog(database)),
                new ErasuresApi(
                    new Erasures(
                        "default",
                        pipeline,
                        database.sessions("preview"),
                        users,
                        new ErasureQueries(database, "default"),
                        clock),
                    new ErasureQueries(database, "default"),
                    lookup,
                    bodies),
                new MergeApi(
                    new Merges(
                        pipeline, previews, users, new MergeQueries(database, "default"), clock),
                    bodies)),
            access,
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)),
        new TakeOvers(accounts, writes));
  }

  @AfterAll
  static void stop() {
    for (Running each : List.of(one, other)) {
      each.server().close();
      each.pipeline().close();
    }
  }

  @BeforeEach
  void empty() {
    Histories.empty(hub);
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  // ---- writing ----

  @Test
  void an_account_is_created_read_changed_and_cleared() throws Exception {
    HttpResponse<String> made =
        call(
            "POST",
            PATH,
            "{'externalId': 'acme', 'name': 'Acme', 'domain': 'Acme.com', 'traits': {'plan':"
                + " 'pro', 'seats': 5, 'paying': true}}");
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    JsonNode data = json(made).get("data");
    String self = PATH + "/" + data.get("id").asString();
    assertThat(made.headers().firstValue("Location")).contains(self);
    assertThat(json(made).get("decision").get("code").asString()).isEqualTo("H2");
    assertThat(data.get("domain").asString()).isEqualTo("acme.com");
    assertThat(traits(data)).isEqualTo("{\"plan\":\"pro\",\"seats\":5,\"paying\":true}");

    HttpResponse<String> changed =
        call("PATCH", self, "{'domain': null, 'traits': {'seats': 6, 'plan': null}}");
    assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
    JsonNode now = json(call("GET", self, null)).get("data");
    assertThat(now.get("name").asString()).as("left out").isEqualTo("Acme");
    assertThat(now.get("domain").isNull()).as("null").isTrue();
    assertThat(traits(now)).isEqualTo("{\"seats\":6,\"paying\":true}");
    assertThat(now.get("users").asInt()).isZero();
    assertThat(json(call("PATCH", self, "{'name': 'Acme'}")).at("/decision/outcome").asString())
        .isEqualTo("unchanged");
    assertThat(
            hub.rows(
                "SELECT external_id, a.name, domain, t.name, value FROM accounts a JOIN"
                    + " account_traits t ON t.account_id = a.id ORDER BY t.name"))
        .containsExactly("acme|Acme||paying|true", "acme|Acme||seats|6");
  }

  @Test
  void what_stands_against_it_is_named_and_nothing_is_written() throws Exception {
    String acme = made("{'externalId': 'acme', 'domain': 'acme.com'}");
    String initech = made("{'externalId': 'initech'}");
    List<String> before = hub.rows("SELECT * FROM accounts ORDER BY id");
    String to = PATH + "/" + initech;
    assertThat(refusal("POST", PATH, "{'externalId': 'acme'}"))
        .isEqualTo("409 externalId.conflict /externalId");
    assertThat(refusal("POST", PATH, "{'externalId': 'new', 'domain': 'ACME.com'}"))
        .isEqualTo("409 domain.conflict /domain");
    assertThat(refusal("PATCH", to, "{'domain': 'acme.com'}"))
        .isEqualTo("409 domain.conflict /domain");
    assertThat(refusal("PATCH", to, "{'domain': 'gmail.com'}"))
        .isEqualTo("400 value_blocked /domain");
    assertThat(refusal("PATCH", to, "{'domain': 'a@b'}")).isEqualTo("400 value_malformed /domain");
    assertThat(refusal("POST", PATH, "{'externalId': 'null'}"))
        .isEqualTo("400 value_blocked /externalId");
    assertThat(refusal("POST", PATH, "{'name': 'No id'}"))
        .isEqualTo("400 invalid_field /externalId");
    assertThat(refusal("PATCH", to, "{'externalId': 'x'}"))
        .isEqualTo("400 invalid_field /externalId");
    assertThat(refusal("PATCH", to, "{'name': ' '}")).isEqualTo("400 value_blank /name");
    assertThat(refusal("PATCH", to, "{'traits': {'a': {}}}"))
        .isEqualTo("400 trait_malformed /traits/a");
    assertThat(refusal("PATCH", to, "{'traits': {'a': '\\u0000'}}"))
        .isEqualTo("400 trait_malformed /traits/a");
    assertThat(refusal("PATCH", PATH + "/" + NOBODY, "{'name': 'x'}"))
        .isEqualTo("404 unknown_account ");
    assertThat(refusal("POST", PATH + "/" + acme + "/merge", "{'into': '" + acme + "'}"))
        .startsWith("400 same_account");
    assertThat(refusal("PUT", PATH + "/" + acme + "/users/" + NOBODY, "{}"))
        .isEqualTo("404 unknown_user ");
    assertThat(hub.rows("SELECT * FROM accounts ORDER BY id")).isEqualTo(before);
    assertThat(send(one, "POST", PATH, "{\"externalId\":\"x\"}", readToken).get().statusCode())
        .isEqualTo(403);
  }

  @Test
  void a_dry_run_says_what_would_be_and_writes_nothing() throws Exception {
    HttpResponse<String> foreseen =
        call("POST", PATH, "{'externalId': 'acme', 'traits': {'a': 1}, 'dryRun': true}");
    assertThat(foreseen.statusCode()).as(foreseen.body()).isEqualTo(201);
    assertThat(json(foreseen).at("/data/externalId").asString()).isEqualTo("acme");
    assertThat(json(foreseen).at("/data/traits/a").asInt()).isEqualTo(1);
    assertThat(hub.rows("SELECT count(*) FROM accounts")).containsExactly("0");
    String acme = made("{'externalId': 'acme', 'name': 'Acme'}");
    String old = made("{'externalId': 'old'}");
    assertThat(
            json(call("PATCH", PATH + "/" + acme, "{'name': null, 'dryRun': true}"))
                .at("/data/name")
                .isNull())
        .isTrue();
    assertThat(refusal("POST", PATH, "{'externalId': 'acme', 'dryRun': true}"))
        .isEqualTo("409 externalId.conflict /externalId");
    assertThat(
            json(call("DELETE", PATH + "/" + acme + "?dryRun=true", null))
                .at("/data/dryRun")
                .asBoolean())
        .isTrue();
    assertThat(
            call("POST", PATH + "/" + old + "/merge", "{'into': '" + acme + "', 'dryRun': true}")
                .statusCode())
        .isEqualTo(200);
    assertThat(hub.rows("SELECT external_id, name FROM accounts ORDER BY 1"))
        .containsExactly("acme|Acme", "old|");
  }

  @Test
  void of_two_servers_that_create_the_same_account_one_is_refused() throws Exception {
    for (int i = 0; i < 10; i++) {
      String body = "{\"externalId\":\"acme%d\"}".formatted(i);
      List<CompletableFuture<HttpResponse<String>>> racing =
          List.of(send(one, "POST", PATH, body, TOKEN), send(other, "POST", PATH, body, TOKEN));
      List<Integer> statuses = new ArrayList<>();
      for (CompletableFuture<HttpResponse<String>> each : racing) {
        statuses.add(each.get().statusCode());
      }
      assertThat(statuses).containsExactlyInAnyOrder(201, 409);
    }
  }

  @Test
  void a_request_with_a_name_is_done_once() throws Exception {
    String body = "{\"externalId\":\"acme\",\"name\":\"Acme\"}";
    HttpResponse<String> first = keyed(body);
    HttpResponse<String> again = keyed(body);
    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(again.statusCode()).as(again.body()).isEqualTo(201);
    assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
    assertThat(json(again).at("/data/id")).isEqualTo(json(first).at("/data/id"));
    assertThat(keyed("{\"externalId\":\"other\"}").statusCode()).isEqualTo(409);
    assertThat(hub.rows("SELECT count(*) FROM accounts")).containsExactly("1");
  }

  // ---- lists ----

  @Test
  void accounts_are_listed_by_name_page_by_page_and_found() throws Exception {
    made("{'externalId': 'c3', 'name': 'alpha'}");
    made("{'externalId': 'c1', 'name': 'Beta', 'domain': 'beta.io'}");
    made("{'externalId': 'c2'}");
    made("{'externalId': 'c4', 'name': 'Beta'}");
    List<String> all = new ArrayList<>();
    String next = PATH + "?limit=3";
    for (int page = 0; page < 2; page++) {
      JsonNode answer = json(call("GET", next, null));
      answer.get("data").forEach(each -> all.add(each.get("externalId").asString()));
      next = answer.at("/links/next").asString("");
    }
    assertThat(next).isEmpty();
    assertThat(all).containsExactly("c3", "c1", "c4", "c2");
    assertThat(found("?q=BET")).containsExactly("c1", "c4");
    assertThat(found("?q=beta.i")).containsExactly("c1");
    assertThat(found("?domain=Beta.io")).containsExactly("c1");
    assertThat(found("?name=beta")).containsExactly("c1", "c4");
    assertThat(found("?externalId=c2")).containsExactly("c2");
    assertThat(found("?q=100%25")).isEmpty();
    assertThat(call("GET", PATH + "?cursor=x", null).statusCode()).isEqualTo(400);
    assertThat(call("GET", PATH + "?limit=0", null).statusCode()).isEqualTo(400);
  }

  // ---- users ----

  @Test
  void H5_of_a_users_accounts_one_is_its_company() throws Exception {
    String ann = user("ann", "ann@x.org");
    String acme = made("{'externalId': 'acme'}");
    String initech = made("{'externalId': 'initech'}");
    link(acme, ann, false);
    link(initech, ann, false);
    assertThat(companies(ann)).containsExactly("acme company", "initech");
    link(initech, ann, true);
    assertThat(companies(ann)).containsExactly("initech company", "acme");
    link(acme, ann, true);
    assertThat(companies(ann)).containsExactly("acme company", "initech");
    assertThat(
            hub.rows(
                "SELECT a.external_id, is_company FROM account_users u JOIN accounts a ON a.id ="
                    + " u.account_id ORDER BY 1"))
        .containsExactly("acme|t", "initech|f");
    assertThat(call("DELETE", PATH + "/" + acme + "/users/" + ann, null).statusCode())
        .isEqualTo(204);
    assertThat(companies(ann)).containsExactly("initech company");
    assertThat(refusal("DELETE", PATH + "/" + acme + "/users/" + ann, null))
        .isEqualTo("404 not_linked ");
    JsonNode users = json(call("GET", PATH + "/" + initech + "/users", null)).get("data");
    assertThat(users.size()).isEqualTo(1);
    assertThat(users.at("/0/email").asString()).isEqualTo("ann@x.org");
    assertThat(users.at("/0/company").asBoolean()).isTrue();
  }

  @Test
  void users_of_an_account_come_page_by_page_and_a_merged_one_once() throws Exception {
    String acme = made("{'externalId': 'acme'}");
    List<String> users = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      users.add(user("u" + i, "u" + i + "@x.org"));
      link(acme, users.getLast(), false);
    }
    HttpResponse<String> merged =
        call(
            "POST",
            "/api/users/merge",
            "{'users': ['%s', '%s']}".formatted(users.get(0), users.get(1)));
    assertThat(merged.statusCode()).as(merged.body()).isEqualTo(200);
    List<String> listed = new ArrayList<>();
    String next = PATH + "/" + acme + "/users?limit=3";
    while (!next.isEmpty()) {
      JsonNode answer = json(call("GET", next, null));
      answer.get("data").forEach(each -> listed.add(each.get("id").asString()));
      next = answer.at("/links/next").asString("");
    }
    assertThat(listed)
        .containsExactlyInAnyOrder(users.get(0), users.get(2), users.get(3), users.get(4));
    assertThat(json(call("GET", PATH + "/" + acme, null)).at("/data/users").asInt()).isEqualTo(4);
    assertThat(refusal("PUT", PATH + "/" + acme + "/users/" + users.get(1), "{}"))
        .isEqualTo("410 user_merged ");
  }

  @Test
  void H8_an_account_that_gains_a_domain_takes_its_users_that_have_none() throws Exception {
    String ann = user("ann", "ann@acme.com");
    String bob = user("bob", "bob@acme.com");
    user("eve", "eve@acme.com.example");
    user("joe", "joe@gmail.com");
    String initech = made("{'externalId': 'initech'}");
    link(initech, bob, false);
    made("{'externalId': 'acme', 'domain': 'acme.com'}");
    one.takeOvers().run();
    assertThat(companies(ann)).containsExactly("acme company");
    assertThat(companies(bob)).as("has one").containsExactly("initech company");
    assertThat(hub.rows("SELECT count(*) FROM account_users")).containsExactly("2");
    assertThat(hub.rows("SELECT code, source FROM user_decisions ORDER BY position DESC LIMIT 1"))
        .containsExactly("H8|api");
    long decided = Long.parseLong(hub.rows("SELECT position FROM selfsame.space").getFirst());
    one.takeOvers().run();
    assertThat(hub.rows("SELECT position FROM selfsame.space"))
        .as("nothing waits")
        .containsExactly(Long.toString(decided));
  }

  // ---- away ----

  @Test
  void H4_a_deleted_account_leaves_its_users_and_notes() throws Exception {
    String ann = user("ann", "ann@x.org");
    String acme = made("{'externalId': 'acme'}");
    link(acme, ann, false);
    note("ann");
    JsonNode deleted = json(call("DELETE", PATH + "/" + acme, null)).get("data");
    assertThat(deleted.get("users").asInt()).isEqualTo(1);
    assertThat(deleted.get("notes").asInt()).isEqualTo(1);
    assertThat(companies(ann)).isEmpty();
    assertThat(hub.rows("SELECT user_id IS NOT NULL, account_id FROM notes")).containsExactly("t|");
    assertThat(refusal("DELETE", PATH + "/" + acme, null)).startsWith("404 unknown_account");
    assertThat(made("{'externalId': 'acme'}")).as("the id is free again").isNotEqualTo(acme);
    assertThat(acts()).containsExactly("delete_account");
  }

  @Test
  void H7_a_merged_accounts_users_notes_and_external_id_are_the_others() throws Exception {
    String ann = user("ann", "ann@x.org");
    String bob = user("bob", "bob@x.org");
    String acme = made("{'externalId': 'acme', 'name': 'Acme', 'traits': {'plan': 'pro'}}");
    String old =
        made(
            "{'externalId': 'old', 'name': 'Old', 'domain': 'acme.com', 'traits': {'plan':"
                + " 'free', 'seats': 3}}");
    link(acme, ann, false);
    link(old, ann, true);
    link(old, bob, false);
    note("bob");
    JsonNode merged =
        json(call("POST", PATH + "/" + old + "/merge", "{'into': '" + acme + "'}")).get("data");
    assertThat(merged.get("users").asInt()).isEqualTo(2);
    assertThat(hub.rows("SELECT external_id, name, domain FROM accounts"))
        .containsExactly("acme|Acme|acme.com");
    assertThat(hub.rows("SELECT name, value FROM account_traits ORDER BY 1"))
        .containsExactly("plan|\"pro\"", "seats|3");
    assertThat(companies(ann)).containsExactly("acme company");
    assertThat(companies(bob)).containsExactly("acme company");
    assertThat(hub.rows("SELECT account_id FROM notes")).containsExactly(acme);
    assertThat(found("?externalId=old")).as("is found by it").containsExactly("acme");
    assertThat(json(call("GET", PATH + "/" + old, null)).at("/data/id").asString()).isEqualTo(acme);
    HttpResponse<String> named =
        call(
            "POST",
            "/api/notes",
            "{'title': 't', 'content': 'c', 'user': {'external_id': 'bob'}, 'company':"
                + " {'external_id': 'old'}}");
    assertThat(named.statusCode()).as(named.body()).isEqualTo(201);
    assertThat(json(named).at("/data/company/id").asString()).isEqualTo(acme);
    assertThat(acts()).containsExactly("merge_accounts");
    String third = made("{'externalId': 'third'}");
    assertThat(call("POST", PATH + "/" + acme + "/merge", "{'into': '" + third + "'}").statusCode())
        .isEqualTo(200);
    assertThat(found("?externalId=old")).as("in one hop").containsExactly("third");
  }

  @Test
  void E1_an_erased_user_is_in_no_act_on_accounts_any_more() throws Exception {
    String ann = user("ann", "ann@x.org");
    String acme = made("{'externalId': 'acme'}");
    link(acme, ann, true);
    assertThat(call("DELETE", "/api/users/" + ann, null).statusCode()).isLessThan(300);
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger WHERE payload LIKE '%" + ann + "%'"))
        .containsExactly("0");
    assertThat(json(call("GET", PATH + "/" + acme, null)).at("/data/users").asInt()).isZero();
    assertThat(hub.rows("SELECT external_id FROM accounts")).containsExactly("acme");
  }

  // ---- how ----

  private static List<String> acts() throws Exception {
    List<String> acts = new ArrayList<>();
    json(call("GET", "/api/audit", null))
        .get("data")
        .forEach(each -> {
          if (each.get("act").asString().contains("account")) {
            acts.add(each.get("act").asString());
          }
        });
    return acts;
  }

  private static void note(String user) throws Exception {
    HttpResponse<String> answer =
        call(
            "POST",
            "/api/notes",
            "{'title': 't', 'content': 'c', 'user': {'external_id': '%s'}}".formatted(user));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
  }

  private static void link(String account, String user, boolean company) throws Exception {
    HttpResponse<String> answer =
        call(
            "PUT",
            "%s/%s/users/%s".formatted(PATH, account, user),
            "{'company': %s}".formatted(company));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
  }

  private static List<String> companies(String user) throws Exception {
    HttpResponse<String> answer = call("GET", "/api/users/" + user + "/accounts", null);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    List<String> accounts = new ArrayList<>();
    json(answer)
        .get("data")
        .forEach(each ->
            accounts.add(
                each.get("externalId").asString()
                    + (each.get("company").asBoolean() ? " company" : "")));
    return accounts;
  }

  private static List<String> found(String query) throws Exception {
    HttpResponse<String> answer = call("GET", PATH + query, null);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    List<String> found = new ArrayList<>();
    json(answer).get("data").forEach(each -> found.add(each.get("externalId").asString()));
    return found;
  }

  private static String traits(JsonNode account) {
    return account.get("traits").toString();
  }

  private static String made(String body) throws Exception {
    HttpResponse<String> answer = call("POST", PATH, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return UUID.fromString(json(answer).at("/data/id").asString()).toString();
  }

  private static String user(String externalId, String email) throws Exception {
    HttpResponse<String> answer =
        call(
            "POST",
            "/api/users",
            "{'externalId': '%s', 'email': '%s'}".formatted(externalId, email));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return json(answer).at("/data/id").asString();
  }

  private static String refusal(String method, String path, @Nullable String body)
      throws Exception {
    HttpResponse<String> answer = call(method, path, body);
    JsonNode error = json(answer).path("errors").path(0);
    return "%d %s %s"
        .formatted(
            answer.statusCode(),
            error.path("code").asString(""),
            error.path("source").path("pointer").asString(""));
  }

  private static HttpResponse<String> keyed(String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(one.server().url() + PATH))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Idempotency-Key", "one")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> call(String method, String path, @Nullable String body)
      throws Exception {
    return send(one, method, path, body == null ? null : body.replace('\'', '"'), TOKEN).get();
  }

  private static CompletableFuture<HttpResponse<String>> send(
      Running to, String method, String path, @Nullable String body, String token) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(to.server().url() + path))
            .header("Authorization", "Bearer " + token)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build();
    return CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }
}
