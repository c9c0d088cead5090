package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.Program;
import dev.selfsame.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** A token's budget of requests, on a running hub. */
final class BudgetTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.migrated();
  @TempDir Path data;

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Test
  void who_asks_for_more_gets_429_in_the_form_of_each_api() throws Exception {
    Path settings =
        Files.writeString(
            data.resolve("settings.json"), "{\"budget\": {\"requestsPerSecond\": 1}}");
    try (Hub hub =
        Hub.start(
            new Program.Start(
                data.resolve("hub"),
                database.address().full(),
                "127.0.0.1:0",
                0,
                settings,
                null,
                null,
                false),
            Map.of(
                "SELFSAME_WRITE_KEY", "a-key-of-mine-0000", "SELFSAME_TOKEN", "a-token-000000000"),
            line -> {})) {
      for (List<String> each :
          List.of(
              List.of("/api/users", "/errors/0/code", "too_many_requests"),
              List.of("/compat/productboard/users", "/errors/0/code", "too_many_requests"),
              List.of("/compat/productboard/notes", "/ok", "false"),
              List.of("/compat/productboard/companies", "/ok", "false"),
              List.of(
                  "/v1/spaces/default/collections/users/profiles/user_id:u1/traits",
                  "/error/code",
                  "rate_limit_error"))) {
        HttpResponse<String> refused = refused(hub.url() + each.get(0));
        assertThat(refused.headers().firstValue("Retry-After")).as(refused.body()).contains("1");
        assertThat(JSON.readTree(refused.body()).at(each.get(1)).asString()).isEqualTo(each.get(2));
      }
      assertThat(get(hub.url() + "/health/live").statusCode())
          .as("what asks for no token has no budget")
          .isEqualTo(200);
      HttpResponse<String> later = get(hub.url() + "/api/users");
      for (int tries = 0; later.statusCode() == 429 && tries < 10; tries++) {
        TimeUnit.SECONDS.sleep(
            Long.parseLong(later.headers().firstValue("Retry-After").orElseThrow()));
        later = get(hub.url() + "/api/users");
      }
      assertThat(later.statusCode()).isEqualTo(200);
    }
  }

  /** Asks until it is too much: one a second is allowed. */
  private static HttpResponse<String> refused(String url) throws Exception {
    HttpResponse<String> answer = null;
    for (int tries = 0; tries < 100; tries++) {
      answer = get(url);
      if (answer.statusCode() == 429) {
        return answer;
      }
    }
    throw new AssertionError(
        "Never too much; at last " + Objects.requireNonNull(answer).statusCode());
  }

  private static HttpResponse<String> get(String url) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(url))
            .header("Authorization", "Bearer a-token-000000000")
            .header("X-Version", "1")
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
