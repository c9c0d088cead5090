package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.Program;
import dev.selfsame.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole program on a PostgreSQL of the operator's own, which may be older than the one it
 * brings along.
 */
final class InstalledPostgresTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.onInstalledPostgres();
  @TempDir Path data;

  @Test
  void an_identify_becomes_a_user_there_too() throws Exception {
    Map<String, String> environment =
        Map.of("SELFSAME_WRITE_KEY", "key", "SELFSAME_TOKEN", "a-token-of-mine-000");
    try (Hub hub =
            Hub.start(
                new Program.Start(
                    data, database.address().full(), "127.0.0.1:0", 0, null, null, null, false),
                environment,
                line -> {});
        HttpClient client = HttpClient.newHttpClient()) {
      String body =
          """
          {"batch": [
            {"type": "identify", "messageId": "1", "userId": "u1", "traits": {"email": "ann@x.org", "plan": "pro"}},
            {"type": "identify", "messageId": "2", "userId": "u2", "traits": {"email": "bob@x.org"}},
            {"type": "alias", "messageId": "3", "userId": "u1", "previousId": "u2"},
            {"type": "track", "messageId": "4", "userId": "u1", "event": "Bought"}], "writeKey": "key"}
          """;
      assertThat(
              client
                  .send(
                      HttpRequest.newBuilder(URI.create(hub.url() + "/v1/batch"))
                          .POST(BodyPublishers.ofString(body))
                          .build(),
                      BodyHandlers.ofString())
                  .body())
          .isEqualTo("{\"success\":true}");
      assertThat(database.rows("SELECT external_id, email FROM users"))
          .containsExactly("u1|ann@x.org");
      assertThat(
              database.rows(
                  "SELECT type, value, current FROM user_identifiers WHERE type = 'external_id'"
                      + " ORDER BY 2"))
          .containsExactly("external_id|u1|t", "external_id|u2|f");
      assertThat(database.rows("SELECT id, plan FROM segment.users ORDER BY 1"))
          .containsExactly("u1|pro", "u2|");
      assertThat(database.rows("SELECT type, count FROM event_counts")).containsExactly("track|1");
      String found =
          client
              .send(
                  HttpRequest.newBuilder(URI.create(hub.url() + "/api/users?externalId=u2"))
                      .header("Authorization", "Bearer a-token-of-mine-000")
                      .build(),
                  BodyHandlers.ofString())
              .body();
      assertThat(found).contains("\"externalId\":\"u1\"");
    }
  }
}
