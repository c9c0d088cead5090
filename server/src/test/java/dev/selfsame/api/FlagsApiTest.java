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
import dev.selfsame.review.Bars;
import dev.selfsame.review.Flagged;
import dev.selfsame.review.Merges;
import dev.selfsame.store.Database;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.ClaimJson;
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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code /api/flags} and {@code /api/bars}, on a real server, intake and database. */
final class FlagsApiTest {
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
    FlagQueries queries = new FlagQueries(database, "default");
    Bars bars =
        new Bars(
            pipeline,
            () -> Preview.open("default", database.sessions("preview")),
            users,
            queries,
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
            List.of(
                new UsersApi(new Lookup(users)),
                new MergeApi(merges, new Bodies(1024 * 1024)),
                new FlagsApi(
                    new Flagged(pipeline, merges, bars, users, queries, InstantSource.system()),
                    new Bodies(1024 * 1024)),
                new BarsApi(bars, new Bodies(1024 * 1024))),
            access,
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @AfterAll
  static void stop() {
    server.close();
    pipeline.close();
  }

  /** Nobody, and no provider; another policy version, so that the intake reads the space anew. */
  @BeforeEach
  void empty() {
    Histories.empty(hub);
    hub.sql("DELETE FROM selfsame.source WHERE number > 10");
    settings("{}");
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void same_email_opens_closes_and_opens_again() throws Exception {
    String ann = user("ann", "Ann", "a@x.org", null);
    assertThat(open()).isEmpty();
    String bob = user("bob", null, "a@x.org", null);
    JsonNode page = get("/api/flags");
    assertThat(page.propertyNames()).containsExactly("data", "counts", "links");
    assertThat(page.get("counts").toString()).isEqualTo("{\"same_email\":1}");
    JsonNode flag = page.get("data").get(0);
    assertThat(flag.propertyNames())
        .containsExactly(
            "id",
            "kind",
            "sentence",
            "state",
            "users",
            "moreUsers",
            "about",
            "code",
            "openedAt",
            "closed");
    String id = flag.get("id").asString();
    assertThat(id).matches("same_email:[0-9a-f]{32}");
    assertThat(flag.get("about").toString())
        .isEqualTo("{\"type\":\"email\",\"value\":\"a@x.org\"}");
    assertThat(ids(flag.get("users"))).containsExactlyInAnyOrder(ann, bob);
    assertThat(flag.get("users").get(0).propertyNames())
        .containsExactly("id", "externalId", "email", "name", "mergedInto");

    user("bob", null, "b@x.org", null);
    assertThat(state(id)).isEqualTo("closed itself null");
    assertThat(open()).isEmpty();
    user("bob", null, "a@x.org", null);
    assertThat(state(id)).isEqualTo("open");

    resolve(id, "{\"action\": \"dismiss\", \"reason\": \"a family\"}");
    assertThat(state(id)).isEqualTo("closed dismiss token:SELFSAME_TOKEN");
    JsonNode closed = get("/api/flags?state=closed").get("data").get(0).get("closed");
    assertThat(closed.get("reason").asString()).isEqualTo("a family");
    user("bob", "Bob", "a@x.org", null);
    assertThat(open()).as("nobody new").isEmpty();
    String cy = user("cy", null, "a@x.org", null);
    assertThat(state(id)).as("somebody new").isEqualTo("open");

    resolve(id, "{\"action\": \"keep_apart\"}");
    assertThat(state(id)).isEqualTo("closed keep_apart token:SELFSAME_TOKEN");
    JsonNode bars = get("/api/bars?user=" + cy).get("data");
    assertThat(bars).hasSize(2);
    assertThat(bars.get(0).get("by").asString()).isEqualTo("token:SELFSAME_TOKEN");
    assertThat(bars.get(0).get("code").asString()).isEqualTo("M2");
    bars(ann, cy, true);
    assertThat(state(id)).as("lifted").isEqualTo("open");

    JsonNode made = resolve(id, "{\"action\": \"merge\", \"survivor\": \"%s\"}".formatted(bob));
    assertThat(made.get("merge").get("user").get("id").asString()).isEqualTo(bob);
    assertThat(ids2(made.get("merge").get("absorbed"))).containsExactlyInAnyOrder(ann, cy);
    assertThat(state(id)).isEqualTo("closed merge token:SELFSAME_TOKEN");
    assertThat(get("/api/bars").get("data")).isEmpty();
    assertThat(get("/api/flags?state=all").get("counts").toString())
        .isEqualTo("{\"same_email\":1}");
  }

  @Test
  void same_email_closes_where_a_merge_brings_what_keeps_them_apart() throws Exception {
    String ann = user("ann", null, "a@x.org", null);
    String bob = user("bob", null, "a@x.org", null);
    String cy = user("cy", null, null, null);
    String id = get("/api/flags").get("data").get(0).get("id").asString();
    bars(bob, cy, false);
    assertThat(state(id)).isEqualTo("open");
    post("/api/users/merge", "{\"users\": [\"%s\", \"%s\"]}".formatted(ann, cy));
    assertThat(state(id))
        .as("Cy is kept apart from Bob")
        .isEqualTo("closed merge token:SELFSAME_TOKEN");
    bars(bob, ann, true);
    assertThat(state(id)).isEqualTo("open");
  }

  @Test
  void missing_billing_id_is_computed_while_a_provider_is_connected() throws Exception {
    String ann = user("ann", null, null, null);
    assertThat(open()).as("no provider").isEmpty();
    assertThat(get("/api/flags").get("counts").isEmpty()).isTrue();
    hub.sql(
        "INSERT INTO selfsame.source (space, number, name, channel, settings) VALUES (1, 11,"
            + " 'stripe', 'billing', '{\"id_type\": \"stripe_id\"}')");
    settings("{}");
    String id = "missing_billing_id:" + ann;
    assertThat(open()).containsExactly(id);
    user("ann", null, null, "cus_1");
    assertThat(open()).noneMatch(flag -> flag.startsWith("missing"));

    String bob = user("bob", null, null, null);
    String other = "missing_billing_id:" + bob;
    assertThat(problem(other, "{\"action\": \"merge\"}")).isEqualTo("400 flag_action");
    assertThat(problem(other, "{\"action\": \"keep_apart\"}")).isEqualTo("400 flag_action");
    resolve(other, "{\"action\": \"dismiss\"}");
    assertThat(state(other)).isEqualTo("closed dismiss token:SELFSAME_TOKEN");
    assertThat(problem(other, "{\"action\": \"dismiss\"}")).isEqualTo("409 flag_closed");
    user("bob", "Bob", null, null);
    assertThat(open()).doesNotContain(other);
    assertThat(get("/api/flags?state=closed&kind=missing_billing_id").get("data")).hasSize(1);

    String cy = user("cy", null, null, null);
    post("/api/users/merge", "{\"users\": [\"%s\", \"%s\"]}".formatted(bob, cy));
    assertThat(open()).as("the survivor was dismissed").doesNotContain(other);
    assertThat(get("/api/flags?user=" + bob + "&state=all").get("data")).hasSize(1);
  }

  @Test
  void stored_flags_close_by_themselves_and_by_people() throws Exception {
    settings("{\"emails\": \"unique\"}");
    String ann = user("ann", null, "a@x.org", null);
    String bob = user("bob", null, "a@x.org", null);
    String id = onlyOpen("email_conflict");
    assertThat(id).matches("\\d+\\.0");
    JsonNode flag = get("/api/flags/" + id).get("data");
    assertThat(ids(flag.get("users"))).containsExactly(bob, ann);
    assertThat(flag.get("code").asString()).isEqualTo("K5");
    assertThat(get("/api/flags?user=" + ann + "&kind=email_conflict").get("data")).hasSize(1);
    assertThat(get("/api/flags?user=" + ann + "&kind=email_conflict,same_email").get("data"))
        .hasSizeGreaterThan(0)
        .allMatch(
            each -> List.of("email_conflict", "same_email").contains(each.get("kind").asString()));
    assertThat(get("/api/flags?user=" + NOBODY).get("data")).isEmpty();
    user("ann", null, "a2@x.org", null);
    assertThat(state(id)).isEqualTo("closed itself null");

    user("cy", null, "a2@x.org", null);
    String second = onlyOpen("email_conflict");
    String before = everything();
    JsonNode preview = resolve(second, "{\"action\": \"merge\", \"dryRun\": true}");
    assertThat(preview.get("merge").get("user").get("id").asString()).isEqualTo(ann);
    assertThat(preview.get("flag").get("state").asString()).isEqualTo("open");
    String cy = ids(preview.get("flag").get("users")).getFirst();
    JsonNode byHand =
        post(
            "/api/users/merge",
            "{\"users\": [\"%s\", \"%s\"], \"dryRun\": true}".formatted(cy, ann));
    assertThat(byHand.get("changes").get("flags").get(0).get("id").asString()).isEqualTo(second);
    for (String same : List.of("absorbed", "changes")) {
      assertThat(preview.get("merge").get(same)).as("as by hand").isEqualTo(byHand.get(same));
    }
    assertThat(preview.has("keptApart")).isFalse();
    JsonNode apart = resolve(second, "{\"action\": \"keep_apart\", \"dryRun\": true}");
    assertThat(apart.get("keptApart"))
        .isEqualTo(
            JSON.readTree("{\"users\": [\"%s\", \"%s\"], \"changed\": true}".formatted(cy, ann)));
    assertThat(apart.has("merge")).isFalse();
    assertThat(resolve(second, "{\"action\": \"dismiss\", \"dryRun\": true}").propertyNames())
        .containsExactly("flag");
    assertThat(everything()).isEqualTo(before);
    JsonNode made = resolve(second, "{\"action\": \"merge\"}");
    assertThat(made.get("merge").has("changes")).isFalse();
    assertThat(made.get("flag").get("closed").get("how").asString()).isEqualTo("merge");
    assertThat(problem(second, "{\"action\": \"merge\"}")).isEqualTo("409 flag_closed");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.part WHERE flagged")).containsExactly("0");
  }

  @Test
  void a_merge_by_hand_closes_what_it_settles_and_a_bar_answers_it() throws Exception {
    user("ann", null, null, "cus_1");
    String bob = user("bob", null, null, "cus_1");
    String inUse = onlyOpen("billing_id_in_use");
    String ann = ids(get("/api/flags/" + inUse).get("data").get("users")).get(1);
    bars(ann, bob, false);
    assertThat(state(inUse)).as("the id is still another's").isEqualTo("open");
    post("/api/users/merge", "{\"users\": [\"%s\", \"%s\"]}".formatted(ann, bob));
    assertThat(state(inUse)).isEqualTo("closed merge token:SELFSAME_TOKEN");
    long position =
        Long.parseLong(
            hub.rows("SELECT closed_position FROM selfsame.flag WHERE kind = 'billing_id_in_use'")
                .getFirst());
    assertThat(hub.rows("SELECT position FROM selfsame.merge"))
        .containsExactly(Long.toString(position));
  }

  @Test
  void what_cannot_be_meant_is_named() throws Exception {
    assertThat(problem("1.0", "{\"action\": \"dismiss\"}")).isEqualTo("404 unknown_flag");
    for (String no :
        List.of("nonsense", "1", "01.0", "1.00", "same_email:1", "missing_billing_id:1")) {
      assertThat(problem(no, "{\"action\": \"dismiss\"}")).as(no).isEqualTo("404 unknown_flag");
      assertThat(request("GET", "/api/flags/" + no, null, TOKEN).statusCode()).isEqualTo(404);
    }
    user("ann", null, "a@x.org", null);
    user("bob", null, "a@x.org", null);
    String id = open().getFirst();
    assertThat(request("POST", "/api/flags/" + id + "/resolve", "{}", TOKEN).body())
        .contains("invalid_field", "/action");
    assertThat(
            request("POST", "/api/flags/" + id + "/resolve", "{\"action\": \"burn\"}", TOKEN)
                .body())
        .contains("merge, keep_apart, dismiss");
    assertThat(problem(id, "{\"action\": \"dismiss\", \"survivor\": \"%s\"}".formatted(NOBODY)))
        .isEqualTo("400 flag_action");
    assertThat(problem(id, "{\"action\": \"merge\", \"survivor\": \"%s\"}".formatted(NOBODY)))
        .isEqualTo("400 invalid_request");
    assertThat(
            request("POST", "/api/flags/" + id + "/resolve", "{\"action\": \"dismiss\"}", readToken)
                .statusCode())
        .isEqualTo(403);
    for (String query :
        List.of(
            "kind=same_mail",
            "kind=same_email,",
            "state=gone",
            "user=7",
            "limit=0",
            "cursor=x",
            "page=2")) {
      assertThat(request("GET", "/api/flags?" + query, null, TOKEN).statusCode())
          .as(query)
          .isEqualTo(400);
    }
    assertThat(request("GET", "/api/bars?cursor=x", null, TOKEN).statusCode()).isEqualTo(400);
    assertThat(code(request("POST", "/api/bars", "{\"users\": []}", TOKEN)))
        .isEqualTo("400 invalid_request");
    String ann = get("/api/users?externalId=ann").get("data").get(0).get("id").asString();
    String two = "{\"users\": [\"%s\", \"%s\"]}";
    assertThat(code(request("POST", "/api/bars", two.formatted(ann, ann), TOKEN)))
        .isEqualTo("400 same_user");
    assertThat(code(request("POST", "/api/bars", two.formatted(ann, NOBODY), TOKEN)))
        .isEqualTo("404 unknown_user");
    String bob = get("/api/users?externalId=bob").get("data").get(0).get("id").asString();
    post("/api/users/merge", two.formatted(ann, bob));
    String cy = user("cy", null, null, null);
    assertThat(code(request("POST", "/api/bars", two.formatted(cy, bob), TOKEN)))
        .isEqualTo("409 absorbed_user");
  }

  @Test
  void pages_of_all_kinds_join_without_gap_or_repeat() throws Exception {
    Histories.empty(hub);
    settings("{}");
    List<String> users = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      users.add(user("user-" + i, null, "mail-" + i / 2 + "@x.org", i % 3 == 0 ? "cus_0" : null));
    }
    resolve(open().getFirst(), "{\"action\": \"dismiss\"}");
    for (String state : List.of("open", "closed", "all")) {
      List<String> whole = pages("/api/flags?limit=1000&state=" + state);
      assertThat(whole).doesNotHaveDuplicates();
      for (int limit : List.of(1, 2, 5)) {
        assertThat(pages("/api/flags?limit=" + limit + "&state=" + state))
            .as("%s by %d", state, limit)
            .isEqualTo(whole);
      }
      long counted = 0;
      for (JsonNode count : get("/api/flags?state=" + state).get("counts")) {
        counted += count.asLong();
      }
      assertThat(counted).as(state).isEqualTo(whole.size());
    }
    assertThat(pages("/api/flags?limit=1000").stream().map(id -> id.replaceFirst(":.*", "")))
        .contains("same_email", "missing_billing_id")
        .anyMatch(id -> id.matches("\\d+\\.\\d+"));
    for (int i = 0; i + 1 < users.size(); i++) {
      bars(users.get(i), users.get(i + 1), false);
    }
    List<String> bars = barPages(1_000);
    assertThat(bars).hasSize(11);
    assertThat(barPages(2)).isEqualTo(bars);
  }

  @Test
  void of_two_who_settle_a_flag_at_once_one_wins() throws Exception {
    for (String action : List.of("dismiss", "keep_apart", "merge")) {
      for (int round = 0; round < 5; round++) {
        String mail = action + round + "@x.org";
        user(action + round + "a", null, mail, null);
        user(action + round + "b", null, mail, null);
        String id = get("/api/flags?kind=same_email").get("data").get(0).get("id").asString();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          answers.add(
              CLIENT.sendAsync(
                  message(
                      "POST",
                      "/api/flags/" + id + "/resolve",
                      "{\"action\": \"%s\"}".formatted(action),
                      TOKEN),
                  HttpResponse.BodyHandlers.ofString()));
        }
        List<String> got = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
          got.add(code(answer.get()));
        }
        assertThat(got)
            .as("%s %d", action, round)
            .containsExactlyInAnyOrder("200 ", "409 flag_closed", "409 flag_closed");
      }
    }
  }

  /** Beside writers that do not care. */
  @Test
  void many_who_settle_flags_and_many_who_raise_them_leave_what_is_so() throws Exception {
    Histories.empty(hub);
    settings("{}");
    List<CompletableFuture<?>> all = new ArrayList<>();
    java.util.Random random = new java.util.Random(20_261_122);
    Histories histories = new Histories(7, 8, at);
    for (int i = 0; i < 60; i++) {
      List<Submission> claims = new ArrayList<>();
      for (int c = 0; c < 10; c++) {
        Claim claim = histories.next();
        claims.add(
            new Submission(
                claim, histories.now(), null, ClaimJson.payload(claim), null, Set.of(), Map.of()));
      }
      all.add(pipeline.submit(claims));
      List<String> open = open();
      if (!open.isEmpty()) {
        String id = open.get(random.nextInt(open.size()));
        String action =
            id.startsWith("missing_billing_id")
                ? "dismiss"
                : List.of("merge", "keep_apart", "dismiss").get(random.nextInt(3));
        for (int twice = 0; twice < 2; twice++) {
          all.add(
              CLIENT.sendAsync(
                  message(
                      "POST",
                      "/api/flags/" + id + "/resolve",
                      "{\"action\": \"%s\"}".formatted(action),
                      TOKEN),
                  HttpResponse.BodyHandlers.ofString()));
        }
      }
      if (random.nextInt(3) == 0) {
        JsonNode bars = get("/api/bars?limit=1").get("data");
        if (!bars.isEmpty()) {
          JsonNode users = bars.get(0).get("users");
          all.add(
              CLIENT.sendAsync(
                  message(
                      "POST",
                      "/api/bars",
                      "{\"users\": %s, \"lift\": true}".formatted(users.toString()),
                      TOKEN),
                  HttpResponse.BodyHandlers.ofString()));
        }
      }
    }
    int settled = 0;
    for (CompletableFuture<?> one : all) {
      if (one.get() instanceof HttpResponse<?> answer) {
        assertThat(answer.statusCode()).as("%s", answer.body()).isIn(200, 400, 404, 409);
        settled += answer.statusCode() == 200 ? 1 : 0;
      }
    }
    assertThat(settled).isGreaterThan(5);
  }

  private static List<String> pages(String first) throws Exception {
    List<String> ids = new ArrayList<>();
    String next = first;
    while (next != null) {
      JsonNode page = get(next);
      page.get("data").forEach(flag -> ids.add(flag.get("id").asString()));
      JsonNode link = page.get("links").get("next");
      next = link == null ? null : link.asString();
    }
    return ids;
  }

  private static List<String> barPages(int limit) throws Exception {
    List<String> bars = new ArrayList<>();
    String next = "/api/bars?limit=" + limit;
    while (next != null) {
      JsonNode page = get(next);
      page.get("data").forEach(bar -> bars.add(bar.toString()));
      JsonNode link = page.get("links").get("next");
      next = link == null ? null : link.asString();
    }
    return bars;
  }

  private static List<String> open() throws Exception {
    return pages("/api/flags?limit=1000");
  }

  private static String onlyOpen(String kind) throws Exception {
    List<String> ids = pages("/api/flags?kind=" + kind);
    assertThat(ids).hasSize(1);
    return ids.getFirst();
  }

  private static String state(String id) throws Exception {
    JsonNode flag = get("/api/flags/" + id).get("data");
    JsonNode closed = flag.get("closed");
    return flag.get("state").asString()
        + (closed.isNull()
            ? ""
            : " " + closed.get("how").asString() + " " + closed.get("by").asString("null"));
  }

  private static void bars(String one, String other, boolean lift) throws Exception {
    JsonNode data =
        post(
            "/api/bars", "{\"users\": [\"%s\", \"%s\"], \"lift\": %s}".formatted(one, other, lift));
    assertThat(data.get("changed").asBoolean()).isTrue();
  }

  private static JsonNode resolve(String id, String body) throws Exception {
    return post("/api/flags/" + id + "/resolve", body);
  }

  private static String problem(String id, String body) throws Exception {
    return code(request("POST", "/api/flags/" + id + "/resolve", body, TOKEN));
  }

  private static String code(HttpResponse<String> response) {
    JsonNode body = JSON.readTree(response.body());
    return response.statusCode()
        + " "
        + (body.has("errors") ? body.get("errors").get(0).get("code").asString() : "");
  }

  private static List<String> ids(JsonNode users) {
    List<String> ids = new ArrayList<>();
    users.forEach(user -> ids.add(user.get("id").asString()));
    return ids;
  }

  private static List<String> ids2(JsonNode users) {
    List<String> ids = new ArrayList<>();
    users.forEach(user -> ids.add(user.asString()));
    return ids;
  }

  private static void settings(String settings) {
    hub.sql(
        """
        UPDATE selfsame.space SET policy_version = (SELECT max(version) + 1 FROM selfsame.policy);
        INSERT INTO selfsame.policy (space, version, settings)
        SELECT number, policy_version, '%s' FROM selfsame.space
        """
            .formatted(settings));
  }

  private static String everything() {
    List<String> all = new ArrayList<>();
    for (String table :
        List.of("part", "identifier", "merge", "folded", "ledger", "space", "flag", "same_email")) {
      all.addAll(hub.rows("SELECT * FROM selfsame.%s ORDER BY 1, 2, 3".formatted(table)));
    }
    return String.join("\n", all);
  }

  private static JsonNode post(String path, String body) throws Exception {
    HttpResponse<String> response = request("POST", path, body, TOKEN);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body()).get("data");
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
