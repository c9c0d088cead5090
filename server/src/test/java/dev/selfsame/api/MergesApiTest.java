package dev.selfsame.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Submission;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.replay.History;
import dev.selfsame.review.Merges;
import dev.selfsame.review.Moves;
import dev.selfsame.review.Undos;
import dev.selfsame.source.Channels;
import dev.selfsame.store.Database;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.ClaimJson;
import dev.selfsame.testing.StoredUsers;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
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

/** {@code /api/merges} and moving identifiers, on a real server, intake and database. */
final class MergesApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String TOKEN = "token-of-the-operator-1234";
  private static final String NOBODY = "01940000-0000-7000-8000-000000000000";
  private static final Source SEGMENT = Source.segment(1, "segment");
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static HttpServer server;
  private static Pipeline pipeline;
  private static String readToken;
  private static final int MOST_CLAIMS = 20;
  private static long at = 1_000_000;

  /** What comes after an undo was prepared and before it is decided. */
  private static volatile Runnable between = () -> {};

  @BeforeAll
  static void start() {
    hub.sql("UPDATE selfsame.source SET settings = '{\"may_erase\": true}' WHERE name = 'segment'");
    Database database = hub.open();
    pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, traits -> {});
    pipeline.start();
    UserQueries users = new UserQueries(database, "default");
    StoredAccess access =
        new StoredAccess(
            new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system());
    readToken = access.issueToken("reader", Access.Scope.READ).secret();
    MergeQueries made = new MergeQueries(database, "default");
    Supplier<Preview> previews = () -> Preview.open("default", database.sessions("preview"));
    Merges merges = new Merges(pipeline, previews, users, made, InstantSource.system());
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
                new MergesApi(
                    new Undos(
                        submissions -> {
                          between.run();
                          return pipeline.submit(submissions);
                        },
                        () -> {
                          between.run();
                          return previews.get();
                        },
                        users,
                        made,
                        new LinkQueries(database, "default"),
                        () ->
                            new History(new StoredLedger(database, "default"), Channels.readers()),
                        InstantSource.system(),
                        MOST_CLAIMS),
                    new Lookup(users),
                    new Bodies(1024 * 1024)),
                new IdentifierMoveApi(
                    new Moves(pipeline, previews, users, made, InstantSource.system()),
                    new Bodies(1024 * 1024))),
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
  void U1_right_after_the_merge_both_users_are_exactly_what_they_were() throws Exception {
    String ann = user("ann", "Ann", "ann@x.org", "cus_a");
    String bob = user("bob", "Bob", "bob@x.org", "cus_b");
    Map<UUID, String> before = exactly(ann, bob);
    List<String> shown =
        hub.rows(
            "SELECT id, external_id, email, name, billing_id, created_at FROM users ORDER BY id");
    String merge = merge(ann, bob);

    JsonNode dry = done("/api/merges/" + merge + "/undo", "{\"dryRun\": true}");
    assertThat(hub.rows("SELECT count(*) FROM users WHERE id IN ('%s', '%s')".formatted(ann, bob)))
        .containsExactly("1");
    JsonNode data = done("/api/merges/" + merge + "/undo", null);

    assertThat(data.propertyNames()).containsExactly("merge", "users", "moved", "flags");
    assertThat(data.get("merge").get("state").asString()).isEqualTo("undone");
    assertThat(data.get("merge").get("undoneBy").asString()).isEqualTo("token:SELFSAME_TOKEN");
    assertThat(data.get("users").get(0).get("id").asString()).isEqualTo(ann);
    assertThat(data.get("users").get(1).get("id").asString()).isEqualTo(bob);
    assertThat(data.get("moved").get(0))
        .isEqualTo(
            JSON.readTree(
                "{\"type\": \"external_id\", \"value\": \"bob\", \"from\": \"%s\", \"to\": \"%s\"}"
                    .formatted(ann, bob)));
    assertThat(data.get("moved")).isEqualTo(dry.get("moved"));
    assertThat(data.get("flags")).isEmpty();
    for (int i = 0; i < 2; i++) {
      assertThat(withoutUpdate(data.get("users").get(i)))
          .isEqualTo(withoutUpdate(dry.get("users").get(i)));
    }
    assertThat(exactly(ann, bob)).isEqualTo(before);
    assertThat(
            hub.rows(
                "SELECT id, external_id, email, name, billing_id, created_at FROM users ORDER BY"
                    + " id"))
        .isEqualTo(shown);
    assertThat(
            hub.rows(
                "SELECT bars FROM selfsame.part WHERE id IN ('%s', '%s') ORDER BY id"
                    .formatted(ann, bob)))
        .containsExactly("{" + bob + "}", "{" + ann + "}");
    assertThat(
            hub.rows(
                "SELECT undone_at IS NOT NULL FROM user_merges WHERE merge_id = '%s'"
                    .formatted(merge)))
        .containsExactly("t");
    assertThat(
            hub.rows(
                "SELECT outcome, rule, payload FROM selfsame.ledger ORDER BY position DESC LIMIT"
                    + " 1"))
        .containsExactly(
            "undone|U1|{\"absorbed\":\"%s\",\"act\":\"undo\",\"by\":\"token:SELFSAME_TOKEN\",\"merge\":\"%s\",\"origin\":\"127.0.0.1\",\"survivor\":\"%s\"}"
                .formatted(bob, merge, ann));
    JsonNode decision = get("/api/users/" + bob + "/decisions").get("data").get(0);
    assertThat(decision.get("code").asString()).isEqualTo("U1");
    assertThat(decision.get("before").get(bob).get("user").asString()).isEqualTo(ann);

    refused(post("/api/merges/" + merge + "/undo", null, TOKEN), 409, "already_undone");
    refused(
        post("/api/merges/" + merge + "/undo", "{\"dryRun\": true}", TOKEN), 409, "already_undone");
    assertThat(merge(ann, bob)).isNotEqualTo(merge);
    assertThat(
            hub.rows(
                "SELECT bars FROM selfsame.part WHERE id IN ('%s', '%s') AND bars IS NOT NULL"
                    .formatted(ann, bob)))
        .as("merging the two by hand lifts the bar")
        .isEmpty();
  }

  @Test
  void U1_of_a_rules_merge_leaves_what_its_event_said_with_the_user_that_it_named()
      throws Exception {
    String ida = user("ida", null, null, null);
    String sheet = row("ida@x.org", "Sheet");
    assertThat(user("ida", "Ida", "ida@x.org", null)).isEqualTo(ida);
    JsonNode merge = get("/api/merges?user=" + sheet).get("data").get(0);
    assertThat(merge.get("code").asString()).isEqualTo("K10");
    assertThat(merge.get("source").asString()).isEqualTo("segment");
    assertThat(merge.get("by").isNull()).isTrue();
    assertThat(user("ida", null, "ida2@x.org", null)).isEqualTo(ida);

    done("/api/merges/" + merge.get("id").asString() + "/undo", "{}");

    assertThat(
            hub.rows(
                "SELECT external_id, name, email FROM users WHERE id IN ('%s', '%s') ORDER BY id"
                    .formatted(ida, sheet)))
        .containsExactly("ida|Ida|ida2@x.org", "|Sheet|ida@x.org");
    assertThat(user("ida", null, "ida@x.org", null)).as("K10b from now on").isEqualTo(ida);
    assertThat(hub.rows("SELECT count(*) FROM users WHERE id = '%s'".formatted(sheet)))
        .containsExactly("1");
  }

  @Test
  void U1_in_the_middle_of_a_chain() throws Exception {
    String a = user("chain-a", "A", null, null);
    String b = user("chain-b", "B", null, null);
    String c = user("chain-c", "C", "c@x.org", null);
    String d = user("chain-d", "D", null, null);
    merge(c, d);
    String middle = merge(b, c);
    String last = merge(a, b);
    done("/api/merges/" + middle + "/undo", null);
    assertThat(hub.rows("SELECT external_id, name, email FROM users WHERE name IN ('A', 'C')"))
        .containsExactlyInAnyOrder("chain-a|A|", "chain-c|C|c@x.org");
    assertThat(get("/api/users?externalId=chain-d").get("data").get(0).get("id").asString())
        .isEqualTo(c);
    assertThat(get("/api/users?externalId=chain-b").get("data").get(0).get("id").asString())
        .isEqualTo(a);
    done("/api/merges/" + last + "/undo", null);
    assertThat(hub.rows("SELECT count(*) FROM users WHERE external_id LIKE 'chain-%'"))
        .containsExactly("3");
  }

  @Test
  void merges_are_listed_page_by_page_the_newest_first() throws Exception {
    String a = user("list-a", null, null, null);
    String b = user("list-b", null, null, null);
    String c = user("list-c", null, null, null);
    String both = merge(a, b, c);
    String path = "/api/merges?user=" + c;
    assertThat(ids(get(path)))
        .as("of the user that it is part of")
        .containsExactly(both + ".1", both);
    JsonNode first = get("/api/merges?limit=1&user=" + a);
    assertThat(ids(first)).containsExactly(both + ".1");
    assertThat(ids(get(first.get("links").get("next").asString()))).containsExactly(both);
    done("/api/merges/" + both + ".1/undo", null);
    assertThat(ids(get("/api/merges?state=undone&user=" + c))).containsExactly(both + ".1");
    assertThat(ids(get("/api/merges?state=live&user=" + a))).containsExactly(both);
    assertThat(ids(get("/api/merges?rule=K10&user=" + a))).isEmpty();
    JsonNode one = get("/api/merges/" + both + ".1").get("data");
    assertThat(one.propertyNames())
        .containsExactly(
            "id",
            "survivor",
            "absorbed",
            "code",
            "sentence",
            "mergedAt",
            "source",
            "by",
            "state",
            "undoneAt",
            "undoneBy");
    assertThat(one.get("absorbed").asString()).isEqualTo(c);
    assertThat(one.get("by").asString()).isEqualTo("token:SELFSAME_TOKEN");
  }

  /** What docs/rest-api.md shows of an undo is what the server answers, name by name. */
  @Test
  void the_documented_answer_has_the_names_of_a_real_one() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "rest-api.md"));
    String from = page.substring(page.indexOf("### POST /api/merges/{id}/undo"));
    String json = from.substring(from.indexOf("```json") + "```json".length());
    JsonNode shown = JSON.readTree(json.substring(0, json.indexOf("```"))).get("data");
    String a = user("docs-a", null, null, null);
    JsonNode data =
        done("/api/merges/" + merge(a, user("docs-b", null, null, null)) + "/undo", "{}");
    assertThat(data.propertyNames()).isEqualTo(shown.propertyNames());
    assertThat(data.get("merge").propertyNames()).isEqualTo(shown.get("merge").propertyNames());
    assertThat(data.get("moved").get(0).propertyNames())
        .isEqualTo(shown.get("moved").get(0).propertyNames());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET  | /api/merges?state=gone         |      | 400 | invalid_parameter
          GET  | /api/merges?rule=K99           |      | 400 | invalid_parameter
          GET  | /api/merges?user=ann           |      | 400 | invalid_parameter
          GET  | /api/merges?limit=0            |      | 400 | invalid_parameter
          GET  | /api/merges?limit=1001         |      | 400 | invalid_parameter
          GET  | /api/merges?cursor=x           |      | 400 | invalid_parameter
          GET  | /api/merges?users=x            |      | 400 | invalid_parameter
          GET  | /api/merges/999999             |      | 404 | unknown_merge
          GET  | /api/merges/first              |      | 404 | unknown_merge
          POST | /api/merges/999999/undo        | {}   | 404 | unknown_merge
          POST | /api/merges/1.99999/undo       |      | 404 | unknown_merge
          POST | /api/merges/1/undo             | {"dryrun": true} | 400 | invalid_field
          POST | /api/merges/1/undo             | [1]  | 400 | malformed_json
          """)
  void refuses(String method, String path, @Nullable String body, int status, String code)
      throws Exception {
    refused(request(method, path, body, TOKEN), status, code);
  }

  @Test
  void who_may_only_read_may_look_and_not_undo() throws Exception {
    assertThat(request("GET", "/api/merges", null, readToken).statusCode()).isEqualTo(200);
    refused(post("/api/merges/1/undo", null, readToken), 403, "missing_scope");
    refused(
        post("/api/users/" + NOBODY + "/identifiers/move", "{}", readToken), 403, "missing_scope");
  }

  @Test
  void U1_of_users_that_were_erased() throws Exception {
    String a = user("erase-a", null, null, null);
    String merge = merge(a, user("erase-b", null, null, null));
    erase("erase-a");
    refused(post("/api/merges/" + merge + "/undo", null, TOKEN), 410, "erased_user");
    refused(request("GET", "/api/merges/" + merge, null, TOKEN), 410, "erased_user");
  }

  @Test
  void an_erasure_leaves_nothing_of_a_merge_that_was_undone() throws Exception {
    String a = user("gone-a", null, null, null);
    String merge = merge(a, user("gone-b", "Gone", null, null));
    done("/api/merges/" + merge + "/undo", null);
    hub.sql(
        "UPDATE selfsame.merge SET instead = jsonb_build_object(absorbed::text, '{}'::jsonb) WHERE"
            + " position = "
            + merge);
    erase("gone-b");
    assertThat(hub.rows("SELECT 1 FROM selfsame.merge WHERE position = " + merge)).isEmpty();
    refused(request("GET", "/api/merges/" + merge, null, TOKEN), 410, "erased_user");
  }

  @Test
  void M3_an_identifier_moves_and_moves_back() throws Exception {
    String from = user("move-a", "A", "move@x.org", null);
    String to = user("move-b", "B", null, null);
    Map<UUID, String> before = exactly(from, to);
    String path = "/api/users/" + from + "/identifiers/move";
    String wish =
        "{\"type\": \"email\", \"value\": \" Move@X.org \", \"to\": \"%s\", \"dryRun\": %s}";

    JsonNode dry = done(path, wish.formatted(to, true));
    assertThat(exactly(from, to)).isEqualTo(before);
    JsonNode data = done(path, wish.formatted(to, false));
    assertThat(withoutUpdate(data.get("users").get(1)))
        .isEqualTo(withoutUpdate(dry.get("users").get(1)));
    assertThat(identifiers(data.get("users").get(0))).containsExactly("external_id:move-a");
    assertThat(identifiers(data.get("users").get(1)))
        .containsExactlyInAnyOrder("external_id:move-b", "email:move@x.org");
    assertThat(get("/api/users?email=move@x.org").get("data").get(0).get("id").asString())
        .isEqualTo(to);
    assertThat(
            hub.rows(
                "SELECT payload FROM selfsame.ledger WHERE position = " + data.get("position")))
        .containsExactly(
            "{\"act\":\"move\",\"by\":\"token:SELFSAME_TOKEN\",\"from\":\"%s\",\"origin\":\"127.0.0.1\",\"to\":\"%s\",\"type\":\"email\",\"value\":\" Move@X.org \"}"
                .formatted(from, to));

    done("/api/users/" + to + "/identifiers/move", wish.formatted(from, false));
    assertThat(exactly(from, to)).isEqualTo(before);
    refused(post(path, wish.formatted(NOBODY, true), TOKEN), 404, "unknown_user");
    refused(post(path, wish.formatted(from, true), TOKEN), 400, "same_user");
    refused(
        post(
            path,
            "{\"type\": \"zendesk_id\", \"value\": \"7\", \"to\": \"%s\"}".formatted(to),
            TOKEN),
        409,
        "not_held");
    refused(
        post(
            "/api/users/" + to + "/identifiers/move",
            "{\"type\": \"external_id\", \"value\": \"move-b\", \"to\": \"%s\"}".formatted(from),
            TOKEN),
        409,
        "last_identifier");
    refused(
        post(path, "{\"type\": \"E\", \"value\": \"7\", \"to\": \"%s\"}".formatted(to), TOKEN),
        400,
        "invalid_field");
    refused(
        post(path, "{\"type\": \"email\", \"value\": \"7\", \"to\": \"%s\"}".formatted(to), TOKEN),
        400,
        "invalid_request");
    refused(post(path, "{\"type\": \"email\", \"value\": \"7\"}", TOKEN), 400, "invalid_field");
  }

  @Test
  void M3_an_external_id_moves_to_a_user_without_one_and_back() throws Exception {
    String ann = user("ext-a", "A", "ext-a@x.org", null);
    String bob = user("ext-b", "B", "ext-b@x.org", null);
    String cy = user("ext-c", "C", null, null);
    String move = "{\"type\": \"external_id\", \"value\": \"%s\", \"to\": \"%s\"}";
    done("/api/users/" + bob + "/identifiers/move", move.formatted("ext-b", cy));
    for (int i = 0; i < 2; i++) {
      done("/api/users/" + ann + "/identifiers/move", move.formatted("ext-a", bob));
      assertThat(hub.rows("SELECT id FROM users WHERE external_id = 'ext-a'")).containsExactly(bob);
      done("/api/users/" + bob + "/identifiers/move", move.formatted("ext-a", ann));
      assertThat(hub.rows("SELECT id FROM users WHERE external_id = 'ext-a'")).containsExactly(ann);
    }
  }

  @Test
  void M3_what_moved_on_is_not_fetched_back_by_an_undo() throws Exception {
    String a = user("on-a", null, null, null);
    String b = user("on-b", null, null, "cus_on");
    String c = user("on-c", null, null, null);
    String merge = merge(a, b);
    done(
        "/api/users/" + a + "/identifiers/move",
        "{\"type\": \"billing_id\", \"value\": \"cus_on\", \"to\": \"%s\"}".formatted(c));
    JsonNode flags = done("/api/merges/" + merge + "/undo", null).get("flags");
    assertThat(flags)
        .isEqualTo(
            JSON.readTree(
                """
                [{"kind": "undo_conflict", "users": ["%s", "%s"],
                  "identifier": {"type": "billing_id", "value": "cus_on"}}]
                """
                    .formatted(b, c)));
    assertThat(get("/api/users?billingId=cus_on").get("data").get(0).get("id").asString())
        .isEqualTo(c);
  }

  @Test
  void U2_is_refused_where_what_the_claim_brought_was_moved_on() throws Exception {
    String sheet = row("gone@x.org", "Gone");
    assertThat(user("gone", null, "gone@x.org", null)).isEqualTo(sheet);
    String link = link(sheet);
    String other = user("gone-other", null, null, null);
    done(
        "/api/users/" + sheet + "/identifiers/move",
        "{\"type\": \"external_id\", \"value\": \"gone\", \"to\": \"%s\"}".formatted(other));
    notUndone(link, 409, "not_held", sheet, other);
  }

  @Test
  void U2_is_refused_where_nothing_else_is_left_of_the_user() throws Exception {
    String sheet = row("last@x.org", "Last");
    assertThat(user("last", null, "last@x.org", null)).isEqualTo(sheet);
    String link = link(sheet);
    String other = user("last-other", null, null, null);
    done(
        "/api/users/" + sheet + "/identifiers/move",
        "{\"type\": \"email\", \"value\": \"last@x.org\", \"to\": \"%s\"}".formatted(other));
    notUndone(link, 409, "last_identifier", sheet, other);
  }

  @Test
  void U2_goes_through_so_many_claims_and_refuses_one_more() throws Exception {
    String sheet = row("long@x.org", "Long");
    String link = "";
    for (int claim = 0; claim < MOST_CLAIMS; claim++) {
      assertThat(user("long", "Long " + claim, "long@x.org", null)).isEqualTo(sheet);
      link = claim == 0 ? link(sheet) : link;
    }
    done("/api/merges/" + link + "/undo", "{\"dryRun\": true}");
    assertThat(user("long", "Long at last", "long@x.org", null)).isEqualTo(sheet);
    notUndone(link, 409, "ledger_too_long", sheet);
  }

  @Test
  void U2_is_refused_where_claims_keep_coming_in_between_and_done_where_they_end()
      throws Exception {
    String sheet = row("busy@x.org", "Busy");
    assertThat(user("busy", null, "busy@x.org", null)).isEqualTo(sheet);
    String link = link(sheet);
    AtomicInteger coming = new AtomicInteger();
    between =
        () -> {
          if (coming.getAndDecrement() > 0) {
            renamed("busy", "Busy " + coming);
          }
        };
    for (String wish : List.of("{\"dryRun\": true}", "{}")) {
      coming.set(5);
      HttpResponse<String> response = post("/api/merges/" + link + "/undo", wish, TOKEN);
      refused(response, 429, "too_busy");
      assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
      assertThat(coming).as("tried so often").hasValue(0);
      assertThat(get("/api/merges/" + link).get("data").get("state").asString()).isEqualTo("live");
    }
    coming.set(1);
    done("/api/merges/" + link + "/undo", "{\"dryRun\": true}");
    coming.set(1);
    JsonNode users = done("/api/merges/" + link + "/undo", null).get("users");
    assertThat(users.get(0).get("id").asString()).isEqualTo(sheet);
    assertThat(users.get(1).get("externalId").asString()).isEqualTo("busy");
  }

  private static void renamed(String externalId, String name) {
    try {
      user(externalId, name, null, null);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Neither undone nor foreseen, and nothing about these users changed. */
  private static void notUndone(String link, int status, String code, String... users)
      throws Exception {
    Map<UUID, String> before = exactly(users);
    assertThat(before).hasSize(users.length);
    refused(post("/api/merges/" + link + "/undo", "{\"dryRun\": true}", TOKEN), status, code);
    refused(post("/api/merges/" + link + "/undo", null, TOKEN), status, code);
    assertThat(exactly(users)).isEqualTo(before);
    assertThat(get("/api/merges/" + link).get("data").get("state").asString()).isEqualTo("live");
  }

  /** The adoption of that user. */
  private static String link(String user) throws Exception {
    List<String> ids = ids(get("/api/merges?kind=link&user=" + user));
    assertThat(ids).hasSize(1);
    return ids.getFirst();
  }

  private static List<String> ids(JsonNode page) {
    List<String> ids = new ArrayList<>();
    page.get("data").forEach(one -> ids.add(one.get("id").asString()));
    return ids;
  }

  private static void erase(String externalId) throws Exception {
    at += 1_000_000;
    Claim claim = new Claim.Delete(SEGMENT.withMayErase(true), at, Raw.text(externalId));
    pipeline
        .submit(List.of(new Submission(claim, at, null, new byte[0], null, Set.of(), Map.of())))
        .get();
  }

  /** A user without external id, by a CSV row. */
  private static String row(String email, String name) throws Exception {
    at += 1_000_000;
    Claim claim =
        new Claim.CsvRow(
            Source.csv(2),
            at,
            Raw.ABSENT,
            Raw.ABSENT,
            Raw.text(name),
            Raw.text(email),
            Raw.ABSENT,
            null);
    return String.valueOf(
        pipeline
            .submit(
                List.of(
                    new Submission(
                        claim,
                        at,
                        null,
                        "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        null,
                        Set.of(),
                        Map.of())))
            .get()
            .getFirst()
            .user());
  }

  private static JsonNode withoutUpdate(JsonNode user) {
    ObjectNode copy = ((ObjectNode) user).deepCopy();
    copy.remove("updatedAt");
    return copy;
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

  private static String merge(String... users) throws Exception {
    HttpResponse<String> response =
        post(
            "/api/users/merge",
            "{\"users\": [\"%s\"]}".formatted(String.join("\", \"", users)),
            TOKEN);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body()).get("data").get("mergeId").asString();
  }

  private static JsonNode done(String path, @Nullable String body) throws Exception {
    HttpResponse<String> response = post(path, body, TOKEN);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body()).get("data");
  }

  private static void refused(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(JSON.readTree(response.body()).get("errors").get(0).get("code").asString())
        .isEqualTo(code);
  }

  private static HttpResponse<String> post(String path, @Nullable String body, String token)
      throws Exception {
    return request("POST", path, body, token);
  }

  /** Everything that is stored of these users, bars aside. */
  private static Map<UUID, String> exactly(String... ids) {
    Map<UUID, String> all = new TreeMap<>();
    for (User user : StoredUsers.all(hub)) {
      if (List.of(ids).contains(user.id().toString())) {
        StringBuilder text = new StringBuilder(user.merges().toString());
        for (Part part : user.parts()) {
          text.append(part.id())
              .append(part.createdPosition())
              .append(part.createdAt())
              .append(part.name());
          part.identifiers().stream()
              .sorted(Comparator.comparing((Held held) -> held.id().toString()))
              .forEach(text::append);
        }
        all.put(user.id(), text.toString());
      }
    }
    return all;
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
