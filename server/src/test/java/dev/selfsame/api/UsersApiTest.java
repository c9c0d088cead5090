package dev.selfsame.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.store.Database;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.SampleUsers;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class UsersApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static final String TOKEN = "sst_a_token_for_tests";
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static HttpServer server;

  @BeforeAll
  static void serve() {
    SampleUsers.insert(hub);
    Database database = hub.open();
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
            List.of(new UsersApi(new Lookup(new UserQueries(database, "default")))),
            new StoredAccess(
                new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system()),
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          externalId=ann-0,                       ann-1
          email=ANN%40x.org,                      ann-1 cy
          billingId=cus_3,                        bea
          identifier=zendesk_id:77,               ann-1
          identifier=email:old@x.org,             ''
          identifier=email:old@x.org&history=true, ann-1
          q=be,                                   bea
          externalId=null,                        ''
          email=nonsense,                         ''
          externalId=a%00b,                       ''
          externalId=nobody,                      ''
          email=ANN%40x.org&source=segment,       ann-1 cy
          email=ANN%40x.org&source=csv,           ''
          email=ANN%40x.org&createdFrom=1970-01-01&createdTo=1970-01-01, ann-1 cy
          email=ANN%40x.org&createdFrom=1970-01-02, ''
          q=be&withoutBillingId=true,             ''
          q=be&createdTo=1970-01-01,              bea
          """)
  void finds(String query, String users) throws Exception {
    HttpResponse<String> response = get("/api/users?" + query);
    assertThat(response.statusCode()).isEqualTo(200);
    List<String> found = new ArrayList<>();
    JSON.readTree(response.body())
        .get("data")
        .forEach(user -> found.add(user.get("externalId").asString()));
    assertThat(String.join(" ", found)).isEqualTo(users);
  }

  @Test
  void a_user_has_these_fields_and_null_for_what_is_empty() throws Exception {
    assertThat(json("/api/users?billingId=cus_5"))
        .isEqualTo(
            JSON.readTree(
                """
                {"data": [{"id": "%s", "externalId": null, "email": "dan@x.org", "name": null, "billingId": "cus_5",
                  "createdAt": "1970-01-01T00:00:05Z", "updatedAt": "1970-01-01T00:00:05Z", "traits": {}}],
                 "links": {"self": "/api/users?billingId=cus_5"}}
                """
                    .formatted(SampleUsers.id(5))));
  }

  @Test
  void a_single_user_has_its_identifiers_too() throws Exception {
    JsonNode user = json("/api/users/" + SampleUsers.id(1)).get("data");
    assertThat(user.propertyNames())
        .containsExactly(
            "id",
            "externalId",
            "email",
            "name",
            "billingId",
            "createdAt",
            "updatedAt",
            "traits",
            "identifiers");
    assertThat(user.get("identifiers").get(0))
        .isEqualTo(
            JSON.readTree(
                """
                {"type": "zendesk_id", "value": "77", "display": "77", "current": true, "source": "segment",
                 "firstSeen": "1970-01-01T00:00:00.500Z", "lastSeen": "1970-01-01T00:00:00.600Z"}
                """));
  }

  @Test
  void an_absorbed_user_is_gone_and_says_where_to() throws Exception {
    HttpResponse<String> response = get("/api/users/" + SampleUsers.id(3));
    assertThat(response.statusCode()).isEqualTo(410);
    assertThat(response.headers().firstValue("Link"))
        .hasValue("</api/users/" + SampleUsers.id(2) + ">; rel=\"canonical\"");
    assertThat(JSON.readTree(response.body()).at("/errors/0/code").asString())
        .isEqualTo("user_merged");
    assertThat(get("/api/users/" + SampleUsers.id(3) + "/decisions").headers().firstValue("Link"))
        .hasValue("</api/users/" + SampleUsers.id(2) + "/decisions>; rel=\"canonical\"");
  }

  @Test
  void what_is_no_user_is_not_found() throws Exception {
    for (String path :
        List.of(
            "/api/users/nobody",
            "/api/users/" + SampleUsers.id(999),
            "/api/users/1-1-1-1-1",
            "/api/users/x/decisions")) {
      HttpResponse<String> response = get(path);
      assertThat(response.statusCode()).as(path).isEqualTo(404);
      assertThat(JSON.readTree(response.body()).at("/errors/0/code").asString())
          .isEqualTo("not_found");
    }
  }

  @Test
  void decisions_tell_the_rule_in_words_and_what_it_changed() throws Exception {
    JsonNode page = json("/api/users/" + SampleUsers.id(1) + "/decisions?limit=1");
    JsonNode decision = page.at("/data/0");
    assertThat(decision.get("code").asString()).isEqualTo("K9");
    assertThat(decision.get("sentence").asString())
        .isEqualTo("The user with this id was updated; nobody else has this email.");
    assertThat(decision.at("/checks/0/code").asString()).isEqualTo("K21");
    assertThat(decision.at("/flags/0").asString()).isEqualTo("same_email");
    assertThat(
            decision
                .at("/before/" + SampleUsers.id(1) + "/identifiers/email:old@x.org/current")
                .asBoolean())
        .isTrue();
    JsonNode next = json(page.at("/links/next").asString());
    assertThat(next.at("/data/0/code").asString()).isEqualTo("K3");
    assertThat(next.at("/links/next").isMissingNode()).isTrue();
  }

  @Test
  void a_list_links_to_its_next_page() throws Exception {
    List<String> seen = new ArrayList<>();
    String next = "/api/users?limit=2";
    while (next != null) {
      JsonNode page = json(next);
      page.get("data").forEach(user -> seen.add(user.get("id").asString()));
      next = page.at("/links/next").isMissingNode() ? null : page.at("/links/next").asString();
    }
    assertThat(seen)
        .containsExactly(
            SampleUsers.id(1), SampleUsers.id(2), SampleUsers.id(4), SampleUsers.id(5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /api/users?emial=x              | emial      | did you mean email?
          /api/users?external_id=x        | external_id | did you mean externalId?
          /api/users?source=segmnt        | source     | did you mean segment?
          /api/users?flagged=yes          | flagged    | true or false
          /api/users?createdFrom=2026-1-1 | createdFrom | a day such as
          /api/users?createdFrom=2026-01-02&createdTo=2026-01-01 | createdTo | before the first
          /api/users?limit=0              | limit      | expected 1 to 1000
          /api/users?limit=many           | limit      | whole number
          /api/users?identifier=x         | identifier | type:value
          /api/users?history=yes          | history    | true or false
          /api/users?cursor=x             | cursor     | not one
          /api/users?email=a&email=b      | email      | 2 times
          /api/users/ID/decisions?limt=1  | limt       | did you mean limit?
          /api/users/ID?limit=1           | limit      | no parameters
          """)
  void a_wrong_parameter_is_named(String path, String parameter, String words) throws Exception {
    HttpResponse<String> response = get(path.replace("ID", SampleUsers.id(1)));
    assertThat(response.statusCode()).isEqualTo(400);
    JsonNode error = JSON.readTree(response.body()).at("/errors/0");
    assertThat(error.get("code").asString()).isEqualTo("invalid_parameter");
    assertThat(error.at("/source/parameter").asString()).isEqualTo(parameter);
    assertThat(error.get("detail").asString()).contains(words);
  }

  @Test
  void nothing_is_read_without_a_token() throws Exception {
    for (String path :
        List.of("/api/users", "/api/users/" + SampleUsers.id(1), "/api/users/x/decisions")) {
      HttpResponse<String> response =
          CLIENT.send(
              HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).as(path).isEqualTo(401);
    }
  }

  private static JsonNode json(String path) throws Exception {
    HttpResponse<String> response = get(path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .header("Authorization", "Bearer " + TOKEN)
            .build(),
        BodyHandlers.ofString());
  }
}
