package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Json;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Submission;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TrackingApiTest {

  private static final String SUCCESS = "{\"success\":true}";
  private static final String ANN =
      "{\"userId\":\"u1\",\"traits\":{\"email\":\"ann@example.com\",\"name\":\"Ann\"}}";

  private static final Hub hub = new Hub();

  @AfterAll
  static void close() {
    hub.close();
  }

  @BeforeEach
  void beginAnew() {
    hub.reset();
  }

  private static void assertSuccess(HttpResponse<String> answer) {
    assertThat(answer.body()).isEqualTo(SUCCESS);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  private static void assertError(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.body())
        .startsWith("{\"success\":false,\"code\":\"" + code + "\",\"message\":\"")
        .contains("\"error\":\"");
    assertThat(answer.statusCode()).isEqualTo(status);
  }

  private static Submission only() {
    assertThat(hub.intake.submissions()).hasSize(1);
    return hub.intake.submissions().getFirst();
  }

  // --- paths

  @ParameterizedTest
  @CsvSource({
    "/v1/identify, Identify",
    "/v1/i, Identify",
    "//v1/identify/, Identify",
    "/v1/alias, Alias",
    "/v1/a, Alias",
    "/v1/group, Group",
    "/v1/g/, Group",
    "/v1/track, track",
    "/v1/t, track",
    "/v1/page, page",
    "/v1/p, page",
    "/v1/screen, screen",
    "/v1//s, screen",
  })
  void thePathImpliesTheType(String path, String kind) {
    String body = "{\"userId\":\"u1\",\"previousId\":\"u0\",\"groupId\":\"g\",\"traits\":{}}";
    hub.postAs(path, body);
    Claim claim = only().claim();
    String is =
        claim instanceof Claim.Event event ? event.type() : claim.getClass().getSimpleName();
    assertThat(is).isEqualTo(kind);
  }

  @Test
  void aTypeInTheBodyOutranksThePath() {
    assertSuccess(hub.postAs("/v1/track", "{\"type\":\"identify\",\"userId\":\"u1\"}"));
    assertThat(only().claim()).isInstanceOf(Claim.Identify.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/batch",
        "/v1/batch/",
        "/v1/b",
        "/v1/import",
        "/v1/import/",
        "//v1/import/",
        "/v1",
        "/v1/"
      })
  void everyBatchPathTakesABatch(String path) {
    String body =
        "{\"batch\":[{\"type\":\"identify\",\"userId\":\"u1\"},{\"type\":\"track\",\"event\":\"x\"}]}";
    assertSuccess(hub.postAs(path, body));
    assertThat(hub.claims()).hasSize(2);
    assertThat(hub.intake.users()).hasSize(1);
  }

  @Test
  void anUnknownPathIsNotFoundInTheSameForm() {
    assertError(hub.postAs("/v1/set", "{}"), 404, "not_found");
    assertError(hub.postAs("//v1/nothing", "{}"), 404, "not_found");
  }

  @Test
  void theWrongMethodIsNamed() {
    HttpResponse<String> answer = hub.get("/v1/batch");
    assertError(answer, 405, "method_not_allowed");
    assertThat(answer.headers().firstValue("Allow")).contains("POST");
  }

  @Test
  void anSdksReportOnItselfIsTakenAndDropped() {
    assertSuccess(hub.post("/v1/m", "{\"series\":[]}", "Content-Type", "text/plain"));
    assertThat(hub.claims()).isEmpty();
  }

  // --- write keys

  @Test
  void theKeyMayStandAloneInTheHeaderWithOrWithoutAColon() {
    assertSuccess(hub.post("/v1/identify", ANN, "Authorization", basic("wk_test:")));
    assertSuccess(hub.post("/v1/identify", ANN, "Authorization", basic("wk_test")));
    assertSuccess(hub.post("/v1/identify", ANN, "authorization", basic("wk_test:ignored")));
  }

  @Test
  void theKeyMayStandAloneInTheBody() {
    assertSuccess(hub.post("/v1/identify", "{\"userId\":\"u1\",\"writeKey\":\"wk_test\"}"));
    assertSuccess(hub.post("/v1/batch", "{\"batch\":[],\"writeKey\":\"wk_test\"}"));
  }

  @Test
  void aBearerTokenLeavesTheBodysKeyToCount() {
    String body =
        "{\"batch\":[{\"type\":\"identify\",\"userId\":\"u1\"}],\"writeKey\":\"wk_test\"}";
    assertSuccess(hub.post("/v1/batch", body, "Authorization", "Bearer eyJhbGciOi"));
    assertError(
        hub.post("/v1/batch", "{\"batch\":[]}", "Authorization", "Bearer wk_test"),
        401,
        "invalid_write_key");
  }

  @Test
  void aHeaderMeantForAProxyLeavesTheBodysKeyToCount() {
    assertSuccess(
        hub.post(
            "/v1/identify",
            "{\"userId\":\"u1\",\"writeKey\":\"wk_test\"}",
            "Authorization",
            basic("proxy:secret")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic !!!", "Basic", "Basic Og==", "Digest x", ""})
  void aHeaderThatNamesNoKeyIsAnUnknownKey(String header) {
    assertError(hub.post("/v1/identify", ANN, "Authorization", header), 401, "invalid_write_key");
    assertThat(hub.claims()).isEmpty();
  }

  @Test
  void anUnknownKeyIsSaidSo() {
    HttpResponse<String> answer = hub.post("/v1/identify", ANN, "Authorization", basic("nobody:"));
    assertError(answer, 401, "invalid_write_key");
    // A browser would ask its user for a password.
    assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
  }

  @Test
  void anUnknownKeyIsPassedOverWhereTheSettingSaysSo() {
    try (var lenient = new Hub(SegmentSettings.DEFAULT.withUnknownKeyIsOk(true))) {
      assertSuccess(lenient.post("/v1/identify", ANN, "Authorization", basic("nobody:")));
      assertThat(lenient.claims()).isEmpty();
      assertThat(lenient.metrics.scrape()).contains("selfsame_tracking_unknown_key_total 1.0");
    }
  }

  @Test
  void eachKeyWritesToItsOwnSource() {
    hub.access.put("wk_web", Source.segment(7, "web").withTrusted(false));
    hub.post("/v1/identify", "{\"userId\":\"u1\",\"writeKey\":\"wk_web\"}");
    assertThat(only().claim().source().number()).isEqualTo(7);
    assertThat(only().claim().source().trusted()).isFalse();
  }

  // --- bodies

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/octet-stream",
        "x"
      })
  void anyContentTypeIsReadAsJson(String type) {
    assertSuccess(
        hub.post("/v1/identify", ANN, "Content-Type", type, "Authorization", basic("wk_test:")));
    assertThat(hub.intake.users()).hasSize(1);
  }

  @Test
  void gzipIsInflatedWhateverTheHeadersSay() {
    byte[] body = Hub.gzip(ANN.getBytes(UTF_8));
    String key = basic("wk_test:");
    assertSuccess(hub.post("/v1/identify", body, "Authorization", key, "Content-Encoding", "gzip"));
    assertSuccess(hub.post("/v1/identify", body, "Authorization", key));
    // A proxy that inflates may leave the header.
    assertSuccess(hub.post("/v1/identify", ANN, "Authorization", key, "Content-Encoding", "gzip"));
    assertThat(hub.intake.users()).hasSize(1);
  }

  @Test
  void anEncodingThatIsNotUnderstoodIsNamed() {
    assertError(hub.post("/v1/identify", ANN, "Content-Encoding", "br"), 400, "invalid_request");
  }

  @Test
  void brokenGzipIsNamed() {
    byte[] body = Hub.gzip(ANN.getBytes(UTF_8));
    byte[] half = Arrays.copyOf(body, body.length / 2);
    assertError(hub.post("/v1/identify", half), 400, "invalid_request");
    body[12] ^= 0x55;
    HttpResponse<String> answer = hub.post("/v1/identify", body);
    assertThat(answer.statusCode()).isEqualTo(400);
  }

  @Test
  void aGzipBombIsCutAtTheLimit() {
    byte[] bomb = Hub.gzip(new byte[200 * 1024 * 1024]);
    assertThat(bomb.length).isLessThan(250_000);
    assertError(hub.post("/v1/batch", bomb), 400, "body_too_large");
  }

  @Test
  void aBodyIsTakenUpToTheLimitAndNotBeyond() {
    String padding = " ".repeat(512_000 - "{\"batch\":[]}".length());
    assertSuccess(hub.postAs("/v1/batch", "{\"batch\":[]" + padding + "}"));
    assertError(hub.postAs("/v1/batch", "{\"batch\":[]" + padding + " }"), 400, "body_too_large");
  }

  @Test
  void theLimitCanBeRaised() {
    try (var large = new Hub(SegmentSettings.DEFAULT.withMaxBodyBytes(1_000_000))) {
      String padding = " ".repeat(600_000);
      assertSuccess(large.postAs("/v1/batch", "{\"batch\":[]" + padding + "}"));
    }
  }

  @Test
  void aBodyWithoutLengthIsBoundedToo() {
    byte[] body = ("{\"batch\":[]" + " ".repeat(600_000) + "}").getBytes(UTF_8);
    HttpResponse<String> answer =
        hub.send(
            HttpRequest.newBuilder(hub.url("/v1/batch"))
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(body))));
    assertError(answer, 400, "body_too_large");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "}",
        "{]",
        "[}",
        "nul",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "[1,]",
        "{\"a\":01}",
        "{\"a\":1}x",
        "{\"a\":1}{\"b\":2}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":NaN}",
        "{\"a\":+1}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"",
        "{\"a\":tru}",
        "{\"a\":1 \"b\":2}",
        "{,\"a\":1}",
        "\u0000",
        "{\"a\":1}\u0000",
        "// comment\n{}",
        "\uFEFF\uFEFF{}"
      })
  void whatIsNotJsonIsMalformed(String body) {
    assertError(hub.postAs("/v1/identify", body), 400, "malformed_json");
    assertError(hub.postAs("/v1/batch", body), 400, "malformed_json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "\"text\"", "null", "true"})
  void jsonThatIsNoEventIsAnInvalidRequest(String body) {
    assertError(hub.postAs("/v1/identify", body), 400, "invalid_request");
    assertError(hub.postAs("/v1/batch", body), 400, "invalid_request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"batch\":null}", "{\"batch\":{}}", "{\"batch\":\"x\"}"})
  void aBatchWithoutABatchIsAnInvalidRequest(String body) {
    assertError(hub.postAs("/v1/batch", body), 400, "invalid_request");
  }

  @Test
  void anEmptyBatchIsFine() {
    assertSuccess(hub.postAs("/v1/batch", "{\"batch\":[]}"));
  }

  @Test
  void aByteOrderMarkIsPassedOver() {
    assertSuccess(hub.postAs("/v1/identify", "\uFEFF" + ANN));
  }

  @Test
  void anErrorNeverShowsTheSource() {
    HttpResponse<String> answer = hub.postAs("/v1/identify", "{\"userId\":\"secret-id\"");
    assertThat(answer.body()).doesNotContain("secret-id");
  }

  // --- ids and values

  @Test
  void numericIdsKeepEveryDigit() {
    hub.postAs("/v1/alias", "{\"userId\":9007199254740993,\"previousId\":-0}");
    assertThat(only().claim())
        .isEqualTo(
            new Claim.Alias(
                Source.segment(1, "segment"),
                micros(),
                new Raw.Number("-0"),
                new Raw.Number("9007199254740993")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|no_user_id",
        "{\"userId\":null}|no_user_id",
        "{\"userId\":\" \"}|no_user_id",
        "{\"userId\":true}|id_not_string",
        "{\"userId\":{}}|id_not_string",
        "{\"userId\":[\"u\"]}|id_not_string",
        "{\"userId\":1.5}|id_not_string",
        "{\"userId\":1e3}|id_not_string",
        "{\"userId\":1e999999999}|id_not_string",
        "{\"userId\":\"null\"}|blocked_id",
        "{\"userId\":\"a\\u0000b\"}|id_malformed",
        "{\"userId\":\"a\\ud800b\"}|id_malformed",
      })
  void whatNamesNoUserIsListedAndStill200(String event, String code) {
    HttpResponse<String> answer = hub.postAs("/v1/identify", event);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .startsWith(
            "{\"success\":true,\"rejected\":[{\"index\":0,\"messageId\":null,\"code\":\""
                + code
                + "\",\"message\":\"");
  }

  @Test
  void anIdOf401CharactersIsListed() {
    HttpResponse<String> answer =
        hub.postAs("/v1/identify", "{\"userId\":\"" + "x".repeat(401) + "\"}");
    assertThat(answer.body()).contains("\"code\":\"id_too_long\"");
    assertSuccess(hub.postAs("/v1/identify", "{\"userId\":\"" + "x".repeat(400) + "\"}"));
  }

  @Test
  void bytesThatAreNoUtf8BreakAnIdAndNothingElse() {
    byte[] head =
        "{\"batch\":[{\"type\":\"identify\",\"messageId\":\"m1\",\"userId\":\"M".getBytes(UTF_8);
    byte[] tail =
        "ller\"},{\"type\":\"identify\",\"userId\":\"u2\",\"traits\":{\"city\":\"M".getBytes(UTF_8);
    byte[] end = "nchen\"}}],\"writeKey\":\"wk_test\"}".getBytes(UTF_8);
    var body = new ByteArrayOutputStream();
    body.writeBytes(head);
    body.write(0xFC);
    body.writeBytes(tail);
    body.write(0xFC);
    body.writeBytes(end);
    HttpResponse<String> answer = hub.post("/v1/batch", body.toByteArray());
    assertThat(answer.body())
        .startsWith(
            "{\"success\":true,\"rejected\":[{\"index\":0,\"messageId\":\"m1\",\"code\":\"id_malformed\"");
    Submission second = hub.intake.submissions().get(1);
    assertThat(text(second.traits())).isEqualTo("{\"city\":\"M\uFFFDnchen\"}");
    assertThat(second.warnings()).isEqualTo(Map.of("traits.city", "text_repaired"));
    assertThat(hub.intake.users()).hasSize(1);
  }

  @Test
  void theLastOfADuplicateKeyCounts() {
    hub.postAs("/v1/identify", "{\"userId\":\"a\",\"userId\":\"b\"}");
    assertThat(((Claim.Identify) only().claim()).userId()).isEqualTo(new Raw.Text("b"));
  }

  // --- limits in a batch

  @Test
  void oneBadEventNeverSpoilsItsMates() {
    String deep = "[".repeat(5_000) + "]".repeat(5_000);
    List<String> events =
        List.of(
            event("m0", "u0", ""),
            "7",
            "null",
            "{\"type\":\"identify\",\"messageId\":\"m3\",\"userId\":\"\"}",
            event("m4", "u4", ",\"context\":{\"x\":\"" + "y".repeat(32 * 1024) + "\"}"),
            event("m5", "u5", ",\"properties\":" + deep),
            event(
                "m6", "u6", ",\"properties\":{\"n\":1e400000,\"z\":\"\\u0000\",\"s\":\"\\udfff\"}"),
            event("m7", "u7", ",\"timestamp\":\"0001-01-01T00:00:00Z\""),
            event("m8", "u8", ",\"timestamp\":\"9999-12-31T23:59:59.999999999Z\""),
            event("m9", "u9", ",\"timestamp\":1e99"),
            "{\"type\":\"identify\",\"messageId\":{\"a\":1},\"userId\":\"u10\"}",
            "[]",
            event("m12", "u12", ""));
    HttpResponse<String> answer =
        hub.postAs("/v1/batch", "{\"batch\":[" + String.join(",", events) + "]}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(codes(answer.body()))
        .containsExactly(
            "1 bad_request",
            "2 bad_request",
            "3 no_user_id",
            "4 event_too_large",
            "5 nested_too_deep",
            "11 bad_request");
    assertThat(answer.body()).contains("\"messageId\":\"m4\"", "\"messageId\":\"m5\"");
    assertThat(hub.intake.users()).hasSize(7);
    for (Submission submission : hub.intake.submissions()) {
      assertThat(submission.claim().at()).isLessThanOrEqualTo(micros());
    }
  }

  @Test
  void anEventThatIsTooLargeAloneIsARequestThatIs() {
    String event = event("m", "u", ",\"context\":\"" + "y".repeat(32 * 1024) + "\"");
    assertError(hub.postAs("/v1/identify", event), 400, "event_too_large");
    String room = event("m", "u", ",\"context\":\"\"");
    String fits = event("m", "u", ",\"context\":\"" + "y".repeat(32 * 1024 - room.length()) + "\"");
    assertThat(fits).hasSize(32 * 1024);
    assertSuccess(hub.postAs("/v1/identify", fits));
  }

  @Test
  void eventsBeyondTheLimitAreRejectedAndTheOthersTaken() {
    List<String> events = new ArrayList<>();
    for (int i = 0; i < 2_503; i++) {
      events.add("{\"type\":\"identify\",\"messageId\":\"m" + i + "\",\"userId\":\"u" + i + "\"}");
    }
    HttpResponse<String> answer =
        hub.postAs("/v1/batch", "{\"batch\":[" + String.join(",", events) + "]}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(codes(answer.body()))
        .containsExactly("2500 too_many_events", "2501 too_many_events", "2502 too_many_events");
    assertThat(hub.intake.users()).hasSize(2_500);
  }

  @Test
  void anAbsurdNumberOfEventsIsCountedNotListed() {
    String body = "{\"batch\":[{}" + ",{}".repeat(100_000) + "]}";
    HttpResponse<String> answer = hub.postAs("/v1/batch", body);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).endsWith("],\"rejectedBeside\":96501}");
  }

  // --- failures behind it

  @Test
  void aFullQueueIsTooManyRequests() {
    hub.intake.fail(new Failure(Problem.TOO_BUSY, "The queue is full.", 3, null), false);
    HttpResponse<String> answer = hub.postAs("/v1/identify", ANN);
    assertError(answer, 429, "too_busy");
    assertThat(answer.headers().firstValue("Retry-After")).contains("3");
    assertThat(answer.headers().firstValue("X-RateLimit-Reset")).contains("3");
  }

  @Test
  void aStoreThatIsAwayIsUnavailable() {
    hub.intake.fail(new Failure(Problem.STORE_AWAY, "The database is away."), true);
    HttpResponse<String> answer = hub.postAs("/v1/identify", ANN);
    assertError(answer, 503, "store_away");
    assertThat(answer.headers().firstValue("Retry-After")).contains("5");
    assertThat(answer.headers().firstValue("X-RateLimit-Reset")).contains("5");
  }

  // --- browsers

  @Test
  void aPreflightIsAllowedWhateverHeadersItAsksFor() {
    HttpResponse<String> answer =
        hub.send(
            HttpRequest.newBuilder(hub.url("/v1/t"))
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .headers(
                    "Origin", "https://shop.example",
                    "Access-Control-Request-Method", "POST",
                    "Access-Control-Request-Headers", "authorization,x-custom"));
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.headers().map())
        .containsEntry("access-control-allow-origin", List.of("https://shop.example"))
        .containsEntry("access-control-allow-credentials", List.of("true"))
        .containsEntry("access-control-allow-methods", List.of("POST, GET, OPTIONS"))
        .containsEntry("access-control-max-age", List.of("7200"))
        .containsEntry("vary", List.of("Origin"));
    assertThat(answer.headers().firstValue("access-control-allow-headers").orElseThrow())
        .contains("authorization", "content-type", "x-retry-count", "x-custom");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1", "/v1/", "/v1/batch", "/v1/projects/wk_test/settings", "//v1/i"})
  void optionsAreAnsweredEverywhere(String path) {
    String answer =
        hub.raw(
            ("OPTIONS "
                    + path
                    + " HTTP/1.1\r\nHost: h\r\nOrigin: https://a.b\r\nConnection: close\r\n\r\n")
                .getBytes(UTF_8));
    assertThat(answer)
        .startsWith("HTTP/1.1 204 No Content\r\n")
        .contains("Access-Control-Allow-Origin: https://a.b\r\n");
  }

  @Test
  void answersAndErrorsCanBeReadByScripts() {
    for (HttpResponse<String> answer :
        List.of(
            hub.post("/v1/t", "{\"writeKey\":\"wk_test\"}", "Origin", "https://a.b"),
            hub.post("/v1/t", "{", "Origin", "https://a.b"),
            hub.get("/v1/projects/wk_test/settings", "Origin", "https://a.b"))) {
      assertThat(answer.headers().firstValue("Access-Control-Allow-Origin"))
          .contains("https://a.b");
      assertThat(answer.headers().firstValue("Access-Control-Expose-Headers").orElseThrow())
          .contains("Retry-After", "X-RateLimit-Reset");
    }
  }

  @Test
  void settingsPointTheSdkHere() {
    HttpResponse<String> answer = hub.get("/v1/projects/wk_test/settings");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .startsWith(
            "{\"integrations\":{\"Segment.io\":{\"apiKey\":\"wk_test\",\"apiHost\":\"127.0.0.1:"
                + hub.port()
                + "/v1\",\"protocol\":\"http\",\"retryQueue\":true}},\"plan\":{},\"edgeFunction\":{}")
        .contains("\"middlewareSettings\":{},\"metrics\":{\"sampleRate\":0},\"consentSettings\":{}")
        .contains("\"legacyVideoPluginsEnabled\":false,\"remotePlugins\":[]");
    assertThat(hub.get("/v1/projects/wk_test/settings", "X-Forwarded-Proto", "https").body())
        .contains("\"protocol\":\"https\"");
    assertError(hub.get("/v1/projects/nobody/settings"), 401, "invalid_write_key");
  }

  // --- pixels

  @Test
  void aPixelTakesItsEventAsBase64() {
    String event =
        "{\"writeKey\":\"wk_test\",\"userId\":\"u1\",\"traits\":{\"email\":\"a+b@example.com\"}}";
    String data = Base64.getEncoder().encodeToString(event.getBytes(UTF_8));
    assertGif(hub.get("/v1/pixel/identify?data=" + data));
    String urlSafe = Base64.getUrlEncoder().withoutPadding().encodeToString(event.getBytes(UTF_8));
    assertGif(hub.get("/v1/pixel/identify?data=" + urlSafe));
    assertThat(hub.claims()).hasSize(2);
    assertThat(hub.intake.users()).hasSize(1);
    assertThat(text(hub.intake.submissions().getFirst().payload())).doesNotContain("wk_test");
  }

  @Test
  void aPixelTakesItsEventAsParameters() {
    assertGif(
        hub.get(
            "/v1/pixel/identify?writeKey=wk_test&userId=u1&traits.email=ann%40example.com&traits.plan=pro"));
    Submission submission = only();
    Claim.Identify claim = (Claim.Identify) submission.claim();
    assertThat(claim.email()).isEqualTo(new Raw.Text("ann@example.com"));
    assertThat(text(submission.traits())).isEqualTo("{\"plan\":\"pro\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "identify?data=***",
        "identify?data=e30",
        "nothing?x=1",
        "identify",
        "track?data=bnVsbA",
        "identify?a.b=1&a=2&a.c=3",
        "identify?data=%FF%FE",
        "identify?writeKey=nobody",
        "identify?writeKey=wk_test&userId=%00",
        "identify?a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1"
      })
  void aPixelIsAnImageWhateverHappens(String pixel) {
    assertGif(hub.get("/v1/pixel/" + pixel));
  }

  @Test
  void aPixelIsAnImageEvenWhenTheStoreIsAway() {
    hub.intake.fail(new Failure(Problem.STORE_AWAY, "away"), false);
    assertGif(hub.get("/v1/pixel/identify?writeKey=wk_test&userId=u1"));
    hub.intake.fail(new Failure(Problem.STORE_AWAY, "away"), true);
    assertGif(hub.get("/v1/pixel/identify?writeKey=wk_test&userId=u1"));
  }

  private static void assertGif(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("image/gif");
    assertThat(answer.body()).startsWith("GIF89a").hasSize(42);
  }

  // --- the wire

  @Test
  void theStatusLineHasItsReasonPhrase() {
    String answer =
        hub.raw(
            "POST /v1/batch HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 32\r\n\r\n{\"batch\":[],\"writeKey\":\"wk_test\"}"
                .replace("32", "33")
                .getBytes(UTF_8));
    assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\n" + SUCCESS);
    assertThat(answer).contains("Content-Type: application/json\r\n");
  }

  @Test
  void curlsExpectHeaderIsAnswered() {
    String answer =
        hub.raw(
            "POST /v1/batch HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 33\r\n\r\n{\"batch\":[],\"writeKey\":\"wk_test\"}"
                .getBytes(UTF_8));
    assertThat(answer).startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n");
  }

  private static String event(String messageId, String userId, String more) {
    return "{\"type\":\"identify\",\"messageId\":\"%s\",\"userId\":\"%s\"%s}"
        .formatted(messageId, userId, more);
  }

  private static List<String> codes(String body) {
    List<String> codes = new ArrayList<>();
    for (var rejected : Json.mapper().readTree(body).get("rejected")) {
      codes.add(rejected.get("index").asInt() + " " + rejected.get("code").asString());
    }
    return codes;
  }

  private static long micros() {
    return Hub.NOW.getEpochSecond() * 1_000_000;
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "" : new String(bytes, UTF_8);
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }
}
