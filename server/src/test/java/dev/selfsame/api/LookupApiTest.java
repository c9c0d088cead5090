package dev.selfsame.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.http.Bodies;
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
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/lookup}, on a real server and database. */
final class LookupApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static final String TOKEN = "sst_a_token_for_tests";
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static HttpServer server;

  @BeforeAll
  static void serve() {
    SampleUsers.insert(hub);
    hub.sql(
        """
        INSERT INTO selfsame.source (space, number, name, channel, settings)
        VALUES (1, 7, 'pipedrive', 'record', '{"id_type": "pipedrive_id"}');
        INSERT INTO selfsame.part (space, id, compound, more_identifiers, email_shared, created_position, created_at, said_at, source,
          weak, updated_at, email)
        SELECT 1, ('01950000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, false, false, true, 100 + n, 0, 0, 1, false, 0,
          'shared@x.org'
        FROM generate_series(1, 25) n;
        INSERT INTO selfsame.part (space, id, compound, more_identifiers, email_shared, created_position, created_at, said_at, source,
          weak, updated_at, external_id, email)
        SELECT 1, ('01960000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, false, true, false, 1000 + n, 0, 0, 1, false, 0,
          'many-' || n, 'many-' || n || '@x.org'
        FROM generate_series(1, 3000) n;
        INSERT INTO selfsame.identifier (space, type, value, part, current, deleted, weak, source, at, position, first_seen,
          last_seen)
        SELECT 1, 'zendesk_id', 'z' || n, ('01960000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, true, false, true, 1, 0,
          1000 + n, 0, 0
        FROM generate_series(1, 3000) n
        """);
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
            List.of(
                new LookupApi(
                    new Lookup(new UserQueries(database, "default")), new Bodies(8 * 1024 * 1024))),
            new StoredAccess(
                new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system()),
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void every_tools_ids_of_a_person_at_once() throws Exception {
    HttpResponse<String> response = get("?identifier=zendesk_id:77&email=shop%40x.org");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(JSON.readTree(response.body()))
        .isEqualTo(
            JSON.readTree(
                """
                {"data": [
                  {"type": "zendesk_id", "value": "77", "users": [
                    {"id": "%s", "externalId": "ann-1", "email": "ann@x.org", "name": "Ann", "ids": {
                      "email": [{"value": "ann@x.org", "current": true}, {"value": "old@x.org", "current": false}],
                      "external_id": [{"value": "ann-1", "current": true}, {"value": "ann-0", "current": false}],
                      "zendesk_id": [{"value": "77", "current": true}]}}], "more": false},
                  {"type": "email", "value": "shop@x.org", "users": [
                    {"id": "%s", "externalId": "bea", "email": "bea@x.org", "name": "Bea", "ids": {
                      "email": [{"value": "bea@x.org", "current": true}, {"value": "shop@x.org", "current": true}],
                      "external_id": [{"value": "bea", "current": true}],
                      "stripe_id": [{"value": "cus_3", "current": true}]}}], "more": false}],
                 "links": {"self": "/api/lookup?identifier=zendesk_id:77&email=shop%%40x.org"}}
                """
                    .formatted(SampleUsers.id(1), SampleUsers.id(2))));
  }

  /** Each case is asked alone in a URL, and all together in one body. */
  private static final List<String[]> WHO =
      List.of(
          new String[] {"ann@x.org", "1 4"},
          new String[] {"  ANN@X.org ", "1 4"},
          new String[] {"email:ann@x.org", "1 4"},
          new String[] {"old@x.org", ""},
          new String[] {"nobody@x.org", ""},
          new String[] {"email:no-at-sign", ""},
          new String[] {"external_id:ann-0", "1"},
          new String[] {"external_id: ann-1 ", "1"},
          new String[] {"external_id:ANN-1", ""},
          new String[] {"external_id:null", ""},
          new String[] {"external_id:mail@x.org:1", ""},
          new String[] {"stripe_id:cus_4", "5"},
          new String[] {"stripe_id:4711", "4"},
          new String[] {"chargebee_id:cus_3", ""},
          new String[] {"billing_id:cus_3", "2"},
          new String[] {"zendesk_id:77", "1"},
          new String[] {"intercom_id:77", ""},
          new String[] {"pipedrive_id:77", ""},
          new String[] {"fallback:crm:x:y", ""},
          new String[] {"zendesk_id:77", "1"});

  @Test
  void values_match_as_in_an_event_in_the_order_asked() throws Exception {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode values = body.putArray("values");
    for (String[] who : WHO) {
      JsonNode alone =
          json(get("?identifier=" + URLEncoder.encode(who[0], StandardCharsets.UTF_8)));
      assertThat(numbers(alone.at("/data/0"))).as(who[0]).isEqualTo(who[1]);
      values.add(who[0]);
    }
    JsonNode together = json(post(body.toString())).get("data");
    assertThat(together).hasSize(WHO.size());
    for (int i = 0; i < WHO.size(); i++) {
      assertThat(numbers(together.get(i))).as(WHO.get(i)[0]).isEqualTo(WHO.get(i)[1]);
    }
    assertThat(together.get(1).get("type").asString()).isEqualTo("email");
    assertThat(together.get(1).get("value").asString()).isEqualTo("ANN@X.org");
  }

  @Test
  void a_value_may_be_an_object_and_an_id_a_whole_number() throws Exception {
    JsonNode data =
        json(post(
                """
                {"values": [{"type": "zendesk_id", "value": 77}, {"type": "email", "value": "Bea@x.org"},
                            {"type": "external_id", "value": 12345678901234567890123}]}
                """))
            .get("data");
    assertThat(numbers(data.get(0))).isEqualTo("1");
    assertThat(numbers(data.get(1))).isEqualTo("2");
    assertThat(data.get(2).get("value").asString()).isEqualTo("12345678901234567890123");
    assertThat(data.get(2).get("users")).isEmpty();
  }

  @Test
  void of_an_email_that_many_share_some_are_told_and_that_there_are_more() throws Exception {
    JsonNode match = json(get("?email=shared@x.org")).at("/data/0");
    assertThat(match.get("users")).hasSize(20);
    assertThat(match.get("more").asBoolean()).isTrue();
    assertThat(match.at("/users/0/id").asString()).endsWith("0001");
  }

  @Test
  void a_former_email_matches_where_the_policy_says_so() throws Exception {
    hub.sql("UPDATE selfsame.policy SET settings = '{\"match_previous_emails\": true}'");
    try {
      assertThat(numbers(json(get("?email=old@x.org")).at("/data/0"))).isEqualTo("1");
    } finally {
      hub.sql("UPDATE selfsame.policy SET settings = '{}'");
    }
  }

  @Test
  void a_thousand_values_are_answered_at_once() throws Exception {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode values = body.putArray("values");
    for (int n = 1; n <= 1_000; n++) {
      values.add(n % 2 == 0 ? "zendesk_id:z" + 3 * n : "MANY-" + 3 * n + "@x.org");
    }
    JsonNode data = json(post(body.toString())).get("data");
    assertThat(data).hasSize(1_000);
    for (int n = 1; n <= 1_000; n++) {
      JsonNode users = data.get(n - 1).get("users");
      assertThat(users).hasSize(1);
      assertThat(users.get(0).get("externalId").asString()).isEqualTo("many-" + 3 * n);
      assertThat(users.get(0).at("/ids/zendesk_id/0/value").asString()).isEqualTo("z" + 3 * n);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                  | email      | Say whom to look up
          ?emial=a@x.org                      | emial      | did you mean email?
          ?email=a@x.org&email=               | email      | Value 2 of 2: The value is blank
          ?identifier=%20                     | identifier | Value 1 of 1: The value is blank
          ?identifier=stripe_id:              | identifier | The value is blank
          ?email=a@x.org&identifier=ann       | identifier | Value 2 of 2: A value is an email, or type:value
          ?identifier=zendeks_id:77           | identifier | There is no identifier type zendeks_id; did you mean zendesk_id?
          ?identifier=Email:a@x.org           | identifier | did you mean email?
          ?identifier=pipedrive:1             | identifier | did you mean pipedrive_id?
          ?identifier=external_id:a%00b       | identifier | has a NUL
          ?email=LONG@x.org                   | email      | longer than the 320 characters of an email
          ?identifier=external_id:LONG        | identifier | longer than the 400 characters of an id
          ?email=aMANY                        | email      | 101 values are asked for; expected 1 to 100. POST takes up to 1000
          """)
  void a_wrong_parameter_is_named(String query, String parameter, String words) throws Exception {
    HttpResponse<String> response =
        get(query.replace("LONG", "x".repeat(401)).replace("MANY", "&email=a".repeat(100)));
    assertThat(response.statusCode()).isEqualTo(400);
    JsonNode error = JSON.readTree(response.body()).at("/errors/0");
    assertThat(error.get("code").asString()).isEqualTo("invalid_parameter");
    assertThat(error.at("/source/parameter").asString()).isEqualTo(parameter);
    assertThat(error.get("detail").asString()).contains(words).doesNotContain("xxxx");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {}                                                     | /values         | list of 1 to 1000 values
          {"values": []}                                         | /values         | list of 1 to 1000 values
          {"values": "ann@x.org"}                                | /values         | list of 1 to 1000 values
          {"values": [MANY]}                                     | /values         | has 1001 values; expected 1 to 1000
          {"value": ["a@x.org"]}                                 | /value          | did you mean values?
          {"values": ["a@x.org", " "]}                           | /values/1       | blank
          {"values": ["a@x.org", null]}                          | /values/1       | blank
          {"values": ["a@x.org", 77]}                            | /values/1       | an email, or type:value
          {"values": ["a@x.org", true]}                          | /values/1       | this is a boolean
          {"values": ["a@x.org", ["b@x.org"]]}                   | /values/1       | this is a list
          {"values": ["zendeks_id:77"]}                          | /values/0       | did you mean zendesk_id?
          {"values": [{"type": "zendesk", "value": "77"}]}       | /values/0/type  | did you mean zendesk_id?
          {"values": [{"type": "Zendesk\\u0000_id", "value": 1}]} | /values/0/type  | did you mean zendesk_id?
          {"values": [{"type": 7, "value": "77"}]}               | /values/0/type  | must be text
          {"values": [{"value": "77"}]}                          | /values/0/type  | must be text
          {"values": [{"type": "zendesk_id"}]}                   | /values/0/value | blank
          {"values": [{"type": "zendesk_id", "value": ""}]}      | /values/0/value | blank
          {"values": [{"type": "zendesk_id", "value": 7.5}]}     | /values/0/value | a number with a fraction
          {"values": [{"type": "email", "value": 7}]}            | /values/0/value | An email is text
          {"values": [{"type": "zendesk_id", "value": "LONG"}]}  | /values/0/value | longer than the 400 characters
          {"values": [{"type": "zendesk_id", "value": "\\ud800"}]} | /values/0/value | half of a character
          {"values": [{"typ": "zendesk_id", "value": "77"}]}     | /values/0/typ   | did you mean type?
          """)
  void a_wrong_field_is_pointed_at(String body, String pointer, String words) throws Exception {
    HttpResponse<String> response =
        post(
            body.replace("LONG", "x".repeat(401))
                .replace("MANY", "\"a@x.org\"" + ",\"a@x.org\"".repeat(1_000)));
    assertThat(response.statusCode()).isEqualTo(400);
    JsonNode error = JSON.readTree(response.body()).at("/errors/0");
    assertThat(error.get("code").asString()).isEqualTo("invalid_field");
    assertThat(error.at("/source/pointer").asString()).isEqualTo(pointer);
    assertThat(error.get("detail").asString()).contains(words).doesNotContain("xxxx");
  }

  @Test
  void what_is_no_object_or_too_large_is_refused_by_name() throws Exception {
    for (String body : List.of("", "[]", "{\"values\": [", "{\"values\": [1], \"values\": [2]}")) {
      HttpResponse<String> response = post(body);
      assertThat(response.statusCode()).as(body).isEqualTo(400);
      assertThat(JSON.readTree(response.body()).at("/errors/0/code").asString())
          .isEqualTo("malformed_json");
    }
    HttpResponse<String> large = post("{\"values\": [\"" + "x".repeat(1024 * 1024) + "\"]}");
    assertThat(large.statusCode()).isEqualTo(400);
    assertThat(JSON.readTree(large.body()).at("/errors/0/code").asString())
        .isEqualTo("body_too_large");
  }

  @Test
  void an_answer_of_too_many_ids_is_refused() throws Exception {
    hub.sql(
        """
        INSERT INTO selfsame.identifier (space, type, value, part, current, deleted, weak, source, at, position, first_seen,
          last_seen)
        SELECT 1, 'intercom_id', 'i' || n, ('01960000-0000-7000-8000-' || lpad('1', 12, '0'))::uuid, true, false, true, 1, 0,
          1001, 0, 0
        FROM generate_series(1, 998) n
        """);
    String all = "\"many-1@x.org\"" + ",\"zendesk_id:z1\"".repeat(199);
    assertThat(post("{\"values\": [" + all + "]}").statusCode()).isEqualTo(400);
    JsonNode error = JSON.readTree(post("{\"values\": [" + all + "]}").body()).at("/errors/0");
    assertThat(error.at("/source/pointer").asString()).isEqualTo("/values/199");
    assertThat(error.get("detail").asString()).contains("more than 200,000 ids together");
  }

  @Test
  void nothing_is_read_without_a_token() throws Exception {
    for (HttpRequest.Builder request :
        List.of(
            HttpRequest.newBuilder(URI.create(server.url() + "/api/lookup?email=ann@x.org")),
            HttpRequest.newBuilder(URI.create(server.url() + "/api/lookup"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"values\": [\"ann@x.org\"]}")))) {
      assertThat(CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(401);
    }
  }

  /** The sample users that a match found, by their numbers. */
  private static String numbers(@Nullable JsonNode match) {
    List<String> numbers = new ArrayList<>();
    if (match != null) {
      match
          .get("users")
          .forEach(user -> {
            String id = user.get("id").asString();
            numbers.add(id.substring(id.length() - 1));
          });
    }
    return String.join(" ", numbers);
  }

  private static JsonNode json(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static HttpResponse<String> get(String query) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(server.url() + "/api/lookup" + query)));
  }

  private static HttpResponse<String> post(String body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(server.url() + "/api/lookup"))
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(
        request.header("Authorization", "Bearer " + TOKEN).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
