package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.Program;
import dev.selfsame.store.StoredAsked;
import dev.selfsame.store.StoredSources;
import dev.selfsame.testing.Leftovers;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an erasure leaves: of whoever was brought in by every channel, nothing in any table. */
final class ErasureTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.migrated();
  @TempDir static Path data;
  private static final String KEY = "a-key-of-mine-0000";
  private static final String TOKEN = "a-token-of-mine-0000";
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final AtomicInteger MESSAGES = new AtomicInteger();
  private static Hub hub;
  private static Hub other;

  @BeforeAll
  static void start() {
    StoredSources.landVisits(database.open(), "default", "segment", true);
    hub = start("one");
    other = start("two");
  }

  private static Hub start(String directory) {
    return Hub.start(
        new Program.Start(
            data.resolve(directory),
            database.address().full(),
            "127.0.0.1:0",
            0,
            null,
            null,
            null,
            false),
        Map.of("SELFSAME_WRITE_KEY", KEY, "SELFSAME_TOKEN", TOKEN),
        line -> {});
  }

  @AfterAll
  static void stop() {
    other.close();
    hub.close();
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(database);
  }

  @Test
  void a_dry_run_that_is_asked_for_in_the_url_is_refused_and_nothing_is_done() throws Exception {
    event("identify", "'userId':'dry1','traits':{'name':'Dry One'}");
    event("identify", "'userId':'dry2','traits':{'name':'Dry Two'}");
    String one = user("dry1");
    String both = "\"users\":[\"%s\",\"%s\"]".formatted(one, user("dry2"));
    List<String> before = database.rows("SELECT max(position) FROM selfsame.ledger");
    Map<String, String> calls =
        Map.of(
            "POST /api/erasures",
            "{\"identifiers\":[{\"type\":\"id\",\"value\":\"%s\"}],\"suppress\":true}"
                .formatted(one),
            "POST /api/users/merge",
            "{%s}".formatted(both),
            "POST /api/bars",
            "{%s}".formatted(both),
            "POST /api/users/%s/identifiers/move".formatted(one),
            "{\"type\":\"external_id\",\"value\":\"dry1\",\"to\":\"%s\"}".formatted(user("dry2")),
            "POST /api/merges/1/undo",
            "",
            "POST /api/flags/1.0/resolve",
            "{\"action\":\"dismiss\"}");
    for (Map.Entry<String, String> call : calls.entrySet()) {
      String[] line = call.getKey().split(" ", -1);
      HttpResponse<String> answer =
          rest(line[0], line[1] + "?dryRun=true", call.getValue(), "application/json");
      assertThat(answer.statusCode()).as(call.getKey()).isEqualTo(400);
      JsonNode error = json(answer).path("errors").path(0);
      assertThat(error.path("code").asString()).isEqualTo("invalid_parameter");
      assertThat(error.path("source").path("parameter").asString()).isEqualTo("dryRun");
    }
    assertThat(database.rows("SELECT max(position) FROM selfsame.ledger")).isEqualTo(before);
  }

  @Test
  void nothing_of_an_erased_user_is_left_in_any_table() throws Exception {
    event("identify", "'userId':'zzanon','traits':{'name':'Zz Anon'}");
    event("alias", "'previousId':'zzanon','userId':'zz1'");
    event(
        "identify",
        "'userId':'zz1','traits':{'name':'Zz Quist','email':' ZZ@Mail.org"
            + " ','billingUserId':'cus_zz','city':'Zzburg'}");
    event("identify", "'userId':'zz2','traits':{'email':'zz@mail.org'}");
    event("identify", "'userId':'zz3','traits':{'email':'zz.old@mail.org'}");
    event("identify", "'userId':'zz3','traits':{'email':'zz.new@mail.org'}");
    event("group", "'groupId':'acme','userId':'zz1'");
    event("page", "'userId':'zz1','name':'Home of zz'");
    // Lines of nobody, and of somebody else, that name her.
    event("alias", "'previousId':'nobody','userId':'zz1'");
    event("alias", "'previousId':'zz1','userId':'null'");
    event("delete", "'userId':'zz1'");
    event(
        "identify",
        "'userId':'bob','traits':{'name':'Bob','email':'bob@mail.org','billingUserId':'cus_zz'}");
    land(
        "stripe.customers",
        "id,email,name,phone\ncus_zz,zz@mail.org,Zz Quist,+49 zz\ncus_bob,bob@mail.org,Bob,1\n");
    land(
        "stripe.charges",
        "id,customer_id,receipt_email\nch_1,cus_zz,\nch_2,cus_bob,bob@mail.org\n");
    land(
        "zendesk.users",
        """
        id,email,name,external_id,shoe_size,motto
        zen-zz,zz@mail.org,Zz,zz1,zz-40,zz forever
        zen-bob,bob@mail.org,Bob,bob,41,
        """);
    land(
        "zendesk.tickets",
        """
        id,requester_id,assignee_id,subject
        1,zen-zz,zen-bob,zz asks
        2,zen-bob,zen-zz,Bob asks
        """);
    // Several have the email: left until that changes (R5).
    land("mailchimp.list_members", "id,email_address,full_name\nmc.zz,zz@mail.org,Zz\n");
    land("crm.people", "id,mail,note\n77,zz@mail.org,knows zz\n", "&email=mail");
    assertThat(
            rest(
                    "POST",
                    "/api/landings?table=zendesk.users",
                    "id,verified\n9,zz@mail.org\n",
                    "text/csv")
                .statusCode())
        .isEqualTo(202);
    imported("external_id,billing_id,name\nzz1,cus_bob,Zz\nzz4,,Zz Four\n");
    String four = user("zz4");
    JsonNode merged =
        json(
            rest(
                "POST",
                "/api/users/merge",
                "{\"users\":[\"%s\",\"%s\"]}".formatted(user("zz2"), four),
                "application/json"));
    assertThat(merged.has("errors")).isFalse();
    assertThat(left()).isNotEmpty();
    waitForLandings();
    StoredAsked asked = new StoredAsked(database.open());
    UUID member = UUID.randomUUID();
    for (String sql :
        List.of(
            "SELECT * FROM users WHERE external_id = 'zz1'",
            "-- is zZ@mail.org there?\nSELECT 1",
            "SELECT * FROM users WHERE name = 'zz quist'",
            "SELECT 'bob@mail.org'")) {
      asked.begin(member, UUID.randomUUID(), sql, Instant.now());
    }

    String body =
        "{\"identifiers\":[{\"type\":\"external_id\",\"value\":\"zz1\"},{\"type\":\"zendesk_id\",\"value\":\"zen-zz\"},"
            + "{\"type\":\"id\",\"value\":\"%s\"},{\"type\":\"external_id\",\"value\":\"zz3\"}],\"suppress\":true%s}";
    String two = user("zz2");
    JsonNode foreseen =
        json(
            rest(
                "POST",
                "/api/erasures",
                body.formatted(two, ",\"dryRun\":true"),
                "application/json"));
    HttpResponse<String> answer =
        rest("POST", "/api/erasures", body.formatted(two, ""), "application/json");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    JsonNode receipt = json(answer).get("data");
    assertThat(receipt.get("counts")).isEqualTo(foreseen.get("data").get("counts"));
    assertThat(receipt.get("by").asString()).isEqualTo("token:SELFSAME_TOKEN");
    assertThat(receipt.get("from").asString()).isEqualTo("127.0.0.1");
    assertThat(left()).as("what is left of her").isEmpty();
    assertThat(asked.list(member)).as("asked of others").hasSize(1);
    assertThat(receipt.get("counts").get("asked").asLong()).isEqualTo(3);
    assertThat(receipt.get("counts").get("zendesk.tickets").asLong()).isEqualTo(1);
    assertThat(receipt.get("counts").get("segment.pages").asLong()).isEqualTo(1);
    assertThat(database.rows("SELECT id, requester_id, assignee_id, subject FROM zendesk.tickets"))
        .as("another's ticket loses her name")
        .containsExactly("2|zen-bob||Bob asks");
    assertThat(database.rows("SELECT external_id, email FROM users WHERE external_id LIKE 'b%'"))
        .containsExactly("bob|bob@mail.org");
    assertThat(json(get("/api/erasures/" + receipt.get("id").asLong())).get("data"))
        .isEqualTo(receipt);

    // K22, in every channel.
    event("identify", "'userId':'zz1','traits':{'email':'zz@mail.org'}");
    event("identify", "'userId':'carl','traits':{'email':'zz@mail.org','billingUserId':'cus_zz'}");
    event("page", "'userId':'zz1','name':'Home of zz'");
    event(
        "identify",
        "'userId':'carl','traits':{'email':'ZZ@mail.org','work_email':'zz@mail.org','plan':'pro'}");
    event("alias", "'previousId':'zz1','userId':'carl'");
    event("group", "'groupId':'acme','userId':'zz1'");
    // What is refused for another reason is not kept either.
    event("identify", "'userId':'null','traits':{'email':'zz@mail.org','name':'Carl'}");
    event("alias", "'previousId':'zz1','userId':'null'");
    land("zendesk.users", "id,email,name\nzen-zz,zz@mail.org,Zz\n");
    land(
        "stripe.customers",
        """
        id,email,name
        cus_zz,zz@mail.org,Zz
        cus_new,zz@mail.org,Anew
        cus_bob,bob@mail.org,Bob
        """);
    land(
        "zendesk.tickets",
        """
        id,requester_id,submitter_id,via
        3,zen-zz,,zz
        4,zen-bob,zen-zz,ZZ@MAIL.org
        """);
    imported(
        """
        external_id,billing_id,email,name
        zz1,,,Zz
        dora,,zz@mail.org,Dora
        bob,cus_zz,,Bob
        """);
    assertThat(left()).as("what comes back").isEmpty();
    assertThat(database.rows("SELECT email FROM users WHERE external_id IN ('carl', 'dora')"))
        .containsExactly("", "");
    assertThat(database.rows("SELECT id, name, email FROM stripe.customers ORDER BY id"))
        .as("a new customer with the barred email is landed without it")
        .containsExactly("cus_bob|Bob|bob@mail.org", "cus_new|Anew|");
    assertThat(database.rows("SELECT id, requester_id, submitter_id, via FROM zendesk.tickets"))
        .containsExactlyInAnyOrder("2|zen-bob||", "4|zen-bob||");
    assertThat(database.rows("SELECT plan FROM segment.users WHERE id = 'carl'"))
        .containsExactly("pro");
    assertThat(
            database.rows(
                "SELECT o.name, count(*), count(payload), count(part) FROM selfsame.ledger l JOIN"
                    + " selfsame.source o ON o.space = l.space AND o.number = l.source WHERE reason"
                    + " = 'suppressed' AND position > %d GROUP BY o.name ORDER BY o.name COLLATE \"C\""
                        .formatted(receipt.get("id").asLong())))
        .as("refused without a trace: an identify, an alias and a group; a row; a record of each")
        .containsExactly("csv|1|0|0", "segment|3|0|0", "stripe|1|0|0", "zendesk|1|0|0");
    stillExplained();

    // Lifted, it may come back.
    JsonNode barred = json(get("/api/suppressions?identifier=email:ZZ@mail.org")).get("data");
    assertThat(barred.size()).isEqualTo(1);
    assertThat(barred.get(0).get("erasure")).isEqualTo(receipt.get("id"));
    assertThat(
            rest("DELETE", "/api/suppressions?identifier=external_id:zz1", null, null).statusCode())
        .isEqualTo(204);
    assertThat(
            rest("DELETE", "/api/suppressions/" + barred.get(0).get("id").asString(), null, null)
                .statusCode())
        .isEqualTo(204);
    assertThat(
            rest("DELETE", "/api/suppressions/" + barred.get(0).get("id").asString(), null, null)
                .statusCode())
        .as("once")
        .isEqualTo(404);
    event("identify", "'userId':'zz1','traits':{'email':'zz@mail.org'}");
    assertThat(database.rows("SELECT email FROM users WHERE external_id = 'zz1'"))
        .containsExactly("zz@mail.org");

    List<String> acts = new ArrayList<>();
    json(get("/api/audit?actor=token:SELFSAME_TOKEN"))
        .get("data")
        .forEach(act -> acts.add(act.get("act").asString() + " " + act.get("from").asString()));
    assertThat(acts.subList(0, 5))
        .as("the third lifting was refused")
        .containsExactly(
            "lift_suppression 127.0.0.1",
            "lift_suppression 127.0.0.1",
            "lift_suppression 127.0.0.1",
            "erase 127.0.0.1",
            "merge 127.0.0.1");
    JsonNode page = json(get("/api/audit?actor=token:SELFSAME_TOKEN&limit=1"));
    JsonNode next = json(get(page.get("links").get("next").asString()));
    assertThat(next.get("data").get(0).get("id")).isNotEqualTo(page.get("data").get(0).get("id"));
  }

  @Test
  void the_audit_names_the_nearest_act_and_takes_any_time() throws Exception {
    JsonNode error = json(get("/api/audit?act=undone")).path("errors").path(0);
    assertThat(error.path("code").asString()).isEqualTo("invalid_parameter");
    assertThat(error.path("detail").asString())
        .startsWith("There is no act undone; did you mean undo? Known: merge, undo,");
    assertThat(get("/api/audit?act=undo").statusCode()).isEqualTo(200);
    for (String time : List.of("%2B1000000000-12-31T23:59:59Z", "-1000000000-01-01T00:00:00Z")) {
      for (String query : List.of("from=", "to=", "cursor=")) {
        String path = "/api/audit?" + query + time;
        HttpResponse<String> answer =
            get(query.equals("cursor=") ? path + "/l0000000000000000001" : path);
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
      }
    }
  }

  /** Of somebody whose lines lost a name everything else is told, and nothing fails. */
  private static void stillExplained() throws Exception {
    String bob = user("bob");
    for (String path :
        List.of(
            "/api/users/" + bob,
            "/api/users/" + bob + "/decisions",
            "/api/users/" + bob + "/timeline",
            "/api/users/" + bob + "/fields",
            "/api/merges",
            "/api/flags?state=all",
            "/api/users/" + bob + "/graph",
            "/api/bars")) {
      HttpResponse<String> answer = get(path);
      assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(200);
    }
    JsonNode check =
        json(rest("POST", "/api/policy/check", "merge_on_email_change: false", "text/plain"));
    assertThat(check.has("data")).as(check.toString()).isTrue();
    assertThat(check.get("data").get("notReplayable").get("erasure").asInt()).isPositive();
    List<String> touched = new ArrayList<>();
    check.get("data").get("touched").get("examples").forEach(id -> touched.add(id.asString()));
    assertThat(touched).contains(bob);
  }

  @Test
  void what_cannot_be_meant_is_refused_by_name() throws Exception {
    event("identify", "'userId':'d1','traits':{'email':'d@mail.org'}");
    event("identify", "'userId':'d2','traits':{'email':'d@mail.org'}");
    HttpResponse<String> several = erase("email", "d@mail.org", false);
    assertThat(several.statusCode()).isEqualTo(409);
    JsonNode error = json(several).get("errors").get(0);
    assertThat(error.get("code").asString()).isEqualTo("identifier.ambiguous");
    List<String> users = new ArrayList<>();
    error.get("users").forEach(user -> users.add(user.asString()));
    assertThat(users).containsExactlyInAnyOrder(user("d1"), user("d2"));
    assertThat(erase("external_id", "nobody", false).statusCode()).isEqualTo(404);
    assertThat(erase("external_id", "nobody", true).statusCode()).isEqualTo(201);
    assertThat(erase("shoe_size", "41", false).statusCode()).isEqualTo(400);
    assertThat(erase("external_id", "null", false).statusCode()).as("blocked").isEqualTo(400);
    assertThat(
            rest("POST", "/api/erasures", "{\"identifiers\":[]}", "application/json").statusCode())
        .isEqualTo(400);
    assertThat(
            rest(
                    "POST",
                    "/api/erasures",
                    "{\"identifiers\":[{\"type\":\"external_id\",\"value\":\"d1\"}]}",
                    "application/json")
                .statusCode())
        .as("suppress is needed")
        .isEqualTo(400);
    String id = user("d1");
    assertThat(rest("DELETE", "/api/users/" + id, null, null).statusCode()).isEqualTo(201);
    assertThat(rest("DELETE", "/api/users/" + id, null, null).statusCode()).isEqualTo(404);
    event("identify", "'userId':'d1','traits':{'email':'d@mail.org'}");
    assertThat(user("d1")).as("A6: created anew").isNotEqualTo(id);
    assertThat(get("/api/erasures/999999").statusCode()).isEqualTo(404);
  }

  /** Claims, erasures and merges of the same people on two servers at once. */
  @Test
  void erasing_is_serialised_with_claims_and_merges_on_two_servers() throws Exception {
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failed = new ArrayList<>();
    AtomicInteger erased = new AtomicInteger();
    for (int t = 0; t < 4; t++) {
      int n = t;
      threads.add(
          Thread.startVirtualThread(() -> {
            try {
              String url = (n % 2 == 0 ? hub : other).url();
              for (int i = 0; i < 25; i++) {
                String person = "r" + (i % 5);
                if (n < 2) {
                  event(
                      url,
                      "identify",
                      "'userId':'" + person + "','traits':{'email':'" + person + "@x.org'}");
                } else if (n == 2) {
                  HttpResponse<String> answer = erase(url, "external_id", person, false);
                  assertThat(answer.statusCode()).as(answer.body()).isIn(201, 404);
                  erased.addAndGet(answer.statusCode() == 201 ? 1 : 0);
                } else {
                  List<String> ids =
                      database.rows("SELECT id FROM users WHERE external_id LIKE 'r%' LIMIT 2");
                  if (ids.size() == 2) {
                    int status =
                        rest(
                                url,
                                "POST",
                                "/api/users/merge",
                                "{\"users\":[\"%s\",\"%s\"]}".formatted(ids.get(0), ids.get(1)),
                                "application/json")
                            .statusCode();
                    assertThat(status).isIn(200, 404, 409);
                  }
                }
              }
            } catch (Throwable e) {
              synchronized (failed) {
                failed.add(e);
              }
            }
          }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failed).isEmpty();
    assertThat(erased.get()).isPositive();
    for (int i = 0; i < 5; i++) {
      erase("external_id", "r" + i, true);
    }
    event("identify", "'userId':'r0','traits':{'email':'r0@x.org'}");
    assertThat(database.rows("SELECT id FROM users WHERE external_id LIKE 'r%'")).isEmpty();
  }

  // ---- what is left ----

  private static List<String> left() {
    List<String> left = new ArrayList<>(Leftovers.rows(database, "zz"));
    left.addAll(Leftovers.files(data, "zz"));
    return left;
  }

  // ---- channels ----

  private static void event(String type, String fields) throws Exception {
    event(hub.url(), type, fields);
  }

  private static void event(String url, String type, String fields) throws Exception {
    String body =
        "{\"batch\":[{\"type\":\"%s\",\"messageId\":\"m%d\",%s}]}"
            .formatted(type, MESSAGES.incrementAndGet(), fields.replace('\'', '"'));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/batch"))
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString((KEY + ":").getBytes(StandardCharsets.UTF_8)))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    assertThat(CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(200);
  }

  private static void land(String table, String csv) throws Exception {
    land(table, csv, "");
  }

  private static void land(String table, String csv, String more) throws Exception {
    HttpResponse<String> answer =
        rest("POST", "/api/landings?table=" + table + more, csv, "text/csv");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    String at = "/api/landings/" + json(answer).get("data").get("id").asString();
    String state = state(at);
    while (!List.of("done", "failed").contains(state)) {
      Thread.sleep(20);
      state = state(at);
    }
    assertThat(state).isEqualTo("done");
  }

  private static String state(String at) throws Exception {
    return json(get(at)).get("data").get("state").asString();
  }

  private static void waitForLandings() throws Exception {
    while (!database
        .rows("SELECT id FROM selfsame.landing WHERE state NOT IN ('done', 'failed')")
        .isEmpty()) {
      Thread.sleep(20);
    }
  }

  private static void imported(String csv) throws Exception {
    HttpResponse<String> answer = rest("POST", "/api/imports", csv, "text/csv");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    String at = "/api/imports/" + json(answer).get("data").get("id").asString();
    while (!json(get(at)).get("data").get("state").asString().equals("done")) {
      Thread.sleep(20);
    }
    // Its files are the importer's own, until they are deleted.
    assertThat(rest("DELETE", at, null, null).statusCode()).isEqualTo(204);
  }

  private static String user(String externalId) {
    return database
        .rows(
            "SELECT user_id FROM user_identifiers WHERE type = 'external_id' AND value = '%s'"
                .formatted(externalId))
        .getFirst();
  }

  private static HttpResponse<String> erase(String type, String value, boolean suppress)
      throws Exception {
    return erase(hub.url(), type, value, suppress);
  }

  private static HttpResponse<String> erase(String url, String type, String value, boolean suppress)
      throws Exception {
    return rest(
        url,
        "POST",
        "/api/erasures",
        "{\"identifiers\":[{\"type\":\"%s\",\"value\":\"%s\"}],\"suppress\":%s}"
            .formatted(type, value, suppress),
        "application/json");
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return rest("GET", path, null, null);
  }

  private static HttpResponse<String> rest(
      String method, String path, @Nullable String body, @Nullable String type) throws Exception {
    return rest(hub.url(), method, path, body, type);
  }

  private static HttpResponse<String> rest(
      String url, String method, String path, @Nullable String body, @Nullable String type)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Authorization", "Bearer " + TOKEN)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (type != null) {
      request.header("Content-Type", type);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }
}
