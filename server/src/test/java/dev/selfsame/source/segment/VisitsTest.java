package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.cli.SelfsameCommand;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.store.Database;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredSources;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Page and screen events land, through real requests to two servers on one database. */
final class VisitsTest {

  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final Instant NOW = TestDatabase.NOW;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final List<Server> SERVERS = new ArrayList<>();
  private static Database database;
  private static String key;
  private static String hookHeader;

  /** A server of its own, with its own intake and its own cache of keys. */
  private record Server(HttpServer http, Pipeline pipeline, StoredAccess access) {

    static Server start() {
      StoredAccess access =
          new StoredAccess(new StoredGrants(database), GivenSecrets.NONE, InstantSource.system());
      Pipeline pipeline =
          new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, names -> {});
      pipeline.start();
      PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      HttpSettings http = HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false);
      Handover handover =
          new Handover(space -> pipeline, () -> NOW, SegmentSettings.DEFAULT, metrics);
      Bodies bodies = new Bodies(http.bodyMemory());
      return new Server(
          HttpServer.start(
              http,
              List.of(
                  new TrackingApi(access, handover, bodies, SegmentSettings.DEFAULT, null, metrics),
                  new WebhookApi(
                      access::hooks, handover, bodies, WebhookSettings.DEFAULT, metrics)),
              access,
              List::of,
              metrics),
          pipeline,
          access);
    }

    void close() {
      http.close();
      pipeline.close();
    }
  }

  @BeforeAll
  static void start() {
    database = hub.open();
    SERVERS.add(Server.start());
    SERVERS.add(Server.start());
    StoredAccess access = SERVERS.getFirst().access();
    key = access.issueWriteKey("test", "default", "segment").secret();
    hookHeader =
        String.valueOf(access.issueHook("hook", "relay", false, true, null, null).authorization());
  }

  @AfterAll
  static void stop() {
    SERVERS.forEach(Server::close);
  }

  @BeforeEach
  void empty() {
    Histories.empty(hub);
    hub.sql(
        """
        DELETE FROM segment.pages; DELETE FROM segment.screens; DELETE FROM selfsame.suppression;
        UPDATE selfsame.space SET suppressions = 0
        """);
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void a_page_is_a_row_of_segments_shape() throws Exception {
    pages("on", "segment");
    assertThat(
            track(
                "/v1/page",
                """
                {"messageId": "m1", "anonymousId": "a1", "userId": " u1 ", "name": "Pricing", "category": "Docs",
                 "timestamp": "2026-11-21T11:00:00.250Z", "sentAt": "2026-11-21T11:59:00Z",
                 "properties": {"title": "Prices", "url": "https://x.org/p?q=1", "path": "/p", "referrer": "", "search": "?q=1", "plan": "x"},
                 "context": {"ip": "10.0.0.1", "userAgent": "Mozilla", "locale": "de", "page": {"title": "Not this", "path": "/no"},
                   "campaign": {"name": "c", "source": "s", "medium": "m", "term": "t"}}}
                """))
        .isEqualTo("{\"success\":true}");
    assertThat(
            hub.rows(
                """
                SELECT id, received_at, uuid, anonymous_id, user_id, name, category, title, url, path, referrer, search,
                  context_ip, context_user_agent, context_locale, context_campaign_name, context_campaign_source,
                  context_campaign_medium, sent_at, timestamp, original_timestamp
                FROM segment.pages
                """))
        .containsExactly(
            "m1|2026-11-21"
                + " 12:00:00+00||a1|u1|Pricing|Docs|Prices|https://x.org/p?q=1|/p||?q=1|10.0.0.1|Mozilla|de|c|s|m|2026-11-21"
                + " 11:59:00+00|2026-11-21 11:01:00.25+00|2026-11-21 11:00:00.25+00");
    assertThat(hub.rows("SELECT referrer = '' FROM segment.pages")).containsExactly("t");
    assertThat(counts()).containsExactly("page|1");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger")).containsExactly("0");
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("0");
  }

  @Test
  void a_screen_is_one_too_and_a_batchs_own_context_counts() throws Exception {
    pages("on", "segment");
    track(
        "/v1/batch",
        """
        {"sentAt": "2026-11-21T12:00:00Z",
         "context": {"ip": "10.0.0.9", "app": {"name": "App", "version": "1"}, "os": {"name": "iOS", "version": "19"},
           "device": {"type": "phone"}, "page": {"title": "Common", "url": "https://common"}},
         "batch": [
           {"type": "screen", "messageId": "s1", "userId": "u1", "properties": {"title": "Home", "name": "Start", "category": "Main"},
            "context": {"app": {"version": "2"}, "locale": "fr"}},
           {"type": "page", "messageId": "p1", "anonymousId": "a", "context": {"page": {"path": "/own"}}},
           {"type": "page", "messageId": "p2", "anonymousId": "a", "context": null},
           {"type": "page", "messageId": "p3", "anonymousId": "a", "context": "none"},
           {"type": "track", "messageId": "t1", "event": "Bought", "properties": {"title": "no page"}},
           {"type": "identify", "messageId": "i1", "userId": "u1"}]}
        """);
    assertThat(
            hub.rows(
                """
                SELECT id, user_id, name, category, title, context_ip, context_locale, context_app_name, context_app_version,
                  context_os_name, context_os_version, context_device_type, timestamp, original_timestamp
                FROM segment.screens
                """))
        .containsExactly(
            "s1|u1|Start|Main|Home|10.0.0.9|fr||2|iOS|19|phone|2026-11-21 12:00:00+00|");
    assertThat(hub.rows("SELECT id, title, url, path, context_ip FROM segment.pages ORDER BY id"))
        .containsExactly("p1|||/own|10.0.0.9", "p2|Common|https://common||10.0.0.9", "p3||||");
    assertThat(counts()).containsExactly("page|3", "screen|1", "track|1");
    assertThat(hub.rows("SELECT external_id FROM users")).containsExactly("u1");
  }

  @Test
  void a_webhooks_pages_land_with_the_times_that_segment_gave() throws Exception {
    pages("on", "relay");
    String page =
        """
        {"type": "page", "messageId": "%s", "userId": "u1", "timestamp": "2026-11-20T10:00:00Z",
         "originalTimestamp": "2026-11-20T09:00:00+01:00", "sentAt": "2026-11-20T09:00:05Z"}
        """;
    assertThat(hook(page.formatted("h1"))).isEqualTo("{\"success\":true}");
    assertThat(hook("[" + page.formatted("h2") + "," + page.formatted("h1") + "]"))
        .isEqualTo("{\"success\":true}");
    assertThat(
            hub.rows(
                "SELECT id, user_id, sent_at, timestamp, original_timestamp FROM segment.pages"
                    + " ORDER BY id"))
        .containsExactly(
            "h1|u1|2026-11-20 09:00:05+00|2026-11-20 10:00:00+00|2026-11-20 08:00:00+00",
            "h2|u1|2026-11-20 09:00:05+00|2026-11-20 10:00:00+00|2026-11-20 08:00:00+00");
    assertThat(counts()).containsExactly("page|3");
  }

  @Test
  void nothing_lands_of_a_source_that_does_not_say_so() throws Exception {
    pages("off", "segment");
    pages("on", "relay");
    track("/v1/page", "{\"messageId\": \"m1\", \"userId\": \"u1\"}");
    track("/v1/screen", "{\"messageId\": \"m2\", \"userId\": \"u1\"}");
    assertThat(landed()).isEmpty();
    assertThat(counts()).containsExactly("page|1", "screen|1");
  }

  @Test
  void the_switch_counts_on_every_running_server_from_its_commit_or_within_a_second()
      throws Exception {
    pages("off", "segment");
    for (int server = 0; server < 2; server++) {
      track(server, "/v1/page", "{\"messageId\": \"off-%d\"}".formatted(server));
    }
    String version = hub.rows("SELECT policy_version FROM selfsame.space").getFirst();
    assertThat(pages("on", "segment"))
        .isEqualTo("Page and screen events of segment land from now on\n");
    assertThat(pages("on", "segment"))
        .isEqualTo("Page and screen events of segment land, as before\n");
    for (int server = 0; server < 2; server++) {
      track(server, "/v1/page", "{\"messageId\": \"on-%d\"}".formatted(server));
    }
    assertThat(landed()).containsExactly("on-0", "on-1");
    // The servers still have it in their caches that this source lands pages.
    assertThat(StoredSources.landVisits(database, "default", "segment", false)).isTrue();
    for (int server = 0; server < 2; server++) {
      track(server, "/v1/page", "{\"messageId\": \"off-again-%d\"}".formatted(server));
    }
    assertThat(landed()).containsExactly("on-0", "on-1");
    assertThat(counts()).containsExactly("page|6");
    assertThat(hub.rows("SELECT policy_version - %s FROM selfsame.space".formatted(version)))
        .as("a version for each change")
        .containsExactly("2");
    assertThat(hub.rows("SELECT settings FROM selfsame.source WHERE name = 'segment'"))
        .containsExactly("{}");
  }

  @Test
  void a_repeat_changes_nothing_but_the_count() throws Exception {
    pages("on", "segment");
    track("/v1/page", "{\"messageId\": \"m1\", \"properties\": {\"title\": \"First\"}}");
    track(1, "/v1/page", "{\"messageId\": \"m1\", \"properties\": {\"title\": \"Second\"}}");
    track(
        "/v1/batch",
        "{\"batch\": [{\"type\": \"page\", \"messageId\": \"m2\"}, {\"type\": \"page\","
            + " \"messageId\": \"m2\"},{\"type\": \"screen\", \"messageId\": \"m1\"}]}");
    assertThat(hub.rows("SELECT id, title FROM segment.pages ORDER BY id"))
        .containsExactly("m1|First", "m2|");
    assertThat(hub.rows("SELECT id FROM segment.screens")).containsExactly("m1");
    assertThat(counts()).containsExactly("page|4", "screen|1");
  }

  @Test
  void without_a_message_id_each_is_a_row_of_its_own() throws Exception {
    pages("on", "segment");
    for (String id :
        List.of(
            "",
            "\"messageId\": null,",
            "\"messageId\": \"\",",
            "\"messageId\": {},",
            "\"messageId\": true,")) {
      track("/v1/page", "{%s \"userId\": \"u1\"}".formatted(id));
    }
    assertThat(
            hub.rows("SELECT count(DISTINCT id), min(length(id)), count(uuid) FROM segment.pages"))
        .containsExactly("5|36|0");
    track("/v1/page", "{\"messageId\": 42}");
    assertThat(landed()).contains("42");
  }

  @Test
  void an_id_that_no_index_takes_or_that_is_broken_is_known_by_its_hash() throws Exception {
    pages("on", "segment");
    String most = "€".repeat(400);
    for (int i = 0; i < 2; i++) {
      track("/v1/page", "{\"messageId\": \"%s\"}".formatted(most));
      track("/v1/page", "{\"messageId\": \"%sx\"}".formatted(most));
      track("/v1/page", "{\"messageId\": \"%s\"}".formatted("x".repeat(20_000)));
      track("/v1/page", "{\"messageId\": \"a\\u0000b\"}");
      track("/v1/page", "{\"messageId\": \"a\\ud800b\"}");
      track("/v1/page", "{\"messageId\": \"a\\ud801b\"}");
    }
    assertThat(landed()).hasSize(6).contains(most);
    assertThat(hub.rows("SELECT count(*) FROM segment.pages WHERE id ~ '^sha256:[0-9a-f]{64}$'"))
        .containsExactly("5");
  }

  @Test
  void what_cannot_be_stored_is_replaced_and_in_a_user_id_left_out() throws Exception {
    pages("on", "segment");
    track(
        "/v1/page",
        "{\"messageId\": \"m1\", \"userId\": \"u\\u0000\", \"anonymousId\": \"a\\u0000\","
            + " \"properties\": {\"title\": \"T\\ud800\", \"url\": \"\\ud83d\\ude00\\u0000\"}}");
    byte[] latin =
        "{\"messageId\": \"m2\", \"userId\": \"u\u00e9\", \"properties\": {\"title\": \"caf\u00e9\"}}"
            .getBytes(ISO_8859_1);
    assertThat(send(0, "/v1/page", latin, basic())).isEqualTo("{\"success\":true}");
    assertThat(
            hub.rows("SELECT id, user_id, anonymous_id, title, url FROM segment.pages ORDER BY id"))
        .containsExactly("m1||a\uFFFD|T\uFFFD|\uD83D\uDE00\uFFFD", "m2|||caf\uFFFD|");
  }

  @Test
  void odd_types_are_read_where_they_can_be() throws Exception {
    pages("on", "segment");
    track(
        "/v1/page",
        """
        {"messageId": "m1", "userId": 12345678901234567890123, "anonymousId": 7, "name": true, "category": {"a": "b"},
         "timestamp": 5, "originalTimestamp": "yesterday",
         "properties": {"title": 42, "url": ["a"], "path": 1e3, "referrer": null, "search": {"q": 1}},
         "context": {"page": {"url": "https://x", "path": "/no", "referrer": "https://r", "search": 0.50}, "campaign": "spring", "ip": [1]}}
        """);
    track(
        "/v1/page",
        "{\"messageId\": \"m2\", \"userId\": \"null\", \"properties\": [1], \"context\": 5}");
    track(
        "/v1/page",
        "{\"messageId\": \"m3\", \"userId\": 1.5, \"properties\": {\"title\": \"a\"},"
            + " \"properties\": {}}");
    track("/v1/page", "{\"messageId\": \"m4\", \"userId\": \"%s\"}".formatted("u".repeat(401)));
    track(
        "/v1/page", "{\"messageId\": \"m5\", \"userId\": \"%s\"}".formatted("\u20ac".repeat(400)));
    assertThat(
            hub.rows(
                """
                SELECT id, left(user_id, 23), anonymous_id, name, category, title, url, path, referrer, search, context_ip,
                  timestamp, original_timestamp
                FROM segment.pages ORDER BY id
                """))
        .containsExactly(
            "m1|12345678901234567890123|7|true||42|https://x|1e3|https://r|0.50||2026-11-21"
                + " 12:00:00+00|",
            "m2||||||||||" + "|2026-11-21 12:00:00+00|",
            "m3||||||||||" + "|2026-11-21 12:00:00+00|",
            "m4||||||||||" + "|2026-11-21 12:00:00+00|",
            "m5|" + "\u20ac".repeat(23) + "|||||||||" + "|2026-11-21 12:00:00+00|");
  }

  @Test
  void times_that_the_calendar_lacks_are_left_out() throws Exception {
    pages("on", "segment");
    track(
        "/v1/page",
        "{\"messageId\": \"m1\", \"timestamp\": \"0000-01-01T00:00:00Z\", \"sentAt\":"
            + " \"9999-12-31T23:59:59-14:00\"}");
    track(
        "/v1/page",
        "{\"messageId\": \"m2\", \"timestamp\": \"0001-01-01T00:00:00Z\", \"sentAt\":"
            + " \"0001-01-01T00:00:00Z\"}");
    assertThat(
            hub.rows(
                "SELECT id, sent_at, timestamp, original_timestamp FROM segment.pages ORDER BY id"))
        .containsExactly(
            "m1|||", "m2|0001-01-01 00:00:00+00|2026-11-21 12:00:00+00|0001-01-01 00:00:00+00");
  }

  @Test
  void of_an_erased_user_nothing_stays_and_nothing_lands_again() throws Exception {
    pages("on", "segment");
    pages("on", "relay");
    hook("{\"type\": \"identify\", \"messageId\": \"i1\", \"userId\": \"gone\"}");
    hook("{\"type\": \"identify\", \"messageId\": \"i2\", \"userId\": \"before\"}");
    hook(
        "{\"type\": \"alias\", \"messageId\": \"i3\", \"previousId\": \"before\", \"userId\":"
            + " \"gone\"}");
    for (String user : List.of("gone", "before", "stays")) {
      track("/v1/page", "{\"messageId\": \"%1$s\", \"userId\": \"%1$s\"}".formatted(user));
      track("/v1/screen", "{\"messageId\": \"%1$s\", \"userId\": \"%1$s\"}".formatted(user));
    }
    assertThat(landed()).containsExactly("before", "gone", "stays");
    assertThat(hook("{\"type\": \"delete\", \"messageId\": \"d1\", \"userId\": \"gone\"}"))
        .isEqualTo("{\"success\":true}");
    assertThat(landed()).containsExactly("stays");
    assertThat(hub.rows("SELECT id FROM segment.screens")).containsExactly("stays");

    for (int server = 0; server < 2; server++) {
      track(
          server,
          "/v1/page",
          "{\"messageId\": \"again-%d\", \"userId\": \" gone\"}".formatted(server));
      track(
          server,
          "/v1/page",
          "{\"messageId\": \"too-%d\", \"userId\": \"before\"}".formatted(server));
      track(
          server,
          "/v1/page",
          "{\"messageId\": \"other-%d\", \"userId\": \"other\"}".formatted(server));
    }
    assertThat(landed()).containsExactly("other-0", "other-1", "stays");
    hook("{\"type\": \"delete\", \"messageId\": \"d2\", \"userId\": \"other\"}");
    assertThat(landed()).as("of one whom no claim ever named, too").containsExactly("stays");
  }

  @Test
  void a_row_that_the_database_refuses_is_named_and_its_mates_land() throws Exception {
    pages("on", "segment");
    hub.sql("ALTER TABLE segment.pages ADD CONSTRAINT test CHECK (title <> 'refused')");
    try {
      String answer =
          track(
              "/v1/batch",
              "{\"batch\": [{\"type\": \"page\", \"messageId\": \"m1\"},{\"type\": \"page\","
                  + " \"messageId\": \"m2\", \"properties\": {\"title\": \"refused\"}},{\"type\":"
                  + " \"page\", \"messageId\": \"m3\"}]}");
      assertThat(answer).contains("\"index\":1", "\"code\":\"internal_error\"");
      assertThat(landed()).containsExactly("m1", "m3");
      assertThat(counts()).containsExactly("page|2");
    } finally {
      hub.sql("ALTER TABLE segment.pages DROP CONSTRAINT test");
    }
  }

  @Test
  void an_image_of_one_pixel_is_a_page_too() throws Exception {
    pages("on", "segment");
    HttpResponse<byte[]> pixel =
        CLIENT.send(
            HttpRequest.newBuilder(
                    URI.create(
                        SERVERS.getFirst().http().url()
                            + "/v1/pixel/page?writeKey="
                            + key
                            + "&userId=u1&messageId=m1&properties.title=Mail"))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(pixel.statusCode()).isEqualTo(200);
    assertThat(hub.rows("SELECT id, user_id, title FROM segment.pages"))
        .containsExactly("m1|u1|Mail");
  }

  @Test
  void two_servers_land_at_once_each_row_once_beside_identifies() throws Exception {
    pages("on", "segment");
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int round = 0; round < 200; round++) {
      String batch =
          "{\"batch\": ["
              + String.join(
                  ",",
                  IntStream.range(round, round + 5)
                      .mapToObj(n ->
                          "{\"type\": \"page\", \"messageId\": \"m%1$d\", \"userId\": \"u%1$d\"}"
                              .formatted(n))
                      .toList())
              + ", {\"type\": \"identify\", \"userId\": \"u%d\", \"messageId\": \"i%d\"}]}"
                  .formatted(round % 50, round);
      answers.add(
          CLIENT.sendAsync(
              request(round % 2, "/v1/batch", batch.getBytes(UTF_8), basic()),
              HttpResponse.BodyHandlers.ofString()));
    }
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(answer.get(60, TimeUnit.SECONDS).body()).isEqualTo("{\"success\":true}");
    }
    assertThat(hub.rows("SELECT count(*), count(user_id), min(title) FROM segment.pages"))
        .containsExactly("204|204|");
    assertThat(counts()).containsExactly("page|1000");
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("50");
  }

  @Test
  void the_command_names_the_sources_and_refuses_others() {
    command("keys", "pages", "on", "segment");
    assertThat(command("keys", "pages").lines().map(line -> line.replaceAll(" +", " ")))
        .contains("segment on")
        .noneMatch(line -> line.startsWith("csv"));
    assertThat(command("keys", "pages", "on", "segmnt"))
        .contains(
            "[1] selfsame: No source of Segment's events is called segmnt; did you mean segment?");
    assertThat(command("keys", "pages", "on", "csv")).contains("[1] selfsame: No source");
    assertThat(command("keys", "pages", "yes", "segment")).startsWith("[2] Say: keys pages on");
    assertThat(command("keys", "pages", "on")).startsWith("[2] Say: keys pages on");
  }

  private static List<String> landed() {
    return hub.rows("SELECT id FROM segment.pages ORDER BY id");
  }

  private static List<String> counts() {
    return hub.rows("SELECT type, sum(count) FROM event_counts GROUP BY type ORDER BY type");
  }

  /** Switches by command, and waits until every server has noticed. */
  private static String pages(String onOrOff, String source) throws InterruptedException {
    String said = command("keys", "pages", onOrOff, source);
    assertThat(said).startsWith("Page and screen events of " + source);
    if (!said.endsWith("as before\n")) {
      Thread.sleep(1_000);
    }
    return said;
  }

  /** What it prints; with its exit status before it where it fails. */
  private static String command(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(2, List.of("--database-url", hub.address().full()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        SelfsameCommand.commandLine(
                (start, progress) -> {
                  throw new AssertionError("not started");
                })
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(all.toArray(String[]::new));
    return status == 0 ? out.toString() : "[%d] %s".formatted(status, err);
  }

  private static String track(String path, String body) throws Exception {
    return track(0, path, body);
  }

  private static String track(int server, String path, String body) throws Exception {
    return send(server, path, body.getBytes(UTF_8), basic());
  }

  private static String hook(String body) throws Exception {
    return send(0, "/hooks/segment/relay", body.getBytes(UTF_8), hookHeader);
  }

  private static String basic() {
    return "Basic " + Base64.getEncoder().encodeToString((key + ":").getBytes(UTF_8));
  }

  private static String send(int server, String path, byte[] body, String authorization)
      throws Exception {
    HttpResponse<String> response =
        CLIENT.send(
            request(server, path, body, authorization), HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  private static HttpRequest request(int server, String path, byte[] body, String authorization) {
    return HttpRequest.newBuilder(URI.create(SERVERS.get(server).http().url() + path))
        .header("Authorization", authorization)
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }
}
