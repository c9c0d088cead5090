package dev.selfsame.api.productboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.TestDatabase;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code /compat/productboard/notes}. */
final class ProductboardNotesApiTest extends WithProductboard {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  ProductboardNotesApiTest() {
    super(hub);
  }

  @Test
  void a_note_is_made_read_changed_and_deleted() throws Exception {
    HttpResponse<String> made =
        call(
            "POST",
            NOTES,
            "{'title': 'Slow', 'content': 'It is <b>slow</b>', 'display_url': 'help.x.org/88',"
                + " 'user': {'email': 'fry@x.org', 'external_id': 'id1'}, 'company':"
                + " {'external_id': 'acme'}, 'source': {'origin': 'deskdesk', 'record_id': '88'},"
                + " 'tags': ['3.0', 'speed']}");
    String id = answered(made, 201).get("data").get("id").asString();
    String html = url() + "/api/notes/" + id;
    String answer = "{'links': {'html': '%s'}, 'data': {'id': '%s'}}".formatted(html, id);
    assertThat(json(made)).isEqualTo(json(answer));
    JsonNode shown = answered(call("GET", NOTES + "/" + id, null), 200).get("data");
    String user = rows("SELECT id FROM users").getFirst();
    String company = rows("SELECT id FROM accounts").getFirst();
    assertThat(shown)
        .isEqualTo(
            json(
                """
                {'id': '%s', 'title': 'Slow', 'content': 'It is <b>slow</b>', 'displayUrl': '%s',
                 'externalDisplayUrl': 'https://help.x.org/88', 'company': {'id': '%s'}, 'user': {'id': '%s'},
                 'followers': [], 'state': 'unprocessed', 'source': {'origin': 'deskdesk', 'record_id': '88'},
                 'tags': ['3.0', 'speed'], 'features': [], 'createdAt': '%s', 'updatedAt': '%s', 'comments': []}
                """
                    .formatted(
                        id,
                        html,
                        company,
                        user,
                        shown.get("createdAt").asString(),
                        shown.get("updatedAt").asString())));
    assertThat(
            answered(
                call(
                    "PATCH",
                    NOTES + "/" + id,
                    "{'data': {'title': 'Slower', 'content': null, 'tags': ['a'], 'source':"
                        + " {'origin': 'deskdesk', 'record_id': '88'}}}"),
                201))
        .isEqualTo(json(answer));
    JsonNode changed = json(call("GET", NOTES + "/" + id, null)).get("data");
    assertThat(changed.get("title").asString()).isEqualTo("Slower");
    assertThat(changed.get("content").asString()).as("null: stays").isEqualTo("It is <b>slow</b>");
    assertThat(changed.get("tags").toString()).isEqualTo("[\"a\"]");
    HttpResponse<String> deleted = call("DELETE", NOTES + "/" + id, null);
    assertThat(deleted.statusCode()).isEqualTo(204);
    for (String method : List.of("GET", "PATCH", "DELETE")) {
      assertThat(
              answered(
                  call(method, NOTES + "/" + id, method.equals("PATCH") ? "{'data': {}}" : null),
                  404))
          .as(method)
          .isEqualTo(
              json(
                  "{'ok': false, 'errors': {'id': ['note.notFound: There is no note with this"
                      + " id']}}"));
    }
  }

  @Test
  void the_email_may_come_under_its_old_name() throws Exception {
    note("{'title': 'a', 'content': 'a', 'customer_email': 'fry@x.org', 'owner': null}");
    note(
        "{'title': 'a', 'content': 'a', 'customer_email': 'leela@x.org', 'user': {'external_id':"
            + " 'id2'}, 'id': 'is passed over'}");
    assertThat(rows("SELECT external_id, email FROM users ORDER BY email"))
        .containsExactly("|fry@x.org", "id2|leela@x.org");
  }

  // ---- 409: whom it is about ----

  /** Scenario 1 is P5, 3 is P8; in 2 the note is kept. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "P5  | {'externalId': 'id1', 'email': 'b@x.org'} | -                      | user |"
            + " email.conflict: The user with this external_id has another email. Leave the email"
            + " out, or correct it",
        "P6  | {'externalId': 'id1', 'email': 'b@x.org'} | {'externalId': 'id2', 'email':"
            + " 'a@x.org'} | user | email.conflict: The user with this external_id does not have"
            + " this email, and another user does; GET /api/users?email=… shows whom",
        "P8  | {'externalId': 'id2', 'email': 'a@x.org'} | -                      | user |"
            + " externalId.conflict: The user with this email has another external ID; GET"
            + " /api/users?email=… shows it",
        "P10 | {'externalId': 'id2', 'email': 'a@x.org'} | {'externalId': 'id3', 'email':"
            + " 'a@x.org'} | user | email.ambiguous: Several users have this email, and no external"
            + " ID tells which is meant; GET /api/users?email=… shows them",
      })
  void a_note_that_may_be_about_another_is_a_conflict(
      String row, String one, String other, String field, String message) throws Exception {
    user(one);
    if (!other.equals("-")) {
      user(other);
    }
    List<String> before = rows("SELECT id, external_id, email FROM users ORDER BY 1");
    assertThat(
            answered(
                call(
                    "POST",
                    NOTES,
                    "{'title': 'a', 'content': 'a', 'user': {'external_id': 'id1', 'email':"
                        + " 'a@x.org'}}"),
                409))
        .as(row)
        .isEqualTo(errors(field, message));
    assertThat(rows("SELECT count(*) FROM notes")).containsExactly("0");
    assertThat(rows("SELECT id, external_id, email FROM users ORDER BY 1")).isEqualTo(before);
  }

  @Test
  void P7_the_external_id_is_filled_in() throws Exception {
    String user = user("{'email': 'a@x.org'}");
    note("{'title': 'a', 'content': 'a', 'user': {'external_id': 'id1', 'email': 'a@x.org'}}");
    assertThat(answered(call("GET", USERS + "/" + user, null), 200).get("data").get("externalId"))
        .isEqualTo(json("'id1'"));
  }

  @Test
  void P12_another_company_than_the_users_is_a_conflict() throws Exception {
    note(
        "{'title': 'a', 'content': 'a', 'user': {'external_id': 'id1'}, 'company': {'external_id':"
            + " 'acme', 'domain': 'acme.com'}}");
    note("{'title': 'b', 'content': 'b', 'company': {'external_id': 'ace', 'domain': 'ace.com'}}");
    String message =
        "company.conflict: The note names another company than the one that its user belongs to,"
            + " or several";
    for (String company :
        List.of("{'domain': 'ace.com'}", "{'external_id': 'ace', 'domain': 'acme.com'}")) {
      assertThat(
              answered(
                  call(
                      "POST",
                      NOTES,
                      "{'title': 'c', 'content': 'c', 'user': {'external_id': 'id1'}, 'company': %s}"
                          .formatted(company)),
                  409))
          .as(company)
          .isEqualTo(errors("company", message));
    }
    assertThat(rows("SELECT count(*) FROM notes")).containsExactly("2");
  }

  // ---- 422: what is wrong with it ----

  @Test
  void a_source_that_is_there_is_refused() throws Exception {
    String body = "{'title': 'a', 'content': 'a', 'source': {'origin': 'o', 'record_id': '1'}}";
    String id = note(body);
    assertThat(answered(call("POST", NOTES, body), 422))
        .isEqualTo(
            errors(
                "source",
                "source.conflict: There is a note of this origin and record_id already: " + id));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'content': 'a'                      | title       | invalid_field: The field title is"
            + " needed, as text",
        "'title': 'a'                        | content     | invalid_field: The field content is"
            + " needed, as text",
        "'title': 7, 'content': 'a'          | title       | value_not_text: The field title must"
            + " be text",
        "'title': 'a', 'content': 'a', 'display_url': 'ftp://x.org' | display_url | url_malformed:"
            + " The field display_url is no web address, such as https://example.com/tickets/1",
        "'title': 'a', 'content': 'a', 'display_url': 'no address'  | display_url | url_malformed:"
            + " The field display_url is no web address, such as https://example.com/tickets/1",
        "'title': 'a', 'content': 'a', 'user': {}                   | user | invalid_field: The"
            + " user needs an email, an external_id, or both",
        "'title': 'a', 'content': 'a', 'user': {'email': 'a@x.org'}, 'customer_email': 'b@x.org' |"
            + " customer_email | invalid_field: Only one of customer_email, user.email and"
            + " company.domain is allowed at a time; these are customer_email and user.email",
        "'title': 'a', 'content': 'a', 'user': {'email': 'a@x.org'}, 'company': {'domain': 'x.org'}"
            + " | user | invalid_field: Only one of customer_email, user.email and company.domain"
            + " is allowed at a time; these are user.email and company.domain",
        "'title': 'a', 'content': 'a', 'company': {'id': '01940000-0000-7000-8000-000000000000',"
            + " 'domain': 'x.org'} | company | invalid_field: cannot set both company id and domain"
            + " attributes",
        "'title': 'a', 'content': 'a', 'company': {'id': '01940000-0000-7000-8000-000000000000'} |"
            + " company | company.notFound: There is no account with this id",
        "'title': 'a', 'content': 'a', 'company': {'domain': 'unknown.org'} | company |"
            + " company.notFound: No account has this domain, or several do. Name it by external_id"
            + " beside, which makes one where there is none",
        "'title': 'a', 'content': 'a', 'owner': {'email': 'o@x.org'} | owner | invalid_field: User"
            + " does not exist and cannot be set as note owner: notes have none here",
        "'title': 'a', 'content': 'a', 'user': {'email': 'x'}       | user | value_malformed: The"
            + " value cannot be used: value malformed",
        "'title': 'a', 'content': 'a', 'user': {'external_id': 'null'} | user | value_blocked: The"
            + " value cannot be used: value blocked",
        "'title': 'a', 'content': 'a', 'source': {'origin': 'o'}    | source | invalid_field: The"
            + " field record_id is needed, as text",
        "'title': 'a', 'content': 'a', 'tag': []                    | tag  | invalid_field: There"
            + " is no field tag here; did you mean tags? Known: title, content, display_url, tags,"
            + " user, company, source",
      })
  void a_note_that_cannot_be_meant_is_refused(String fields, String field, String message)
      throws Exception {
    assertThat(answered(call("POST", NOTES, "{" + fields + "}"), 422))
        .isEqualTo(errors(field, message));
    assertThat(rows("SELECT count(*) FROM notes")).containsExactly("0");
    assertThat(rows("SELECT count(*) FROM users")).containsExactly("0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'user': {'email': 'a@x.org'}} | user | invalid_field: Whom a note is about stays. Delete"
            + " it and create it anew, or merge the users",
        "{'company': {'domain': 'x.org'}} | company | invalid_field: Whom a note is about stays."
            + " Delete it and create it anew, or merge the users",
        "{'owner': {'email': 'o@x.org'}} | owner | invalid_field: User does not exist and cannot be"
            + " set as note owner: notes have none here",
        "{'source': {'origin': 'o', 'record_id': '2'}} | source | invalid_field: The source of a"
            + " note stays; create another note for another source",
        "{'title': ' '}  | title | invalid_field: The field title is needed, as text",
        "{'titel': 'x'}  | titel | invalid_field: There is no field titel here; did you mean title?"
            + " Known: title, content, display_url, tags",
      })
  void a_change_that_cannot_be_meant_is_refused(String data, String field, String message)
      throws Exception {
    String id = note("{'title': 'a', 'content': 'a', 'source': {'origin': 'o', 'record_id': '1'}}");
    assertThat(answered(call("PATCH", NOTES + "/" + id, "{'data': %s}".formatted(data)), 422))
        .isEqualTo(errors(field, message));
    assertThat(json(call("GET", NOTES + "/" + id, null)).get("data").get("title").asString())
        .isEqualTo("a");
  }

  @Test
  void a_change_of_user_and_company_is_refused_as_both() throws Exception {
    String id = note("{'title': 'a', 'content': 'a'}");
    JsonNode errors =
        answered(
                call(
                    "PATCH",
                    NOTES + "/" + id,
                    "{'data': {'user': {'email': 'a@x.org'}, 'company': {'domain': 'x.org'}}}"),
                422)
            .get("errors");
    assertThat(errors.get("user").get(0).asString())
        .isEqualTo("invalid_field: Cannot set both user and company parameters");
    assertThat(answered(call("PATCH", NOTES + "/" + id, "{}"), 422))
        .isEqualTo(
            errors(
                "data", "invalid_field: The field data is needed: an object of what is to change"));
  }

  // ---- lists ----

  @Test
  void notes_are_listed_newest_first_page_by_page_by_the_cursor_alone() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.addFirst(
          note("{'title': 'Note %d', 'content': 'a', 'tags': ['t%d', 'all']}".formatted(i, i % 2)));
    }
    assertThat(listed("")).isEqualTo(ids);
    List<String> even = List.of(ids.get(0), ids.get(2), ids.get(4));
    JsonNode first = answered(call("GET", NOTES + "?anyTag=t0&pageLimit=2", null), 200);
    assertThat(first.get("totalResults").asInt()).isEqualTo(3);
    String cursor = first.get("pageCursor").asString();
    JsonNode second = answered(call("GET", NOTES + "?pageCursor=" + encoded(cursor), null), 200);
    assertThat(second.get("data").findValuesAsString("title")).containsExactly("Note 0");
    assertThat(second.has("pageCursor")).as("the last page has none").isFalse();
    assertThat(second.get("totalResults").asInt()).isEqualTo(3);
    assertThat(call("GET", NOTES + "?anyTag=t0&pageCursor=" + encoded(cursor), null).statusCode())
        .as("the same filters beside it")
        .isEqualTo(200);

    assertThat(listed("?anyTag=t0,t9")).isEqualTo(even);
    assertThat(listed("?allTags=t0,all")).isEqualTo(even);
    assertThat(listed("?allTags=t0,t1")).isEmpty();
    assertThat(listed("?term=Note%203")).containsExactly(ids.get(1));
    assertThat(listed("?last=1h")).isEqualTo(ids);
    assertThat(listed("?createdFrom=2020-01-01&updatedFrom=2020-01-01")).isEqualTo(ids);
    assertThat(listed("?createdTo=2020-01-01")).isEmpty();
    assertThat(listed("?updatedTo=2020-01-01")).isEmpty();
    assertThat(listed("?dateFrom=2100-01-01")).isEmpty();
    assertThat(listed("?source=o")).isEmpty();
    assertThat(listed("?companyId=" + NOBODY)).isEmpty();
    assertThat(listed("?ownerEmail=o@x.org")).as("notes have no owner").isEmpty();
    assertThat(listed("?featureId=" + NOBODY)).as("notes have no features").isEmpty();
  }

  @Test
  void today_is_until_its_end() throws Exception {
    String id = note("{'title': 'a', 'content': 'a'}");
    String today =
        json(call("GET", NOTES + "/" + id, null))
            .get("data")
            .get("createdAt")
            .asString()
            .substring(0, 10);
    assertThat(listed("?createdFrom=%s&createdTo=%s".formatted(today, today))).containsExactly(id);
  }

  @Test
  void a_cursor_that_was_changed_or_is_old_is_refused() throws Exception {
    note("{'title': 'a', 'content': 'a', 'tags': ['t']}");
    note("{'title': 'b', 'content': 'b', 'tags': ['t']}");
    String cursor =
        answered(call("GET", NOTES + "?pageLimit=1&anyTag=t", null), 200)
            .get("pageCursor")
            .asString();
    String other = cursor.substring(0, cursor.length() - 9) + "AAAAAAAAA";
    for (String bad : List.of("x", "12345678", other, "0" + cursor)) {
      assertThat(answered(call("GET", NOTES + "?pageCursor=" + encoded(bad), null), 422))
          .as(bad)
          .isEqualTo(
              errors(
                  "pageCursor", "The page cursor is not one that a page of this list ended with"));
    }
    assertThat(answered(call("GET", NOTES + "?anyTag=u&pageCursor=" + encoded(cursor), null), 422))
        .isEqualTo(
            errors(
                "anyTag",
                "The page cursor is of a list without this; begin anew, or leave it out"));
    wait(Duration.ofSeconds(61));
    assertThat(answered(call("GET", NOTES + "?pageCursor=" + encoded(cursor), null), 422))
        .isEqualTo(errors("pageCursor", "The page cursor is older than 60 seconds; begin anew"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pageLimit=0                                | pageLimit",
        "pageLimit=2001                             | pageLimit",
        "pageLimit=x                                | pageLimit",
        "last=1y                                    | last",
        "last=1d&createdFrom=2026-01-01             | last",
        "dateFrom=2026-01-01&createdFrom=2026-01-01 | dateFrom",
        "anyTag=a&allTags=b                         | anyTag",
        "createdTo=yesterday                        | createdTo",
        "companyId=x                                | companyId",
        "featureId=x                                | featureId",
        "term=%20                                   | term",
        "tag=a                                      | tag",
      })
  void a_list_that_cannot_be_meant_is_refused(String query, String parameter) throws Exception {
    assertThat(answered(call("GET", NOTES + "?" + query, null), 422).get("errors").propertyNames())
        .containsExactly(parameter);
  }

  private List<String> listed(String query) throws Exception {
    List<String> ids = new ArrayList<>();
    answered(call("GET", NOTES + query, null), 200)
        .get("data")
        .forEach(note -> ids.add(note.get("id").asString()));
    return ids;
  }

  // ---- tags ----

  @Test
  void tags_are_added_listed_and_taken_away_without_a_version() throws Exception {
    String id = note("{'title': 'a', 'content': 'a', 'tags': ['a']}");
    note("{'title': 'b', 'content': 'b', 'tags': ['b']}");
    String tags = NOTES + "/" + id + "/tags";
    HttpResponse<String> added = call("POST", tags + "/in%20time", null, TOKEN, null);
    assertThat(answered(added, 201).get("data").get("id").asString()).isEqualTo(id);
    assertThat(answered(call("GET", tags, null, TOKEN, null), 200))
        .isEqualTo(json("{'data': {'tags': ['a', 'in time']}}"));
    assertThat(call("DELETE", tags + "/a", null, TOKEN, null).statusCode()).isEqualTo(204);
    assertThat(answered(call("DELETE", tags + "/a", null), 422))
        .isEqualTo(tagError("tag.notFound", "Tag not found", "No note has this tag"));
    assertThat(answered(call("DELETE", tags + "/b", null), 422))
        .isEqualTo(
            tagError(
                "tag.notOnNote", "Tag not on note", "Other notes have this tag; this has not"));
    assertThat(answered(call("POST", tags + "/" + "x".repeat(101), null), 422))
        .isEqualTo(
            tagError(
                "parameter.invalid",
                "Invalid parameter",
                "The field tags/0 has 101 characters; expected at most 100"));
    for (int i = 0; i < 19; i++) {
      assertThat(call("POST", tags + "/t" + i, null).statusCode()).isEqualTo(201);
    }
    assertThat(answered(call("POST", tags + "/more", null), 422))
        .isEqualTo(
            tagError(
                "parameter.invalid", "Invalid parameter", "The note would have more than 20 tags"));
    String nowhere = NOTES + "/" + NOBODY + "/tags";
    for (HttpResponse<String> answer :
        List.of(
            call("GET", nowhere, null),
            call("POST", nowhere + "/a", null),
            call("DELETE", nowhere + "/a", null))) {
      assertThat(answered(answer, 422))
          .isEqualTo(tagError("note.notFound", "Note not found", "There is no note with this id"));
    }
    assertThat(call("GET", tags, null, TOKEN, "2").statusCode()).isEqualTo(400);
  }

  private static JsonNode tagError(String code, String title, String detail) {
    return json("{'code': '%s', 'title': '%s', 'detail': '%s'}".formatted(code, title, detail));
  }

  // ---- whole requests ----

  @Test
  void a_request_that_cannot_be_taken_is_answered_in_the_same_form() throws Exception {
    assertThat(answered(call("GET", NOTES, null, TOKEN, "2"), 400))
        .isEqualTo(
            errors("unsupported_version", "There is no such version here; send X-Version: 1"));
    assertThat(answered(call("GET", NOTES, null, TOKEN, null), 400))
        .isEqualTo(
            errors("unsupported_version", "The header X-Version is missing; send X-Version: 1"));
    assertThat(named(call("POST", NOTES, "{'title'"), 400)).containsExactly("malformed_json");
    assertThat(named(call("POST", NOTES, "[]"), 400)).containsExactly("malformed_json");
    assertThat(named(call("PUT", NOTES, "{}"), 405)).containsExactly("method_not_allowed");
    assertThat(named(call("GET", NOTES, null, "nobody", "1"), 401))
        .containsExactly("invalid_token");
    assertThat(named(call("POST", NOTES, "{}", readToken, "1"), 403))
        .containsExactly("missing_scope");
    assertThat(call("GET", NOTES, null, readToken, "1").statusCode()).isEqualTo(200);
    assertThat(named(call("GET", NOTES + "/x", null), 404)).containsExactly("id");
  }

  private static List<String> named(HttpResponse<String> answer, int status) {
    JsonNode body = answered(answer, status);
    assertThat(body.get("ok").asBoolean()).isFalse();
    return List.copyOf(body.get("errors").propertyNames());
  }

  private static JsonNode errors(String field, String message) {
    return json("{'ok': false, 'errors': {'%s': ['%s']}}".formatted(field, message));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
