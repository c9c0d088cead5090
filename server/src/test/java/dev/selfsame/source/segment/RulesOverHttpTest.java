package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Submission;
import dev.selfsame.testing.ClaimJson;
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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rows of segment, alias, group and delete through a real request, a real intake and a real
 * database.
 */
final class RulesOverHttpTest {

  @RegisterExtension static final TestDatabase database = TestDatabase.migrated();

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Instant NOW = TestDatabase.NOW;
  private static final long NOW_MICROS = NOW.toEpochMilli() * 1_000;

  private static Pipeline pipeline;
  private static HttpServer server;
  private static HttpClient client;

  @BeforeAll
  static void start() {
    database.sql(
        """
        INSERT INTO selfsame.source (space, number, name, channel, settings) VALUES
          (1, 4, 'browser', 'segment', '{"trusted": false}'), (1, 5, 'eraser', 'segment', '{"may_erase": true}')
        """);
    pipeline =
        new Pipeline(
            "default", database.open().sessions("intake"), IntakeSettings.DEFAULT, names -> {});
    pipeline.start();
    InMemoryAccess access = new InMemoryAccess();
    access.put("wk_browser", Source.segment(4, "browser").withTrusted(false));
    access.put("wk_eraser", Source.segment(5, "eraser").withMayErase(true));
    HttpSettings http = HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false);
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    TrackingApi api =
        new TrackingApi(
            access,
            new Handover(space -> pipeline, () -> NOW, SegmentSettings.DEFAULT, metrics),
            new Bodies(http.bodyMemory()),
            SegmentSettings.DEFAULT,
            null,
            metrics);
    server = HttpServer.start(http, List.of(api), access, List::of, metrics);
    client = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
    pipeline.close();
    client.close();
  }

  @TestFactory
  Stream<DynamicTest> rows() throws Exception {
    try (InputStream spec =
        Objects.requireNonNull(
            RulesOverHttpTest.class.getResourceAsStream("/rules/over-http.spec"))) {
      List<String> lines =
          new String(spec.readAllBytes(), UTF_8)
              .lines()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .toList();
      return lines.stream()
          .map(line -> DynamicTest.dynamicTest(line.replaceAll(" +", " "), () -> check(line)));
    }
  }

  private static void check(String line) throws Exception {
    String[] columns = line.split("\\|", -1);
    String code = columns[0].strip();
    Histories.empty(database);
    database.sql("DELETE FROM selfsame.suppression; UPDATE selfsame.space SET suppressions = 0");
    for (String step : columns[1].split(";", -1)) {
      if (!step.isBlank()) {
        run(step.strip());
      }
    }
    long before = position();
    String answer = run(columns[2].strip());
    String expected = columns[3].strip();
    switch (expected) {
      case "counted" -> {
        assertThat(position()).isEqualTo(before);
        assertThat(database.rows("SELECT type, sum(count) FROM event_counts GROUP BY type"))
            .containsExactly("track|1");
      }
      case "repeated" -> {
        assertThat(position()).isEqualTo(before);
        assertThat(answer).isEqualTo("{\"success\":true}");
      }
      default -> {
        assertThat(position()).isEqualTo(before + 1);
        assertThat(decision(code)).isEqualTo(expected);
        assertThat(answer).contains("\"success\":true");
        assertThat(answer.contains("rejected")).isEqualTo(expected.startsWith("rejected"));
      }
    }
    Sweep.invariants(database);
  }

  private static long position() {
    return Long.parseLong(
        database.rows("SELECT position FROM selfsame.space WHERE number = 1").getFirst());
  }

  /**
   * The last decision as the table writes it: the row's code is left out where it is the line's
   * own.
   */
  private static String decision(String code) {
    String[] row =
        database
            .rows(
                "SELECT outcome, rule, coalesce(reason, ''), array_to_string(coalesce(checks,"
                    + " '{}'), ' +'), array_to_string(coalesce(flags, '{}'), ' !') FROM"
                    + " selfsame.ledger ORDER BY position DESC LIMIT 1")
            .getFirst()
            .split("\\|", -1);
    StringBuilder text = new StringBuilder(row[0]);
    if (!row[1].equals(code) && !(code.equals("K22") && row[1].equals("K22"))) {
      text.append(' ').append(row[1]);
    }
    text.append(row[2].isEmpty() ? "" : " " + row[2]);
    text.append(row[3].isEmpty() ? "" : " +" + row[3]);
    text.append(row[4].isEmpty() ? "" : " !" + row[4]);
    return text.toString();
  }

  private static String run(String step) throws Exception {
    String key = InMemoryAccess.KEY;
    String rest = step;
    if (rest.startsWith("browser ")) {
      key = "wk_browser";
      rest = rest.substring("browser ".length());
    } else if (rest.startsWith("eraser ")) {
      key = "wk_eraser";
      rest = rest.substring("eraser ".length());
    }
    String[] words = rest.split(" +");
    if (words[0].equals("customer")) {
      customer(words);
      return "";
    }
    ObjectNode event = JSON.createObjectNode().put("type", words[0]);
    ObjectNode traits = JSON.createObjectNode();
    switch (words[0]) {
      case "identify", "delete", "track" -> id(event, "userId", words[1]);
      case "alias" -> {
        id(event, "previousId", words[1]);
        id(event, "userId", words[2]);
      }
      case "group" -> {
        id(event, "groupId", words[1]);
        id(event, "userId", words[2]);
      }
      default -> throw new IllegalArgumentException(step);
    }
    for (String word : words) {
      if (word.startsWith("@")) {
        event.put("timestamp", NOW.plusSeconds(Long.parseLong(word.substring(1))).toString());
      } else if (word.startsWith("message=")) {
        event.put("messageId", word.substring("message=".length()));
      } else if (word.startsWith("billing=")) {
        traits.put("billingUserId", word.substring("billing=".length()));
      } else if (word.contains("=")) {
        String[] pair = word.split("=", 2);
        traits.put(pair[0], pair[1]);
      }
    }
    event.set("traits", traits);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + "/v1/" + path(words[0])))
            .header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString((key + ":").getBytes(UTF_8)))
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    path(words[0]).equals("batch")
                        ? "{\"batch\":[" + event + "]}"
                        : event.toString()))
            .build();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  /** A delete event has no path of its own. */
  private static String path(String type) {
    return type.equals("delete") ? "batch" : type;
  }

  private static void id(ObjectNode event, String field, String word) {
    switch (word) {
      case "-" -> {}
      case "true" -> event.put(field, true);
      case "null-text" -> event.put(field, "null");
      default -> event.put(field, word);
    }
  }

  private static void customer(String[] words) throws Exception {
    Raw email = Raw.ABSENT;
    for (String word : words) {
      if (word.startsWith("email=")) {
        email = Raw.text(word.substring("email=".length()));
      }
    }
    Claim claim =
        new Claim.Customer(
            Histories.STRIPE, NOW_MICROS, Raw.text(words[1]), email, Raw.ABSENT, false);
    pipeline
        .submit(
            List.of(
                new Submission(
                    claim, NOW_MICROS, null, ClaimJson.payload(claim), null, Set.of(), Map.of())))
        .get(20, TimeUnit.SECONDS);
  }
}
