package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.cli.Program;
import dev.selfsame.cli.ServerFile;
import dev.selfsame.testing.TestCertificates;
import dev.selfsame.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class HubTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.empty();
  @RegisterExtension static final TestDatabase failing = TestDatabase.migrated();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Map<String, String> NO_ENVIRONMENT = Map.of();
  @TempDir Path data;

  @Test
  void an_identify_becomes_a_user_that_sql_and_rest_show() throws Exception {
    String key;
    String token;
    try (Hub hub = start(database, NO_ENVIRONMENT)) {
      key = Objects.requireNonNull(hub.newWriteKey());
      token = Objects.requireNonNull(hub.newToken());
      assertThat(key).startsWith("wk_");
      assertThat(token).startsWith("sst_");
      assertThat(Objects.requireNonNull(ServerFile.running(data)).url()).isEqualTo(hub.url());

      assertThat(
              identify(
                      hub,
                      key,
                      "{\"userId\": \"u1\", \"messageId\": \"m1\", \"traits\": {\"email\":"
                          + " \"Ann@x.org\", \"plan\": \"pro\"}}")
                  .body())
          .isEqualTo("{\"success\":true}");
      assertThat(database.rows("SELECT segment_id, email FROM user_identities"))
          .containsExactly("u1|ann@x.org");
      assertThat(database.rows("SELECT id, plan FROM segment.users")).containsExactly("u1|pro");
      assertThat(get(hub, "/api/users?email=ANN@x.org", token).body())
          .contains("\"externalId\":\"u1\"");
      assertThat(get(hub, "/health/ready", token).statusCode()).isEqualTo(200);
      assertThat(get(hub, "/metrics", token).body()).contains("selfsame_intake_waiting");
    }
    assertThat(ServerFile.running(data)).isNull();

    try (Hub hub = start(database, NO_ENVIRONMENT)) {
      assertThat(hub.newWriteKey()).as("secrets are made at the first start alone").isNull();
      assertThat(hub.newToken()).isNull();
      assertThat(get(hub, "/api/users?externalId=u1", token).statusCode()).isEqualTo(200);
    }
    try (Hub hub =
        start(
            database,
            Map.of("SELFSAME_WRITE_KEY", "given", "SELFSAME_TOKEN", "a-token-of-mine-000"))) {
      assertThat(identify(hub, "given", "{\"userId\": \"u2\", \"messageId\": \"m2\"}").statusCode())
          .isEqualTo(200);
      assertThat(get(hub, "/api/users?externalId=u2", "a-token-of-mine-000").body())
          .contains("\"externalId\":\"u2\"");
    }
  }

  @Test
  void with_a_certificate_the_hub_is_found_by_https() throws Exception {
    var certificates = new TestCertificates(data);
    certificates.selfSigned("hub", 2, "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    Path cert = certificates.pem("hub");
    Path key = certificates.key("hub");
    Program.Start start =
        new Program.Start(data, failing.address().full(), "127.0.0.1:0", 0, null, cert, key, false);
    try (Hub hub = Hub.start(start, Map.of("SELFSAME_WRITE_KEY", "given"), line -> {});
        HttpClient client =
            HttpClient.newBuilder().sslContext(certificates.trusting("hub")).build()) {
      assertThat(hub.url()).startsWith("https://127.0.0.1:");
      assertThat(Objects.requireNonNull(ServerFile.running(data)).url()).isEqualTo(hub.url());
      for (String path : List.of("/health/live", "/health/ready")) {
        assertThat(
                client
                    .send(
                        HttpRequest.newBuilder(URI.create(hub.url() + path)).build(),
                        BodyHandlers.ofString())
                    .statusCode())
            .isEqualTo(200);
      }
      assertThat(
              client
                  .send(
                      HttpRequest.newBuilder(URI.create(hub.url() + "/v1/projects/given/settings"))
                          .build(),
                      BodyHandlers.ofString())
                  .body())
          .as("SDKs are told to come by https as well")
          .contains("https");
    }
    assertThatThrownBy(() ->
            Hub.start(
                new Program.Start(
                    data, failing.address().full(), "127.0.0.1:0", 0, null, cert, cert, false),
                NO_ENVIRONMENT,
                line -> {}))
        .hasMessageContaining("There is no key in " + cert);
  }

  @Test
  void a_start_that_fails_leaves_nothing_open() {
    try (Hub hub = start(failing, NO_ENVIRONMENT)) {
      String taken = hub.url().substring("http://".length());
      assertThatThrownBy(() ->
              Hub.start(
                  new Program.Start(
                      data.resolve("other"),
                      failing.address().full(),
                      taken,
                      0,
                      null,
                      null,
                      null,
                      false),
                  NO_ENVIRONMENT,
                  line -> {}))
          .hasMessageContaining("Cannot listen on " + taken);
    }
    assertThat(
            failing.rows(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'selfsame%' AND"
                    + " datname = current_database()"))
        .containsExactly("0");
  }

  private Hub start(TestDatabase on, Map<String, String> environment) {
    return Hub.start(
        new Program.Start(data, on.address().full(), "127.0.0.1:0", 0, null, null, null, false),
        environment,
        line -> {});
  }

  private static HttpResponse<String> identify(Hub hub, String key, String body) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(hub.url() + "/v1/identify"))
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString(
                            (key + ":").getBytes(java.nio.charset.StandardCharsets.UTF_8)))
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(Hub hub, String path, String token) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(hub.url() + path))
            .header("Authorization", "Bearer " + token)
            .build(),
        BodyHandlers.ofString());
  }
}
