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
import dev.selfsame.source.api.UserWrites;
import dev.selfsame.store.Database;
import dev.selfsame.store.ErasureQueries;
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
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Writing {@code /api/users}, on two real servers with an intake each and one database. */
final class UserWritesApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String TOKEN = "token-of-the-operator-1234";
  private static final String NOBODY = "01940000-0000-7000-8000-000000000000";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private record Running(Pipeline pipeline, HttpServer server) {}

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
    UserWrites writes =
        new UserWrites(
            "default",
            database,
            pipeline,
            () -> Preview.open("default", database.sessions("preview")),
            users,
            clock);
    ErasureQueries erased = new ErasureQueries(database, "default");
    Bodies bodies = new Bodies(4 * 1024 * 1024);
    Lookup lookup = new Lookup(users);
    Erasures erasures =
        new Erasures("default", pipeline, database.sessions("preview"), users, erased, clock);
    return new Running(
        pipeline,
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(
                new UsersApi(lookup),
                new UserWritesApi(writes, bodies),
                new ErasuresApi(erasures, erased, lookup, bodies)),
            access,
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
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

  @Test
  void A8_a_user_is_created_with_all_that_is_sent() throws Exception {
    HttpResponse<String> answer =
        post(
            """
            {"externalId": "u1", "email": " Ann@X.org", "name": "Ann", "billingId": "cus_1",
             "recordIds": {"zendesk_id": "77"}}
            """);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    JsonNode user = json(answer).get("data");
    String id = user.get("id").asString();
    assertThat(answer.headers().firstValue("Location")).contains("/api/users/" + id);
    assertThat(user.get("externalId").asString()).isEqualTo("u1");
    assertThat(user.get("email").asString()).isEqualTo("ann@x.org");
    assertThat(user.get("name").asString()).isEqualTo("Ann");
    assertThat(user.get("billingId").asString()).isEqualTo("cus_1");
    assertThat(user.get("identifiers").toString())
        .contains("{\"type\":\"zendesk_id\",\"value\":\"77\"");
    assertThat(user.get("identifiers").get(0).get("source").asString()).isEqualTo("api");
    JsonNode decision = json(answer).get("decision");
    assertThat(decision.get("outcome").asString()).isEqualTo("created");
    assertThat(decision.get("code").asString()).isEqualTo("A8");
    assertThat(json(answer).get("links").get("self").asString()).isEqualTo("/api/users/" + id);
    assertThat(json(call("GET", "/api/users/" + id, null)).get("data")).isEqualTo(user);
    assertThat(json(call("GET", "/api/users/" + id + "/timeline", null)).toString())
        .contains("A new user was created, as the caller asked.", "Got zendesk_id:77.");
    assertThat(hub.rows("SELECT payload::jsonb ->> 'by' FROM selfsame.ledger"))
        .containsExactly("token:SELFSAME_TOKEN");
  }

  @Test
  void A9_absent_is_unchanged_and_null_clears() throws Exception {
    String id = created("{\"externalId\": \"u1\", \"email\": \"ann@x.org\", \"name\": \"Ann\"}");

    JsonNode named = changed(id, "{\"name\": \"Bob\"}");
    assertThat(named.get("data").get("email").asString()).isEqualTo("ann@x.org");
    assertThat(named.get("data").get("name").asString()).isEqualTo("Bob");
    assertThat(named.get("decision").get("code").asString()).isEqualTo("A9");

    JsonNode cleared = changed(id, "{\"email\": null, \"name\": null}");
    assertThat(cleared.get("data").get("email").isNull()).isTrue();
    assertThat(cleared.get("data").get("name").isNull()).isTrue();
    assertThat(cleared.get("data").get("externalId").asString()).isEqualTo("u1");

    assertThat(changed(id, "{}").get("decision").get("outcome").asString()).isEqualTo("unchanged");
    assertThat(hub.rows("SELECT email, name FROM users")).containsExactly("|");
  }

  @Test
  void A9_billing_and_record_ids_are_cleared_too() throws Exception {
    String id =
        created(
            """
            {"externalId": "u1", "billingId": "cus_1", "recordIds": {"zendesk_id": "77", "hubspot_id": "5"}}
            """);
    changed(id, "{\"billingId\": null, \"recordIds\": {\"zendesk_id\": null}}");
    assertThat(hub.rows("SELECT type, value FROM user_identifiers ORDER BY type"))
        .containsExactly("external_id|u1", "hubspot_id|5");
  }

  @Test
  void A4_and_A5_the_external_id_is_changed_and_released() throws Exception {
    String id = created("{\"externalId\": \"u1\"}");
    assertThat(changed(id, "{\"externalId\": \"u2\"}").get("decision").get("code").asString())
        .isEqualTo("A4");
    assertThat(codes(post("{\"externalId\": \"u1\"}"), 409)).containsExactly("externalId.conflict");

    JsonNode released = changed(id, "{\"externalId\": null, \"email\": \"ann@x.org\"}");
    assertThat(released.get("decision").get("code").asString()).isEqualTo("A5");
    assertThat(released.get("data").get("externalId").isNull()).isTrue();
    assertThat(created("{\"externalId\": \"u1\"}")).isNotEqualTo(id);
    assertThat(created("{\"externalId\": \"u2\"}")).isNotEqualTo(id);
  }

  @Test
  void A1_A2_in_a_unique_space_both_are_told_and_nothing_is_written() throws Exception {
    unique(true);
    try {
      created("{\"externalId\": \"u1\", \"email\": \"ann@x.org\", \"name\": \"Ann\"}");
      String bob = created("{\"externalId\": \"u2\"}");
      List<String> before = hub.rows("SELECT external_id, email, name FROM users ORDER BY 1");

      HttpResponse<String> refused =
          post("{\"externalId\": \"u1\", \"email\": \"ANN@x.org\", \"name\": \"Other\"}");
      assertThat(codes(refused, 409)).containsExactly("externalId.conflict", "email.conflict");
      assertThat(pointers(refused)).containsExactly("/externalId", "/email");
      assertThat(codes(post("{\"email\": \"ann@x.org\"}"), 409)).containsExactly("email.conflict");
      assertThat(codes(patch(bob, "{\"externalId\": \"u1\", \"email\": \"ann@x.org\"}"), 409))
          .containsExactly("externalId.conflict", "email.conflict");
      assertThat(codes(patch(bob, "{\"name\": \"Bob\", \"email\": \"ann@x.org\"}"), 409))
          .containsExactly("email.conflict");

      assertThat(hub.rows("SELECT external_id, email, name FROM users ORDER BY 1"))
          .isEqualTo(before);
      assertThat(hub.rows("SELECT count(*) FROM user_decisions WHERE outcome = 'rejected'"))
          .as("the ledger keeps what was asked and refused")
          .containsExactly("4");
    } finally {
      unique(false);
    }
  }

  @Test
  void A8_in_a_shared_space_the_same_email_is_flagged() throws Exception {
    created("{\"externalId\": \"u1\", \"email\": \"ann@x.org\"}");
    JsonNode second = json(post("{\"externalId\": \"u2\", \"email\": \"ann@x.org\"}"));
    assertThat(second.get("decision").get("flags").get(0).asString()).isEqualTo("same_email");
    assertThat(hub.rows("SELECT count(*) FROM users WHERE email = 'ann@x.org'"))
        .containsExactly("2");
  }

  @Test
  void A3_billing_and_record_ids_of_others_conflict() throws Exception {
    created(
        """
        {"externalId": "u1", "billingId": "cus_1", "recordIds": {"zendesk_id": "77"}}
        """);
    HttpResponse<String> refused =
        post(
            """
            {"externalId": "u2", "billingId": "cus_1", "recordIds": {"zendesk_id": "77"}}
            """);
    assertThat(codes(refused, 409)).containsExactly("billingId.conflict", "recordId.conflict");
    assertThat(pointers(refused)).containsExactly("/billingId", "/recordIds/zendesk_id");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'externalId': 'LONG'}                  | value_too_long    | /externalId",
        "{'name': 'LONG', 'email': 'a@x.org'}    | value_too_long    | /name",
        "{'email': 'ann'}                        | email_malformed   | /email",
        "{'email': '@x.org'}                     | email_malformed   | /email",
        "{'email': 'a b@x.org'}                  | email_malformed   | /email",
        "{'email': 'a@b@x.org'}                  | email_malformed   | /email",
        "{'externalId': '  '}                    | value_blank       | /externalId",
        "{'externalId': 'a\\u0000b'}             | value_malformed   | /externalId",
        "{'externalId': '\\ud800'}               | value_malformed   | /externalId",
        "{'externalId': 'null'}                  | value_blocked     | /externalId",
        "{'externalId': 'u1', 'billingId': '-1'} | value_blocked     | /billingId",
        "{'recordIds': {'zendesk_id': '0'}}      | value_blocked     | /recordIds/zendesk_id",
        "{'externalId': 17}                      | invalid_field     | /externalId",
        "{'externalID': 'u1'}                    | invalid_field     | /externalID",
        "{'recordIds': {'zendesk': '5'}}         | invalid_field     | /recordIds/zendesk",
        "{'recordIds': null}                     | invalid_field     | /recordIds",
        "{'externalId': 'u1', 'dryRun': 'yes'}   | invalid_field     | /dryRun",
        "{'name': 'Ann'}                         | no_identifier     | ''",
        "{}                                      | no_identifier     | ''",
      })
  void A7_a_bad_value_is_named_and_nothing_is_written(String body, String code, String pointer)
      throws Exception {
    HttpResponse<String> refused = post(body.replace('\'', '"').replace("LONG", "x".repeat(257)));
    assertThat(codes(refused, 400)).containsExactly(code);
    assertThat(pointers(refused)).containsExactly(pointer);
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("0");
  }

  @Test
  void A7_every_bad_value_of_a_request_is_named() throws Exception {
    assertThat(codes(post("{\"externalId\": \"\", \"email\": \"ann\"}"), 400))
        .containsExactly("value_blank", "email_malformed");
    assertThat(post("{\"externalId\": \"" + "x".repeat(256) + "\"}").statusCode()).isEqualTo(201);
    assertThat(codes(post("[]"), 400)).containsExactly("malformed_json");
    assertThat(codes(call("POST", "/api/users?dryRun=true", "{\"externalId\": \"u9\"}"), 400))
        .containsExactly("invalid_parameter");
  }

  @Test
  void who_is_not_there_cannot_be_changed() throws Exception {
    assertThat(codes(patch(NOBODY, "{\"name\": \"Ann\"}"), 404)).containsExactly("unknown_user");
    assertThat(codes(patch("no-id", "{\"name\": \"Ann\"}"), 404)).containsExactly("not_found");
  }

  @Test
  void A6_a_user_is_erased_and_may_come_again() throws Exception {
    String id = created("{\"externalId\": \"u1\", \"email\": \"ann@x.org\"}");
    HttpResponse<String> tried = call("DELETE", "/api/users/" + id + "?dryRun=true", null);
    assertThat(tried.statusCode()).as(tried.body()).isEqualTo(200);
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("1");

    assertThat(call("DELETE", "/api/users/" + id, null).statusCode()).isEqualTo(201);
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("0");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger WHERE payload LIKE '%ann@x.org%'"))
        .containsExactly("0");
    assertThat(created("{\"externalId\": \"u1\"}")).isNotEqualTo(id);
  }

  @Test
  void a_dry_run_says_what_would_be_and_writes_nothing() throws Exception {
    HttpResponse<String> tried = post("{\"externalId\": \"u1\", \"dryRun\": true}");
    assertThat(tried.statusCode()).isEqualTo(201);
    assertThat(json(tried).get("data").get("externalId").asString()).isEqualTo("u1");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger")).containsExactly("0");

    String id = created("{\"externalId\": \"u1\", \"name\": \"Ann\"}");
    JsonNode changed = changed(id, "{\"name\": null, \"dryRun\": true}");
    assertThat(changed.get("data").get("name").isNull()).isTrue();
    assertThat(codes(post("{\"externalId\": \"u1\", \"dryRun\": true}"), 409))
        .containsExactly("externalId.conflict");
    assertThat(hub.rows("SELECT name FROM users")).containsExactly("Ann");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger")).containsExactly("1");
  }

  @Test
  void a_batch_has_a_verdict_for_each_row() throws Exception {
    String id = created("{\"externalId\": \"u0\"}");
    String body =
        """
        {"users": [
          {"externalId": "u1", "name": "Ann"},
          {"externalId": "u1"},
          {"email": "ann"},
          {"id": "%s", "name": "Zero"},
          {"id": "%s", "name": "Nobody"},
          {"nmae": "Ann"},
          "no object",
          {"id": "%s", "externalId": "u1"}]}
        """
            .formatted(id, NOBODY, id);
    JsonNode tried =
        json(
            call(
                "POST",
                "/api/users/batch",
                body.replace("{\"users\"", "{\"dryRun\": true, \"users\"")));
    assertThat(statuses(tried)).containsExactly(201, 409, 400, 200, 404, 400, 400, 409);
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("1");

    HttpResponse<String> done = call("POST", "/api/users/batch", body);
    assertThat(done.statusCode()).isEqualTo(200);
    JsonNode rows = json(done);
    assertThat(statuses(rows)).containsExactly(201, 409, 400, 200, 404, 400, 400, 409);
    assertThat(rows.get("data").get(0).get("user").get("name").asString()).isEqualTo("Ann");
    assertThat(rows.get("data").get(2).get("errors").get(0).get("source").get("pointer").asString())
        .isEqualTo("/users/2/email");
    assertThat(rows.get("data").get(7).get("errors").get(0).get("source").get("pointer").asString())
        .isEqualTo("/users/7/externalId");
    assertThat(hub.rows("SELECT external_id, name FROM users ORDER BY 1"))
        .containsExactly("u0|Zero", "u1|Ann");

    assertThat(codes(call("POST", "/api/users/batch", "{\"users\": []}"), 400))
        .containsExactly("invalid_field");
    String many = "{},".repeat(UserWrites.MOST) + "{}";
    assertThat(codes(call("POST", "/api/users/batch", "{\"users\": [" + many + "]}"), 400))
        .containsExactly("invalid_field");
  }

  @Test
  void a_token_that_may_read_alone_writes_nothing() throws Exception {
    for (String path : List.of("/api/users", "/api/users/batch")) {
      assertThat(send(one, "POST", path, "{}", readToken).get().statusCode()).isEqualTo(403);
    }
    assertThat(send(one, "PATCH", "/api/users/" + NOBODY, "{}", readToken).get().statusCode())
        .isEqualTo(403);
    assertThat(send(one, "POST", "/api/users", "{}", "wrong").get().statusCode()).isEqualTo(401);
  }

  @Test
  void A1_of_requests_that_race_on_two_servers_one_creates() throws Exception {
    post("{\"externalId\": \"warm\"}");
    for (int round = 0; round < 20; round++) {
      List<CompletableFuture<HttpResponse<String>>> racing = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        racing.add(
            send(
                i % 2 == 0 ? one : other,
                "POST",
                "/api/users",
                "{\"externalId\": \"race%d\"}".formatted(round),
                TOKEN));
      }
      List<Integer> statuses = new ArrayList<>();
      for (CompletableFuture<HttpResponse<String>> each : racing) {
        statuses.add(each.get().statusCode());
      }
      assertThat(statuses).containsExactlyInAnyOrder(201, 409, 409, 409, 409, 409);
    }
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("21");
  }

  @Test
  void a_request_that_is_sent_twice_under_one_key_is_done_once() throws Exception {
    String body = "{\"email\": \"ann@x.org\", \"name\": \"Ann\"}";
    HttpResponse<String> first = keyed(one, "POST", "/api/users", body, "k1").get();
    HttpResponse<String> again = keyed(other, "POST", "/api/users", body, "k1").get();
    assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
    assertThat(again.statusCode()).isEqualTo(201);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
    assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("1");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger")).containsExactly("1");

    HttpResponse<String> reused =
        keyed(one, "POST", "/api/users", "{\"email\": \"bob@x.org\"}", "k1").get();
    assertThat(codes(reused, 409)).containsExactly("idempotency_key_reused");
    assertThat(keyed(one, "POST", "/api/users", body, "k2").get().statusCode()).isEqualTo(201);
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("2");

    for (String bad : List.of(" ", "x".repeat(256))) {
      assertThat(codes(keyed(one, "POST", "/api/users", body, bad).get(), 400))
          .containsExactly("invalid_request");
    }
  }

  @Test
  void a_refusal_under_a_key_stays_one_and_a_dry_run_takes_no_key() throws Exception {
    String id = created("{\"externalId\": \"u1\"}");
    String body = "{\"externalId\": \"u1\"}";
    assertThat(codes(keyed(one, "POST", "/api/users", body, "k1").get(), 409))
        .containsExactly("externalId.conflict");
    changed(id, "{\"externalId\": null}");
    assertThat(codes(keyed(one, "POST", "/api/users", body, "k1").get(), 409))
        .containsExactly("externalId.conflict");

    String tried = "{\"externalId\": \"u1\", \"dryRun\": true}";
    assertThat(keyed(one, "POST", "/api/users", tried, "k2").get().statusCode()).isEqualTo(201);
    assertThat(keyed(one, "POST", "/api/users", body, "k2").get().statusCode()).isEqualTo(201);
  }

  @Test
  void a_batch_under_a_key_is_done_once_and_erased_users_do_not_come_back() throws Exception {
    String body =
        "{\"users\": [{\"email\": \"a@x.org\"}, {\"email\": \"no\"}, {\"email\": \"c@x.org\"}]}";
    JsonNode first = json(keyed(one, "POST", "/api/users/batch", body, "k1").get());
    assertThat(statuses(first)).containsExactly(201, 400, 201);
    assertThat(json(keyed(other, "POST", "/api/users/batch", body, "k1").get())).isEqualTo(first);
    String longer = body.replace("]}", ", {\"email\": \"d@x.org\"}]}");
    JsonNode reused = json(keyed(one, "POST", "/api/users/batch", longer, "k1").get());
    assertThat(statuses(reused)).containsExactly(409, 400, 409, 409);
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("2");

    String id = first.get("data").get(0).get("user").get("id").asString();
    assertThat(call("DELETE", "/api/users/" + id, null).statusCode()).isEqualTo(201);
    JsonNode after = json(keyed(one, "POST", "/api/users/batch", body, "k1").get());
    assertThat(statuses(after)).containsExactly(410, 400, 201);
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("1");
  }

  @Test
  void requests_that_race_under_one_key_are_done_once() throws Exception {
    for (int round = 0; round < 10; round++) {
      List<CompletableFuture<HttpResponse<String>>> racing = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        racing.add(
            keyed(
                i % 2 == 0 ? one : other,
                "POST",
                "/api/users",
                "{\"email\": \"race%d@x.org\"}".formatted(round),
                "race" + round));
      }
      for (CompletableFuture<HttpResponse<String>> each : racing) {
        assertThat(each.get().statusCode()).isEqualTo(201);
      }
    }
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("10");
  }

  // ---- Requests ----

  private static CompletableFuture<HttpResponse<String>> keyed(
      Running to, String method, String path, String body, String key) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(to.server().url() + path))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Idempotency-Key", key)
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private static void unique(boolean on) {
    hub.sql(
        "UPDATE selfsame.policy SET settings = settings %s WHERE version = (SELECT policy_version FROM selfsame.space)"
            .formatted(on ? "|| '{\"emails\": \"unique\"}'" : "- 'emails'"));
  }

  private static String created(String body) throws Exception {
    HttpResponse<String> answer = post(body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return json(answer).get("data").get("id").asString();
  }

  private static JsonNode changed(String id, String body) throws Exception {
    HttpResponse<String> answer = patch(id, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer);
  }

  private static HttpResponse<String> post(String body) throws Exception {
    return call("POST", "/api/users", body);
  }

  private static HttpResponse<String> patch(String id, String body) throws Exception {
    return call("PATCH", "/api/users/" + id, body);
  }

  private static HttpResponse<String> call(String method, String path, @Nullable String body)
      throws Exception {
    return send(one, method, path, body, TOKEN).get();
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

  private static List<String> codes(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    List<String> codes = new ArrayList<>();
    json(answer).get("errors").forEach(error -> codes.add(error.get("code").asString()));
    return codes;
  }

  private static List<String> pointers(HttpResponse<String> answer) {
    List<String> pointers = new ArrayList<>();
    json(answer)
        .get("errors")
        .forEach(error -> pointers.add(error.get("source").get("pointer").asString()));
    return pointers;
  }

  private static List<Integer> statuses(JsonNode rows) {
    List<Integer> statuses = new ArrayList<>();
    rows.get("data").forEach(row -> statuses.add(row.get("status").asInt()));
    return statuses;
  }
}
