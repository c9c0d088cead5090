package dev.selfsame.api.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.api.UserWritesApi;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.source.api.UserWrites;
import dev.selfsame.source.segment.Handover;
import dev.selfsame.source.segment.SegmentSettings;
import dev.selfsame.source.segment.TrackingApi;
import dev.selfsame.store.Database;
import dev.selfsame.store.ProfileQueries;
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
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
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

/** {@code /v1/spaces/…}, asked about users that events and the Users API made. */
final class ProfilesApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String TOKEN = "token-of-the-operator-1234";
  private static final String WRITE_KEY = "write-key-of-the-website-1234";
  private static final String USERS = "/v1/spaces/default/collections/users/profiles/";
  private static final String ACCOUNTS = "/v1/spaces/default/collections/accounts/profiles/";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static Pipeline pipeline;
  private static HttpServer server;
  private static String readToken;

  @BeforeAll
  static void start() {
    Database database = hub.open();
    InstantSource clock = InstantSource.system();
    StoredAccess access =
        new StoredAccess(new StoredGrants(database), new GivenSecrets(WRITE_KEY, TOKEN), clock);
    readToken = access.issueToken("reader", Access.Scope.READ).secret();
    pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, traits -> {});
    pipeline.start();
    UserQueries users = new UserQueries(database, "default");
    Bodies bodies = new Bodies(4 * 1024 * 1024);
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    server =
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(
                new TrackingApi(
                    access,
                    new Handover(space -> pipeline, clock, SegmentSettings.DEFAULT, metrics),
                    bodies,
                    SegmentSettings.DEFAULT,
                    null,
                    metrics),
                new UserWritesApi(
                    new UserWrites(
                        "default",
                        database,
                        pipeline,
                        () -> Preview.open("default", database.sessions("preview")),
                        users,
                        clock),
                    bodies),
                new ProfilesApi(
                    "default", new Lookup(users), new ProfileQueries(database, "default"), access)),
            access,
            List::of,
            metrics);
  }

  @AfterAll
  static void stop() {
    server.close();
    pipeline.close();
  }

  @BeforeEach
  void ann() throws Exception {
    Histories.empty(hub);
    setting("|| '{\"traits\": \"all\"}'");
    event(
        "identify",
        "'userId': 'u+1', 'traits': {'email': 'Ann@x.org', 'name': 'Ann', 'plan': 'pro', 'age': 7,"
            + " 'billingId': 'cus_1'}");
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
    setting("- 'traits'");
  }

  // ---- traits ----

  @Test
  void traits_are_the_users_fields_and_those_that_the_policy_makes_its_own() throws Exception {
    JsonNode answer = answered(get(USERS + "user_id:u%2B1/traits"), 200);
    assertThat(answer.get("traits"))
        .isEqualTo(json("{'age': 7, 'email': 'ann@x.org', 'name': 'Ann', 'plan': 'pro'}"));
    assertThat(answer.get("cursor"))
        .isEqualTo(
            json(
                "{'url': '%s/traits', 'has_more': false, 'next': '', 'limit': 10}"
                    .formatted(USERS + id())));
    setting("- 'traits'");
    assertThat(answered(get(USERS + "email:ANN@x.org/traits"), 200).get("traits"))
        .as("by default none of Segment's are the user's own")
        .isEqualTo(json("{'email': 'ann@x.org', 'name': 'Ann'}"));
  }

  @Test
  void traits_come_page_by_page_and_by_name() throws Exception {
    List<String> names = new ArrayList<>();
    String next = USERS + id() + "/traits?limit=3";
    int pages = 0;
    while (next != null) {
      JsonNode page = answered(get(next), 200);
      names.addAll(page.get("traits").propertyNames());
      JsonNode cursor = page.get("cursor");
      assertThat(cursor.get("limit").asInt()).isEqualTo(3);
      next = cursor.get("has_more").asBoolean() ? cursor.get("url").asString() : null;
      pages++;
    }
    assertThat(names).containsExactly("age", "email", "name", "plan");
    assertThat(pages).isEqualTo(2);
    assertThat(answered(get(USERS + id() + "/traits?include=plan,none"), 200).get("traits"))
        .isEqualTo(json("{'plan': 'pro'}"));
    for (String computed : List.of("audience", "computed_trait")) {
      assertThat(answered(get(USERS + id() + "/traits?class=" + computed), 200).get("traits"))
          .isEqualTo(json("{}"));
    }
  }

  @Test
  void verbose_traits_say_where_they_come_from() throws Exception {
    JsonNode name =
        answered(get(USERS + id() + "/traits?verbose=true&include=name"), 200)
            .get("traits")
            .get("name");
    assertThat(name.get("value").asString()).isEqualTo("Ann");
    assertThat(name.get("source_id").asString()).isEqualTo("segment");
    assertThat(name.get("updated_at").asString()).startsWith("20");
    JsonNode plan =
        answered(get(USERS + id() + "/traits?verbose=true&include=plan"), 200)
            .get("traits")
            .get("plan");
    assertThat(plan.get("value").asString()).isEqualTo("pro");
  }

  // ---- external ids ----

  @Test
  void every_id_that_finds_the_user_is_listed() throws Exception {
    event("identify", "'userId': 'u+1', 'traits': {'email': 'ann@y.org'}");
    assertThat(ids(USERS + id() + "/external_ids"))
        .as("the email that was replaced finds nobody")
        .containsExactly("billing_id:cus_1", "email:ann@y.org", "user_id:u+1");
    JsonNode one = answered(get(USERS + id() + "/external_ids?include=user_id"), 200).get("data");
    assertThat(one)
        .isEqualTo(
            json(
                "[{'source_id': 'segment', 'collection': 'users', 'id': 'u+1', 'type': 'user_id',"
                    + " 'created_at': '%s', 'encoding': 'none', 'first_message_id': null}]"
                        .formatted(one.get(0).get("created_at").asString())));
    for (JsonNode id : answered(get(USERS + id() + "/external_ids"), 200).get("data")) {
      String named = id.get("type").asString() + ":" + id.get("id").asString();
      assertThat(ids(USERS + named.replace("+", "%2B") + "/external_ids"))
          .as("each finds the profile")
          .hasSize(3);
    }
  }

  @Test
  void ids_come_page_by_page() throws Exception {
    JsonNode first = answered(get(USERS + id() + "/external_ids?limit=2"), 200);
    assertThat(first.get("cursor").get("has_more").asBoolean()).isTrue();
    JsonNode second = answered(get(first.get("cursor").get("url").asString()), 200);
    assertThat(second.get("data").findValuesAsString("type")).containsExactly("user_id");
    assertThat(second.get("cursor").get("next").asString()).isEmpty();
  }

  // ---- metadata, links, accounts ----

  @Test
  void metadata_says_who_was_first_and_last() throws Exception {
    call("PATCH", "/api/users/" + id(), "{'name': 'Ann B.'}", "Bearer " + TOKEN);
    JsonNode metadata = answered(get(USERS + id() + "/metadata"), 200).get("metadata");
    assertThat(metadata.propertyNames())
        .containsExactly(
            "created_at",
            "updated_at",
            "expires_at",
            "first_message_id",
            "first_source_id",
            "last_message_id",
            "last_source_id");
    assertThat(metadata.get("first_source_id").asString()).isEqualTo("segment");
    assertThat(metadata.get("last_source_id").asString()).isEqualTo("api");
    assertThat(metadata.get("expires_at").isNull()).isTrue();
  }

  @Test
  void accounts_and_users_are_linked_both_ways() throws Exception {
    for (String group : List.of("g1", "g2", "g3")) {
      event(
          "group",
          "'userId': 'u+1', 'groupId': '%s', 'traits': {'name': 'Acme', 'domain': 'acme.com'}"
              .formatted(group));
    }
    event("group", "'userId': 'u2', 'groupId': 'g1'");
    assertThat(answered(get(ACCOUNTS + "group_id:g1/traits"), 200).get("traits"))
        .isEqualTo(json("{'domain': 'acme.com', 'name': 'Acme'}"));
    assertThat(ids(ACCOUNTS + "group_id:g1/external_ids")).containsExactly("group_id:g1");
    assertThat(
            answered(get(ACCOUNTS + "group_id:g1/metadata"), 200)
                .get("metadata")
                .get("first_source_id")
                .asString())
        .isEqualTo("segment");

    JsonNode accounts = answered(get(USERS + id() + "/links?limit=2"), 200);
    assertThat(accounts.get("data").findValuesAsString("to_collection"))
        .containsExactly("accounts", "accounts");
    assertThat(accounts.get("data").findValuesAsString("id")).containsExactly("g1", "g2");
    assertThat(
            answered(get(accounts.get("cursor").get("url").asString()), 200)
                .get("data")
                .findValuesAsString("id"))
        .containsExactly("g3");

    JsonNode users = answered(get(ACCOUNTS + "group_id:g1/links?limit=1"), 200);
    assertThat(users.get("data").findValuesAsString("id")).containsExactly("u+1", "ann@x.org");
    JsonNode more = answered(get(users.get("cursor").get("url").asString()), 200);
    assertThat(more.get("data").findValuesAsString("id")).containsExactly("u2");
    assertThat(more.get("cursor").get("has_more").asBoolean()).isFalse();
  }

  @Test
  void the_id_of_a_user_that_was_merged_away_finds_the_profile() throws Exception {
    call("POST", "/api/users", "{'externalId': 'old'}", "Bearer " + TOKEN);
    String absorbed = hub.rows("SELECT id FROM users WHERE external_id = 'old'").getFirst();
    event("alias", "'previousId': 'old', 'userId': 'u+1'");
    assertThat(answered(get(USERS + absorbed + "/traits?include=name"), 200).get("traits"))
        .isEqualTo(json("{'name': 'Ann'}"));
    assertThat(ids(USERS + "user_id:old/external_ids")).contains("user_id:old", "user_id:u+1");
  }

  // ---- refusals ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "users/profiles/user_id:nobody/traits          | 404 | not_found        | Profile was not"
            + " found.",
        "users/profiles/anonymous_id:a1/traits         | 404 | not_found        | Profile was not"
            + " found.",
        "users/profiles/user_id:anonymous/external_ids | 404 | not_found        | Profile was not"
            + " found.",
        "users/profiles/01940000-0000-7000-8000-000000000000/metadata | 404 | not_found | Profile"
            + " was not found.",
        "accounts/profiles/group_id:none/links         | 404 | not_found        | Profile was not"
            + " found.",
        "accounts/profiles/user_id:u1/traits           | 404 | not_found        | Profile was not"
            + " found.",
        "users/profiles/user_id:u1/events              | 404 | not_found        | There is nothing"
            + " at this path.",
        "users/profiles/nobody/traits                  | 400 | validation_error | A profile is"
            + " named as type:value, such as user_id:42, or by its id",
        "users!/profiles/user_id:u1/traits             | 400 | validation_error | The parameter"
            + " `collection` must be users or accounts",
        "users/profiles/user_id:u1/traits?limit=201    | 400 | validation_error | The parameter"
            + " `limit` is 201; expected 1 to 200",
        "users/profiles/user_id:u1/external_ids?limit=101 | 400 | validation_error | The parameter"
            + " `limit` is 101; expected 1 to 100",
        "users/profiles/user_id:u1/links?limit=21      | 400 | validation_error | The parameter"
            + " `limit` is 21; expected 1 to 20",
        "users/profiles/user_id:u1/traits?class=x      | 400 | validation_error | The parameter"
            + " `class` must be audience or computed_trait",
        "users/profiles/user_id:u1/traits?verbose=1    | 400 | validation_error | The parameter"
            + " verbose must be true or false",
      })
  void what_cannot_be_answered_is_refused_as_there(
      String path, int status, String code, String message) throws Exception {
    assertThat(answered(get("/v1/spaces/default/collections/" + path), status))
        .isEqualTo(json("{'error': {'code': '%s', 'message': '%s'}}".formatted(code, message)));
  }

  @Test
  void another_space_has_no_profiles() throws Exception {
    assertThat(
            answered(get("/v1/spaces/other/collections/users/profiles/user_id:u%2B1/traits"), 404))
        .isEqualTo(
            json(
                "{'error': {'code': 'not_found', 'message': 'There is no such space; this one is"
                    + " called default'}}"));
  }

  @Test
  void nothing_is_guessed_where_several_have_the_email() throws Exception {
    event("identify", "'userId': 'u2', 'traits': {'email': 'ann@x.org'}");
    JsonNode error = answered(get(USERS + "email:ann@x.org/traits"), 400).get("error");
    assertThat(error.get("code").asString()).isEqualTo("invalid_request_error");
    assertThat(error.get("message").asString())
        .startsWith("2 users have this email; ask for one by its id: ")
        .contains(id());
  }

  @Test
  void a_token_comes_as_bearer_or_as_the_user_of_basic() throws Exception {
    String path = USERS + id() + "/traits";
    for (String authorization :
        List.of(
            "Bearer " + TOKEN,
            "Bearer " + readToken,
            basic(TOKEN + ":"),
            basic(readToken + ":"),
            basic(readToken + ":x"),
            basic(readToken))) {
      HttpResponse<String> answer = call("GET", path, null, authorization);
      assertThat(answer.statusCode()).as(authorization).isEqualTo(200);
      assertThat(answer.headers().firstValue("Request-Id"))
          .isEqualTo(answer.headers().firstValue("X-Request-Id"))
          .isPresent();
    }
    for (String authorization :
        List.of("Bearer nobody", basic("nobody:"), "Basic !", "Digest x", basic(WRITE_KEY + ":"))) {
      HttpResponse<String> answer = call("GET", path, null, authorization);
      assertThat(answered(answer, 401).get("error").get("code").asString())
          .as(authorization)
          .isEqualTo("authentication_error");
      assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
    }
    assertThat(answered(call("POST", path, "{}", "Bearer " + TOKEN), 405).get("error").get("code"))
        .isEqualTo(json("'invalid_request_error'"));
  }

  @Test
  void scripts_of_other_websites_may_not_ask() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + USERS + id() + "/traits"))
            .header("Authorization", basic(TOKEN + ":"))
            .header("Origin", "https://elsewhere.example")
            .build();
    HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  // ---- Requests ----

  private static String id() {
    return hub.rows("SELECT id FROM users WHERE external_id = 'u+1'").getFirst();
  }

  private static List<String> ids(String path) throws Exception {
    List<String> ids = new ArrayList<>();
    answered(get(path), 200)
        .get("data")
        .forEach(id -> ids.add(id.get("type").asString() + ":" + id.get("id").asString()));
    return ids;
  }

  private static void event(String type, String fields) throws Exception {
    HttpResponse<String> answer =
        call("POST", "/v1/" + type, "{" + fields + "}", basic(WRITE_KEY + ":"));
    assertThat(answer.body()).isEqualTo("{\"success\":true}");
  }

  private static String basic(String user) {
    return "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return call("GET", path, null, basic(TOKEN + ":"));
  }

  private static HttpResponse<String> call(
      String method, String path, @Nullable String body, String authorization) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .header("Authorization", authorization)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
            .build();
    return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode answered(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return JSON.readTree(answer.body());
  }

  private static JsonNode json(String text) {
    return JSON.readTree(text.replace('\'', '"'));
  }

  /** A setting of the policy that stands. */
  private static void setting(String change) {
    hub.sql(
        """
        INSERT INTO selfsame.policy (space, version, settings)
          SELECT p.space, p.version + 1, p.settings %s FROM selfsame.policy p JOIN selfsame.space s
          ON s.number = p.space AND s.policy_version = p.version;
        UPDATE selfsame.space SET policy_version = policy_version + 1;
        """
            .formatted(change));
  }
}
