package dev.selfsame.api.productboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.TestDatabase;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code /compat/productboard/users}. */
final class ProductboardUsersApiTest extends WithProductboard {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  ProductboardUsersApiTest() {
    super(hub);
  }

  @AfterEach
  void emailsMayBeShared() {
    setting("- 'emails'");
  }

  @Test
  void a_user_is_made_read_changed_and_deleted() throws Exception {
    HttpResponse<String> made =
        call(
            "POST",
            USERS,
            "{'data': {'email': 'Fry@x.org', 'externalId': 'id1', 'name': 'Philip'}}");
    String id = answered(made, 201).get("data").get("id").asString();
    String self = url() + USERS + "/" + id;
    assertThat(json(made))
        .isEqualTo(json("{'data': {'id': '%s'}, 'links': {'self': '%s'}}".formatted(id, self)));
    assertThat(answered(call("GET", self, null), 200))
        .isEqualTo(
            json(
                "{'data': {'id': '%s', 'email': 'fry@x.org', 'externalId': 'id1', 'name': 'Philip'}}"
                    .formatted(id)));
    assertThat(answered(call("PATCH", self, "{'data': {'email': null, 'name': 'Philip J.'}}"), 200))
        .as("absent: stays; null: cleared")
        .isEqualTo(
            json(
                "{'data': {'id': '%s', 'email': null, 'externalId': 'id1', 'name': 'Philip J.'}}"
                    .formatted(id)));
    assertThat(answered(call("PATCH", self, "{'data': {'externalId': 'id1'}}"), 200).get("data"))
        .as("its own value is no conflict")
        .isEqualTo(json(call("GET", self, null)).get("data"));
    HttpResponse<String> deleted = call("DELETE", self, null);
    assertThat(deleted.statusCode()).isEqualTo(204);
    assertThat(deleted.body()).isEmpty();
    for (String method : List.of("GET", "PATCH", "DELETE")) {
      assertThat(
              answered(
                  call(method, self, method.equals("PATCH") ? "{'data': {'name': 'x'}}" : null),
                  404))
          .as(method)
          .isEqualTo(
              error("user.notFound", "User not found", "There is no user with this id.", "{}"));
    }
    assertThat(rows("SELECT outcome, code FROM user_decisions ORDER BY position"))
        .as("A8, A9, A9 and what refused itself after the erasure A6")
        .contains("erased|E1");
  }

  @Test
  void all_users_are_listed_page_by_page_by_following_the_links() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(user("{'externalId': 'id%d'}".formatted(i)));
    }
    List<String> listed = new ArrayList<>();
    String next = USERS + "?pageLimit=2";
    int pages = 0;
    while (next != null) {
      JsonNode page = answered(call("GET", next, null), 200);
      page.get("data").forEach(user -> listed.add(user.get("id").asString()));
      JsonNode link = page.get("links").get("next");
      next = link.isNull() ? null : link.asString();
      pages++;
    }
    assertThat(listed).isEqualTo(ids);
    assertThat(pages).isEqualTo(3);
    assertThat(listed("")).isEqualTo(ids);
    assertThat(listed("?pageLimit=2&pageOffset=3")).isEqualTo(ids.subList(3, 5));
    assertThat(listed("?pageOffset=5")).isEmpty();
    assertThat(listed("?pageOffset=6")).isEmpty();
  }

  private List<String> listed(String query) throws Exception {
    List<String> ids = new ArrayList<>();
    answered(call("GET", USERS + query, null), 200)
        .get("data")
        .forEach(user -> ids.add(user.get("id").asString()));
    return ids;
  }

  @Test
  void A1_the_external_id_of_another_user_is_a_conflict() throws Exception {
    user("{'externalId': 'id1'}");
    String other = user("{'externalId': 'id2'}");
    for (HttpResponse<String> answer :
        List.of(
            call("POST", USERS, "{'data': {'externalId': 'id1'}}"),
            call("PATCH", USERS + "/" + other, "{'data': {'externalId': 'id1'}}"))) {
      assertThat(answered(answer, 409))
          .isEqualTo(
              error(
                  "externalId.conflict",
                  "Conflict",
                  "Another user has this external ID, or had it before; GET"
                      + " /api/users?externalId=… shows whom",
                  "{'pointer': '/data/externalId'}"));
    }
    assertThat(rows("SELECT external_id FROM users ORDER BY 1")).containsExactly("id1", "id2");
  }

  @Test
  void A2_the_email_of_another_user_is_a_conflict_where_emails_are_unique() throws Exception {
    user("{'externalId': 'id1', 'email': 'fry@x.org'}");
    setting("|| '{\"emails\": \"unique\"}'");
    assertThat(answered(call("POST", USERS, "{'data': {'email': 'FRY@x.org'}}"), 409))
        .isEqualTo(
            error(
                "email.conflict",
                "Conflict",
                "Another user has this email, and here each may have one user; GET"
                    + " /api/users?email=… shows whom",
                "{'pointer': '/data/email'}"));
    JsonNode both =
        answered(call("POST", USERS, "{'data': {'email': 'fry@x.org', 'externalId': 'id1'}}"), 409);
    assertThat(both.get("errors").findValuesAsString("code"))
        .containsExactly("externalId.conflict", "email.conflict");
    assertThat(rows("SELECT count(*) FROM users")).containsExactly("1");
    setting("- 'emails'");
    user("{'externalId': 'id2', 'email': 'fry@x.org'}");
  }

  /** What cannot be meant, by the rule of the description that it breaks. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'data': {'email': 'fry'}}     | format               | /data/email      | should match"
            + " format \"email\"",
        "{'data': {'email': 7}}         | type                 | /data/email      | should be"
            + " string,null",
        "{'data': {'name': ' '}}        | minLength            | /data/name       | should NOT be"
            + " blank; null takes it away, leaving it out does not",
        "{'data': {'externalId': 'LONG'}} | maxLength          | /data/externalId | should NOT have"
            + " more than 256 characters",
        "{'data': {'external_id': 'a'}} | additionalProperties | /data/external_id | should NOT"
            + " have the property external_id; did you mean externalId?",
        "{'data': {'name': '\\u0000'}}  | pattern              | /data/name       | should have no"
            + " NUL and no half of a character",
        "{'data': 'x'}                  | type                 | /data            | should be"
            + " object",
        "{'email': 'a@x.org', 'data': {}} | additionalProperties | /email         | should NOT have"
            + " the property email; did you mean data?",
        "[]                             | type                 | ``               | should be"
            + " object",
        "{}                             | required             | /data            | should have"
            + " required property 'data'",
      })
  void a_body_that_cannot_be_meant_is_told_where(
      String body, String rule, String pointer, String detail) throws Exception {
    HttpResponse<String> answer = call("POST", USERS, body.replace("LONG", "x".repeat(257)));
    assertThat(answered(answer, 400).get("errors").get(0).get("code").asString())
        .isEqualTo("validation.openapi." + rule);
    JsonNode first = json(answer).get("errors").get(0);
    assertThat(first.get("title").asString()).isEqualTo("Validation Error");
    assertThat(first.get("detail").asString()).isEqualTo(detail);
    assertThat(first.get("source").get("pointer").asString()).isEqualTo(pointer);
    assertThat(rows("SELECT count(*) FROM users")).containsExactly("0");
  }

  @Test
  void all_that_is_wrong_is_told_at_once() throws Exception {
    JsonNode errors =
        answered(call("POST", USERS, "{'data': {'email': 'x', 'name': 1, 'nam': 'x'}}"), 400)
            .get("errors");
    assertThat(errors.findValuesAsString("pointer"))
        .containsExactly("/data/nam", "/data/email", "/data/name");
  }

  @Test
  void a_change_of_nothing_is_none() throws Exception {
    String id = user("{'externalId': 'id1'}");
    assertThat(answered(call("PATCH", USERS + "/" + id, "{'data': {}}"), 400))
        .isEqualTo(
            error(
                "validation.openapi.minProperties",
                "Validation Error",
                "should NOT have fewer than 1 properties",
                "{'pointer': '/data'}"));
  }

  @Test
  void a_user_that_nothing_would_find_is_not_made() throws Exception {
    assertThat(
            answered(call("POST", USERS, "{'data': {'name': 'Fry'}}"), 400)
                .get("errors")
                .findValuesAsString("code"))
        .containsExactly("no_identifier");
    assertThat(
            answered(call("POST", USERS, "{'data': {'externalId': 'anonymous'}}"), 400)
                .get("errors")
                .findValuesAsString("code"))
        .contains("value_blocked");
  }

  @Test
  void a_user_that_was_merged_is_found_no_more_and_told_where_it_went() throws Exception {
    String one = user("{'externalId': 'id1'}");
    String other = user("{'externalId': 'id2'}");
    answered(
        call("POST", "/api/users/merge", "{'users': ['%s', '%s']}".formatted(one, other)), 200);
    for (String method : List.of("GET", "PATCH", "DELETE")) {
      assertThat(
              answered(
                  call(
                      method,
                      USERS + "/" + other,
                      method.equals("PATCH") ? "{'data': {'name': 'x'}}" : null),
                  404))
          .isEqualTo(
              error(
                  "user.notFound",
                  "User not found",
                  "This user was merged into %s; go on with that id.".formatted(one),
                  "{}"));
    }
  }

  @ParameterizedTest
  @CsvSource({"2", "one", "1.0", "''"})
  void another_version_is_refused(String version) throws Exception {
    assertThat(answered(call("GET", USERS, null, TOKEN, version), 400))
        .isEqualTo(
            json(
                "{'errors': [{'code': 'unsupported_version', 'title': 'Unsupported version',"
                    + " 'detail': 'There is no such version here; send X-Version: 1'}]}"));
  }

  @Test
  void no_version_is_refused() throws Exception {
    assertThat(answered(call("GET", USERS, null, TOKEN, null), 400))
        .isEqualTo(
            json(
                "{'errors': [{'code': 'unsupported_version', 'title': 'Unsupported version',"
                    + " 'detail': 'The header X-Version is missing; send X-Version: 1'}]}"));
  }

  @Test
  void what_is_no_json_no_method_and_no_parameter_is_refused_by_name() throws Exception {
    assertThat(codes(call("POST", USERS, "{'data': "), 400)).containsExactly("malformed_json");
    HttpResponse<String> method = call("PUT", USERS, "{}");
    assertThat(codes(method, 405)).containsExactly("method_not_allowed");
    assertThat(method.headers().firstValue("Allow")).contains("GET, POST");
    for (String query :
        List.of("pageLimit=0", "pageLimit=1001", "pageLimit=x", "pageOffset=-1", "pageCursor=x")) {
      HttpResponse<String> answer = call("GET", USERS + "?" + query, null);
      assertThat(codes(answer, 400)).containsExactly("invalid_parameter");
      assertThat(json(answer).get("errors").get(0).get("source").get("parameter").asString())
          .isEqualTo(query.split("=", 2)[0]);
    }
    assertThat(codes(call("GET", USERS + "?limit=1", null), 400))
        .containsExactly("invalid_parameter");
    assertThat(codes(call("GET", USERS + "/x", null), 404)).containsExactly("user.notFound");
  }

  @Test
  void each_call_asks_for_its_scope() throws Exception {
    String id = user("{'externalId': 'id1'}");
    assertThat(call("GET", USERS, null, readToken, "1").statusCode()).isEqualTo(200);
    assertThat(codes(call("POST", USERS, "{'data': {}}", readToken, "1"), 403))
        .containsExactly("missing_scope");
    assertThat(codes(call("DELETE", USERS + "/" + id, null, writeToken, "1"), 403))
        .containsExactly("missing_scope");
    assertThat(codes(call("GET", USERS, null, "nobody", "1"), 401))
        .containsExactly("invalid_token");
  }

  @Test
  void of_requests_that_race_for_one_external_id_one_gets_it() throws Exception {
    try (ExecutorService racers = Executors.newFixedThreadPool(8)) {
      List<CompletableFuture<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        answers.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return call("POST", USERS, "{'data': {'externalId': 'id1'}}").statusCode();
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                },
                racers));
      }
      List<Integer> statuses = answers.stream().map(CompletableFuture::join).sorted().toList();
      assertThat(statuses).containsExactly(201, 409, 409, 409, 409, 409, 409, 409);
    }
  }

  private static List<String> codes(HttpResponse<String> answer, int status) {
    return answered(answer, status).get("errors").findValuesAsString("code");
  }

  private static JsonNode error(String code, String title, String detail, String source) {
    return json(
        "{'errors': [{'code': '%s', 'title': '%s', 'detail': '%s', 'source': %s}]}"
            .formatted(code, title, detail, source));
  }
}
