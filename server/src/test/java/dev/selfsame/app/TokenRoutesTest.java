package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.cli.Program;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a token must allow for notes and for other makers' APIs, on the hub as it is put together:
 * there the dashboard is behind every path that no other area takes.
 */
final class TokenRoutesTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.migrated();
  @TempDir Path data;

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String ID = "01940000-0000-7000-8000-000000000000";

  /** What each needs, its method and its path. */
  private static final List<String> ROUTES =
      List.of(
          "READ GET /api/notes",
          "WRITE POST /api/notes",
          "WRITE POST /api/insights/zendesk/notes",
          "READ GET /api/notes/" + ID,
          "WRITE PATCH /api/notes/" + ID,
          "WRITE DELETE /api/notes/" + ID,
          "WRITE POST /api/notes/" + ID + "/tags",
          "WRITE DELETE /api/notes/" + ID + "/tags/a",
          "READ GET /compat/productboard/users",
          "WRITE POST /compat/productboard/users",
          "READ GET /compat/productboard/users/" + ID,
          "WRITE PATCH /compat/productboard/users/" + ID,
          "ADMIN DELETE /compat/productboard/users/" + ID,
          "READ GET /compat/productboard/companies",
          "WRITE POST /compat/productboard/companies",
          "READ GET /compat/productboard/companies/" + ID,
          "WRITE PATCH /compat/productboard/companies/" + ID,
          "WRITE DELETE /compat/productboard/companies/" + ID,
          "READ GET /compat/productboard/companies/custom-fields",
          "WRITE POST /compat/productboard/companies/custom-fields",
          "READ GET /compat/productboard/companies/custom-fields/" + ID,
          "WRITE PATCH /compat/productboard/companies/custom-fields/" + ID,
          "WRITE DELETE /compat/productboard/companies/custom-fields/" + ID,
          "READ GET /compat/productboard/companies/" + ID + "/custom-fields/" + ID + "/value",
          "WRITE PUT /compat/productboard/companies/" + ID + "/custom-fields/" + ID + "/value",
          "WRITE DELETE /compat/productboard/companies/" + ID + "/custom-fields/" + ID + "/value",
          "READ GET /compat/productboard/notes",
          "WRITE POST /compat/productboard/notes",
          "READ GET /compat/productboard/notes/" + ID,
          "WRITE PATCH /compat/productboard/notes/" + ID,
          "WRITE DELETE /compat/productboard/notes/" + ID,
          "READ GET /compat/productboard/notes/" + ID + "/tags",
          "WRITE POST /compat/productboard/notes/" + ID + "/tags/a",
          "WRITE DELETE /compat/productboard/notes/" + ID + "/tags/a",
          "READ GET /v1/spaces/default/collections/users/profiles/user_id:u1/traits",
          "READ GET /v1/spaces/default/collections/users/profiles/user_id:u1/external_ids",
          "READ GET /v1/spaces/default/collections/users/profiles/user_id:u1/metadata",
          "READ GET /v1/spaces/default/collections/users/profiles/user_id:u1/links");

  @Test
  void each_route_takes_a_token_of_its_scope_and_no_less() throws Exception {
    StoredAccess access =
        new StoredAccess(
            new StoredGrants(database.open()), GivenSecrets.NONE, InstantSource.system());
    Map<Access.Scope, String> tokens =
        Map.of(
            Access.Scope.READ, access.issueToken("r", Access.Scope.READ).secret(),
            Access.Scope.WRITE, access.issueToken("w", Access.Scope.WRITE).secret(),
            Access.Scope.ADMIN, access.issueToken("a", Access.Scope.ADMIN).secret());
    try (Hub hub =
        Hub.start(
            new Program.Start(
                data, database.address().full(), "127.0.0.1:0", 0, null, null, null, false),
            Map.of(),
            line -> {})) {
      for (String route : ROUTES) {
        String[] parts = route.split(" ", 3);
        Access.Scope needed = Access.Scope.valueOf(parts[0]);
        HttpResponse<String> without = call(parts[1], hub.url() + parts[2], "Bearer nobody");
        assertThat(without.statusCode()).as(route + without.body()).isEqualTo(401);
        assertThat(without.body()).as(route).containsAnyOf("invalid_token", "authentication_error");
        tokens.forEach((scope, token) -> {
          int status = call(parts[1], hub.url() + parts[2], "Bearer " + token).statusCode();
          if (scope.compareTo(needed) < 0) {
            assertThat(status).as("%s by %s", route, scope).isEqualTo(403);
          } else {
            assertThat(status).as("%s by %s", route, scope).isNotIn(401, 403, 500);
          }
        });
      }
    }
  }

  private static HttpResponse<String> call(String method, String url, String authorization) {
    try {
      return CLIENT.send(
          HttpRequest.newBuilder(URI.create(url))
              .header("Authorization", authorization)
              .header("X-Version", "1")
              .method(method, HttpRequest.BodyPublishers.noBody())
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
