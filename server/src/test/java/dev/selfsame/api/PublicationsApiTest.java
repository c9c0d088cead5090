package dev.selfsame.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Access;
import dev.selfsame.access.Actor;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.connection.Connections;
import dev.selfsame.connection.Drivers;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.publish.Publications;
import dev.selfsame.publish.PublishSettings;
import dev.selfsame.secret.Secrets;
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

/** {@code /api/publications}, on a real server and two real databases. */
final class PublicationsApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase warehouse = TestDatabase.empty();
  @TempDir static Path data;

  private static final String PATH = "/api/publications";
  private static final String TOKEN = "token-of-the-operator-1234";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static HttpServer server;
  private static Publications publications;
  private static String readToken;
  private static String writeToken;

  @BeforeAll
  static void start() {
    Database database = hub.open();
    StoredAccess access =
        new StoredAccess(
            new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system());
    readToken = access.issueToken("reader", Access.Scope.READ).secret();
    writeToken = access.issueToken("writer", Access.Scope.WRITE).secret();
    Connections connections =
        new Connections(
            database,
            "default",
            Secrets.of(data, Map.of()),
            new Drivers(data.resolve("drivers")),
            InstantSource.system());
    DatabaseAddress at = warehouse.address();
    connections.add(
        "dwh", at.url(), at.user(), at.password(), Map.of(), false, new Actor("cli:ann", null));
    publications =
        new Publications(
            database,
            "default",
            connections,
            data.resolve("publishing"),
            PublishSettings.DEFAULT,
            InstantSource.system());
    server =
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(new PublicationsApi(publications, new Bodies(1024 * 1024))),
            access,
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @AfterAll
  static void stop() {
    server.close();
    publications.close();
  }

  @Test
  void a_publication_is_added_run_listed_and_removed() throws Exception {
    String who =
        "{\"name\": \"who\", \"connection\": \"dwh\", \"schema\": \"crm\", \"everySeconds\": 60}";
    assertThat(call("POST", PATH, who, writeToken).statusCode()).isEqualTo(403);
    JsonNode added = data(call("POST", PATH, who, TOKEN));
    assertThat(added.get("schema").asString()).isEqualTo("crm");
    assertThat(added.get("everySeconds").asInt()).isEqualTo(60);
    assertThat(added.get("position").isNull()).isTrue();
    assertThat(call("POST", PATH, who, TOKEN).body()).contains("publication_exists");
    assertThat(call("POST", PATH, who.replace("60", "\"often\""), TOKEN).body())
        .contains("must be a whole number");
    assertThat(call("POST", PATH, "{\"name\": \"x\"}", TOKEN).body())
        .contains("publication_invalid");
    assertThat(
            call(
                    "POST",
                    PATH,
                    "{\"name\": \"x\", \"directory\": \"here\", \"format\": \"csv\"}",
                    TOKEN)
                .body())
        .contains("publication_invalid", "whole path");
    assertThat(
            call("POST", PATH, "{\"name\": \"x\", \"connection\": \"dwh\", \"dir\": \"/x\"}", TOKEN)
                .body())
        .contains("invalid_field", "did you mean");

    assertThat(call("POST", PATH + "/who/runs", null, readToken).statusCode()).isEqualTo(403);
    HttpResponse<String> begun = call("POST", PATH + "/who/runs", null, writeToken);
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
    JsonNode run = ended(begun.headers().firstValue("Location").orElseThrow());
    assertThat(run.get("state").asString()).as(run.toString()).isEqualTo("done");
    assertThat(run.get("result").get("full").asBoolean()).isTrue();
    assertThat(run.get("result").get("rows").get("users").asInt()).isZero();
    assertThat(warehouse.rows("SELECT count(*) FROM crm.users")).containsExactly("0");
    assertThat(data(call("GET", PATH + "/who/runs/latest", null, readToken)).get("id"))
        .isEqualTo(run.get("id"));
    assertThat(data(call("GET", PATH, null, readToken))).hasSize(1);
    assertThat(data(call("GET", PATH + "/who", null, readToken)).get("position").asInt()).isZero();

    warehouse.sql("DROP TABLE crm.users");
    JsonNode failed =
        ended(
            call("POST", PATH + "/who/runs", null, TOKEN)
                .headers()
                .firstValue("Location")
                .orElseThrow());
    assertThat(failed.get("state").asString()).isEqualTo("failed");
    assertThat(failed.get("error").get("code").asString()).isEqualTo("publish_changed");
    JsonNode full =
        ended(
            call("POST", PATH + "/who/runs?full=true", null, TOKEN)
                .headers()
                .firstValue("Location")
                .orElseThrow());
    assertThat(full.get("state").asString()).as(full.toString()).isEqualTo("done");
    assertThat(data(call("GET", PATH + "/who/runs?limit=2", null, readToken))).hasSize(2);

    assertThat(call("DELETE", PATH + "/who", null, writeToken).statusCode()).isEqualTo(403);
    assertThat(call("DELETE", PATH + "/who", null, TOKEN).statusCode()).isEqualTo(204);
    assertThat(call("GET", PATH + "/who", null, TOKEN).statusCode()).isEqualTo(404);
    assertThat(hub.rows("SELECT act FROM selfsame.act WHERE act LIKE '%publication' ORDER BY at"))
        .containsExactly("add_publication", "remove_publication");
  }

  private static JsonNode ended(String place) throws Exception {
    JsonNode run = data(call("GET", place, null, readToken));
    for (int i = 0; i < 600 && run.get("state").asString().equals("running"); i++) {
      Thread.sleep(50);
      run = data(call("GET", place, null, readToken));
    }
    return run;
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
