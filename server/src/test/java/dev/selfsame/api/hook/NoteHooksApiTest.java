package dev.selfsame.api.hook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.identity.Channel;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.source.segment.Handover;
import dev.selfsame.source.segment.SegmentSettings;
import dev.selfsame.source.segment.WebhookApi;
import dev.selfsame.source.segment.WebhookSettings;
import dev.selfsame.store.Database;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.UserQueries;
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
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code /hooks/notes}: what other tools post, signed as they sign it. */
final class NoteHooksApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String SECRET = "a shared secret of the tool";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static final String TICKET =
      """
      {"type": "zen:event-type:ticket.created", "id": "01H", "zendesk_event_version": "2022-06-20",
       "subject": "zen:ticket:88", "time": "2026-11-23T12:00:00Z",
       "detail": {"id": "88", "subject": "Export is slow", "description": "It takes a minute.", "tags": ["export"],
                  "requester": {"email": "Ann@x.org", "external_id": "u1"}}}
      """;
  private static final String CONVERSATION =
      """
      {"type": "notification_event", "topic": "conversation.user.created", "delivery_attempts": 1,
       "data": {"type": "notification_event_data", "item": {"type": "conversation", "id": "123456789",
         "source": {"type": "conversation", "subject": "", "body": "<p>Hi there</p>",
                    "author": {"type": "user", "id": "5f", "name": "Ann", "email": "ann@x.org"}},
         "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "5f", "external_id": "u1"}]},
         "tags": {"type": "tag.list", "tags": [{"type": "tag", "id": "1", "name": "vip"}]},
         "links": {"conversation_web": "https://app.example.com/conversations/123456789"}}}}
      """;

  private static Pipeline pipeline;
  private static HttpServer server;
  private static StoredAccess access;
  private static Database database;
  private static String authorization;

  @BeforeAll
  static void start() {
    database = hub.open();
    InstantSource clock = InstantSource.system();
    access = new StoredAccess(new StoredGrants(database), new GivenSecrets(null, null), clock);
    pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, traits -> {});
    pipeline.start();
    UserQueries users = new UserQueries(database, "default");
    NoteQueries notes = new NoteQueries(database, "default", clock);
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Bodies bodies = new Bodies(4 * 1024 * 1024);
    NoteHookSettings settings =
        new NoteHookSettings(
            Map.of(
                "survey",
                new NoteHookSettings.Mapping(
                    "/form/name",
                    "/answers/0/text",
                    "/link",
                    "/person/id",
                    "/person/mail",
                    "/person/firm",
                    "/person/site",
                    "/id",
                    "/labels")));
    server =
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(
                new NoteHooksApi(
                    access::hooks,
                    space ->
                        new NoteHooksApi.Taking(
                            new NoteWrites(space, database, pipeline, users, notes, clock), notes),
                    bodies,
                    settings),
                new WebhookApi(
                    access::hooks,
                    new Handover(space -> pipeline, clock, SegmentSettings.DEFAULT, metrics),
                    bodies,
                    WebhookSettings.DEFAULT,
                    metrics)),
            access,
            List::of,
            metrics);
    for (String signed : List.of("zendesk", "intercom", "survey", "any")) {
      issue(signed, true, false);
    }
    authorization = String.valueOf(issue("vouched", false, true).authorization());
  }

  /** As the command does. */
  private static StoredAccess.IssuedHook issue(String name, boolean signed, boolean authorized) {
    return access.issueHook(
        name,
        "default",
        NoteWrites.source(name).name(),
        Channel.INSIGHTS,
        signed,
        authorized,
        signed ? SECRET : null,
        null);
  }

  @AfterAll
  static void stop() {
    server.close();
    pipeline.close();
  }

  /** All but the sources, which webhooks hang on. */
  @BeforeEach
  void empty() {
    hub.sql(
        """
        DELETE FROM selfsame.note; DELETE FROM selfsame.flag_user; DELETE FROM selfsame.flag; DELETE FROM selfsame.flag_count;
        DELETE FROM selfsame.same_email; DELETE FROM selfsame.account_part; DELETE FROM selfsame.account;
        DELETE FROM selfsame.identifier; DELETE FROM selfsame.part; DELETE FROM selfsame.ledger; DELETE FROM selfsame.message_key;
        DELETE FROM selfsame.event_count; DELETE FROM selfsame.decision_count; DELETE FROM selfsame.mention;
        UPDATE selfsame.space SET position = 0, users = 0, identified = 0, missing_billing = 0, mentions_after = 0;
        """);
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  // ---- what is made ----

  @Test
  void a_ticket_of_zendesk_is_a_note_about_its_requester() throws Exception {
    JsonNode answer = taken(zendesk(TICKET));
    assertThat(answer.get("outcome").asString()).isEqualTo("made");
    assertThat(answer.get("note").asString())
        .isEqualTo(hub.rows("SELECT id FROM notes").getFirst());
    assertThat(notes())
        .containsExactly("Export is slow|It takes a minute.||{export}|zendesk|88|u1|ann@x.org");
  }

  @Test
  void a_ticket_as_the_api_shows_it_is_one_too() throws Exception {
    taken(
        zendesk(
            """
            {"ticket": {"id": 89, "subject": "Slow", "description": "Very", "url": "https://z.example.com/89"},
             "requester": {"email": "bob@x.org"}}
            """));
    assertThat(notes())
        .containsExactly("Slow|Very|https://z.example.com/89|{}|zendesk|89||bob@x.org");
  }

  @Test
  void a_conversation_of_intercom_is_a_note_about_its_contact() throws Exception {
    assertThat(taken(intercom(CONVERSATION)).get("outcome").asString()).isEqualTo("made");
    assertThat(notes())
        .containsExactly(
            "<p>Hi there</p>|<p>Hi"
                + " there</p>|https://app.example.com/conversations/123456789|{vip}|intercom|123456789|u1|ann@x.org");
  }

  @Test
  void who_answers_a_conversation_is_no_customer() throws Exception {
    taken(
        intercom(
            CONVERSATION
                .replace("\"author\": {\"type\": \"user\"", "\"author\": {\"type\": \"admin\"")
                .replace("\"external_id\": \"u1\"", "\"external_id\": null")));
    assertThat(hub.rows("SELECT user_id IS NULL FROM notes")).containsExactly("t");
  }

  @Test
  void json_of_any_kind_is_mapped() throws Exception {
    taken(
        json(
            "survey",
            """
            {"id": 7, "form": {"name": "How was it?"}, "answers": [{"text": "Slow"}], "link": "https://s.example.com/7",
             "person": {"id": "u1", "mail": "ann@x.org", "firm": "acme", "site": "acme.com"}, "labels": "csat"}
            """));
    assertThat(notes())
        .containsExactly("How was it?|Slow|https://s.example.com/7|{csat}|survey|7|u1|ann@x.org");
    assertThat(hub.rows("SELECT external_id, domain FROM accounts"))
        .containsExactly("acme|acme.com");
  }

  @Test
  void json_without_a_mapping_is_a_note_as_integrations_send_it() throws Exception {
    taken(
        json(
            "any", "{\"title\": \"t\", \"content\": \"c\", \"user\": {\"email\": \"ann@x.org\"}}"));
    assertThat(notes()).containsExactly("t|c||{}|||ann@x.org".replace("|||", "||||"));
  }

  // ---- never refused for what it says, never twice ----

  @Test
  void what_comes_again_is_the_note_that_is_there() throws Exception {
    String first = taken(zendesk(TICKET)).get("note").asString();
    JsonNode again = taken(zendesk(TICKET.replace("created", "updated").replace("slow", "fast")));
    assertThat(again.get("outcome").asString()).isEqualTo("there");
    assertThat(again.get("note").asString()).isEqualTo(first);
    assertThat(hub.rows("SELECT count(*), min(title) FROM notes"))
        .containsExactly("1|Export is slow");
  }

  @Test
  void redeliveries_at_once_make_one_note() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      sent.add(CLIENT.sendAsync(zendesk(TICKET), HttpResponse.BodyHandlers.ofString()));
    }
    List<String> outcomes = new ArrayList<>();
    for (CompletableFuture<HttpResponse<String>> each : sent) {
      outcomes.add(JSON.readTree(each.get().body()).get("outcome").asString());
    }
    assertThat(outcomes).containsOnlyOnce("made").hasSize(8);
    assertThat(hub.rows("SELECT count(*) FROM notes")).containsExactly("1");
  }

  @Test
  void P8_a_user_that_contradicts_itself_is_settled_as_insights_are() throws Exception {
    taken(zendesk(TICKET));
    taken(zendesk(TICKET.replace("\"88\"", "\"90\"").replace("\"u1\"", "\"u2\"")));
    assertThat(hub.rows("SELECT external_id, email FROM users ORDER BY 1"))
        .containsExactly("u1|ann@x.org", "u2|");
    assertThat(hub.rows("SELECT kind FROM selfsame.flag")).containsExactly("email_conflict");
  }

  @Test
  void what_cannot_be_used_is_left_out() throws Exception {
    JsonNode answer =
        taken(zendesk(TICKET.replace("Ann@x.org", "nobody").replace("\"u1\"", "[1]")));
    assertThat(answer.get("outcome").asString()).isEqualTo("made");
    assertThat(answer.get("warnings").toString())
        .isEqualTo("[\"value_malformed:email\",\"value_not_text:external_id\"]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\": \"zen:event-type:user.created\", \"detail\": {\"id\": \"7\"}}",
        "{\"ticket\": {\"subject\": \"without an id\"}}",
        "{\"ticket\": {\"id\": 9}}",
        "[]",
        "7",
      })
  void what_is_no_ticket_is_passed_over(String body) throws Exception {
    assertThat(taken(zendesk(body)).get("outcome").asString()).isEqualTo("passed");
    assertThat(hub.rows("SELECT count(*) FROM notes")).containsExactly("0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"topic\": \"ping\", \"data\": {\"item\": {\"type\": \"ping\", \"message\": \"…\"}}}",
        "{\"topic\": \"contact.created\", \"data\": {\"item\": {\"type\": \"contact\", \"id\":"
            + " \"1\"}}}",
        "{}",
      })
  void what_is_no_conversation_is_passed_over(String body) throws Exception {
    assertThat(taken(intercom(body)).get("outcome").asString()).isEqualTo("passed");
  }

  // ---- proofs ----

  @Test
  void without_its_signature_nothing_is_taken() throws Exception {
    String changed = TICKET.replace("slow", "fast");
    String at = "2026-11-23T12:00:00Z";
    String signature = Base64.getEncoder().encodeToString(hmac("HmacSHA256", at + TICKET));
    String header = "X-Zendesk-Webhook-Signature";
    for (HttpRequest request :
        List.of(
            post("zendesk/zendesk", changed, header, signature, header + "-Timestamp", at),
            post("zendesk/zendesk", TICKET, header, signature),
            post("zendesk/zendesk", TICKET, header, signature, header + "-Timestamp", at + "1"),
            post("zendesk/zendesk", TICKET, header, "???", header + "-Timestamp", at),
            post("zendesk/zendesk", TICKET),
            // The right secret, in another tool's way.
            post(
                "zendesk/zendesk",
                TICKET,
                "X-Hub-Signature-256",
                "sha256=" + HexFormat.of().formatHex(hmac("HmacSHA256", TICKET))),
            post("intercom/intercom", CONVERSATION, "X-Hub-Signature", "sha1=00"),
            post(
                "intercom/intercom",
                CONVERSATION + " ",
                "X-Hub-Signature",
                "sha1=" + HexFormat.of().formatHex(hmac("HmacSHA1", CONVERSATION))),
            post(
                "survey/json",
                "{}",
                "X-Hub-Signature-256",
                HexFormat.of().formatHex(hmac("HmacSHA256", "{}"))))) {
      HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
      assertThat(JSON.readTree(answer.body()).at("/errors/0/code").asString())
          .isEqualTo("invalid_signature");
    }
    assertThat(hub.rows("SELECT count(*) FROM notes")).containsExactly("0");
  }

  @Test
  void a_webhook_may_be_known_by_its_authorization() throws Exception {
    String body = "{\"title\": \"t\", \"content\": \"c\"}";
    taken(post("vouched/json", body, "Authorization", authorization));
    for (HttpRequest request :
        List.of(
            post("vouched/json", body, "Authorization", "Bearer x"), post("vouched/json", body))) {
      HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(JSON.readTree(answer.body()).at("/errors/0/code").asString())
          .isEqualTo("invalid_authorization");
    }
    assertThat(hub.rows("SELECT count(*) FROM notes")).containsExactly("1");
  }

  @Test
  void a_webhook_of_notes_writes_no_events_and_one_of_segments_no_notes() throws Exception {
    String event = "{\"type\": \"delete\", \"userId\": \"u1\"}";
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + "/hooks/segment/vouched%20insights"))
            .header("Authorization", authorization)
            .POST(HttpRequest.BodyPublishers.ofString(event))
            .build();
    assertThat(CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(404);
    access.issueHook("events", "events", true, false, SECRET, null);
    assertThat(
            CLIENT
                .send(signed("events/json", "{}"), HttpResponse.BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(404);
    assertThat(
            CLIENT
                .send(signed("survey/xml", "{}"), HttpResponse.BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(404);
  }

  @Test
  void what_is_no_json_is_refused() throws Exception {
    HttpResponse<String> answer =
        CLIENT.send(signed("survey/json", "{"), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(JSON.readTree(answer.body()).at("/errors/0/code").asString())
        .isEqualTo("malformed_json");
  }

  @Test
  void a_mapping_says_where_the_words_stand() {
    assertThatThrownBy(() ->
            new NoteHookSettings.Mapping(null, null, null, null, null, null, null, "/id", null))
        .hasMessage("A mapping of notes must say where title or content stands; it says neither");
    assertThatThrownBy(() ->
            new NoteHookSettings.Mapping("title", null, null, null, null, null, null, null, null))
        .hasMessage("A mapping of notes has JSON pointers such as /ticket/subject; got title");
  }

  // ---- Requests ----

  private static List<String> notes() {
    return hub.rows(
        """
        SELECT n.title, n.content, n.display_url, n.tags, n.source_origin, n.source_record_id, u.external_id, u.email
        FROM notes n LEFT JOIN users u ON u.id = n.user_id
        """);
  }

  private static JsonNode taken(HttpRequest request) throws Exception {
    HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static HttpRequest zendesk(String body) throws Exception {
    String at = "2026-11-23T12:00:00Z";
    return post(
        "zendesk/zendesk",
        body,
        "X-Zendesk-Webhook-Signature",
        Base64.getEncoder().encodeToString(hmac("HmacSHA256", at + body)),
        "X-Zendesk-Webhook-Signature-Timestamp",
        at);
  }

  private static HttpRequest intercom(String body) throws Exception {
    return post(
        "intercom/intercom",
        body,
        "X-Hub-Signature",
        "sha1=" + HexFormat.of().formatHex(hmac("HmacSHA1", body)));
  }

  private static HttpRequest json(String integration, String body) throws Exception {
    return signed(integration + "/json", body);
  }

  private static HttpRequest signed(String path, String body) throws Exception {
    return post(
        path,
        body,
        "X-Hub-Signature-256",
        "sha256=" + HexFormat.of().formatHex(hmac("HmacSHA256", body)));
  }

  private static HttpRequest post(String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url() + "/hooks/notes/" + path))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request.build();
  }

  private static byte[] hmac(String algorithm, String text) throws Exception {
    Mac mac = Mac.getInstance(algorithm);
    mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), algorithm));
    return mac.doFinal(text.getBytes(UTF_8));
  }
}
