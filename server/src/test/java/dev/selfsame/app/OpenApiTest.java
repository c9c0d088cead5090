package dev.selfsame.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.selfsame.cli.Program;
import dev.selfsame.http.HttpServer;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code openapi.json} says what the server does: all routes and nothing else, the parameters and
 * fields that it knows, and answers as they come. With {@code -Dopenapi.write=true} the file is
 * written anew.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class OpenApiTest {

  private static final String TOKEN = "sst_0123456789abcdef0123456789abcdef";
  private static final String WRITE_KEY = "wk_0123456789abcdef0123456789abcdef";
  private static final String DOCUMENT = "src/main/resources/dev/selfsame/api/openapi.json";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Pattern KNOWN = Pattern.compile("Known: ([\\w, -]+)");

  @RegisterExtension static final TestDatabase database = TestDatabase.empty();
  @TempDir static Path directory;

  private static Hub hub;
  private static OpenApiDocument operations;
  private static JsonNode document;
  private static final Map<String, String> kept = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    hub =
        Hub.start(
            new Program.Start(
                directory.resolve("data"),
                database.address().full(),
                "127.0.0.1:0",
                0,
                null,
                null,
                null,
                false),
            Map.of("SELFSAME_WRITE_KEY", WRITE_KEY, "SELFSAME_TOKEN", TOKEN),
            line -> {});
    try (InputStream in = OpenApiTest.class.getResourceAsStream("operations.yaml")) {
      operations =
          new OpenApiDocument(
              OpenApiDocument.map(
                  new Load(LoadSettings.builder().build())
                      .loadFromInputStream(Objects.requireNonNull(in))));
    }
    document = JSON.valueToTree(operations.of(routes()));
    DriverManager.getConnection("jdbc:duckdb:" + directory.resolve("people.db")).close();
    kept.put("directory", directory.toString());
    kept.put("writeKey", WRITE_KEY);
  }

  @AfterAll
  static void stop() throws Exception {
    hub.close();
  }

  /** All that are ours to describe: façades are described by whom they stand in for. */
  private static List<HttpServer.Route> routes() {
    Set<String> described = Set.copyOf(operations.operations());
    List<HttpServer.Route> routes =
        hub.routes().stream().filter(route -> !route.path().startsWith("/compat/")).toList();
    Set<String> there = new TreeSet<>();
    routes.forEach(route -> there.add(route.method() + " " + route.path()));
    assertThat(there)
        .as("routes, and what operations.yaml describes")
        .isEqualTo(new TreeSet<>(described));
    return routes;
  }

  @Test
  @Order(1)
  void the_document_is_that_of_the_routes() throws Exception {
    String made = JSON.writeValueAsString(document).replace("\r\n", "\n") + "\n";
    if (Boolean.getBoolean("openapi.write")) {
      Files.writeString(Path.of(DOCUMENT), made);
      return;
    }
    assertThat(call("GET", "/api/openapi.json", null, null, "none").body())
        .as("openapi.json; write it anew with -Dtest=OpenApiTest -Dopenapi.write=true")
        .isEqualTo(made);
  }

  @Test
  @Order(2)
  void parameters_are_those_that_the_server_knows() throws Exception {
    Map<String, Set<String>> documented = new LinkedHashMap<>();
    Map<String, Set<String>> known = new LinkedHashMap<>();
    for (String name : operations.operations()) {
      String path = name.split(" ", -1)[1];
      if (!path.startsWith("/api/")) {
        continue;
      }
      documented.put(
          name,
          new TreeSet<>(OpenApiDocument.map(operations.operation(name).get("query")).keySet()));
      HttpResponse<String> response =
          call(name.split(" ", -1)[0], anyPath(path) + "?zz=1", null, null, TOKEN);
      known.put(
          name,
          response.body().contains("takes no parameters") ? Set.of() : known(response.body()));
    }
    // A body alone is looked at.
    documented.remove("POST /api/lookup");
    known.remove("POST /api/lookup");
    assertThat(known).isEqualTo(documented);
  }

  @Test
  @Order(3)
  void fields_are_those_that_the_server_knows() throws Exception {
    Map<String, Set<String>> documented = new LinkedHashMap<>();
    Map<String, Set<String>> known = new LinkedHashMap<>();
    for (String name : operations.operations()) {
      Map<String, Object> says = operations.operation(name);
      if (says.get("body") == null || says.get("loose") != null) {
        continue;
      }
      String[] words = name.split(" ", -1);
      // An insight is never refused for what it says; a note has the same fields.
      String path =
          words[1].equals("/api/insights/{integration}/notes") ? "/api/notes" : anyPath(words[1]);
      documented.put(name, properties(body(words[1], words[0])));
      known.put(name, known(call(words[0], path, "{\"zz\": 1}", null, TOKEN).body()));
    }
    assertThat(known).isEqualTo(documented);
  }

  private static Set<String> known(String answer) {
    Matcher known = KNOWN.matcher(answer);
    return known.find() ? new TreeSet<>(List.of(known.group(1).split(", "))) : Set.of(answer);
  }

  private static JsonNode body(String path, String method) {
    return document
        .get("paths")
        .get(path)
        .get(method.toLowerCase(Locale.ROOT))
        .at("/requestBody/content/application~1json/schema");
  }

  private static Set<String> properties(JsonNode schema) {
    JsonNode whole =
        schema.has("$ref") ? document.at(schema.get("$ref").asString().substring(1)) : schema;
    return new TreeSet<>(whole.path("properties").propertyNames());
  }

  private static String anyPath(String path) {
    return path.replace("{id}", "01a200b1-e621-7000-ab8f-7f602f6f541b")
        .replace("{integration}", "zendesk")
        .replaceAll("\\{\\w+}", "any");
  }

  // ---- examples ----

  @Test
  @Order(4)
  void examples_are_answered_as_the_document_says() throws Exception {
    List<String> without = new ArrayList<>();
    for (String name : operations.operations()) {
      Map<String, Object> says = operations.operation(name);
      if (says.get("example") == null) {
        without.add(name);
        continue;
      }
      example(name, says, OpenApiDocument.map(says.get("example")));
    }
    assertThat(without)
        .as("without an example: other names of what has one, what needs fonts or a signature")
        .allMatch(name ->
            name.startsWith("POST /v1")
                || name.endsWith("chart.png")
                || name.startsWith("POST /hooks/"));
  }

  private static void example(String name, Map<String, Object> says, Map<String, Object> example)
      throws Exception {
    String method = name.split(" ", -1)[0];
    String path = name.split(" ", -1)[1];
    StringBuilder url = new StringBuilder(path);
    for (Map.Entry<String, Object> each : OpenApiDocument.map(example.get("path")).entrySet()) {
      String put = encoded(filled(each.getValue().toString()));
      url = new StringBuilder(url.toString().replace("{" + each.getKey() + "}", put));
    }
    for (Map.Entry<String, Object> each : OpenApiDocument.map(example.get("query")).entrySet()) {
      url.append(url.indexOf("?") < 0 ? '?' : '&')
          .append(each.getKey())
          .append('=')
          .append(encoded(filled(each.getValue().toString())));
    }
    Object body = example.get("body");
    String sent = body == null ? null : filled(JSON.writeValueAsString(body));
    String type = null;
    if (example.get("file") != null) {
      sent = example.get("file").toString();
      type = ((List<?>) Objects.requireNonNull(says.get("file"))).getFirst().toString();
    }
    String key = example.get("key") == null ? TOKEN : "basic";
    HttpResponse<String> response = call(method, url.toString(), sent, type, key);
    int status =
        Integer.parseInt(
            example.getOrDefault("status", says.getOrDefault("status", 200)).toString());
    assertThat(response.statusCode()).as("%s: %s", name, response.body()).isEqualTo(status);
    fits(name, path, method, response);
    for (Map.Entry<String, Object> each : OpenApiDocument.map(example.get("keep")).entrySet()) {
      String value = JSON.readTree(response.body()).at(each.getValue().toString()).asString("");
      assertThat(value).as("%s has %s", name, each.getValue()).isNotEmpty();
      kept.put(each.getKey(), value);
    }
    Map<String, Object> until = OpenApiDocument.map(example.get("until"));
    if (!until.isEmpty()) {
      await(until);
    }
  }

  private static void await(Map<String, Object> until) throws Exception {
    String is = "";
    for (int i = 0; i < 600 && !is.equals(until.get("is")); i++) {
      Thread.sleep(50);
      is =
          JSON.readTree(
                  call("GET", filled(String.valueOf(until.get("get"))), null, null, TOKEN).body())
              .at(String.valueOf(until.get("at")))
              .asString("");
    }
    assertThat(is).as(until.toString()).isEqualTo(until.get("is"));
  }

  private static String filled(String text) {
    String filled = text;
    for (Map.Entry<String, String> each : kept.entrySet()) {
      filled = filled.replaceAll("\\$" + each.getKey() + "\\b", each.getValue());
    }
    return filled;
  }

  /** The answer is one that the document has. */
  private static void fits(String name, String path, String method, HttpResponse<String> response) {
    String code = Integer.toString(response.statusCode());
    JsonNode described =
        document
            .get("paths")
            .get(path)
            .get(method.toLowerCase(Locale.ROOT))
            .get("responses")
            .get(code);
    assertThat(described).as("%s may answer %s", name, code).isNotNull();
    JsonNode schema = described.at("/content/application~1json/schema");
    if (schema.isMissingNode()) {
      return;
    }
    // Where its references lead.
    var whole = JSON.createObjectNode();
    whole.set("components", document.get("components"));
    whole.set("allOf", JSON.createArrayNode().add(schema));
    assertThat(
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(whole)
                .validate(JSON.readTree(response.body())))
        .as("%s: %s", name, response.body())
        .isEmpty();
  }

  // ---- fuzz ----

  /**
   * Whatever is sent, no call fails by itself, and what it answers is what the document says. What
   * is sent is what the document asks for, now and then spoilt.
   */
  @Test
  @Order(5)
  void nothing_that_is_sent_is_answered_with_a_failure() throws Exception {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    Random random = new Random(seed);
    int rounds = Integer.getInteger("fuzz.rounds", 12);
    List<String> failures = new ArrayList<>();
    Set<String> taken = new TreeSet<>();
    for (int round = 0; round < rounds; round++) {
      for (String name : operations.operations()) {
        String[] words = name.split(" ", -1);
        JsonNode call = document.get("paths").get(words[1]).get(words[0].toLowerCase(Locale.ROOT));
        Fuzz fuzz = new Fuzz(random, document, List.copyOf(kept.values()));
        String path = words[1];
        StringBuilder query = new StringBuilder();
        for (JsonNode parameter : call.path("parameters")) {
          String at = parameter.get("name").asString();
          String value = fuzz.parameter(parameter.get("schema"));
          switch (parameter.get("in").asString()) {
            case "path" -> path = path.replace("{" + at + "}", encoded(value));
            case "query" -> {
              if (random.nextInt(3) == 0 || parameter.path("required").asBoolean(false)) {
                query
                    .append(query.isEmpty() ? '?' : '&')
                    .append(at)
                    .append('=')
                    .append(encoded(value));
              }
            }
            default -> {}
          }
        }
        JsonNode content = call.at("/requestBody/content");
        String type = content.isMissingNode() ? null : content.propertyNames().iterator().next();
        String body = type == null ? null : fuzz.body(content.get(type).get("schema"));
        HttpResponse<String> response =
            fuzzed(
                words[0], path + query, body, type, words[1].startsWith("/v1") ? "basic" : TOKEN);
        if (response.statusCode() < 300) {
          taken.add(name);
        }
        if (response.statusCode() >= 500) {
          failures.add(
              "%d of %s %s%s with %s: %s"
                  .formatted(response.statusCode(), words[0], path, query, body, response.body()));
        }
      }
    }
    assertThat(failures).as("seed %d", seed).isEmpty();
    assertThat(taken).as("calls that took something").hasSizeGreaterThan(30);
  }

  /**
   * A server that refuses a request without reading it may close the connection; the client, which
   * was about to use it again, then says so of the next one.
   */
  private static HttpResponse<String> fuzzed(
      String method, String path, @Nullable String body, @Nullable String type, String key)
      throws Exception {
    try {
      return call(method, path, body, type, key);
    } catch (IOException closed) {
      return call(method, path, body, type, key);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  /**
   * @param key a token; none; or basic: the write key
   */
  private static HttpResponse<String> call(
      String method, String path, @Nullable String body, @Nullable String type, String key)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(hub.url() + path));
    switch (key) {
      case "none" -> {}
      case "basic" ->
          request.header(
              "Authorization",
              "Basic " + Base64.getEncoder().encodeToString((WRITE_KEY + ":").getBytes(UTF_8)));
      default -> request.header("Authorization", "Bearer " + key);
    }
    if (body != null) {
      request.header("Content-Type", type == null ? "application/json" : type);
    }
    return CLIENT.send(
        request
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  /** Values that fit a schema, or that somebody sends all the same. */
  private record Fuzz(Random random, JsonNode document, List<String> seen) {

    private static final List<String> ODD =
        List.of(
            "",
            " ",
            "null",
            "0",
            "-1",
            "99999999999999999999",
            "1e400",
            "\u0000",
            "\ud800",
            "é\u202e",
            "'; DROP TABLE x; --",
            "%00",
            "../../etc/passwd",
            "a@b",
            "email:",
            ":",
            "{}",
            "[]",
            "\"",
            "true",
            "2026-13-45",
            "9".repeat(400),
            "ß".repeat(70_000));

    String parameter(JsonNode schema) {
      if (random.nextInt(3) == 0) {
        // What no address can have is not sent.
        return ODD.get(random.nextInt(ODD.size() - 1)).replace("\u0000", "").replace("\ud800", "");
      }
      Object value = value(schema, 0);
      return value == null ? "" : value.toString();
    }

    String body(@Nullable JsonNode schema) {
      return switch (random.nextInt(12)) {
        case 0 -> "";
        case 1 -> "{";
        case 2 -> "null";
        case 3 -> "[1]";
        case 4 -> "[".repeat(2_000) + "]".repeat(2_000);
        default -> JSON.writeValueAsString(value(schema == null ? JSON.nullNode() : schema, 0));
      };
    }

    private @Nullable Object value(JsonNode given, int depth) {
      if (depth > 0 && random.nextInt(8) == 0) {
        return anything();
      }
      JsonNode schema =
          given.has("$ref") ? document.at(given.get("$ref").asString().substring(1)) : given;
      if (schema.has("enum")) {
        return schema.get("enum").get(random.nextInt(schema.get("enum").size())).asString();
      }
      if (schema.has("anyOf")) {
        return random.nextInt(4) == 0 ? null : value(schema.at("/anyOf/0"), depth);
      }
      JsonNode type = schema.path("type");
      String word =
          type.isArray() ? type.get(random.nextInt(type.size())).asString() : type.asString("");
      return switch (word) {
        case "object" -> object(schema, depth);
        case "array" -> {
          List<@Nullable Object> list = new ArrayList<>();
          for (int i = random.nextInt(4); i > 0; i--) {
            list.add(value(schema.get("items"), depth + 1));
          }
          yield list;
        }
        case "integer" -> random.nextInt(-2, 200);
        case "number" -> random.nextDouble();
        case "boolean" -> random.nextBoolean();
        case "null" -> null;
        case "string" -> string(schema.path("format").asString(""));
        default -> anything();
      };
    }

    private Map<String, @Nullable Object> object(JsonNode schema, int depth) {
      Map<String, @Nullable Object> made = new LinkedHashMap<>();
      schema
          .path("properties")
          .forEachEntry((name, of) -> {
            if (random.nextInt(4) > 0) {
              made.put(name, value(of, depth + 1));
            }
          });
      if (schema.has("additionalProperties")) {
        made.put(
            random.nextBoolean() ? "zendesk_id" : "name",
            value(schema.get("additionalProperties"), depth + 1));
      }
      if (random.nextInt(15) == 0) {
        made.put(ODD.get(random.nextInt(10)), anything());
      }
      return made;
    }

    private String string(String format) {
      return switch (format) {
        case "uuid" ->
            random.nextInt(3) == 0 || seen.isEmpty()
                ? new UUID(random.nextLong(), random.nextLong()).toString()
                : seen.get(random.nextInt(seen.size()));
        case "date-time" -> "2026-11-%02dT10:00:00Z".formatted(1 + random.nextInt(40));
        case "date" -> "2026-11-%02d".formatted(1 + random.nextInt(40));
        default ->
            switch (random.nextInt(6)) {
              case 0 -> ODD.get(random.nextInt(ODD.size()));
              case 1 -> seen.isEmpty() ? "x" : seen.get(random.nextInt(seen.size()));
              case 2 -> "u" + random.nextInt(5);
              case 3 -> "p" + random.nextInt(5) + "@acme.com";
              case 4 -> List.of("email", "external_id", "zendesk_id", "id").get(random.nextInt(4));
              default -> "text " + random.nextInt(100);
            };
      };
    }

    private @Nullable Object anything() {
      return switch (random.nextInt(7)) {
        case 0 -> null;
        case 1 -> random.nextLong();
        case 2 -> random.nextBoolean();
        case 3 -> List.of();
        case 4 -> Map.of("a", List.of(1));
        case 5 -> 1e300;
        default -> ODD.get(random.nextInt(ODD.size()));
      };
    }
  }
}
