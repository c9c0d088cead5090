package dev.selfsame.api.productboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/**
 * Every operation that is served here, its requests and answers checked against the description of
 * Productboard's API; skipped where there is no such file.
 */
final class ProductboardContractTest extends WithProductboard {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final Path FILE = Path.of("..", "..", "shared", "data", "productboard-v1.yaml");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  /**
   * Operations on users, companies and notes that are not served, since nothing here is what they
   * are about.
   */
  private static final List<String> NOT_SERVED =
      List.of(
          "post /notes/{noteId}/user-followers",
          "delete /notes/{noteId}/user-followers/{email}",
          "get /notes/{noteId}/links",
          "post /notes/{noteId}/links/{entityId}");

  private static OpenApiFile described;
  private final Set<String> seen = new TreeSet<>();

  ProductboardContractTest() {
    super(hub);
  }

  @BeforeAll
  static void file() throws IOException {
    Assumptions.assumeTrue(
        Files.exists(FILE), () -> "No description of the API at " + FILE.toAbsolutePath());
    described =
        OpenApiFile.read(FILE)
            // The query parameter of that name took its place in the file: clients get a list.
            .saying(
                "/components/schemas/Note/properties/tags",
                "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}")
            // Patterns of JavaScript: in Java's a bracket in brackets opens others.
            .writing("#[", "#\\\\[");
  }

  @Test
  void every_operation_and_every_answer_is_as_described() throws Exception {
    String user =
        send("POST", "/users", "{'data': {'email': 'fry@x.org', 'externalId': 'id1'}}", 201)
            .get("data")
            .get("id")
            .asString();
    String nameless =
        send("POST", "/users", "{'data': {'email': 'a@x.org', 'name': null}}", 201)
            .get("data")
            .get("id")
            .asString();
    send("GET", "/users", null, 200);
    send("GET", "/users/" + user, null, 200);
    send("PATCH", "/users/" + nameless, "{'data': {'externalId': 'id2', 'email': null}}", 200);
    send("POST", "/users", "{'data': {'externalId': 'id1'}}", 409);
    send("PATCH", "/users/" + nameless, "{'data': {'externalId': 'id1'}}", 409);
    send("POST", "/users", "{'data': {'name': 'nobody'}}", 400);
    send("PATCH", "/users/" + user, "{'data': {'externalId': 'null'}}", 400);
    send("GET", "/users/" + NOBODY, null, 404);
    send("PATCH", "/users/" + NOBODY, "{'data': {'name': 'x'}}", 404);
    send("DELETE", "/users/" + NOBODY, null, 404);
    send("DELETE", "/users/" + nameless, null, 204);

    String note =
        send(
                "POST",
                "/notes",
                "{'id': 'x', 'title': 'Slow', 'content': 'It is slow', 'display_url':"
                    + " 'https://help.x.org/88', 'user': {'email': 'fry@x.org', 'external_id':"
                    + " 'id1'}, 'company': {'external_id': 'acme'}, 'source': {'origin':"
                    + " 'deskdesk', 'record_id': '88'}, 'tags': ['3.0', 'speed']}",
                201)
            .get("data")
            .get("id")
            .asString();
    String bare =
        send("POST", "/notes", "{'id': 'x', 'title': 'a', 'content': 'a'}", 201)
            .get("data")
            .get("id")
            .asString();
    send(
        "POST",
        "/notes",
        "{'id': 'x', 'title': 'a', 'content': 'a', 'user': {'external_id': 'id1', 'email':"
            + " 'b@x.org'}}",
        409);
    send(
        "POST",
        "/notes",
        "{'id': 'x', 'title': 'a', 'content': 'a', 'source': {'origin': 'deskdesk', 'record_id':"
            + " '88'}}",
        422);
    send("GET", "/notes/" + note, null, 200);
    send("GET", "/notes/" + bare, null, 200);
    send("GET", "/notes/" + NOBODY, null, 404);
    String cursor =
        send("GET", "/notes?pageLimit=1&last=24h", null, 200).get("pageCursor").asString();
    send("GET", "/notes?pageCursor=" + cursor, null, 200);
    wait(Duration.ofMinutes(2));
    send("GET", "/notes?pageCursor=" + cursor, null, 422);
    send(
        "GET",
        "/notes?createdFrom=2026-01-01&updatedFrom=2026-01-01&term=slow&source=deskdesk"
            + "&anyTag=speed,3.0&companyId="
            + NOBODY,
        null,
        200);
    send("PATCH", "/notes/" + note, "{'data': {'title': 'Slower', 'tags': ['a']}}", 201);
    send("PATCH", "/notes/" + note, "{'data': {'owner': {'email': 'o@x.org'}}}", 422);
    send("PATCH", "/notes/" + NOBODY, "{'data': {'title': 'Slower'}}", 404);
    send("POST", "/notes/" + note + "/tags/in%20time", null, 201);
    send("GET", "/notes/" + note + "/tags", null, 200);
    send("DELETE", "/notes/" + note + "/tags/a", null, 204);
    send("DELETE", "/notes/" + note + "/tags/a", null, 422);
    send("GET", "/notes/" + NOBODY + "/tags", null, 422);
    send("POST", "/notes/" + NOBODY + "/tags/a", null, 422);
    send("DELETE", "/notes/" + bare, null, 204);
    send("DELETE", "/notes/" + NOBODY, null, 404);

    companies();

    Set<String> all = new TreeSet<>(described.operations("/users"));
    all.addAll(described.operations("/companies"));
    all.addAll(described.operations("/notes"));
    NOT_SERVED.forEach(operation -> assertThat(all.remove(operation)).as(operation).isTrue());
    assertThat(seen).isEqualTo(all);
  }

  private void companies() throws Exception {
    String company =
        id(
            send(
                "POST",
                "/companies",
                "{'name': 'Globex', 'domain': 'globex.com', 'description': 'Makes it all',"
                    + " 'source': {'origin': 'salesforce', 'record_id': '001'}}",
                201));
    String bare = id(send("POST", "/companies", "{'name': 'Initech'}", 201));
    send(
        "POST",
        "/companies",
        "{'name': 'x', 'source': {'origin': 'salesforce', 'record_id': '001'}}",
        422);
    send("POST", "/companies", "{'name': 'x', 'domain': 'globex.com'}", 422);
    send("GET", "/companies", null, 200);
    send("GET", "/companies?pageLimit=1&pageOffset=1&term=e&hasNotes=false", null, 200);
    send("GET", "/companies?featureId=" + NOBODY, null, 422);
    send("GET", "/companies?hasNotes=maybe", null, 400);
    send("GET", "/companies/" + company, null, 200);
    send("GET", "/companies/" + bare, null, 200);
    send("GET", "/companies/" + NOBODY, null, 404);
    send("PATCH", "/companies/" + bare, "{'data': {'name': 'Initrode'}}", 201);
    send("PATCH", "/companies/" + bare, "{'data': {'domain': 'globex.com'}}", 422);
    send("PATCH", "/companies/" + NOBODY, "{'data': {'name': 'x'}}", 404);
    send("DELETE", "/companies/" + bare, null, 204);
    send("DELETE", "/companies/" + NOBODY, null, 404);

    String field = "/companies/custom-fields/" + NOBODY;
    String value = "/companies/" + company + "/custom-fields/" + NOBODY + "/value";
    send("GET", "/companies/custom-fields", null, 200);
    send("POST", "/companies/custom-fields", "{'data': {'name': 'Seats', 'type': 'number'}}", 400);
    send("GET", field, null, 404);
    send("PATCH", field, "{'data': {'name': 'Seats'}}", 404);
    send("DELETE", field, null, 404);
    send("GET", value, null, 404);
    send("PUT", value, "{'data': {'type': 'number', 'value': 3}}", 404);
    send("DELETE", value, null, 404);
  }

  private static String id(JsonNode answer) {
    return answer.get("data").get("id").asString();
  }

  @Test
  void the_check_finds_what_is_not_as_described() throws Exception {
    URI base = URI.create(url() + "/compat/productboard");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + "/users?limit=1"))
            .header("Authorization", "Bearer " + TOKEN)
            .build();
    HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(described.check(base, request, "{}", answer).faults())
        .contains(
            "The parameter X-Version is missing",
            "There is no parameter limit",
            "There is no body");
    HttpRequest wrong =
        HttpRequest.newBuilder(URI.create(base + "/users"))
            .header("X-Version", "2")
            .header("Authorization", "Bearer " + TOKEN)
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    assertThat(
            described
                .check(
                    base,
                    wrong,
                    "{\"data\": {\"email\": \"x\", \"name\": 1}}",
                    CLIENT.send(wrong, HttpResponse.BodyHandlers.ofString()))
                .faults())
        .as("an enum, a format and a type")
        .hasSize(3);
  }

  private JsonNode send(String method, String path, @Nullable String body, int status)
      throws Exception {
    URI base = URI.create(url() + "/compat/productboard");
    String sent = body == null ? null : quoted(body);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Authorization", "Bearer " + TOKEN)
            .header("X-Version", "1")
            .header("Content-Type", "application/json")
            .method(
                method,
                sent == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(sent))
            .build();
    HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    OpenApiFile.Checked checked = described.check(base, request, sent, answer);
    String what = "%s %s: %d %s".formatted(method, path, answer.statusCode(), answer.body());
    assertThat(answer.statusCode()).as(what).isEqualTo(status);
    List<String> faults = new ArrayList<>(checked.faults());
    assertThat(faults).as(what).isEmpty();
    seen.add(checked.operation());
    return answer.body().isEmpty() ? json("null") : json(answer);
  }
}
