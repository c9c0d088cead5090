package dev.selfsame.api.productboard;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * An OpenAPI 3.0 description in a file, and whether requests and answers are as it says:
 * parameters, status, content type and bodies. What it does not mention is a fault, too.
 */
final class OpenApiFile {

  private static final String LOCATION = "https://openapi.example/file.json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ObjectNode file;
  private final SchemaRegistry schemas;

  private OpenApiFile(ObjectNode file) {
    this.file = file;
    this.schemas =
        SchemaRegistry.withDialect(
            Dialects.getOpenApi30(),
            builder -> builder.schemas(Map.of(LOCATION, JSON.writeValueAsString(file))));
  }

  static OpenApiFile read(Path path) throws IOException {
    return new OpenApiFile((ObjectNode) JSON.readTree(Files.readAllBytes(path)));
  }

  /** The same with one thing in it said otherwise. */
  OpenApiFile saying(String pointer, String json) {
    ObjectNode corrected = file.deepCopy();
    int slash = pointer.lastIndexOf('/');
    ((ObjectNode) corrected.requiredAt(pointer.substring(0, slash)))
        .set(pointer.substring(slash + 1), JSON.readTree(json));
    return new OpenApiFile(corrected);
  }

  /** The same with everything that is written so written otherwise. */
  OpenApiFile writing(String so, String otherwise) {
    return new OpenApiFile(
        (ObjectNode) JSON.readTree(JSON.writeValueAsString(file).replace(so, otherwise)));
  }

  /** What it has below a path, as {@code get /users}. */
  List<String> operations(String below) {
    List<String> operations = new ArrayList<>();
    file.get("paths")
        .forEachEntry((path, methods) -> {
          if (path.equals(below) || path.startsWith(below + "/")) {
            methods.propertyNames().forEach(method -> operations.add(method + " " + path));
          }
        });
    return operations;
  }

  /** One exchange: which operation it was, and what of it is not as described. */
  record Checked(String operation, List<String> faults) {}

  /**
   * Checks a request and its answer.
   *
   * @param base what stands before the paths of the file
   */
  Checked check(URI base, HttpRequest request, @Nullable String body, HttpResponse<String> answer) {
    String path = request.uri().getRawPath().substring(base.getRawPath().length());
    String method = request.method().toLowerCase(java.util.Locale.ROOT);
    List<String> faults = new ArrayList<>();
    Map<String, String> inPath = new TreeMap<>();
    String template = template(path, inPath);
    if (template == null || !file.get("paths").get(template).has(method)) {
      return new Checked(method + " " + path, List.of("There is no such operation"));
    }
    String at = "/paths/" + escaped(template) + "/" + method;
    parameters(at, request, inPath, faults);
    requestBody(at, body, faults);
    answer(at, answer, faults);
    return new Checked(method + " " + template, faults);
  }

  /** What stands in the file letter for letter goes before what has names in it. */
  private @Nullable String template(String path, Map<String, String> values) {
    if (file.get("paths").has(path)) {
      return path;
    }
    for (String template : file.get("paths").propertyNames()) {
      List<String> names = new ArrayList<>();
      Matcher named = Pattern.compile("\\{([^}]+)}").matcher(template);
      while (named.find()) {
        names.add(named.group(1));
      }
      Matcher matcher = Pattern.compile(template.replaceAll("\\{[^}]+}", "([^/]+)")).matcher(path);
      if (matcher.matches()) {
        for (int i = 0; i < names.size(); i++) {
          values.put(names.get(i), decoded(matcher.group(i + 1)));
        }
        return template;
      }
    }
    return null;
  }

  private void parameters(
      String at, HttpRequest request, Map<String, String> inPath, List<String> faults) {
    Map<String, String> query = new TreeMap<>();
    String raw = request.uri().getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
      String[] both = pair.split("=", 2);
      query.put(decoded(both[0]), decoded(both[1]));
    }
    JsonNode declared = file.at(at + "/parameters");
    for (int i = 0; i < declared.size(); i++) {
      String place = place(at + "/parameters/" + i);
      JsonNode parameter = file.at(place);
      String name = parameter.get("name").asString();
      String value =
          switch (parameter.get("in").asString()) {
            case "path" -> inPath.get(name);
            case "query" -> query.remove(name);
            default -> request.headers().firstValue(name).orElse(null);
          };
      if (value == null) {
        if (parameter.path("required").asBoolean(false)) {
          faults.add("The parameter %s is missing".formatted(name));
        }
        continue;
      }
      boolean number =
          file.at(place(place + "/schema")).path("type").asString("").equals("integer")
              && value.matches("-?\\d{1,9}");
      JsonNode said = number ? IntNode.valueOf(Integer.parseInt(value)) : StringNode.valueOf(value);
      valid(place + "/schema", said, "parameter " + name, faults);
    }
    query.keySet().forEach(name -> faults.add("There is no parameter " + name));
  }

  private void requestBody(String at, @Nullable String body, List<String> faults) {
    String place = place(at + "/requestBody");
    if (body == null) {
      if (file.at(place).path("required").asBoolean(false)) {
        faults.add("The body is missing");
      }
    } else if (file.at(place).isMissingNode()) {
      faults.add("There is no body");
    } else {
      valid(place + "/content/application~1json/schema", JSON.readTree(body), "request", faults);
    }
  }

  private void answer(String at, HttpResponse<String> answer, List<String> faults) {
    String place = at + "/responses/" + answer.statusCode();
    if (file.at(place).isMissingNode()) {
      faults.add("The status %d is not one of the operation's".formatted(answer.statusCode()));
      return;
    }
    String content = place(place) + "/content";
    if (file.at(content).isMissingNode()) {
      if (!answer.body().isEmpty()) {
        faults.add("The answer has a body");
      }
      return;
    }
    String type = answer.headers().firstValue("Content-Type").orElse("none");
    for (String described : file.at(content).propertyNames()) {
      if (described.split(";", 2)[0].equals(type.split(";", 2)[0])) {
        valid(
            content + "/" + escaped(described) + "/schema",
            JSON.readTree(answer.body()),
            "answer",
            faults);
        return;
      }
    }
    faults.add("The content type is " + type);
  }

  private void valid(String pointer, JsonNode value, String what, List<String> faults) {
    Schema schema = schemas.getSchema(SchemaLocation.of(LOCATION + "#" + encoded(pointer)));
    schema
        .validate(
            value,
            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
        .forEach(error -> faults.add(what + ": " + error));
  }

  /** Where a thing stands that may be told by reference. */
  private String place(String pointer) {
    JsonNode ref = file.at(pointer).path("$ref");
    return ref.isString() ? place(ref.asString().substring(1)) : pointer;
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  private static String encoded(String pointer) {
    return pointer.replace("{", "%7B").replace("}", "%7D").replace(" ", "%20").replace(";", "%3B");
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
