package dev.selfsame.api.productboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Companies as Productboard's clients read and write them, and the accounts that they are. */
final class ProductboardCompaniesApiTest extends WithProductboard {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  ProductboardCompaniesApiTest() {
    super(hub);
  }

  @Test
  void a_company_is_an_account() throws Exception {
    HttpResponse<String> created =
        call(
            "POST",
            COMPANIES,
            "{'name': 'Globex', 'domain': 'Globex.com', 'description': 'Makes it all', 'source':"
                + " {'origin': 'salesforce', 'record_id': '001'}}");
    String id = answered(created, 201).get("data").get("id").asString();
    assertThat(json(created).get("links").get("html").asString())
        .isEqualTo(url() + "/api/accounts/" + id);
    assertThat(answered(call("GET", COMPANIES + "/" + id, null), 200).get("data"))
        .isEqualTo(
            json(
                ("{'id': '%s', 'name': 'Globex', 'domain': 'globex.com', 'description': 'Makes it"
                        + " all', 'sourceOrigin': 'salesforce', 'sourceRecordId': '001'}")
                    .formatted(id)));
    JsonNode account = answered(call("GET", "/api/accounts/" + id, null), 200).get("data");
    assertThat(account.get("externalId").asString()).isEqualTo("001");
    assertThat(account.get("traits"))
        .isEqualTo(json("{'description': 'Makes it all', 'source_origin': 'salesforce'}"));
  }

  @Test
  void an_account_is_a_company() throws Exception {
    String id =
        answered(call("POST", "/api/accounts", "{'externalId': 'acme'}"), 201)
            .get("data")
            .get("id")
            .asString();
    assertThat(answered(call("GET", COMPANIES + "/" + id, null), 200).get("data"))
        .isEqualTo(json("{'id': '%s', 'name': 'acme', 'sourceRecordId': 'acme'}".formatted(id)));
  }

  @Test
  void a_change_leaves_alone_what_it_does_not_say() throws Exception {
    String id = company("{'name': 'a', 'domain': 'a.com', 'description': 'd'}");
    JsonNode before = shown(id);
    answered(
        call(
            "PATCH",
            COMPANIES + "/" + id,
            "{'data': {'name': null, 'domain': null, 'description': null, 'source': null}}"),
        201);
    assertThat(shown(id)).isEqualTo(before);
    answered(call("PATCH", COMPANIES + "/" + id, "{'data': {'name': 'b'}}"), 201);
    assertThat(shown(id).get("name").asString()).isEqualTo("b");
    assertThat(shown(id).get("domain").asString()).isEqualTo("a.com");
    answered(
        call("PATCH", COMPANIES + "/" + id, "{'data': {'domain': '', 'description': ''}}"), 201);
    assertThat(shown(id).propertyNames()).containsExactlyInAnyOrder("id", "name", "sourceRecordId");
  }

  @Test
  void a_source_stays() throws Exception {
    String id = company("{'name': 'a', 'source': {'record_id': '1'}}");
    assertThat(
            field(
                call(
                    "PATCH",
                    COMPANIES + "/" + id,
                    "{'data': {'source': {'origin': 'csv', 'record_id': '2'}}}"),
                422,
                "source"))
        .startsWith("invalid_field: The record_id of a company stays");
    answered(
        call(
            "PATCH",
            COMPANIES + "/" + id,
            "{'data': {'source': {'origin': 'csv', 'record_id': '1'}}}"),
        201);
    assertThat(shown(id).get("sourceOrigin").asString()).isEqualTo("csv");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                       | name        | invalid_field: A company needs a"
            + " name",
        "{'name': ''}                             | name        | invalid_field: A company needs a"
            + " name",
        "{'name': 1}                              | name        | invalid_field: The field name"
            + " must be text",
        "{'name': 'LONG'}                         | name        | value_too_long: This may have at"
            + " most 256 characters",
        "{'name': 'a\\u0000'}                      | name        | value_malformed: A NUL or half"
            + " of a character cannot be stored",
        "{'name': 'a', 'domain': ['a.com']}       | domain      | invalid_field: The field domain"
            + " must be text",
        "{'name': 'a', 'domain': 'LONG.com'}      | domain      | value_too_long: This may have at"
            + " most 256 characters",
        "{'name': 'a', 'domain': 'gmail.com'}     | domain      | value_blocked: Anybody can have"
            + " a mailbox of this domain, or it is blocked: it is no company's",
        "{'name': 'a', 'description': 'LONGER'}   | description | invalid_field: A trait's text"
            + " has at most 1024 characters, each of which can be stored",
        "{'name': 'a', 'source': '1'}             | source      | invalid_field: The field source"
            + " must be an object of origin, record_id",
        "{'name': 'a', 'source': {}}              | source      | invalid_field: A source needs a"
            + " record_id",
        "{'name': 'a', 'source': {'record_id': ' '}} | source   | value_blank: This is blank",
        "{'name': 'a', 'source': {'record_id': 'null'}} | source | value_blocked: The value cannot"
            + " be used: value blocked",
        "{'name': 'a', 'source': {'record_id': '1', 'origin': 'x'}} | source | invalid_field: The"
            + " origin must be one of manual, csv, salesforce",
        "{'name': 'a', 'source': {'record_id': '1', 'url': 'x'}} | source | invalid_field: There"
            + " is no field url here; did you mean origin?",
        "{'name': 'a', 'domian': 'a.com'}         | domian      | invalid_field: There is no field"
            + " domian here; did you mean domain?",
      })
  void what_cannot_be_meant_is_told_by_field(String body, String field, String message)
      throws Exception {
    String sent = body.replace("LONGER", "x".repeat(1_025)).replace("LONG", "x".repeat(257));
    assertThat(field(call("POST", COMPANIES, sent), 422, field)).isEqualTo(message);
    String id = company("{'name': 'other'}");
    if (!field.equals("name") && !body.contains("record_id': 'null")) {
      answered(call("PATCH", COMPANIES + "/" + id, "{'data': " + sent + "}"), 422);
    }
    assertThat(rows("SELECT count(*) FROM accounts")).containsExactly("1");
  }

  @Test
  void what_another_company_has_is_refused() throws Exception {
    company("{'name': 'a', 'domain': 'a.com', 'source': {'record_id': '1'}}");
    String other = company("{'name': 'a'}");
    assertThat(
            field(
                call("POST", COMPANIES, "{'name': 'b', 'source': {'record_id': '1'}}"),
                422,
                "source"))
        .startsWith("source.conflict: There is a company with this record_id");
    for (HttpResponse<String> refused :
        List.of(
            call("POST", COMPANIES, "{'name': 'b', 'domain': 'A.com'}"),
            call("PATCH", COMPANIES + "/" + other, "{'data': {'domain': 'a.com'}}"))) {
      assertThat(field(refused, 422, "domain"))
          .startsWith("domain.conflict: Another account has this domain");
    }
    assertThat(rows("SELECT count(*) FROM accounts")).containsExactly("2");
  }

  @Test
  void a_list_goes_on_by_its_links() throws Exception {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(company("{'name': 'Company %d'}".formatted(i)));
    }
    company("{'name': 'other'}");
    List<String> seen = new ArrayList<>();
    String next = COMPANIES + "?pageLimit=2&term=COMPANY&hasNotes=false";
    int pages = 0;
    while (next != null) {
      JsonNode page = answered(call("GET", next, null), 200);
      page.get("data").forEach(each -> seen.add(each.get("id").asString()));
      next = page.get("links").get("next").isNull() ? null : page.at("/links/next").asString();
      pages++;
    }
    assertThat(seen).containsExactlyElementsOf(made);
    assertThat(pages).isEqualTo(3);
    assertThat(answered(call("GET", COMPANIES + "?pageOffset=100", null), 200).get("data"))
        .isEmpty();
  }

  @Test
  void notes_and_companies_agree() throws Exception {
    String company = company("{'name': 'a', 'domain': 'a.com', 'source': {'record_id': '1'}}");
    String quiet = company("{'name': 'b'}");
    List<String> notes =
        List.of(
            note("{'title': 'a', 'content': 'a', 'company': {'id': '%s'}}".formatted(company)),
            note("{'title': 'a', 'content': 'a', 'company': {'domain': 'a.com'}}"),
            note(
                "{'title': 'a', 'content': 'a', 'company': {'external_id': '1', 'domain':"
                    + " 'a.com'}}"),
            note("{'title': 'a', 'content': 'a', 'user': {'email': 'fry@a.com'}}"));
    for (String note : notes) {
      assertThat(answered(call("GET", NOTES + "/" + note, null), 200).at("/data/company/id"))
          .isEqualTo(json("'" + company + "'"));
    }
    assertThat(listed("?hasNotes=true")).containsExactly(company);
    assertThat(listed("?hasNotes=false")).containsExactly(quiet);
    assertThat(
            answered(call("GET", NOTES + "?companyId=" + company, null), 200)
                .get("totalResults")
                .asInt())
        .isEqualTo(notes.size());
    assertThat(call("DELETE", COMPANIES + "/" + company, null).statusCode()).isEqualTo(204);
    for (String note : notes) {
      assertThat(answered(call("GET", NOTES + "/" + note, null), 200).get("data").has("company"))
          .isFalse();
    }
    assertThat(
            field(
                call(
                    "POST",
                    NOTES,
                    "{'title': 'a', 'content': 'a', 'company': {'id': '%s'}}".formatted(company)),
                422,
                "company"))
        .startsWith("company.notFound");
  }

  @Test
  void a_company_that_is_not_there_is_told() throws Exception {
    String into = company("{'name': 'a'}");
    String from = company("{'name': 'b'}");
    answered(
        call("POST", "/api/accounts/%s/merge".formatted(from), "{'into': '%s'}".formatted(into)),
        200);
    Map<String, String> ids = new TreeMap<>();
    ids.put(
        from,
        "company.notFound: This company was merged into %s; go on with that id".formatted(into));
    ids.put(NOBODY, "company.notFound: There is no company with this id");
    ids.put("x", "company.notFound: There is no company with this id");
    for (Map.Entry<String, String> id : ids.entrySet()) {
      for (String method : List.of("GET", "PATCH", "DELETE")) {
        String body = method.equals("PATCH") ? "{'data': {'name': 'x'}}" : null;
        assertThat(field(call(method, COMPANIES + "/" + id.getKey(), body), 404, "id"))
            .isEqualTo(id.getValue());
      }
    }
  }

  @Test
  void a_request_that_is_sent_again_makes_one_company() throws Exception {
    HttpResponse<String> first = named("POST", "k1", "{'name': 'a'}");
    HttpResponse<String> again = named("POST", "k1", "{'name': 'a'}");
    assertThat(answered(again, 201)).isEqualTo(answered(first, 201));
    assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
    assertThat(field(named("POST", "k1", "{'name': 'b'}"), 409, "idempotency_key_reused"))
        .startsWith("idempotency_key_reused: Another request came");
    assertThat(rows("SELECT count(*) FROM accounts")).containsExactly("1");
  }

  @ParameterizedTest
  @CsvSource({
    "pageLimit=0, 400",
    "pageLimit=101, 400",
    "pageLimit=x, 400",
    "pageOffset=-1, 400",
    "hasNotes=1, 400",
    "term=%20, 400",
    "featureId=x, 400",
    "limit=1, 400",
    "featureId=01940000-0000-7000-8000-000000000000, 422"
  })
  void a_list_that_cannot_be_meant_is_refused(String query, int status) throws Exception {
    JsonNode error = answered(call("GET", COMPANIES + "?" + query, null), status);
    assertThat(error.propertyNames()).containsExactlyInAnyOrder("code", "title", "detail");
    assertThat(error.get("code").asString())
        .isEqualTo(status == 400 ? "parameter.invalid" : "feature.notFound");
  }

  @Test
  void a_version_a_body_and_a_scope_are_needed() throws Exception {
    assertThat(field(call("GET", COMPANIES, null, TOKEN, null), 400, "unsupported_version"))
        .isEqualTo("The header X-Version is missing; send X-Version: 1");
    answered(call("GET", COMPANIES, null, TOKEN, "2"), 400);
    answered(call("POST", COMPANIES, "{'name': "), 400);
    String id = company("{'name': 'a'}");
    answered(call("PATCH", COMPANIES + "/" + id, "{'name': 'b'}"), 422);
    answered(call("GET", COMPANIES + "/" + id + "?q=1", null), 422);
    answered(call("POST", COMPANIES, "{'name': 'a'}", readToken, "1"), 403);
    answered(call("DELETE", COMPANIES + "/" + id, null, readToken, "1"), 403);
    answered(call("GET", COMPANIES, null, "nobody", "1"), 401);
    assertThat(call("PUT", COMPANIES, "{}").headers().firstValue("Allow")).contains("GET, POST");
  }

  @Test
  void there_are_no_fields_of_their_own() throws Exception {
    assertThat(answered(call("GET", COMPANIES + "/custom-fields", null), 200))
        .isEqualTo(json("{'data': [], 'links': {'next': null}}"));
    assertThat(
            answered(
                    call(
                        "POST",
                        COMPANIES + "/custom-fields",
                        "{'data': {'name': 'Seats', 'type': 'number'}}"),
                    400)
                .at("/errors/0/code")
                .asString())
        .isEqualTo("companyField.notSupported");
    assertThat(
            answered(call("GET", COMPANIES + "/custom-fields/" + NOBODY, null), 404)
                .at("/errors/0/code")
                .asString())
        .isEqualTo("companyField.notFound");
    String value = COMPANIES + "/" + NOBODY + "/custom-fields/" + NOBODY + "/value";
    assertThat(answered(call("GET", value, null), 404).at("/errors/0/code").asString())
        .isEqualTo("companyFieldValue.notFound");
  }

  private JsonNode shown(String id) throws Exception {
    return answered(call("GET", COMPANIES + "/" + id, null), 200).get("data");
  }

  private List<String> listed(String query) throws Exception {
    List<String> ids = new ArrayList<>();
    answered(call("GET", COMPANIES + query, null), 200)
        .get("data")
        .forEach(each -> ids.add(each.get("id").asString()));
    return ids;
  }

  private static String field(HttpResponse<String> answer, int status, String field) {
    JsonNode said = answered(answer, status);
    assertThat(said.get("ok").asBoolean()).isFalse();
    assertThat(said.get("errors").propertyNames()).as(answer.body()).containsExactly(field);
    return said.get("errors").get(field).get(0).asString();
  }

  private HttpResponse<String> named(String method, String key, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url() + COMPANIES))
                .header("Authorization", "Bearer " + TOKEN)
                .header("X-Version", "1")
                .header("Idempotency-Key", key)
                .method(method, HttpRequest.BodyPublishers.ofString(quoted(body)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
