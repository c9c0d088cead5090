package dev.selfsame.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.Program;
import dev.selfsame.replay.History;
import dev.selfsame.replay.Past;
import dev.selfsame.replay.Replay;
import dev.selfsame.source.Channels;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.testing.Describe;
import dev.selfsame.testing.StoredUsers;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Taking back adoptions and links (U2) over REST, on the demo's users and on new ones. */
final class UnlinkTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir static Path data;

  private static final String KEY = "a-key-of-mine-0000";
  private static final String TOKEN = "a-token-of-mine-000";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Hub running;

  @BeforeAll
  static void start() {
    running =
        Hub.start(
            new Program.Start(data, hub.address().full(), "127.0.0.1:0", 0, null, null, null, true),
            Map.of("SELFSAME_WRITE_KEY", KEY, "SELFSAME_TOKEN", TOKEN),
            line -> {});
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  private record Answer(int status, JsonNode body) {
    JsonNode data() {
      return body.get("data");
    }

    String code() {
      return body.path("errors").path(0).path("code").asString("");
    }
  }

  private static Answer send(String method, String path, @Nullable String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(running.url() + path))
            .header("Authorization", "Bearer " + TOKEN)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    HttpResponse<String> response =
        CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  private static void track(String event) throws Exception {
    HttpResponse<String> response =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(running.url() + "/v1/batch"))
                .header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString((KEY + ":").getBytes(UTF_8)))
                .POST(HttpRequest.BodyPublishers.ofString("{\"batch\":[" + event + "]}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
  }

  /** The position of the newest claim decided by that rule. */
  private static String newest(String rule) {
    return hub.rows("SELECT max(position) FROM selfsame.ledger WHERE rule = '" + rule + "'")
        .getFirst();
  }

  private static JsonNode user(String identifier) throws Exception {
    JsonNode found = send("GET", "/api/users?identifier=" + identifier, null).data();
    assertThat(found.size()).as(identifier).isEqualTo(1);
    return found.get(0);
  }

  @Test
  void U2_an_adopted_id_gets_a_user_of_its_own_with_what_was_said_under_it() throws Exception {
    csv("name,email\nCarol,dora@x.org\n");
    track(
        "{\"type\":\"identify\",\"userId\":\"u2-dora\",\"traits\":{\"email\":\"Dora@x.org\","
            + "\"name\":\"Dora\",\"plan\":\"pro\"}}");
    String link = newest("K4");
    track(
        "{\"type\":\"group\",\"groupId\":\"acme\",\"userId\":\"u2-dora\",\"traits\":{\"name\":\"Acme\"}}");
    track(
        "{\"type\":\"identify\",\"userId\":\"u2-dora\",\"traits\":{\"email\":\"d@y.org\","
            + "\"seats\":7}}");
    JsonNode adopted = user("external_id:u2-dora");
    List<String> landed =
        hub.rows(
            "SELECT user_id, email, name, plan, seats FROM segment.users WHERE user_id ="
                + " 'u2-dora'");

    JsonNode listed =
        send("GET", "/api/merges?kind=link&user=" + adopted.get("id").asString(), null).data();
    assertThat(listed.size()).isEqualTo(1);
    assertThat(listed.get(0).get("id").asString()).isEqualTo(link);
    assertThat(listed.get(0).get("code").asString()).isEqualTo("K4");
    assertThat(listed.get(0).get("state").asString()).isEqualTo("live");
    assertThat(listed.get(0).get("identifiers").toString())
        .isEqualTo("[{\"type\":\"external_id\",\"value\":\"u2-dora\"}]");

    Answer dry = send("POST", "/api/merges/" + link + "/undo", "{\"dryRun\": true}");
    assertThat(dry.status()).as(dry.body().toString()).isEqualTo(200);
    assertThat(user("external_id:u2-dora")).isEqualTo(adopted);

    Answer done = send("POST", "/api/merges/" + link + "/undo", null);
    assertThat(done.status()).as(done.body().toString()).isEqualTo(200);
    assertThat(withoutIds(done.data().get("users"))).isEqualTo(withoutIds(dry.data().get("users")));
    JsonNode left = send("GET", "/api/users/" + adopted.get("id").asString(), null).data();
    assertThat(left.get("id")).isEqualTo(adopted.get("id"));
    assertThat(left.get("name").asString()).isEqualTo("Carol");
    assertThat(left.path("externalId").isNull() || left.path("externalId").isMissingNode())
        .isTrue();
    JsonNode own = user("external_id:u2-dora");
    assertThat(own.get("id")).isNotEqualTo(adopted.get("id"));
    assertThat(own.get("name").asString()).isEqualTo("Dora");
    assertThat(own.get("email").asString()).isEqualTo("d@y.org");
    assertThat(
            hub.rows(
                "SELECT user_id, email, name, plan, seats FROM segment.users WHERE user_id ="
                    + " 'u2-dora'"))
        .isEqualTo(landed);
    assertThat(
            hub.rows(
                "SELECT user_id FROM account_users l JOIN accounts a ON a.id = l.account_id WHERE"
                    + " a.external_id = 'acme'"))
        .containsExactly(own.get("id").asString());

    Answer twice = send("POST", "/api/merges/" + link + "/undo", null);
    assertThat(twice.status()).isEqualTo(409);
    assertThat(twice.code()).isEqualTo("already_undone");
    JsonNode link1 = send("GET", "/api/merges/" + link, null).data();
    assertThat(link1.get("state").asString()).isEqualTo("undone");
    assertThat(link1.get("newUser")).isEqualTo(own.get("id"));
    JsonNode why =
        send("GET", "/api/explain?a=external_id:u2-dora&b=" + adopted.get("id").asString(), null)
            .data();
    assertThat(why.toString()).contains("kept_apart");
    JsonNode story =
        send("GET", "/api/users/" + adopted.get("id").asString() + "/timeline", null).data();
    assertThat(story.get(0).get("code").asString()).isEqualTo("U2");

    // Their next claims do not join them.
    track("{\"type\":\"identify\",\"userId\":\"u2-dora\",\"traits\":{\"email\":\"dora@x.org\"}}");
    assertThat(user("external_id:u2-dora").get("id")).isEqualTo(own.get("id"));
    assertThat(
            hub.rows("SELECT rule FROM selfsame.ledger ORDER BY position DESC LIMIT 1").getFirst())
        .isEqualTo("K10b");
  }

  @Test
  void U2_an_account_belongs_to_whoever_of_the_two_names_it() throws Exception {
    csv("name,email\nEve,eve@x.org\n");
    track("{\"type\":\"identify\",\"userId\":\"u2-eve\",\"traits\":{\"email\":\"eve@x.org\"}}");
    String link = newest("K4");
    String whole = user("external_id:u2-eve").get("id").asString();
    track("{\"type\":\"identify\",\"userId\":\"u2-kim\",\"traits\":{\"email\":\"kim@x.org\"}}");
    Answer moved =
        send(
            "POST",
            "/api/users/" + user("external_id:u2-kim").get("id").asString() + "/identifiers/move",
            "{\"type\": \"external_id\", \"value\": \"u2-kim\", \"to\": \"%s\"}".formatted(whole));
    assertThat(moved.status()).as(moved.body().toString()).isEqualTo(200);
    group("first-eves", "u2-eve");
    group("first-eves", "u2-kim");
    group("first-kims", "u2-kim");
    group("first-kims", "u2-eve");
    group("eves", "u2-eve");
    group("kims", "u2-kim");

    Answer done = send("POST", "/api/merges/" + link + "/undo", null);

    assertThat(done.status()).as(done.body().toString()).isEqualTo(200);
    String own = user("external_id:u2-eve").get("id").asString();
    assertThat(user("external_id:u2-kim").get("id").asString()).isEqualTo(whole);
    assertThat(own).isNotEqualTo(whole);
    assertThat(accounts(own)).containsExactly("eves", "first-eves", "first-kims");
    assertThat(accounts(whole)).containsExactly("first-eves", "first-kims", "kims");
    decidedAgain();
    // Nothing is left to say of them.
    long links = Long.parseLong(hub.rows("SELECT count(*) FROM selfsame.account_part").getFirst());
    group("first-eves", "u2-kim");
    group("first-kims", "u2-eve");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.account_part"))
        .containsExactly(Long.toString(links));
  }

  private static void group(String account, String userId) throws Exception {
    track("{\"type\":\"group\",\"groupId\":\"%s\",\"userId\":\"%s\"}".formatted(account, userId));
  }

  private static List<String> accounts(String user) {
    return hub.rows(
        "SELECT a.external_id FROM account_users l JOIN accounts a ON a.id = l.account_id WHERE"
            + " l.user_id = '%s' ORDER BY 1".formatted(user));
  }

  /** A user without an id, as an import makes it. */
  private static void csv(String sheet) throws Exception {
    Answer upload = send("POST", "/api/imports", sheet);
    assertThat(upload.status()).as(upload.body().toString()).isBetween(200, 202);
    String id = upload.data().get("id").asString();
    for (int i = 0; i < 300; i++) {
      String state = send("GET", "/api/imports/" + id, null).data().get("state").asString();
      if (state.equals("done")) {
        return;
      }
      assertThat(state).isIn("waiting", "checking", "importing");
      Thread.sleep(100);
    }
    throw new AssertionError("The import does not end");
  }

  private static List<String> withoutIds(JsonNode users) {
    List<String> all = new ArrayList<>();
    users.forEach(user ->
        all.add(
            user.toString()
                .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID")
                .replaceAll("\"(createdAt|updatedAt)\":\"[^\"]*\"", "TIME")));
    return all;
  }

  @Test
  void U2_links_of_the_demo_can_be_taken_back() throws Exception {
    List<String> links =
        hub.rows(
            "SELECT position, rule FROM (SELECT position, rule, row_number() OVER (PARTITION BY"
                + " rule ORDER BY position DESC) AS nth FROM selfsame.ledger WHERE rule IN ('K4',"
                + " 'S2', 'R3', 'R3b') AND outcome = 'updated') l WHERE nth <= 6 ORDER BY position"
                + " DESC");
    Set<String> rules = new TreeSet<>();
    Map<String, Integer> refused = new HashMap<>();
    Set<String> before = identifiers();
    for (String each : links) {
      String link = each.split("\\|", -1)[0];
      Answer dry = send("POST", "/api/merges/" + link + "/undo", "{\"dryRun\": true}");
      Answer done = send("POST", "/api/merges/" + link + "/undo", null);
      assertThat(done.status()).as("%s: %s", each, done.body()).isEqualTo(dry.status());
      if (done.status() == 200) {
        rules.add(done.data().get("link").get("code").asString());
        assertThat(withoutIds(done.data().get("users")))
            .isEqualTo(withoutIds(dry.data().get("users")));
        assertThat(done.data().get("users").size()).as(each).isEqualTo(2);
      } else {
        refused.merge(done.code(), 1, Integer::sum);
      }
    }
    assertThat(rules).containsExactly("K4", "R3", "S2");
    assertThat(new HashSet<>(Set.of("not_held", "already_undone", "unknown_merge")))
        .containsAll(refused.keySet());
    assertThat(identifiers()).isEqualTo(before);
    decidedAgain();
  }

  /** What the acts did can be told again from what the ledger keeps of them (I6). */
  private static void decidedAgain() {
    History history = new History(new StoredLedger(hub.open(), "default"), Channels.readers());
    Replay replay = Replay.of(history);
    history.tell(
        0,
        history.now().position(),
        past -> {
          if (past instanceof Past.Said said) {
            assertThat(Replay.same(replay.decide(said), said.row()))
                .as("decided again at %d: %s", said.row().position(), said.row())
                .isTrue();
          }
        });
    assertThat(Describe.differences(StoredUsers.all(hub), replay.users())).isEmpty();
  }

  private static Set<String> identifiers() {
    return new TreeSet<>(
        hub.rows(
            "SELECT type || ':' || value FROM user_identifiers WHERE type <> 'email' ORDER BY 1"));
  }

  @Test
  void U2_refuses_what_cannot_be_meant() throws Exception {
    assertThat(send("POST", "/api/merges/999999999/undo", null).code()).isEqualTo("unknown_merge");
    assertThat(send("GET", "/api/merges?kind=link", null).body().toString())
        .contains("Links are listed for one user");
    assertThat(send("GET", "/api/merges?kind=other", null).body().toString())
        .contains("merge or link");
    String created = Objects.requireNonNull(newest("K3"));
    assertThat(send("POST", "/api/merges/" + created + "/undo", null).code())
        .isEqualTo("unknown_merge");
  }
}
