package dev.selfsame.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.replay.History;
import dev.selfsame.review.Erasures;
import dev.selfsame.review.Merges;
import dev.selfsame.review.Undos;
import dev.selfsame.source.Channels;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.source.api.UserWrites;
import dev.selfsame.store.Database;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /api/notes} and {@code /api/insights}, on two real servers with an intake each and one
 * database.
 */
final class NotesApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String TOKEN = "token-of-the-operator-1234";
  private static final String NOBODY = "01940000-0000-7000-8000-000000000000";
  private static final String STRICT = "/api/notes";
  private static final String LENIENT = "/api/insights/zendesk/notes";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private record Running(Pipeline pipeline, HttpServer server) {}

  private static Running one;
  private static Running other;
  private static String readToken;
  private static int customers;

  @BeforeAll
  static void start() {
    Database database = hub.open();
    StoredAccess access =
        new StoredAccess(
            new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system());
    readToken = access.issueToken("reader", Access.Scope.READ).secret();
    one = server(database, access);
    other = server(database, access);
  }

  private static Running server(Database database, StoredAccess access) {
    Pipeline pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, traits -> {});
    pipeline.start();
    UserQueries users = new UserQueries(database, "default");
    InstantSource clock = InstantSource.system();
    Supplier<Preview> previews = () -> Preview.open("default", database.sessions("preview"));
    NoteQueries notes = new NoteQueries(database, "default", clock);
    ErasureQueries erased = new ErasureQueries(database, "default");
    MergeQueries made = new MergeQueries(database, "default");
    Bodies bodies = new Bodies(4 * 1024 * 1024);
    Lookup lookup = new Lookup(users);
    return new Running(
        pipeline,
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(
                new UsersApi(lookup),
                new UserWritesApi(
                    new UserWrites("default", database, pipeline, previews, users, clock), bodies),
                new NotesApi(
                    new NoteWrites("default", database, pipeline, users, notes, clock),
                    notes,
                    lookup,
                    bodies),
                new MergeApi(new Merges(pipeline, previews, users, made, clock), bodies),
                new MergesApi(
                    new Undos(
                        pipeline,
                        previews,
                        users,
                        made,
                        new LinkQueries(database, "default"),
                        () ->
                            new History(new StoredLedger(database, "default"), Channels.readers()),
                        clock,
                        1_000),
                    lookup,
                    bodies),
                new ErasuresApi(
                    new Erasures(
                        "default", pipeline, database.sessions("preview"), users, erased, clock),
                    erased,
                    lookup,
                    bodies)),
            access,
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
  }

  @AfterAll
  static void stop() {
    for (Running each : List.of(one, other)) {
      each.server().close();
      each.pipeline().close();
    }
  }

  @BeforeEach
  void empty() {
    Histories.empty(hub);
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
    setting("- 'emails' - 'notes_fill_email' - 'free_mail_domains'");
  }

  // ---- the rows ----

  /**
   * Each row in each column and mode of emails.
   *
   * @param before users as external id and email: {@code id1/a@x.org}, {@code -/a@x.org}
   * @param about external id of the user that the insight is about; {@code new}: one without;
   *     {@code -}: nobody
   * @param notes 201, or the code of the refusal
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "P0  | id1/a@x.org             | -   | -       | -   | 201",
        "P1  | id1/a@x.org             | id1 | -       | id1 | 201",
        "P1  | id1/a@x.org             | -   | a@x.org | id1 | 201",
        "P1  | -/a@x.org               | -   | a@x.org | new | 201",
        "P2  | id1/a@x.org             | id2 | -       | id2 | 201",
        "P2  | id1/a@x.org             | -   | b@x.org | new | 201",
        "P3  | id1/a@x.org             | id1 | a@x.org | id1 | 201",
        "P4  | id1/-                   | id1 | a@x.org | id1 | 201",
        "P5  | id1/b@x.org             | id1 | a@x.org | id1 | email.conflict",
        "P6  | id1/b@x.org -/a@x.org   | id1 | a@x.org | id1 | email.conflict",
        "P6  | id1/- id2/a@x.org       | id1 | a@x.org | id1 | email.conflict",
        "P7  | -/a@x.org               | id1 | a@x.org | id1 | 201",
        "P8  | id2/a@x.org             | id1 | a@x.org | id1 | externalId.conflict",
        "P9  | id2/b@x.org             | id1 | a@x.org | id1 | 201",
        "P10 | id2/a@x.org id3/a@x.org | id1 | a@x.org | id1 | email.ambiguous",
        "P11 | id2/a@x.org -/a@x.org   | -   | a@x.org | -   | email.ambiguous",
      })
  void every_row(
      String code, String before, String externalId, String email, String about, String notes)
      throws Exception {
    for (boolean unique : List.of(false, true)) {
      if (unique && List.of("P10", "P11").contains(code)) {
        // Nobody can have the same email there.
        continue;
      }
      for (boolean lenient : List.of(true, false)) {
        Histories.empty(hub);
        unique(unique);
        for (String user : before.split(" ", -1)) {
          user(user.split("/", -1)[0], user.split("/", -1)[1]);
        }
        List<String> users = users();
        ObjectNode body = note("Slow", "It is slow");
        ObjectNode named = body.putObject("user");
        put(named, "external_id", externalId);
        put(named, "email", email);
        HttpResponse<String> answer = call("POST", lenient ? LENIENT : STRICT, body.toString());
        String where = "%s %s unique=%s: %s".formatted(code, lenient, unique, answer.body());
        if (!lenient && !notes.equals("201")) {
          assertThat(codes(answer, 409)).as(where).containsExactly(notes);
          assertThat(users()).as(where).isEqualTo(users);
          assertThat(hub.rows("SELECT count(*) FROM notes")).as(where).containsExactly("0");
          continue;
        }
        assertThat(answer.statusCode()).as(where).isEqualTo(201);
        JsonNode data = json(answer).get("data");
        assertThat(json(answer).get("decision").get("code").asString()).as(where).isEqualTo(code);
        String attributed =
            data.get("user").isNull()
                ? "-"
                : data.get("user").get("external_id").isNull()
                    ? "new"
                    : data.get("user").get("external_id").asString();
        assertThat(attributed).as(where).isEqualTo(about);
        assertThat(hub.rows("SELECT title, content FROM notes"))
            .as(where)
            .containsExactly("Slow|It is slow");
      }
    }
  }

  @Test
  void P12_the_users_company_stays_or_the_note_is_refused() throws Exception {
    written(
        STRICT,
        "{'title': 'a', 'content': 'a', 'user': {'external_id': 'id1'}, 'company': {'external_id':"
            + " 'acme'}}");
    String contradicting =
        "{'title': 'b', 'content': 'b', 'user': {'external_id': 'id1'}, 'company': {'external_id':"
            + " 'ace'}}";
    HttpResponse<String> refused = call("POST", STRICT, quoted(contradicting));
    assertThat(codes(refused, 409)).containsExactly("company.conflict");
    assertThat(pointers(refused)).containsExactly("/company");
    JsonNode kept = written(LENIENT, contradicting);
    assertThat(kept.get("data").get("company").get("external_id").asString()).isEqualTo("acme");
    assertThat(kept.get("warnings").toString())
        .isEqualTo("[{\"code\":\"company_differs\",\"pointer\":\"/company\"}]");
    assertThat(hub.rows("SELECT external_id FROM accounts")).containsExactly("acme");
  }

  @Test
  void P5_with_P12_says_both() throws Exception {
    user("id1", "b@x.org");
    written(
        STRICT,
        "{'title': 'a', 'content': 'a', 'user': {'external_id': 'id1'}, 'company': {'external_id':"
            + " 'acme'}}");
    assertThat(
            codes(
                call(
                    "POST",
                    STRICT,
                    quoted(
                        "{'title': 'b', 'content': 'b', 'user': {'external_id': 'id1', 'email':"
                            + " 'a@x.org'}, 'company': {'external_id': 'ace'}}")),
                409))
        .containsExactly("email.conflict", "company.conflict");
  }

  // ---- the three scenarios of seed 004 ----

  @Test
  void scenario_1_the_email_is_ignored() throws Exception {
    String user = user("id123", "old@x.org");
    JsonNode kept = insight("id123", "email123@x.org");
    assertThat(kept.get("data").get("user").get("id").asString()).isEqualTo(user);
    assertThat(users()).containsExactly("id123|old@x.org");
  }

  @Test
  void scenario_2_the_external_id_is_filled_in() throws Exception {
    String user = user("-", "email123@x.org");
    JsonNode kept = insight("id123", "email123@x.org");
    assertThat(kept.get("data").get("user").get("id").asString()).isEqualTo(user);
    assertThat(users()).containsExactly("id123|email123@x.org");
  }

  @Test
  void scenario_3_a_new_user_has_the_id_and_the_company_and_no_email() throws Exception {
    JsonNode first =
        written(
            STRICT,
            "{'title': 'a', 'content': 'a', 'user': {'external_id': 'id9', 'email':"
                + " 'email123@x.org'}, 'company': {'external_id': 'acme'}}");
    String u = first.get("data").get("user").get("id").asString();
    JsonNode kept = insight("id123", "email123@x.org");
    String u2 = kept.get("data").get("user").get("id").asString();
    assertThat(u2).isNotEqualTo(u);
    assertThat(kept.get("data").get("company")).isEqualTo(first.get("data").get("company"));
    assertThat(kept.get("decision").get("flags").toString()).isEqualTo("[\"email_conflict\"]");
    assertThat(users()).containsExactly("id123|", "id9|email123@x.org");
    assertThat(hub.rows("SELECT count(*) FROM account_users")).containsExactly("2");
    assertThat(insight("id123", "email123@x.org").get("data").get("user").get("id").asString())
        .as("u2 is found from then on")
        .isEqualTo(u2);
    assertThat(
            codes(
                call(
                    "POST",
                    STRICT,
                    quoted(
                        "{'title': 'a', 'content': 'a', 'user': {'external_id': 'id124', 'email':"
                            + " 'email123@x.org'}}")),
                409))
        .containsExactly("externalId.conflict");
  }

  // ---- companies ----

  @Test
  void a_new_user_goes_to_the_company_of_its_domain() throws Exception {
    JsonNode acme =
        written(
            STRICT,
            "{'title': 'a', 'content': 'a', 'company': {'external_id': 'acme', 'domain':"
                + " 'Acme.com'}}");
    assertThat(acme.get("data").get("user").isNull()).isTrue();
    String account = acme.get("data").get("company").get("id").asString();
    assertThat(acme.get("data").get("company").get("domain").asString()).isEqualTo("acme.com");
    JsonNode ann =
        written(STRICT, "{'title': 'b', 'content': 'b', 'user': {'email': 'ann@acme.com'}}");
    assertThat(ann.get("data").get("company").get("id").asString()).isEqualTo(account);
    assertThat(hub.rows("SELECT account_id FROM account_users")).containsExactly(account);
    JsonNode byId =
        written(
            STRICT,
            "{'title': 'c', 'content': 'c', 'user': {'external_id': 'id1'}, 'company': {'id': '"
                + account
                + "'}}");
    assertThat(byId.get("data").get("company").get("id").asString()).isEqualTo(account);
    JsonNode byDomain =
        written(LENIENT, "{'title': 'd', 'content': 'd', 'company': {'domain': 'ACME.com'}}");
    assertThat(byDomain.get("data").get("company").get("id").asString()).isEqualTo(account);

    assertThat(refusal("{'title': 'e', 'content': 'e', 'company': {'id': '" + NOBODY + "'}}"))
        .isEqualTo("400 company.notFound /company/id");
    assertThat(refusal("{'title': 'e', 'content': 'e', 'company': {'domain': 'other.com'}}"))
        .isEqualTo("400 company.notFound /company/domain");
    JsonNode passed =
        written(LENIENT, "{'title': 'e', 'content': 'e', 'company': {'id': '" + NOBODY + "'}}");
    assertThat(passed.get("data").get("company").isNull()).isTrue();
    assertThat(passed.get("warnings").toString())
        .isEqualTo("[{\"code\":\"company_notFound\",\"pointer\":\"/company/id\"}]");
  }

  @Test
  void mailboxes_that_anybody_can_have_say_nothing_of_a_company() throws Exception {
    assertThat(
            refusal(
                "{'title': 'a', 'content': 'a', 'company': {'external_id': 'acme', 'domain':"
                    + " 'gmail.com'}}"))
        .isEqualTo("400 value_blocked /company/domain");
    setting("|| '{\"free_mail_domains\": [\"acme.com\"]}'");
    written(
        STRICT,
        "{'title': 'a', 'content': 'a', 'company': {'external_id': 'g', 'domain': 'gmail.com'}}");
    JsonNode bob =
        written(STRICT, "{'title': 'b', 'content': 'b', 'user': {'email': 'bob@gmail.com'}}");
    assertThat(bob.get("data").get("company").get("external_id").asString()).isEqualTo("g");
  }

  @Test
  void P4_the_email_is_filled_in_where_the_policy_says_so() throws Exception {
    user("id1", "-");
    insight("id1", "ann@x.org");
    assertThat(users()).containsExactly("id1|");
    setting("|| '{\"notes_fill_email\": true}'");
    insight("id1", "ann@x.org");
    assertThat(users()).containsExactly("id1|ann@x.org");
  }

  // ---- what is sent ----

  @Test
  void a_note_is_kept_with_all_that_is_sent() throws Exception {
    HttpResponse<String> answer =
        call(
            "POST",
            STRICT,
            quoted(
                "{'title': ' Slow ', 'content': 'It is\\nslow', 'display_url':"
                    + " 'https://z.example/1', 'user': {'external_id': 17, 'email': ' Ann@X.org'},"
                    + " 'source': {'origin': 'zendesk', 'record_id': '88'}, 'tags': ['speed', ' ux"
                    + " ', 'speed']}"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    JsonNode data = json(answer).get("data");
    String id = data.get("id").asString();
    assertThat(answer.headers().firstValue("Location")).contains(STRICT + "/" + id);
    assertThat(data.get("title").asString()).isEqualTo("Slow");
    assertThat(data.get("content").asString()).isEqualTo("It is\nslow");
    assertThat(data.get("display_url").asString()).isEqualTo("https://z.example/1");
    assertThat(data.get("tags").toString()).isEqualTo("[\"speed\",\"ux\"]");
    assertThat(data.get("source").toString())
        .isEqualTo("{\"origin\":\"zendesk\",\"record_id\":\"88\"}");
    assertThat(data.get("user").get("external_id").asString()).isEqualTo("17");
    assertThat(data.get("user").get("email").asString()).isEqualTo("ann@x.org");
    assertThat(data.get("channel").asString()).isEqualTo("notes");
    assertThat(json(answer).get("warnings").isEmpty()).isTrue();
    assertThat(json(call("GET", STRICT + "/" + id, null)).get("data")).isEqualTo(data);
    assertThat(hub.rows("SELECT source_origin, source_record_id, user_id IS NOT NULL FROM notes"))
        .containsExactly("zendesk|88|t");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger WHERE payload LIKE '%Slow%'"))
        .as("what it says stands once")
        .containsExactly("0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'content': 'c'}                                            | invalid_field   | /title",
        "{'title': ' ', 'content': 'c'}                              | invalid_field   | /title",
        "{'title': 't'}                                              | invalid_field   | /content",
        "{'title': 'LONG', 'content': 'c'}                           | value_too_long  | /title",
        "{'title': 't', 'content': 'HUGE'}                           | value_too_long  | /content",
        "{'title': 5, 'content': 'c'}                                | value_not_text  | /title",
        "{'title': 't', 'content': 'a\\u0000'}                       | text_repaired   | /content",
        "{'title': 't', 'content': 'c', 'display_url': 'zendesk/1'}  | url_malformed   |"
            + " /display_url",
        "{'title': 't', 'content': 'c', 'tags': 'a'}                 | invalid_field   | /tags",
        "{'title': 't', 'content': 'c', 'tags': ['a', 5]}            | value_not_text  | /tags/1",
        "{'title': 't', 'content': 'c', 'tags': ['']}                | value_blank     | /tags/0",
        "{'title': 't', 'content': 'c', 'tags': MANY}                | too_many_tags   | /tags",
        "{'title': 't', 'content': 'c', 'source': {'origin': 'z'}}   | invalid_field   |"
            + " /source/record_id",
        "{'title': 't', 'content': 'c', 'source': {'record_id': '1'}} | invalid_field  |"
            + " /source/origin",
        "{'title': 't', 'content': 'c', 'user': 'ann'}               | invalid_field   | /user",
        "{'title': 't', 'content': 'c', 'user': {'id': 'x'}}         | invalid_field   | /user/id",
        "{'title': 't', 'content': 'c', 'user': {'external_id': []}} | value_not_text  |"
            + " /user/external_id",
        "{'title': 't', 'content': 'c', 'user': {'external_id': 'null'}} | value_blocked |"
            + " /user/external_id",
        "{'title': 't', 'content': 'c', 'user': {'external_id': 'ID401'}} | value_too_long |"
            + " /user/external_id",
        "{'title': 't', 'content': 'c', 'user': {'email': 'ann'}}    | value_malformed |"
            + " /user/email",
        "{'titel': 't', 'title': 't', 'content': 'c'}                | invalid_field   | /titel",
      })
  void what_is_wrong_is_named_and_passed_over_by_insights(String body, String code, String pointer)
      throws Exception {
    String sent =
        body.replace("LONG", "x".repeat(256))
            .replace("HUGE", "x".repeat(65_537))
            .replace("ID401", "x".repeat(401))
            .replace("MANY", "[" + tags(21) + "]");
    assertThat(refusal(sent)).isEqualTo("400 %s %s".formatted(code, pointer));
    assertThat(hub.rows("SELECT count(*) FROM notes")).containsExactly("0");
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("0");

    HttpResponse<String> passed = call("POST", LENIENT, quoted(sent));
    assertThat(passed.statusCode()).as(passed.body()).isEqualTo(201);
    // A number is its text; what there is no field for, or is missing, is not missed.
    boolean number =
        code.equals("value_not_text") && List.of("/title", "/tags/1").contains(pointer);
    boolean unmissed = code.equals("invalid_field") && !List.of("/tags", "/user").contains(pointer);
    boolean silent = number || unmissed;
    if (!silent) {
      assertThat(json(passed).get("warnings").toString())
          .isEqualTo("[{\"code\":\"%s\",\"pointer\":\"%s\"}]".formatted(code, pointer));
    }
  }

  private static String tags(int count) {
    List<String> tags = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tags.add("'t" + i + "'");
    }
    return String.join(",", tags);
  }

  @Test
  void what_fits_just_so_is_kept_and_what_says_nothing_is_not() throws Exception {
    written(
        STRICT,
        "{'title': '%s', 'content': '%s', 'tags': [%s]}"
            .formatted("x".repeat(255), "ü".repeat(65_536), tags(20)));
    JsonNode cut = written(LENIENT, "{'title': '%s', 'content': 'c'}".formatted("y".repeat(300)));
    assertThat(cut.get("data").get("title").asString()).hasSize(255);
    JsonNode untitled = written(LENIENT, "{'content': 'First line\\nsecond'}");
    assertThat(untitled.get("data").get("title").asString()).isEqualTo("First line");
    HttpResponse<String> nothing = call("POST", LENIENT, "{}");
    assertThat(codes(nothing, 400)).containsExactly("no_content");
    assertThat(codes(call("POST", LENIENT, "[]"), 400)).containsExactly("malformed_json");
    assertThat(codes(call("POST", "/api/insights/Zen%20desk/notes", "{}"), 404))
        .containsExactly("not_found");
  }

  @Test
  void insights_without_a_user_and_with_bad_ids_go_on() throws Exception {
    JsonNode kept =
        written(
            LENIENT,
            "{'title': 't', 'content': 'c', 'user': {'external_id': 'anonymous', 'email': 'x'}}");
    assertThat(kept.get("data").get("user").isNull()).isTrue();
    assertThat(kept.get("warnings").toString())
        .isEqualTo(
            "[{\"code\":\"value_blocked\",\"pointer\":\"/user/external_id\"},{\"code\":\"value_malformed\",\"pointer\":\"/user/email\"}]");
    written(LENIENT, "{'title': 't', 'content': 'c', 'user': {}}");
    written(LENIENT, "{'title': 't', 'content': 'c', 'user': null}");
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("0");
    assertThat(hub.rows("SELECT count(*) FROM notes")).containsExactly("3");
  }

  // ---- repeats ----

  @Test
  void a_source_pair_is_kept_once() throws Exception {
    String body =
        "{'title': 't', 'content': 'c', 'user': {'external_id': 'id1'}, 'source': {'origin':"
            + " 'zendesk', 'record_id': '1'}}";
    String id = written(STRICT, body).get("data").get("id").asString();
    HttpResponse<String> again = call("POST", STRICT, quoted(body.replace("id1", "id2")));
    assertThat(codes(again, 409)).containsExactly("source.conflict");
    assertThat(pointers(again)).containsExactly("/source");
    assertThat(again.body()).contains(id);
    HttpResponse<String> lenient =
        call(
            "POST",
            LENIENT,
            quoted("{'title': 'x', 'content': 'y', 'source': {'record_id': '1'}}"));
    assertThat(lenient.statusCode()).as(lenient.body()).isEqualTo(200);
    assertThat(json(lenient).get("data").get("id").asString()).isEqualTo(id);
    assertThat(json(lenient).get("warnings").toString())
        .isEqualTo("[{\"code\":\"source_conflict\",\"pointer\":\"/source\"}]");
    assertThat(users()).containsExactly("id1|");
    assertThat(hub.rows("SELECT title FROM notes")).containsExactly("t");
  }

  @Test
  void a_request_under_a_key_is_done_once() throws Exception {
    String body = quoted("{'title': 't', 'content': 'c', 'user': {'external_id': 'id1'}}");
    HttpResponse<String> first = keyed(one, STRICT, body, "k1").get();
    HttpResponse<String> second = keyed(other, STRICT, body, "k1").get();
    assertThat(second.statusCode()).as(second.body()).isEqualTo(201);
    assertThat(second.headers().firstValue("Idempotent-Replayed")).contains("true");
    assertThat(json(second)).isEqualTo(json(first));
    assertThat(codes(keyed(one, STRICT, body.replace("id1", "id2"), "k1").get(), 409))
        .containsExactly("idempotency_key_reused");
    assertThat(hub.rows("SELECT count(*) FROM notes")).containsExactly("1");
  }

  // ---- races ----

  @Test
  void two_insights_that_race_are_both_about_one_user() throws Exception {
    for (int round = 0; round < 10; round++) {
      String body =
          quoted(
              "{'title': 't', 'content': 'c', 'user': {'external_id': 'id%1$d', 'email': 'r%1$d@x.org'}}"
                  .formatted(round));
      CompletableFuture<HttpResponse<String>> first = send(one, "POST", LENIENT, body, TOKEN);
      CompletableFuture<HttpResponse<String>> second = send(other, "POST", LENIENT, body, TOKEN);
      JsonNode one = json(first.get()).get("data");
      JsonNode two = json(second.get()).get("data");
      assertThat(one.get("user").get("id")).isEqualTo(two.get("user").get("id"));
      assertThat(one.get("id")).isNotEqualTo(two.get("id"));
    }
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("10");
    assertThat(hub.rows("SELECT count(*) FROM notes")).containsExactly("20");
  }

  @Test
  void of_two_notes_that_race_and_contradict_one_is_refused() throws Exception {
    for (int round = 0; round < 10; round++) {
      String body =
          "{'title': 't', 'content': 'c', 'user': {'external_id': '%2$s%1$d', 'email':"
              + " 'r%1$d@x.org'}}";
      CompletableFuture<HttpResponse<String>> first =
          send(one, "POST", STRICT, quoted(body.formatted(round, "a")), TOKEN);
      CompletableFuture<HttpResponse<String>> second =
          send(other, "POST", STRICT, quoted(body.formatted(round, "b")), TOKEN);
      assertThat(List.of(first.get().statusCode(), second.get().statusCode()))
          .containsExactlyInAnyOrder(201, 409);
    }
    assertThat(hub.rows("SELECT count(*) FROM notes")).containsExactly("10");
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("10");
  }

  @Test
  void of_requests_that_race_for_one_source_pair_one_is_kept() throws Exception {
    for (int round = 0; round < 10; round++) {
      List<CompletableFuture<HttpResponse<String>>> racing = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        racing.add(
            send(
                i % 2 == 0 ? one : other,
                "POST",
                STRICT,
                quoted(
                    "{'title': 't', 'content': 'c', 'source': {'origin': 'z', 'record_id': '%d'}}"
                        .formatted(round)),
                TOKEN));
      }
      List<Integer> statuses = new ArrayList<>();
      for (CompletableFuture<HttpResponse<String>> each : racing) {
        statuses.add(each.get().statusCode());
      }
      assertThat(statuses).containsExactlyInAnyOrder(201, 409, 409, 409);
    }
    assertThat(hub.rows("SELECT count(*) FROM notes")).containsExactly("10");
  }

  // ---- whom they follow ----

  @Test
  void notes_follow_merges_and_their_undoing() throws Exception {
    JsonNode ann = insight("id1", null);
    JsonNode bob = insight("id2", null);
    String note = bob.get("data").get("id").asString();
    String annId = ann.get("data").get("user").get("id").asString();
    String bobId = bob.get("data").get("user").get("id").asString();
    HttpResponse<String> merged =
        call("POST", "/api/users/merge", quoted("{'users': ['%s', '%s']}".formatted(annId, bobId)));
    assertThat(merged.statusCode()).as(merged.body()).isEqualTo(200);
    assertThat(about(note)).isEqualTo(annId);
    assertThat(hub.rows("SELECT count(*) FROM notes WHERE user_id = '" + annId + "'"))
        .containsExactly("2");
    assertThat(json(call("GET", STRICT + "?user=" + bobId, null)).get("data").size()).isEqualTo(2);

    String merge = hub.rows("SELECT merge_id FROM user_merges").getFirst();
    HttpResponse<String> undone = call("POST", "/api/merges/" + merge + "/undo", "{}");
    assertThat(undone.statusCode()).as(undone.body()).isLessThan(300);
    assertThat(about(note)).isEqualTo(bobId);
    assertThat(json(call("GET", STRICT + "?user=" + annId, null)).get("data").size()).isEqualTo(1);
  }

  @Test
  void P7_taken_back_the_notes_go_with_the_external_id() throws Exception {
    String imported = user("-", "ann@x.org");
    String before = insight(null, "ann@x.org").get("data").get("id").asString();
    JsonNode linking = insight("id1", "ann@x.org");
    String link = linking.get("data").get("id").asString();
    String after = insight("id1", null).get("data").get("id").asString();
    assertThat(about(link)).isEqualTo(imported);
    long position = linking.get("decision").get("position").asLong();
    HttpResponse<String> undone = call("POST", "/api/merges/" + position + "/undo", "{}");
    assertThat(undone.statusCode()).as(undone.body()).isLessThan(300);
    assertThat(users()).containsExactly("id1|", "|ann@x.org");
    String own = hub.rows("SELECT id FROM users WHERE external_id = 'id1'").getFirst();
    assertThat(about(before)).isEqualTo(imported);
    assertThat(about(link)).isEqualTo(own);
    assertThat(about(after)).isEqualTo(own);
  }

  @Test
  void an_erasure_takes_the_attribution_and_bars_the_id() throws Exception {
    String note = insight("id1", "ann@x.org").get("data").get("id").asString();
    HttpResponse<String> erased =
        call(
            "POST",
            "/api/erasures",
            quoted("{'identifiers': [{'type': 'external_id', 'value': 'id1'}], 'suppress': true}"));
    assertThat(erased.statusCode()).as(erased.body()).isEqualTo(201);
    assertThat(json(erased).get("data").get("counts").get("notes").asLong()).isEqualTo(1);
    JsonNode kept = json(call("GET", STRICT + "/" + note, null)).get("data");
    assertThat(kept.get("user").isNull()).isTrue();
    assertThat(kept.get("title").asString()).isEqualTo("Slow");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger WHERE payload LIKE '%ann@x.org%'"))
        .containsExactly("0");

    String again = quoted("{'title': 't', 'content': 'c', 'user': {'external_id': 'id1'}}");
    assertThat(codes(call("POST", STRICT, again), 409)).containsExactly("suppressed");
    HttpResponse<String> skipped = call("POST", LENIENT, again);
    assertThat(skipped.statusCode()).as(skipped.body()).isEqualTo(200);
    assertThat(json(skipped).get("data").isNull()).isTrue();
    assertThat(json(skipped).get("warnings").toString())
        .isEqualTo("[{\"code\":\"suppressed\",\"pointer\":\"/user/external_id\"}]");
    assertThat(hub.rows("SELECT count(*) FROM notes")).containsExactly("1");
  }

  // ---- reading and changing ----

  @Test
  void notes_are_listed_filtered_and_paged() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.addFirst(
          written(
                  i < 3 ? STRICT : "/api/insights/intercom/notes",
                  "{'title': 'Note %1$d', 'content': 'About %2$s', 'user': {'external_id': 'id%3$d'}, 'source': {'origin': 'o%3$d', 'record_id': '%1$d'}, 'tags': ['t%3$d']}"
                      .formatted(i, i == 2 ? "billing pages" : "speed", i % 2))
              .get("data")
              .get("id")
              .asString());
    }
    assertThat(listed("")).isEqualTo(ids);
    List<String> paged = new ArrayList<>();
    String next = STRICT + "?limit=2";
    while (next != null) {
      JsonNode page = json(call("GET", next, null));
      page.get("data").forEach(note -> paged.add(note.get("id").asString()));
      JsonNode link = page.get("links").get("next");
      next = link == null ? null : link.asString();
    }
    assertThat(paged).isEqualTo(ids);
    List<String> odd = List.of(ids.get(1), ids.get(3));
    assertThat(listed("?tag=t1")).isEqualTo(odd);
    assertThat(listed("?origin=o1")).isEqualTo(odd);
    assertThat(listed("?origin=o1&recordId=3")).containsExactly(ids.get(1));
    String user = hub.rows("SELECT id FROM users WHERE external_id = 'id1'").getFirst();
    assertThat(listed("?user=" + user)).isEqualTo(odd);
    assertThat(listed("?user=" + NOBODY)).isEmpty();
    assertThat(listed("?account=" + NOBODY)).isEmpty();
    assertThat(listed("?term=Billing")).containsExactly(ids.get(2));
    assertThat(listed("?term=note%20speed")).hasSize(4);
    assertThat(listed("?createdFrom=2100-01-01T00:00:00Z")).isEmpty();
    assertThat(listed("?createdFrom=2000-01-01T00:00:00Z&createdTo=2100-01-01T00:00:00Z"))
        .hasSize(5);
    for (String bad :
        List.of("user=x", "limit=0", "limit=101", "cursor=x", "createdFrom=x", "q=x", "term=%20")) {
      assertThat(codes(call("GET", STRICT + "?" + bad, null), 400))
          .containsExactly("invalid_parameter");
    }
  }

  @Test
  void a_note_is_changed_tagged_and_deleted() throws Exception {
    String id =
        written(
                STRICT,
                "{'title': 't', 'content': 'c', 'display_url': 'https://x.org/1', 'tags': ['a']}")
            .get("data")
            .get("id")
            .asString();
    String path = STRICT + "/" + id;
    JsonNode changed =
        json(call("PATCH", path, quoted("{'title': 'T', 'display_url': null, 'tags': ['b', 'c']}")))
            .get("data");
    assertThat(changed.get("title").asString()).isEqualTo("T");
    assertThat(changed.get("content").asString()).isEqualTo("c");
    assertThat(changed.get("display_url").isNull()).isTrue();
    assertThat(changed.get("tags").toString()).isEqualTo("[\"b\",\"c\"]");
    assertThat(codes(call("PATCH", path, quoted("{'title': null}")), 400))
        .containsExactly("invalid_field", "invalid_field");
    assertThat(codes(call("PATCH", path, quoted("{'user': {}}")), 400))
        .containsExactly("invalid_field");

    assertThat(tagsOf(call("POST", path + "/tags", quoted("{'tags': ['d', 'b']}"))))
        .isEqualTo("[\"b\",\"c\",\"d\"]");
    assertThat(tagsOf(call("DELETE", path + "/tags/c", null))).isEqualTo("[\"b\",\"d\"]");
    assertThat(tagsOf(call("DELETE", path + "/tags/c", null))).isEqualTo("[\"b\",\"d\"]");
    assertThat(codes(call("POST", path + "/tags", quoted("{'tags': [" + tags(19) + "]}")), 400))
        .containsExactly("invalid_field");
    assertThat(codes(call("POST", path + "/tags", "{}"), 400)).containsExactly("invalid_field");

    assertThat(call("DELETE", path, null).statusCode()).isEqualTo(204);
    assertThat(codes(call("DELETE", path, null), 404)).containsExactly("not_found");
    assertThat(codes(call("GET", path, null), 404)).containsExactly("not_found");
    assertThat(codes(call("PATCH", path, "{}"), 404)).containsExactly("not_found");
    assertThat(codes(call("GET", STRICT + "/x", null), 404)).containsExactly("not_found");
    assertThat(hub.rows("SELECT act, actor, details ->> 'note' FROM selfsame.act"))
        .containsExactly("delete_note|token:SELFSAME_TOKEN|" + id);
  }

  @Test
  void reading_alone_does_not_write() throws Exception {
    String body = quoted("{'title': 't', 'content': 'c'}");
    assertThat(send(one, "POST", STRICT, body, readToken).get().statusCode()).isEqualTo(403);
    assertThat(send(one, "POST", LENIENT, body, readToken).get().statusCode()).isEqualTo(403);
    assertThat(send(one, "POST", STRICT, body, "nobody").get().statusCode()).isEqualTo(401);
    assertThat(send(one, "GET", STRICT, null, readToken).get().statusCode()).isEqualTo(200);
  }

  // ---- Requests ----

  private static ObjectNode note(String title, String content) {
    return JSON.createObjectNode().put("title", title).put("content", content);
  }

  private static void put(ObjectNode object, String name, @Nullable String value) {
    if (value != null && !value.equals("-")) {
      object.put(name, value);
    }
  }

  private static JsonNode insight(@Nullable String externalId, @Nullable String email)
      throws Exception {
    ObjectNode body = note("Slow", "It is slow");
    ObjectNode user = body.putObject("user");
    put(user, "external_id", externalId);
    put(user, "email", email);
    return written(LENIENT, body.toString());
  }

  /** A user, by the Users API; without an external id it is a customer. */
  private static String user(String externalId, String email) throws Exception {
    ObjectNode body = JSON.createObjectNode();
    put(body, "externalId", externalId);
    put(body, "email", email);
    if (externalId.equals("-")) {
      body.put("billingId", "cus_" + ++customers);
    }
    HttpResponse<String> answer = call("POST", "/api/users", body.toString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return json(answer).get("data").get("id").asString();
  }

  private static List<String> users() {
    return hub.rows("SELECT external_id, email FROM users ORDER BY external_id, email");
  }

  private static String about(String note) throws Exception {
    return json(call("GET", STRICT + "/" + note, null))
        .get("data")
        .get("user")
        .get("id")
        .asString();
  }

  private static List<String> listed(String query) throws Exception {
    HttpResponse<String> answer = call("GET", STRICT + query, null);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    List<String> ids = new ArrayList<>();
    json(answer).get("data").forEach(note -> ids.add(note.get("id").asString()));
    return ids;
  }

  private static String tagsOf(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer).get("data").get("tags").toString();
  }

  private static JsonNode written(String path, String body) throws Exception {
    HttpResponse<String> answer = call("POST", path, quoted(body));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return json(answer);
  }

  private static String refusal(String body) throws Exception {
    HttpResponse<String> answer = call("POST", STRICT, quoted(body));
    JsonNode error = json(answer).path("errors").path(0);
    return "%d %s %s"
        .formatted(
            answer.statusCode(),
            error.path("code").asString(),
            error.path("source").path("pointer").asString());
  }

  private static String quoted(String body) {
    return body.replace('\'', '"');
  }

  private static void unique(boolean on) {
    hub.sql(
        "UPDATE selfsame.policy SET settings = settings %s WHERE version = (SELECT policy_version FROM selfsame.space)"
            .formatted(on ? "|| '{\"emails\": \"unique\"}'" : "- 'emails'"));
  }

  /** As a new version, which every server notices. */
  private static void setting(String change) {
    hub.sql(
        """
        INSERT INTO selfsame.policy (space, version, settings)
          SELECT p.space, p.version + 1, p.settings %s FROM selfsame.policy p JOIN selfsame.space s
          ON s.number = p.space AND s.policy_version = p.version;
        UPDATE selfsame.space SET policy_version = policy_version + 1;
        """
            .formatted(change));
  }

  private static HttpResponse<String> call(String method, String path, @Nullable String body)
      throws Exception {
    return send(one, method, path, body, TOKEN).get();
  }

  private static CompletableFuture<HttpResponse<String>> keyed(
      Running to, String path, String body, String key) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(to.server().url() + path))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Idempotency-Key", key)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private static CompletableFuture<HttpResponse<String>> send(
      Running to, String method, String path, @Nullable String body, String token) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(to.server().url() + path))
            .header("Authorization", "Bearer " + token)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build();
    return CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }

  private static List<String> codes(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    List<String> codes = new ArrayList<>();
    json(answer).get("errors").forEach(error -> codes.add(error.get("code").asString()));
    return codes;
  }

  private static List<String> pointers(HttpResponse<String> answer) {
    List<String> pointers = new ArrayList<>();
    json(answer)
        .get("errors")
        .forEach(error -> pointers.add(error.get("source").get("pointer").asString()));
    return pointers;
  }
}
