package dev.selfsame.dashboard;

import dev.selfsame.api.OpenApi;
import dev.selfsame.http.Json;
import dev.selfsame.http.Role;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What programs can call, out of the OpenAPI document: path, parameters, bodies, answers. */
final class ReferencePage implements Page {

  /** Schemas within schemas are written out so deep; further down their names stand. */
  private static final int DEEPEST = 3;

  private final Html html;
  private final List<Group> groups = groups(Json.mapper().readTree(OpenApi.document()));

  ReferencePage(Html html) {
    this.html = html;
  }

  record View(Frame frame, List<Group> groups) {}

  record Group(String name, String says, List<Operation> operations) {}

  /**
   * A call.
   *
   * @param scope of the token; null: none is needed
   * @param body what is sent, as its shape; null: nothing
   */
  record Operation(
      String id,
      String method,
      String path,
      String says,
      @Nullable String scope,
      List<Parameter> parameters,
      @Nullable String body,
      List<Answer> answers) {}

  record Parameter(String name, String in, String type, boolean needed, @Nullable String says) {}

  /**
   * An answer.
   *
   * @param shape of what it says; null: it is no JSON, that of an error, or the one above
   */
  record Answer(String status, String says, @Nullable String shape) {}

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/reference", this::show, Role.READ);
  }

  private void show(Context ctx) {
    html.show(ctx, "reference", new View(html.frame(ctx, "API", "/settings"), groups));
  }

  private static List<Group> groups(JsonNode document) {
    Map<String, List<Operation>> byTag = new LinkedHashMap<>();
    document.path("tags").forEach(tag -> byTag.put(tag.get("name").asString(), new ArrayList<>()));
    Shapes shapes = new Shapes(document.at("/components/schemas"));
    document
        .path("paths")
        .forEachEntry((path, calls) ->
            calls.forEachEntry((method, call) ->
                byTag
                    .getOrDefault(call.at("/tags/0").asString(), new ArrayList<>())
                    .add(operation(path, method, call, shapes))));
    List<Group> groups = new ArrayList<>();
    for (JsonNode tag : document.path("tags")) {
      String name = tag.get("name").asString();
      groups.add(
          new Group(name, tag.get("description").asString(), byTag.getOrDefault(name, List.of())));
    }
    return List.copyOf(groups);
  }

  private static Operation operation(String path, String method, JsonNode call, Shapes shapes) {
    List<Parameter> parameters = new ArrayList<>();
    for (JsonNode each : call.path("parameters")) {
      parameters.add(
          new Parameter(
              each.get("name").asString(),
              each.get("in").asString(),
              shapes.word(each.get("schema")),
              each.path("required").asBoolean(false),
              each.has("description") ? each.get("description").asString() : null));
    }
    List<Answer> answers = new ArrayList<>();
    Set<String> shown = new HashSet<>();
    call.get("responses")
        .forEachEntry((status, response) -> {
          JsonNode schema = response.at("/content/application~1json/schema");
          boolean good = status.startsWith("2");
          String shape = good && !schema.isMissingNode() ? shapes.of(schema) : null;
          answers.add(
              new Answer(
                  status,
                  response.get("description").asString(),
                  shape != null && shown.add(shape) ? shape : null));
        });
    JsonNode scope = call.at("/security/0/token/0");
    return new Operation(
        call.get("operationId").asString(),
        method.toUpperCase(Locale.ROOT),
        path,
        call.get("summary").asString(),
        scope.isMissingNode() ? null : scope.asString(),
        parameters,
        body(call.path("requestBody").path("content"), shapes),
        answers);
  }

  private static @Nullable String body(JsonNode content, Shapes shapes) {
    JsonNode json = content.at("/application~1json/schema");
    if (!json.isMissingNode() && content.size() == 1) {
      return shapes.of(json);
    }
    return content.isEmpty() ? null : String.join("\n", content.propertyNames());
  }

  /** Schemas as people read them: JSON with types in place of values. */
  private record Shapes(JsonNode named) {

    String of(JsonNode schema) {
      StringBuilder out = new StringBuilder();
      write(schema, 0, 0, out);
      return out.toString();
    }

    /** In a word or a few. */
    String word(JsonNode schema) {
      if (schema.has("enum")) {
        List<String> values = new ArrayList<>();
        schema.get("enum").forEach(value -> values.add(value.asString()));
        return String.join(" | ", values);
      }
      if (schema.has("minimum")) {
        return schema.get("minimum").asLong() + " to " + schema.get("maximum").asLong();
      }
      if (schema.path("type").asString("").equals("array")) {
        return word(schema.get("items")) + ", several times";
      }
      return switch (schema.path("format").asString("")) {
        case "uuid" -> "id";
        case "date-time" -> "time";
        case "date" -> "day";
        default -> type(schema.path("type"));
      };
    }

    private static String type(JsonNode type) {
      if (type.isArray()) {
        List<String> words = new ArrayList<>();
        type.forEach(each -> words.add(type(each)));
        return String.join(" | ", words);
      }
      String word = type.asString("");
      return word.isEmpty() ? "anything" : word.equals("string") ? "text" : word;
    }

    private void write(JsonNode given, int depth, int indent, StringBuilder out) {
      JsonNode schema = given;
      if (schema.has("$ref")) {
        String name = schema.get("$ref").asString().replaceFirst(".*/", "");
        if (depth >= DEEPEST) {
          out.append(name);
          return;
        }
        schema = named.get(name);
      }
      if (schema.has("anyOf")) {
        write(schema.at("/anyOf/0"), depth, indent, out);
        out.append(" | null");
        return;
      }
      boolean nullable = schema.path("type").isArray();
      String type = nullable ? schema.at("/type/0").asString() : schema.path("type").asString("");
      if (type.equals("array")) {
        out.append('[');
        write(schema.get("items"), depth + 1, indent, out);
        out.append(", …]");
      } else if (schema.has("additionalProperties")) {
        out.append("{NAME: ");
        write(schema.get("additionalProperties"), depth + 1, indent, out);
        out.append(", …}");
      } else if (schema.has("properties")) {
        members(schema, depth, indent, out);
      } else {
        out.append(nullable && schema.has("format") ? word(schema) + " | null" : word(schema));
        return;
      }
      out.append(nullable ? " | null" : "");
    }

    private void members(JsonNode schema, int depth, int indent, StringBuilder out) {
      List<String> needed = new ArrayList<>();
      schema.path("required").forEach(name -> needed.add(name.asString()));
      String margin = "  ".repeat(indent + 1);
      out.append('{');
      schema
          .get("properties")
          .forEachEntry((name, of) -> {
            out.append('\n').append(margin).append(name);
            out.append(needed.contains(name) ? ": " : "?: ");
            write(of, depth + 1, indent + 1, out);
          });
      out.append('\n').append("  ".repeat(indent)).append('}');
    }
  }
}
