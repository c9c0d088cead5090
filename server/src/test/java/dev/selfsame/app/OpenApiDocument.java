package dev.selfsame.app;

import dev.selfsame.http.HttpServer;
import dev.selfsame.http.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes the OpenAPI document of the HTTP interface: from the routes that a server has, and from
 * {@code operations.yaml}, which says what they mean.
 */
final class OpenApiDocument {

  private static final Pattern PATH_PARAMETER = Pattern.compile("\\{(\\w+)}");

  private final Map<String, Object> described;

  /**
   * @param described operations.yaml
   */
  OpenApiDocument(Map<String, Object> described) {
    this.described = described;
  }

  /** What an operation says, with that of the one it is like. */
  Map<String, Object> operation(String name) {
    Map<String, Object> own = map(map(described.get("operations")).get(name));
    Object like = own.get("like");
    if (like == null) {
      return own;
    }
    Map<String, Object> all = new LinkedHashMap<>(operation(like.toString()));
    all.remove("example");
    all.putAll(own);
    all.remove("like");
    return all;
  }

  List<String> operations() {
    return List.copyOf(map(described.get("operations")).keySet());
  }

  Map<String, Object> of(List<HttpServer.Route> routes) {
    // In the order in which people read them.
    List<String> order = operations();
    Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
    for (HttpServer.Route route :
        routes.stream()
            .sorted(
                Comparator.comparingInt(each -> order.indexOf(each.method() + " " + each.path())))
            .toList()) {
      String name = route.method() + " " + route.path();
      paths
          .computeIfAbsent(route.path(), path -> new LinkedHashMap<>())
          .put(route.method().toLowerCase(Locale.ROOT), operation(route, operation(name)));
    }
    Map<String, Object> schemas = new TreeMap<>();
    map(described.get("schemas")).forEach((name, type) -> schemas.put(name, schema(type)));
    List<Object> tags = new ArrayList<>();
    map(described.get("groups"))
        .forEach((name, says) -> tags.add(ordered("name", name, "description", says)));
    return ordered(
        "openapi",
        "3.1.0",
        "info",
        ordered(
            "title", "Selfsame",
            "version", "1",
            "description",
                "Which users in all of a company's tools are the same person. What a 200 says is"
                    + " committed."),
        "servers",
        List.of(ordered("url", "/")),
        "tags",
        tags,
        "paths",
        paths,
        "components",
        ordered(
            "schemas",
            schemas,
            "responses",
            ordered("Refused", response("Refused", "application/json", ref("Errors"))),
            "securitySchemes",
            ordered(
                "token",
                ordered("type", "http", "scheme", "bearer"),
                "writeKey",
                ordered("type", "http", "scheme", "basic"))));
  }

  private Map<String, Object> operation(HttpServer.Route route, Map<String, Object> says) {
    Map<String, Object> made = new LinkedHashMap<>();
    made.put("operationId", id(route));
    made.put("tags", List.of(text(says, "group")));
    made.put("summary", text(says, "says"));
    if (route.role() == Role.OPEN) {
      made.put(
          "security",
          text(says, "group").equals("Events")
              ? List.of(ordered("writeKey", List.of()))
              : List.of());
    } else {
      String scope = route.role().name().toLowerCase(Locale.ROOT);
      made.put("description", "Scope `%s`.".formatted(scope));
      made.put("security", List.of(ordered("token", List.of(scope))));
    }
    List<Object> parameters = new ArrayList<>();
    Matcher inPath = PATH_PARAMETER.matcher(route.path());
    while (inPath.find()) {
      parameters.add(
          ordered(
              "name",
              inPath.group(1),
              "in",
              "path",
              "required",
              true,
              "schema",
              ordered("type", "string")));
    }
    map(says.get("query")).forEach((name, type) -> parameters.add(query(name, type)));
    map(says.get("headers"))
        .forEach((name, meaning) ->
            parameters.add(
                ordered(
                    "name",
                    name,
                    "in",
                    "header",
                    "description",
                    meaning,
                    "schema",
                    ordered("type", "string"))));
    if (!parameters.isEmpty()) {
      made.put("parameters", parameters);
    }
    Object body = body(says);
    if (body != null) {
      made.put("requestBody", body);
    }
    made.put("responses", responses(route, says));
    return made;
  }

  private static String id(HttpServer.Route route) {
    StringBuilder id = new StringBuilder(route.method().toLowerCase(Locale.ROOT));
    for (String word : route.path().split("[^A-Za-z0-9]+", -1)) {
      if (!word.isEmpty()) {
        id.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
      }
    }
    return id.toString();
  }

  private Map<String, Object> query(String name, Object given) {
    boolean many = given instanceof List<?>;
    String type = (many ? ((List<?>) given).getFirst() : given).toString();
    String[] words = type.split(": ", 2);
    boolean needed = words[0].endsWith("!");
    Object schema = schema(needed ? words[0].substring(0, words[0].length() - 1) : words[0]);
    Map<String, Object> parameter = ordered("name", name, "in", "query");
    if (needed) {
      parameter.put("required", true);
    }
    if (words.length > 1) {
      parameter.put("description", words[1]);
    }
    parameter.put("schema", many ? ordered("type", "array", "items", schema) : schema);
    return parameter;
  }

  private @Nullable Object body(Map<String, Object> says) {
    Map<String, Object> content = new LinkedHashMap<>();
    Object files = says.get("file");
    if (files instanceof List<?> types) {
      types.forEach(type -> content.put(type.toString(), ordered("schema", ordered())));
    } else if (says.get("body") != null) {
      content.put(
          "application/json", ordered("schema", schema(Objects.requireNonNull(says.get("body")))));
    } else {
      return null;
    }
    return ordered("required", !Boolean.TRUE.equals(says.get("optionalBody")), "content", content);
  }

  private Map<String, Object> responses(HttpServer.Route route, Map<String, Object> says) {
    Map<String, Object> responses = new LinkedHashMap<>();
    String status = says.getOrDefault("status", 200).toString();
    Object answer = answer(says);
    String media = says.getOrDefault("media", "application/json").toString();
    responses.put(
        status,
        status.equals("204")
            ? ordered("description", "Done")
            : response(status.equals("202") ? "Begun" : "Done", media, answer));
    map(says.get("also"))
        .forEach((code, when) -> responses.put(code, response(when.toString(), media, answer)));
    Map<Integer, String> fails = new TreeMap<>();
    map(says.get("fails"))
        .forEach((code, names) -> fails.put(Integer.valueOf(code), names.toString()));
    boolean rest = route.path().startsWith("/api/");
    if (rest && route.role() != Role.OPEN) {
      String bad =
          says.get("body") == null
              ? "invalid_parameter"
              : "invalid_parameter, invalid_field, malformed_json";
      fails.merge(400, bad, (own, all) -> all + ", " + own);
      fails.putIfAbsent(401, "invalid_token");
      fails.putIfAbsent(403, "missing_scope");
      fails.merge(503, "store_away, store_slow", (own, all) -> own + ", " + all);
    }
    fails.forEach((code, names) ->
        responses.put(
            code.toString(),
            rest
                ? response(names, "application/json", ref("Errors"))
                : ordered("description", names)));
    return responses;
  }

  private static Map<String, Object> response(String says, String media, @Nullable Object schema) {
    Map<String, Object> response = ordered("description", says);
    response.put("content", ordered(media, schema == null ? ordered() : ordered("schema", schema)));
    return response;
  }

  /** The schema of a good answer; null: it is no JSON. */
  private @Nullable Object answer(Map<String, Object> says) {
    if (says.containsKey("whole")) {
      return schema(Objects.requireNonNull(says.get("whole")));
    }
    if (says.containsKey("list")) {
      return object(ordered("data", List.of(says.get("list")), "links", "Links"));
    }
    if (says.containsKey("data")) {
      return object(ordered("data", says.get("data"), "links", "Links"));
    }
    return says.containsKey("only") ? object(ordered("data", says.get("only"))) : null;
  }

  private Object schema(Object type) {
    if (type instanceof List<?> list) {
      return ordered("type", "array", "items", schema(list.getFirst()));
    }
    if (type instanceof Map<?, ?>) {
      return object(map(type));
    }
    String word = type.toString();
    if (word.endsWith("?")) {
      return nullable(schema(word.substring(0, word.length() - 1)));
    }
    if (word.contains("|")) {
      return ordered("type", "string", "enum", List.of(word.split("\\|", -1)));
    }
    if (word.contains("..")) {
      String[] ends = word.split("\\.\\.", -1);
      return ordered(
          "type", "integer", "minimum", Long.valueOf(ends[0]), "maximum", Long.valueOf(ends[1]));
    }
    return switch (word) {
      case "any" -> ordered();
      case "text" -> ordered("type", "string");
      case "uuid" -> ordered("type", "string", "format", "uuid");
      case "time" -> ordered("type", "string", "format", "date-time");
      case "day" -> ordered("type", "string", "format", "date");
      case "integer", "number", "boolean", "object" -> ordered("type", word);
      default -> ref(word);
    };
  }

  private Object ref(String name) {
    if (!map(described.get("schemas")).containsKey(name)) {
      throw new IllegalArgumentException("There is no type or schema " + name);
    }
    return ordered("$ref", "#/components/schemas/" + name);
  }

  private static Object nullable(Object schema) {
    Map<String, Object> is = map(schema);
    if (is.get("type") instanceof String type && !is.containsKey("enum")) {
      Map<String, Object> both = new LinkedHashMap<>(is);
      both.put("type", List.of(type, "null"));
      return both;
    }
    return is.isEmpty() ? is : ordered("anyOf", List.of(is, ordered("type", "null")));
  }

  private Object object(Map<String, Object> members) {
    if (members.containsKey("*")) {
      return ordered("type", "object", "additionalProperties", schema(members.get("*")));
    }
    Map<String, Object> properties = new LinkedHashMap<>();
    TreeSet<String> required = new TreeSet<>();
    members.forEach((key, type) -> {
      if (key.equals("+")) {
        Map<String, Object> more =
            map(object(map(map(described.get("schemas")).get(type.toString()))));
        properties.putAll(map(more.get("properties")));
        return;
      }
      boolean nullable = key.endsWith("~");
      String name = nullable ? key.substring(0, key.length() - 1) : key;
      boolean optional = name.endsWith("?");
      name = optional ? name.substring(0, name.length() - 1) : name;
      properties.put(name, nullable ? nullable(schema(type)) : schema(type));
      if (!optional) {
        required.add(name);
      }
    });
    Map<String, Object> made = ordered("type", "object", "properties", properties);
    if (!required.isEmpty()) {
      made.put("required", List.copyOf(required));
    }
    return made;
  }

  private static String text(Map<String, Object> says, String name) {
    return Objects.requireNonNull(says.get(name), () -> "An operation lacks " + name).toString();
  }

  private static Map<String, Object> ordered(Object... pairs) {
    Map<String, Object> made = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      made.put(pairs[i].toString(), pairs[i + 1]);
    }
    return made;
  }

  /** As a map with names for keys; nothing is an empty one. */
  static Map<String, Object> map(@Nullable Object value) {
    Map<String, Object> made = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, member) -> made.put(key.toString(), member));
    }
    return made;
  }
}
