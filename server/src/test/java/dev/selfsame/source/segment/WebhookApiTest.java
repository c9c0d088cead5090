package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.error.Failure;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
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

/** Segment's Webhook destination, through a real request, a real intake and a real database. */
final class WebhookApiTest {

  @RegisterExtension static final TestDatabase database = TestDatabase.migrated();

  private static final String SECRET = "a shared secret typed at Segment";
  private static final String AUTHORIZATION = "Bearer a value typed at Segment";

  // Made by another program: openssl dgst -sha1 -hmac "$SECRET" identify.json
  private static final String IDENTIFY_SIGNED = "9ff185db7906a63cea6eafe6c41cc80b42711fed";
  private static final String DELETE_SIGNED = "dda12277c9c8a0d460eff818b7aa7419577f93f4";
  private static final String ARRAY_SIGNED = "4f22bded6bf12d020b85df58ec81a1e2361a0d7f";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final WebhookSettings SETTINGS = new WebhookSettings(512 * 1024, 1_000);

  private static Pipeline pipeline;
  private static StoredGrants grants;
  private static StoredAccess access;
  private static HttpServer server;
  private static HttpClient client;

  @BeforeAll
  static void start() {
    var open = database.open();
    pipeline =
        new Pipeline("default", open.sessions("intake"), IntakeSettings.DEFAULT, names -> {});
    pipeline.start();
    grants = new StoredGrants(open);
    access = new StoredAccess(grants, GivenSecrets.NONE, () -> TestDatabase.NOW);
    HttpSettings http = HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false);
    var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    var handover =
        new Handover(space -> pipeline, () -> TestDatabase.NOW, SegmentSettings.DEFAULT, metrics);
    var api =
        new WebhookApi(access::hooks, handover, new Bodies(http.bodyMemory()), SETTINGS, metrics);
    server = HttpServer.start(http, List.of(api), access, List::of, metrics);
    client = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
    pipeline.close();
    client.close();
  }

  /** Three webhooks: one that is signed, one that is authorized, one that is both. */
  @BeforeEach
  void hooks() {
    database.sql(
        "DELETE FROM selfsame.hook; DELETE FROM selfsame.suppression; UPDATE selfsame.space SET"
            + " suppressions = 0");
    Histories.empty(database);
    for (String source : List.of("signed", "authorized", "both")) {
      access.issueHook(
          source,
          source,
          !source.equals("authorized"),
          !source.equals("signed"),
          SECRET,
          AUTHORIZATION);
    }
  }

  @AfterEach
  void sweep() throws Exception {
    Sweep.invariants(database);
  }

  @Test
  void an_event_as_segment_sends_it_becomes_a_user_at_its_own_time() throws Exception {
    HttpResponse<String> answer =
        post("signed", golden("identify.json"), "X-Signature", IDENTIFY_SIGNED);
    assertThat(answer.statusCode() + answer.body()).isEqualTo("200{\"success\":true}");
    assertThat(database.rows("SELECT external_id, email, name FROM users"))
        .containsExactly("019mr8mf4r|achilles@segment.com|Achilles");
    assertThat(saidAt()).isEqualTo(Instant.parse("2012-12-02T00:30:08.276Z"));
    assertThat(
            database.rows(
                "SELECT s.name FROM selfsame.ledger l JOIN selfsame.source s ON"
                    + " s.number = l.source"))
        .containsExactly("signed");
  }

  @Test
  void an_array_as_segment_sends_it_is_taken_in_its_order() throws Exception {
    // The signature is of the first event alone, as Segment makes it.
    HttpResponse<String> answer =
        post(
            "both",
            golden("array.json"),
            "X-Signature",
            IDENTIFY_SIGNED,
            "Authorization",
            AUTHORIZATION);
    assertThat(answer.statusCode() + answer.body()).isEqualTo("200{\"success\":true}");
    assertThat(decisions()).containsExactly("created|K3|", "erased|D1|");
    assertThat(database.rows("SELECT type, sum(count) FROM event_counts GROUP BY type"))
        .containsExactly("track|1");
    assertThat(database.rows("SELECT count(*) FROM users")).containsExactly("0");
  }

  @Test
  void a_deletion_erases_whichever_proof_held() throws Exception {
    post("signed", golden("identify.json"), "X-Signature", IDENTIFY_SIGNED);
    assertThat(post("signed", golden("delete.json"), "X-Signature", DELETE_SIGNED).statusCode())
        .isEqualTo(200);
    assertThat(database.rows("SELECT count(*) FROM users")).containsExactly("0");
    assertThat(post("authorized", identify("u2"), "Authorization", AUTHORIZATION).statusCode())
        .isEqualTo(200);
    assertThat(
            post(
                    "authorized",
                    "{\"type\":\"delete\",\"userId\":\"u2\"}",
                    "Authorization",
                    AUTHORIZATION)
                .statusCode())
        .isEqualTo(200);
    post("signed", golden("identify.json"), "X-Signature", IDENTIFY_SIGNED);
    assertThat(decisions())
        .containsExactly(
            "created|K3|", "erased|D1|", "created|K1|", "erased|D1|", "skipped|K22|suppressed");
  }

  @Test
  void a_request_that_proves_nothing_is_refused_by_name_and_writes_nothing() throws Exception {
    byte[] event = golden("identify.json");
    String wrong = "0" + IDENTIFY_SIGNED.substring(1);
    refused("signed", event, 401, "invalid_signature");
    refused("signed", event, 401, "invalid_signature", "X-Signature", wrong);
    refused("signed", event, 401, "invalid_signature", "X-Signature", "");
    refused("signed", event, 401, "invalid_signature", "X-Signature", "not hex".repeat(6));
    refused("signed", event, 401, "invalid_signature", "X-Signature", DELETE_SIGNED);
    refused("signed", event, 401, "invalid_signature", "Authorization", AUTHORIZATION);
    refused("authorized", event, 401, "invalid_authorization");
    refused("authorized", event, 401, "invalid_authorization", "X-Signature", IDENTIFY_SIGNED);
    refused("authorized", event, 401, "invalid_authorization", "Authorization", "Bearer x");
    refused("both", event, 401, "invalid_authorization", "X-Signature", IDENTIFY_SIGNED);
    refused("both", event, 401, "invalid_signature", "Authorization", AUTHORIZATION);
    refused(
        "both",
        event,
        401,
        "invalid_signature",
        "X-Signature",
        wrong,
        "Authorization",
        AUTHORIZATION);
    // A body changed on the way, by one byte.
    byte[] changed = event.clone();
    changed[changed.length - 3] = '9';
    refused("signed", changed, 401, "invalid_signature", "X-Signature", IDENTIFY_SIGNED);
  }

  @Test
  void a_signature_is_read_in_either_case() throws Exception {
    assertThat(
            post(
                    "signed",
                    golden("identify.json"),
                    "X-Signature",
                    IDENTIFY_SIGNED.toUpperCase(java.util.Locale.ROOT))
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void of_an_array_the_first_events_signature_vouches_for_no_others() throws Exception {
    byte[] array = golden("array.json");
    refused("signed", array, 401, "partly_signed", "X-Signature", IDENTIFY_SIGNED);
    assertThat(post("signed", array, "X-Signature", ARRAY_SIGNED).statusCode())
        .as("the whole body's does")
        .isEqualTo(200);
    assertThat(decisions()).hasSize(2);
  }

  @Test
  void an_array_laid_out_anew_on_the_way_is_still_signed() throws Exception {
    String pretty =
        JSON.writerWithDefaultPrettyPrinter()
            .writeValueAsString(JSON.readTree(golden("array.json")));
    assertThat(
            post("both", pretty, "X-Signature", IDENTIFY_SIGNED, "Authorization", AUTHORIZATION)
                .statusCode())
        .isEqualTo(200);
    String other = pretty.replaceFirst("Achilles", "Patroclus");
    refused(
        "both",
        other.getBytes(UTF_8),
        401,
        "invalid_signature",
        "X-Signature",
        IDENTIFY_SIGNED,
        "Authorization",
        AUTHORIZATION);
  }

  @Test
  void where_there_is_no_webhook_nothing_is_taken() throws Exception {
    byte[] event = golden("identify.json");
    for (String source : List.of("nobody", "segment", "csv", "stripe", "x".repeat(300), "a%20b")) {
      refused(source, event, 404, "not_found", "X-Signature", IDENTIFY_SIGNED);
    }
    assertThat(post("", "{}").statusCode()).isEqualTo(404);
    String id =
        grants.list().stream()
            .filter(grant -> "signed".equals(grant.source()))
            .findFirst()
            .orElseThrow()
            .id();
    assertThat(access.revoke(id)).isTrue();
    refused("signed", event, 404, "not_found", "X-Signature", IDENTIFY_SIGNED);
    HttpResponse<String> wrongMethod =
        client.send(
            HttpRequest.newBuilder(URI.create(server.url() + "/hooks/segment/both")).GET().build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(wrongMethod.statusCode()).isEqualTo(405);
  }

  @Test
  void a_new_secret_may_be_made_before_the_old_one_ends() throws Exception {
    StoredAccess.IssuedHook next = access.issueHook("next", "signed", true, false, null, null);
    byte[] event = golden("identify.json");
    assertThat(post("signed", event, "X-Signature", IDENTIFY_SIGNED).statusCode()).isEqualTo(200);
    String signature = hmac(Objects.requireNonNull(next.secret()), event);
    assertThat(post("signed", event, "X-Signature", signature).statusCode()).isEqualTo(200);
  }

  private static final Map<String, String> NEVER =
      Map.ofEntries(
          Map.entry("{\"type\":\"identify\"", "malformed_json"),
          Map.entry("[{\"type\":\"identify\",\"userId\":\"u1\"},{]", "malformed_json"),
          Map.entry("[{\"type\":\"identify\",\"userId\":\"u1\"}] []", "malformed_json"),
          Map.entry("nonsense", "malformed_json"),
          Map.entry("", "malformed_json"),
          Map.entry("[]", "no_events"),
          Map.entry("[ ]", "no_events"),
          Map.entry("\"text\"", "invalid_request"),
          Map.entry("null", "invalid_request"),
          Map.entry("{\"type\":\"identify\",\"anonymousId\":\"a1\"}", "no_user_id"),
          Map.entry("{\"type\":\"identify\",\"userId\":\" \"}", "no_user_id"),
          Map.entry("{\"type\":\"identify\",\"userId\":true}", "id_not_string"),
          Map.entry("{\"type\":\"identify\",\"userId\":\"null\"}", "blocked_id"),
          Map.entry("{\"type\":\"delete\"}", "no_user_id"),
          Map.entry("{\"type\":\"group\",\"userId\":\"u1\"}", "no_group_id"));

  @Test
  void what_can_never_be_taken_is_a_400_with_a_name() throws Exception {
    for (Map.Entry<String, String> one : NEVER.entrySet()) {
      HttpResponse<String> answer =
          post("authorized", one.getKey(), "Authorization", AUTHORIZATION);
      assertThat(answer.statusCode()).as("%s: %s", one.getKey(), answer.body()).isEqualTo(400);
      JsonNode error = JSON.readTree(answer.body());
      assertThat(error.get("success").asBoolean()).isFalse();
      assertThat(error.get("code").asString()).as(one.getKey()).isEqualTo(one.getValue());
      assertThat(error.get("message").asString()).isNotBlank();
    }
    assertThat(database.rows("SELECT count(*) FROM users")).containsExactly("0");
    assertThat(
            post(
                    "authorized",
                    "{\"type\":\"track\",\"anonymousId\":\"a1\"}",
                    "Authorization",
                    AUTHORIZATION)
                .statusCode())
        .as("what names nobody is counted (K18)")
        .isEqualTo(200);
  }

  @Test
  void malformed_json_that_is_signed_is_malformed_and_else_unsigned() throws Exception {
    byte[] broken = "{\"type\":".getBytes(UTF_8);
    refused("signed", broken, 400, "malformed_json", "X-Signature", hmac(SECRET, broken));
    refused("signed", broken, 401, "invalid_signature", "X-Signature", IDENTIFY_SIGNED);
  }

  @Test
  void what_is_too_large_is_refused() throws Exception {
    String large = identify("u1").replace("{}", "{\"x\":\"" + "y".repeat(33 * 1024) + "\"}");
    refused(
        "authorized",
        large.getBytes(UTF_8),
        400,
        "event_too_large",
        "Authorization",
        AUTHORIZATION);
    refused(
        "authorized",
        ("[" + identify("u1") + " ".repeat(SETTINGS.maxBodyBytes()) + "]").getBytes(UTF_8),
        400,
        "body_too_large",
        "Authorization",
        AUTHORIZATION);
  }

  @Test
  void a_bad_event_of_an_array_is_listed_and_spoils_none_of_its_mates() throws Exception {
    String deep =
        identify("deep").replace("{}", "{\"x\":" + "[".repeat(200) + "]".repeat(200) + "}");
    String large = identify("large").replace("{}", "{\"x\":\"" + "y".repeat(33 * 1024) + "\"}");
    List<String> events =
        List.of(
            identify("u1"),
            "{\"type\":\"identify\",\"anonymousId\":\"a\",\"messageId\":\"m1\"}",
            "7",
            "{\"type\":\"identify\",\"userId\":\"null\"}",
            deep,
            large,
            "{\"type\":\"page\",\"anonymousId\":\"a\"}",
            "[]",
            identify("u2"));
    HttpResponse<String> answer =
        post("authorized", "[" + String.join(",", events) + "]", "Authorization", AUTHORIZATION);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode body = JSON.readTree(answer.body());
    assertThat(body.get("success").asBoolean()).isTrue();
    List<String> rejected = new ArrayList<>();
    body.get("rejected")
        .forEach(one -> rejected.add(one.get("index").asInt() + " " + one.get("code").asString()));
    assertThat(rejected)
        .containsExactly(
            "1 no_user_id",
            "2 bad_request",
            "3 blocked_id",
            "4 nested_too_deep",
            "5 event_too_large",
            "7 bad_request");
    assertThat(body.get("rejected").get(0).get("messageId").asString()).isEqualTo("m1");
    assertThat(database.rows("SELECT external_id FROM users ORDER BY 1"))
        .containsExactly("u1", "u2");
  }

  @Test
  void events_beyond_what_an_array_may_have_are_listed() throws Exception {
    String array =
        IntStream.range(0, SETTINGS.maxEvents() + 2)
            .mapToObj(i -> "{\"type\":\"track\",\"event\":\"e\"}")
            .collect(Collectors.joining(",", "[", "]"));
    HttpResponse<String> answer = post("authorized", array, "Authorization", AUTHORIZATION);
    assertThat(answer.statusCode()).isEqualTo(200);
    Set<String> codes = new TreeSet<>();
    JsonNode rejected = JSON.readTree(answer.body()).get("rejected");
    rejected.forEach(one -> codes.add(one.get("code").asString()));
    assertThat(rejected.size() + " " + codes).isEqualTo("2 [too_many_events]");
    assertThat(database.rows("SELECT sum(count) FROM event_counts"))
        .containsExactly(Integer.toString(SETTINGS.maxEvents()));
  }

  @ParameterizedTest
  @CsvSource({
    // What Segment's own sentAt says is about the way to Segment.
    "2026-11-21T11:00:00Z, 2026-11-21T09:00:00Z, 2026-11-21T11:00:00Z",
    "2026-11-21T11:00:00Z, 2026-11-21T11:30:00Z, 2026-11-21T11:00:00Z",
    "2027-01-01T00:00:00Z, , 2026-11-21T12:00:00Z",
    "soon, 2026-11-21T11:30:00Z, 2026-11-21T12:00:00Z",
    ", , 2026-11-21T12:00:00Z",
  })
  void an_events_time_is_its_timestamp_and_stays_so_when_it_is_read_again(
      String timestamp, String sentAt, Instant expected) throws Exception {
    var event = JSON.createObjectNode().put("type", "identify").put("userId", "u1");
    if (timestamp != null) {
      event.put("timestamp", timestamp);
    }
    if (sentAt != null) {
      event.put("sentAt", sentAt);
    }
    assertThat(post("authorized", event.toString(), "Authorization", AUTHORIZATION).statusCode())
        .isEqualTo(200);
    assertThat(saidAt()).isEqualTo(expected);
    String payload = database.rows("SELECT payload FROM selfsame.ledger").getFirst();
    long receivedAt = TestDatabase.NOW.toEpochMilli() * 1_000;
    assertThat(
            SegmentEvents.read(payload.getBytes(UTF_8), Histories.SEGMENT, receivedAt).claim().at())
        .isEqualTo(expected.toEpochMilli() * 1_000);
  }

  @Test
  void an_event_that_segment_sends_again_writes_nothing() throws Exception {
    String event =
        "{\"type\":\"identify\",\"userId\":\"u1\",\"messageId\":\"m1\",\"timestamp\":\"2026-11-21T11:00:00Z\"}";
    for (int i = 0; i < 2; i++) {
      assertThat(post("authorized", event, "Authorization", AUTHORIZATION).body())
          .isEqualTo("{\"success\":true}");
    }
    assertThat(decisions()).containsExactly("created|K1|");
  }

  @Test
  void a_webhooks_source_takes_no_write_keys_and_theirs_no_webhook() {
    assertThatThrownBy(() -> grants.ensureSource("default", "signed", true))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("is a webhook's, which may erase");
    assertThatThrownBy(() -> access.issueHook("x", "segment", true, true, null, null))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("has a source of its own");
    assertThatThrownBy(() -> access.issueHook("x", "stripe", true, true, null, null))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("billing source already");
    assertThat(grants.hooks("segment")).isEmpty();
  }

  @Test
  void the_authorization_is_kept_as_a_hash() {
    assertThat(database.rows("SELECT * FROM selfsame.hook").toString())
        .doesNotContain(HexFormat.of().formatHex(AUTHORIZATION.getBytes(UTF_8)))
        .doesNotContain(AUTHORIZATION);
  }

  private static void refused(
      String source, byte[] body, int status, String code, String... headers) throws Exception {
    long before = position();
    HttpResponse<String> answer = post(source, body, headers);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode error = JSON.readTree(answer.body());
    assertThat(error.get("success").asBoolean()).isFalse();
    assertThat(error.get("code").asString()).isEqualTo(code);
    assertThat(error.get("message").asString()).isNotBlank();
    assertThat(position()).isEqualTo(before);
  }

  private static long position() {
    return Long.parseLong(
        database.rows("SELECT position FROM selfsame.space WHERE number = 1").getFirst());
  }

  private static List<String> decisions() {
    return database.rows(
        "SELECT outcome, rule, coalesce(reason, '') FROM selfsame.ledger ORDER BY position");
  }

  private static Instant saidAt() {
    long micros = Long.parseLong(database.rows("SELECT said_at FROM selfsame.ledger").getFirst());
    return Instant.EPOCH.plusNanos(micros * 1_000);
  }

  private static String identify(String userId) {
    return "{\"type\":\"identify\",\"userId\":\"" + userId + "\",\"traits\":{}}";
  }

  private static HttpResponse<String> post(String source, String body, String... headers)
      throws Exception {
    return post(source, body.getBytes(UTF_8), headers);
  }

  private static HttpResponse<String> post(String source, byte[] body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url() + "/hooks/segment/" + source))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    return client.send(
        (headers.length == 0 ? request : request.headers(headers)).build(),
        HttpResponse.BodyHandlers.ofString(ISO_8859_1));
  }

  /** The body of a request as Segment sends it. */
  private static byte[] golden(String name) throws Exception {
    try (InputStream in =
        Objects.requireNonNull(
            WebhookApiTest.class.getResourceAsStream("/segment/webhook/" + name))) {
      return in.readAllBytes();
    }
  }

  private static String hmac(String secret, byte[] body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA1");
    mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA1"));
    return HexFormat.of().formatHex(mac.doFinal(body));
  }
}
