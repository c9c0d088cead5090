package dev.selfsame.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Submission;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.Merges;
import dev.selfsame.store.Database;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.ClaimJson;
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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /api/users/merge}, on a real server, intake and database. */
final class MergeApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String TOKEN = "token-of-the-operator-1234";
  private static final String NOBODY = "01940000-0000-7000-8000-000000000000";
  private static final Source SEGMENT = Source.segment(1, "segment");
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static HttpServer server;
  private static Pipeline pipeline;
  private static String readToken;
  private static long at = 1_000_000;

  @BeforeAll
  static void start() {
    Database database = hub.open();
    pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, traits -> {});
    pipeline.start();
    UserQueries users = new UserQueries(database, "default");
    StoredAccess access =
        new StoredAccess(
            new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system());
    readToken = access.issueToken("reader", Access.Scope.READ).secret();
    Merges merges =
        new Merges(
            pipeline,
            () -> Preview.open("default", database.sessions("preview")),
            users,
            new MergeQueries(database, "default"),
            InstantSource.system());
    server =
        HttpServer.start(
            new HttpSettings(
                "127.0.0.1",
                0,
                null,
                null,
                null,
                64 * 1024,
                64L * 1024 * 1024,
                HttpSettings.DEFAULT.idleTimeout(),
                HttpSettings.DEFAULT.stopTimeout(),
                false),
            List.of(new UsersApi(new Lookup(users)), new MergeApi(merges, new Bodies(1024 * 1024))),
            access,
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @AfterAll
  static void stop() {
    server.close();
    pipeline.close();
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void M1_two_identified_users_become_the_one_created_first() throws Exception {
    String ann = user("ann", "Ann", null, null);
    String ann2 = user("ann2", "Annie", "ann@x.org", "cus_ann");

    JsonNode data = merged("{\"users\": [\"%s\", \"%s\"]}".formatted(ann2, ann));

    assertThat(data.propertyNames()).containsExactly("mergeId", "mergeIds", "absorbed", "user");
    assertThat(texts(data.get("absorbed"))).containsExactly(ann2);
    JsonNode user = data.get("user");
    assertThat(user.get("id").asString()).isEqualTo(ann);
    assertThat(user.get("externalId").asString()).isEqualTo("ann");
    assertThat(user.get("name").asString()).isEqualTo("Ann");
    assertThat(user.get("email").asString()).isEqualTo("ann@x.org");
    assertThat(user.get("billingId").asString()).isEqualTo("cus_ann");
    assertThat(identifiers(user))
        .containsExactlyInAnyOrder(
            "external_id:ann", "external_id:ann2 former", "email:ann@x.org", "billing_id:cus_ann");
    assertThat(get("/api/users/" + ann).get("data")).isEqualTo(user);
    assertThat(request("GET", "/api/users/" + ann2, null, TOKEN).statusCode()).isEqualTo(410);
    assertThat(get("/api/users?externalId=ann2").get("data").get(0).get("id").asString())
        .isEqualTo(ann);

    String mergeId = data.get("mergeId").asString();
    assertThat(texts(data.get("mergeIds"))).containsExactly(mergeId);
    assertThat(
            hub.rows(
                "SELECT absorbed_id, survivor_id, code FROM user_merges WHERE merge_id = '%s'"
                    .formatted(mergeId)))
        .containsExactly(ann2 + "|" + ann + "|M1");
    JsonNode decision = get("/api/users/" + ann + "/decisions").get("data").get(0);
    assertThat(decision.get("position").asString()).isEqualTo(mergeId);
    assertThat(decision.get("source").asString()).isEqualTo("by hand");
    assertThat(decision.get("code").asString()).isEqualTo("M1");
    assertThat(
            hub.rows("SELECT payload FROM selfsame.ledger WHERE position = %s".formatted(mergeId)))
        .containsExactly(
            "{\"act\":\"merge\",\"by\":\"token:SELFSAME_TOKEN\",\"fields\":{},\"origin\":\"127.0.0.1\",\"users\":[\"%s\",\"%s\"]}"
                .formatted(ann2, ann));
  }

  @Test
  void M1_a_person_chooses_the_survivor_and_whose_fields_show() throws Exception {
    String one = user("one", "One", "one@x.org", "cus_1");
    String two = user("two", "Two", "two@x.org", "cus_2");
    JsonNode user =
        merged(
                """
                {"users": ["%1$s", "%2$s"], "survivor": "%2$s",
                 "fields": {"name": "%1$s", "email": "%1$s", "externalId": "%1$s", "billingId": "%1$s"}}
                """
                    .formatted(one, two))
            .get("user");
    assertThat(user.get("id").asString()).isEqualTo(two);
    assertThat(user.get("externalId").asString()).isEqualTo("one");
    assertThat(user.get("name").asString()).isEqualTo("One");
    assertThat(user.get("email").asString()).isEqualTo("one@x.org");
    assertThat(user.get("billingId").asString()).isEqualTo("cus_1");
    assertThat(
            hub.rows(
                "SELECT external_id, name, email, billing_id FROM users WHERE id = '%s'"
                    .formatted(two)))
        .containsExactly("one|One|one@x.org|cus_1");
  }

  @Test
  void M1_several_at_once_are_a_merge_each() throws Exception {
    String a = user("several-a", null, null, null);
    String b = user("several-b", "B", null, null);
    String c = user("several-c", "C", "c@x.org", null);
    JsonNode data = merged("{\"users\": [\"%s\", \"%s\", \"%s\"]}".formatted(c, b, a));
    assertThat(data.get("user").get("id").asString()).isEqualTo(a);
    assertThat(data.get("user").get("name").asString()).isEqualTo("B");
    assertThat(data.get("user").get("email").asString()).isEqualTo("c@x.org");
    assertThat(texts(data.get("absorbed"))).containsExactly(b, c);
    String mergeId = data.get("mergeId").asString();
    assertThat(texts(data.get("mergeIds"))).containsExactly(mergeId, mergeId + ".1");
    assertThat(
            hub.rows(
                "SELECT merge_id, absorbed_id FROM user_merges WHERE survivor_id = '%s' ORDER BY 1"
                    .formatted(a)))
        .containsExactly(mergeId + "|" + b, mergeId + ".1|" + c);
  }

  @Test
  void a_dry_run_shows_exactly_what_the_merge_makes_and_writes_nothing() throws Exception {
    String one = user("dry-1", null, "dry1@x.org", "cus_dry1");
    String two = user("dry-2", "Two", "dry2@x.org", "cus_dry2");
    policy("{\"traits\": \"all\"}");
    hub.sql(
        "UPDATE selfsame.part SET traits = jsonb_build_object('plan', external_id), landed_at = 5 +"
            + " right(external_id, 1)::int WHERE external_id LIKE 'dry-%'");
    String before = everything();
    String wish = "{\"users\": [\"%s\", \"%s\"], \"dryRun\": %s}";

    JsonNode foreseen = merged(wish.formatted(one, two, true));
    assertThat(foreseen.propertyNames()).containsExactly("absorbed", "user", "changes");
    assertThat(everything()).isEqualTo(before);
    List<String> changes = new ArrayList<>();
    foreseen
        .get("changes")
        .get("identifiers")
        .forEach(changed ->
            changes.add(
                "%s:%s of %s, %s to %s"
                    .formatted(
                        changed.get("type").asString(),
                        changed.get("value").asString(),
                        changed.get("user").asString().equals(two) ? "two" : "one",
                        changed.get("current").asBoolean(),
                        changed.get("becomesCurrent").asBoolean())));
    assertThat(changes)
        .containsExactlyInAnyOrder(
            "external_id:dry-2 of two, true to false",
            "email:dry2@x.org of two, true to true",
            "billing_id:cus_dry2 of two, true to false");
    assertThat(foreseen.get("changes").get("accounts")).isEmpty();
    assertThat(foreseen.get("changes").get("flags")).isEmpty();

    JsonNode made = merged(wish.formatted(one, two, false));
    assertThat(made.get("absorbed")).isEqualTo(foreseen.get("absorbed"));
    assertThat(made.get("user").get("traits").get("plan").asString())
        .as("of the part that said it last")
        .isEqualTo("dry-2");
    assertThat(withoutUpdate(made.get("user"))).isEqualTo(withoutUpdate(foreseen.get("user")));
    policy("{}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"users": ["%A", "%A"]}                              | 400 | same_user       |                   | itself
          {"users": ["%A", "%N"]}                              | 404 | unknown_user    |                   | There is no user %N
          {"users": ["%A", "%M"]}                              | 409 | absorbed_user   |                   | was merged into %S; name that one
          {"users": ["%A"]}                                    | 400 | invalid_request |                   | 2 to 100 users; got 1
          {"users": ["%A", "%B"], "survivor": "%S"}            | 400 | invalid_request |                   | survivor %S is not among
          {"users": ["%A", "%B"], "fields": {"name": "%S"}}    | 400 | invalid_request |                   | name is picked of %S
          {"users": ["%A", "%B"], "fields": {"nmae": "%A"}}    | 400 | invalid_field   | /fields/nmae      | did you mean name?
          {"users": ["%A", "%B"], "fields": ["name"]}          | 400 | invalid_field   | /fields           | an object of user ids
          {"users": ["%A", "42"]}                              | 400 | invalid_field   | /users/1          | named by its id
          {"users": ["%A", 42]}                                | 400 | invalid_field   | /users/1          | named by its id
          {"users": "%A"}                                      | 400 | invalid_field   | /users            | a list of user ids
          {}                                                   | 400 | invalid_field   | /users            | a list of user ids
          {"users": ["%A", "%B"], "survivor": true}            | 400 | invalid_field   | /survivor         | named by its id
          {"users": ["%A", "%B"], "dryRun": "yes"}             | 400 | invalid_field   | /dryRun           | true or false
          {"users": ["%A", "%B"], "dryrun": true}              | 400 | invalid_field   | /dryrun           | did you mean dryRun?
          {"users": ["%A", "%B"], "users": ["%A", "%S"]}       | 400 | malformed_json  |                   | uplicate
          {"users": ["%A", "%B"]} {}                           | 400 | malformed_json  |                   | not JSON
          [1]                                                  | 400 | malformed_json  |                   | must be a JSON object
          {"users": [                                          | 400 | malformed_json  |                   | not JSON
          """)
  void refuses(String body, int status, String code, @Nullable String pointer, String says)
      throws Exception {
    String a = known("refuse-a");
    String b = known("refuse-b");
    String survivor = known("refuse-s");
    String absorbed =
        get("/api/users?externalId=refuse-m").get("data").isEmpty()
            ? user("refuse-m", null, null, null)
            : null;
    if (absorbed != null) {
      merged("{\"users\": [\"%s\", \"%s\"]}".formatted(survivor, absorbed));
    } else {
      absorbed =
          hub.rows(
                  "SELECT absorbed_id FROM user_merges WHERE survivor_id = '%s'"
                      .formatted(survivor))
              .getFirst();
    }
    String users = hub.rows("SELECT * FROM users ORDER BY id").toString();

    HttpResponse<String> response =
        request("POST", "/api/users/merge", filled(body, a, b, survivor, absorbed), TOKEN);

    assertThat(response.statusCode()).isEqualTo(status);
    JsonNode error = JSON.readTree(response.body()).get("errors").get(0);
    assertThat(error.get("code").asString()).isEqualTo(code);
    assertThat(error.get("detail").asString()).contains(filled(says, a, b, survivor, absorbed));
    assertThat(error.path("source").path("pointer").asString(""))
        .isEqualTo(pointer == null ? "" : pointer);
    assertThat(hub.rows("SELECT * FROM users ORDER BY id").toString()).isEqualTo(users);
  }

  @Test
  void M1_a_limit_refuses_and_the_ledger_keeps_that() throws Exception {
    String a = user("limit-a", null, null, null);
    String b = user("limit-b", null, null, null);
    policy("{\"limits\": {\"identifiers_per_user\": 1}}");
    HttpResponse<String> dry =
        post("{\"users\": [\"%s\", \"%s\"], \"dryRun\": true}".formatted(a, b));
    HttpResponse<String> response = post("{\"users\": [\"%s\", \"%s\"]}".formatted(a, b));
    policy("{}");
    assertThat(dry.statusCode()).isEqualTo(409);
    assertThat(response.statusCode()).isEqualTo(409);
    assertThat(response.body()).contains("\"limit_reached\"");
    assertThat(
            hub.rows(
                "SELECT outcome, rule, reason FROM selfsame.ledger WHERE reason = 'limit_reached'"))
        .containsExactly("rejected|M1|limit_reached");
  }

  @Test
  void who_may_only_read_may_not_merge() throws Exception {
    String body = "{\"users\": [\"%s\", \"%s\"]}".formatted(NOBODY, NOBODY);
    assertThat(request("POST", "/api/users/merge", body, readToken).statusCode()).isEqualTo(403);
    assertThat(request("POST", "/api/users/merge", body, "nonsense").statusCode()).isEqualTo(401);
    assertThat(request("GET", "/api/users/merge", null, TOKEN).statusCode()).isEqualTo(404);
  }

  @Test
  void a_body_that_is_too_large_is_refused() throws Exception {
    HttpResponse<String> response = post("{\"users\": [\"" + "x".repeat(70_000) + "\"]}");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("body_too_large");
  }

  /** Of merges that contradict each other all but one are refused, and nothing is half merged. */
  @Test
  void M1_merges_of_the_same_users_at_once() throws Exception {
    List<String> users = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      users.add(user("at-once-" + i, null, null, null));
    }
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 1; i < users.size(); i++) {
      // Everybody claims the last one.
      answers.add(
          CLIENT.sendAsync(
              message(
                  "POST",
                  "/api/users/merge",
                  "{\"users\": [\"%s\", \"%s\"]}".formatted(users.get(i - 1), users.getLast()),
                  TOKEN),
              HttpResponse.BodyHandlers.ofString()));
    }
    List<Integer> statuses = new ArrayList<>();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      statuses.add(answer.get().statusCode());
    }
    assertThat(statuses).containsOnly(200, 409).containsOnlyOnce(200);
    assertThat(hub.rows("SELECT count(*) FROM users WHERE external_id LIKE 'at-once-%'"))
        .containsExactly("7");
  }

  private static void policy(String settings) {
    hub.sql(
        """
        UPDATE selfsame.space SET policy_version = policy_version + 1;
        INSERT INTO selfsame.policy (space, version, settings)
        SELECT number, policy_version, '%s' FROM selfsame.space
        """
            .formatted(settings));
  }

  private static String filled(String text, String a, String b, String survivor, String absorbed) {
    return text.replace("%A", a)
        .replace("%B", b)
        .replace("%S", survivor)
        .replace("%M", absorbed)
        .replace("%N", NOBODY);
  }

  private static JsonNode withoutUpdate(JsonNode user) {
    ObjectNode copy = ((ObjectNode) user).deepCopy();
    copy.remove("updatedAt");
    return copy;
  }

  private static String everything() {
    List<String> all = new ArrayList<>();
    for (String table :
        List.of("part", "identifier", "merge", "folded", "ledger", "space", "flag")) {
      all.addAll(hub.rows("SELECT * FROM selfsame.%s ORDER BY 1, 2, 3".formatted(table)));
    }
    return String.join("\n", all);
  }

  private static List<String> identifiers(JsonNode user) {
    List<String> all = new ArrayList<>();
    user.get("identifiers")
        .forEach(one ->
            all.add(
                one.get("type").asString()
                    + ":"
                    + one.get("value").asString()
                    + (one.get("current").asBoolean() ? "" : " former")));
    return all;
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString()));
    return texts;
  }

  private static String known(String externalId) throws Exception {
    JsonNode found = get("/api/users?externalId=" + externalId).get("data");
    return found.isEmpty() ? user(externalId, null, null, null) : found.get(0).get("id").asString();
  }

  /** Creates a user by an identify and tells its id. */
  private static String user(
      String externalId, @Nullable String name, @Nullable String email, @Nullable String billingId)
      throws Exception {
    at += 1_000_000;
    Claim claim =
        new Claim.Identify(
            SEGMENT, at, Raw.text(externalId), raw(name), raw(email), raw(billingId), Raw.ABSENT);
    return String.valueOf(
        pipeline
            .submit(
                List.of(
                    new Submission(
                        claim, at, null, ClaimJson.payload(claim), null, Set.of(), Map.of())))
            .get()
            .getFirst()
            .user());
  }

  private static Raw raw(@Nullable String text) {
    return text == null ? Raw.ABSENT : Raw.text(text);
  }

  private static JsonNode merged(String body) throws Exception {
    HttpResponse<String> response = post(body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body()).get("data");
  }

  private static HttpResponse<String> post(String body) throws Exception {
    return request("POST", "/api/users/merge", body, TOKEN);
  }

  private static JsonNode get(String path) throws Exception {
    HttpResponse<String> response = request("GET", path, null, TOKEN);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static HttpResponse<String> request(
      String method, String path, @Nullable String body, String token) throws Exception {
    return CLIENT.send(message(method, path, body, token), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest message(
      String method, String path, @Nullable String body, String token) {
    return HttpRequest.newBuilder(URI.create(server.url() + path))
        .header("Authorization", "Bearer " + token)
        .method(
            method,
            body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body))
        .build();
  }
}
