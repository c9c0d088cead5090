package dev.selfsame.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.connection.Connections;
import dev.selfsame.connection.Drivers;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.secret.Secrets;
import dev.selfsame.source.warehouse.SyncSettings;
import dev.selfsame.source.warehouse.Syncs;
import dev.selfsame.store.Database;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code /api/connections} and {@code /api/syncs}, on a real server and two real databases. */
final class SyncsApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase warehouse = TestDatabase.empty();
  @TempDir static Path data;

  private static final String TOKEN = "token-of-the-operator-1234";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static HttpServer server;
  private static Pipeline pipeline;
  private static Syncs syncs;
  private static String readToken;

  @BeforeAll
  static void start() {
    Database database = hub.open();
    pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, traits -> {});
    pipeline.start();
    StoredAccess access =
        new StoredAccess(
            new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system());
    readToken = access.issueToken("reader", Access.Scope.READ).secret();
    Connections connections =
        new Connections(
            database,
            "default",
            Secrets.of(data, Map.of()),
            new Drivers(data.resolve("drivers")),
            InstantSource.system());
    syncs =
        new Syncs(
            database,
            "default",
            connections,
            pipeline,
            () -> Preview.open("default", database.sessions("preview")),
            SyncSettings.DEFAULT,
            InstantSource.system());
    server =
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(
                new ConnectionsApi(connections, new Bodies(1024 * 1024)),
                new SyncsApi(syncs, new Bodies(1024 * 1024))),
            access,
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    warehouse.sql(
        "CREATE TABLE people (id text, email text); INSERT INTO people VALUES ('1', 'ann@x.org'),"
            + " ('2', 'bob@x.org'), (NULL, 'cy@x.org')");
  }

  @AfterAll
  static void stop() {
    server.close();
    syncs.close();
    pipeline.close();
  }

  @Test
  void a_warehouse_is_connected_previewed_configured_and_run() throws Exception {
    DatabaseAddress at = warehouse.address();
    String connection =
        JSON.writeValueAsString(
            Map.of(
                "name",
                "dwh",
                "url",
                at.url(),
                "user",
                at.user(),
                "password",
                String.valueOf(at.password())));
    assertThat(call("POST", "/api/connections", connection, readToken).statusCode()).isEqualTo(403);
    HttpResponse<String> added = call("POST", "/api/connections", connection, TOKEN);
    assertThat(added.statusCode()).as(added.body()).isEqualTo(201);
    assertThat(added.body()).doesNotContain(String.valueOf(at.password()));
    assertThat(call("POST", "/api/connections", connection, TOKEN).statusCode()).isEqualTo(409);
    JsonNode listed = data(call("GET", "/api/connections", null, readToken));
    assertThat(listed.get(0).get("hasPassword").asBoolean()).isTrue();
    assertThat(listed.get(0).has("password")).isFalse();
    assertThat(data(call("POST", "/api/connections/dwh/test", null, TOKEN)).has("now")).isTrue();

    String sync =
        "{\"name\": \"users\", \"connection\": \"dwh\", \"query\": \"SELECT * FROM people ORDER BY"
            + " id\"}";
    assertThat(call("POST", "/api/syncs", sync, TOKEN).statusCode()).isEqualTo(201);
    assertThat(call("POST", "/api/syncs/users/runs", null, TOKEN).statusCode()).isEqualTo(409);
    JsonNode preview = data(call("POST", "/api/syncs/users/preview?rows=2", null, TOKEN));
    assertThat(preview.get("rows")).hasSize(2);
    assertThat(preview.get("columns").get(1).get("looksLike").asString()).isEqualTo("email");
    assertThat(
            data(call(
                    "POST",
                    "/api/syncs/preview",
                    "{\"connection\": \"dwh\", \"query\": \"SELECT 7 AS n\"}",
                    TOKEN))
                .get("rows")
                .toString())
        .isEqualTo("[{\"n\":7}]");
    assertThat(call("POST", "/api/syncs/users/preview?rows=101", null, TOKEN).statusCode())
        .isEqualTo(400);
    assertThat(call("PUT", "/api/syncs/users/mapping", "{\"externalId\": \"nr\"}", TOKEN).body())
        .contains("source_invalid", "did you mean id?");
    JsonNode configured =
        data(
            call(
                "PUT",
                "/api/syncs/users/mapping",
                "{\"externalId\": \"id\", \"email\": \"email\", \"traits\": []}",
                TOKEN));
    assertThat(configured.get("mapping").get("externalId").asString()).isEqualTo("id");
    assertThat(configured.get("updateOnly").asBoolean()).isFalse();
    assertThat(configured.get("mapping").get("replaceAccounts").asBoolean()).isFalse();
    assertThat(
            call(
                    "PUT",
                    "/api/syncs/users/mapping",
                    "{\"externalId\": \"id\", \"replaceAccounts\": true}",
                    TOKEN)
                .body())
        .contains("source_invalid", "name the accounts' column");
    assertThat(
            data(call(
                    "PUT",
                    "/api/syncs/users/mapping",
                    "{\"externalId\": \"id\", \"email\": \"email\", \"accounts\": \"email\","
                        + " \"replaceAccounts\": true}",
                    TOKEN))
                .at("/mapping/replaceAccounts")
                .asBoolean())
        .isTrue();
    data(
        call(
            "PUT",
            "/api/syncs/users/mapping",
            "{\"externalId\": \"id\", \"email\": \"email\"}",
            TOKEN));

    HttpResponse<String> begun = call("POST", "/api/syncs/users/runs", null, TOKEN);
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
    String place = begun.headers().firstValue("Location").orElseThrow();
    JsonNode run = data(call("GET", place, null, readToken));
    for (int i = 0; i < 600 && run.get("state").asString().equals("running"); i++) {
      Thread.sleep(50);
      run = data(call("GET", place, null, readToken));
    }
    assertThat(run.get("state").asString()).as(run.toString()).isEqualTo("done");
    assertThat(run.get("result").get("created").asInt()).isEqualTo(2);
    assertThat(run.get("result").get("rejected").toString()).isEqualTo("{\"no_id\":1}");
    assertThat(data(call("GET", "/api/syncs/users/runs?limit=1", null, readToken))).hasSize(1);
    assertThat(hub.rows("SELECT external_id, email FROM users ORDER BY 1"))
        .containsExactly("1|ann@x.org", "2|bob@x.org");
    String schedule = "{\"schedule\": \"6h\", \"leftRows\": \"mark\", \"shadow\": true}";
    assertThat(call("PUT", "/api/syncs/users/schedule", schedule, readToken).statusCode())
        .isEqualTo(403);
    JsonNode scheduled = data(call("PUT", "/api/syncs/users/schedule", schedule, TOKEN));
    assertThat(scheduled.get("schedule").asString()).isEqualTo("6h");
    assertThat(scheduled.get("leftRows").asString()).isEqualTo("mark");
    assertThat(scheduled.get("shadow").asBoolean()).isTrue();
    assertThat(scheduled.get("due").isNull()).isFalse();
    assertThat(call("PUT", "/api/syncs/users/schedule", "{\"schedule\": \"6x\"}", TOKEN).body())
        .contains("source_invalid");
    assertThat(call("PUT", "/api/syncs/users/schedule", "{\"leftRows\": \"drop\"}", TOKEN).body())
        .contains("keep, report or mark");
    assertThat(data(call("PUT", "/api/syncs/users/schedule", "{}", TOKEN)).get("due").isNull())
        .isTrue();
    HttpResponse<String> none = call("POST", "/api/syncs/users/cancel", null, TOKEN);
    assertThat(none.statusCode()).isEqualTo(409);
    assertThat(none.body()).contains("no_run");
    assertThat(call("DELETE", "/api/connections/dwh", null, TOKEN).statusCode()).isEqualTo(409);
    assertThat(call("GET", "/api/syncs/nobody", null, TOKEN).statusCode()).isEqualTo(404);
    assertThat(call("POST", "/api/syncs", "{\"nam\": \"x\"}", TOKEN).body())
        .contains("invalid_field", "did you mean name?");
  }

  private static JsonNode data(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isLessThan(300);
    return JSON.readTree(response.body()).get("data");
  }

  private static HttpResponse<String> call(
      String method, String path, @Nullable String body, String token) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
