package dev.selfsame.api;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Json;
import dev.selfsame.identity.Raw;
import dev.selfsame.lookup.Asked;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The JSON object of a request: only those fields that the call knows. */
final class JsonBody {

  /** A field that cannot be meant: where it stands, and why. */
  static final class BadField extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String pointer;

    BadField(String pointer, String message) {
      super(message);
      this.pointer = pointer;
    }

    String pointer() {
      return pointer;
    }
  }

  private final String at;
  private final JsonNode object;

  private JsonBody(String at, JsonNode object) {
    this.at = at;
    this.object = object;
  }

  /**
   * Reads it.
   *
   * @throws Failure {@code MALFORMED_JSON} if it is no JSON object
   * @throws BadField for a field that is unknown, naming the nearest known one
   */
  static JsonBody of(byte[] body, List<String> known) {
    JsonNode read;
    try {
      read = Json.strict().readTree(body);
    } catch (JacksonException e) {
      throw new Failure(
          Problem.MALFORMED_JSON,
          "The body is not JSON: " + e.getOriginalMessage() + where(e),
          0,
          e);
    }
    if (!read.isObject()) {
      throw new Failure(Problem.MALFORMED_JSON, "The body must be a JSON object");
    }
    return new JsonBody("", read).knowing(known);
  }

  private static String where(JacksonException e) {
    return e.getLocation() == null
        ? ""
        : " (line %d, column %d)"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }

  private JsonBody knowing(List<String> known) {
    for (String name : object.propertyNames()) {
      if (!known.contains(name)) {
        throw new BadField(
            pointer(name),
            "There is no field %s here; did you mean %s? Known: %s"
                .formatted(name, Nearest.of(name, known), String.join(", ", known)));
      }
    }
    return this;
  }

  /** Whether it is there and says null. */
  boolean isNull(String name) {
    JsonNode value = object.get(name);
    return value != null && value.isNull();
  }

  /** Whether it is there, null or not. */
  boolean has(String name) {
    return object.get(name) != null;
  }

  /** How many things a list in it has, which must be there. */
  int size(String name, int most) {
    JsonNode values = given(name);
    if (values == null || !values.isArray() || values.isEmpty() || values.size() > most) {
      throw new BadField(
          pointer(name), "The field %s must be a list of 1 to %d objects".formatted(name, most));
    }
    return values.size();
  }

  /** One object of a list in it. */
  JsonBody object(String name, int index, List<String> known) {
    JsonNode value = object.path(name).path(index);
    String place = pointer(name) + "/" + index;
    if (!value.isObject()) {
      throw new BadField(place, "This must be an object of " + String.join(", ", known));
    }
    return new JsonBody(place, value).knowing(known);
  }

  /** False where it is absent. */
  boolean flag(String name) {
    JsonNode value = given(name);
    if (value == null) {
      return false;
    }
    if (!value.isBoolean()) {
      throw new BadField(pointer(name), "The field %s must be true or false".formatted(name));
    }
    return value.asBoolean();
  }

  boolean neededFlag(String name) {
    if (given(name) == null) {
      throw new BadField(pointer(name), "The field %s is needed: true or false".formatted(name));
    }
    return flag(name);
  }

  /** Null where it is absent. */
  @Nullable Boolean flagOrNull(String name) {
    return given(name) == null ? null : (Boolean) flag(name);
  }

  /** Null where it is absent. */
  @Nullable Integer number(String name) {
    JsonNode value = given(name);
    if (value == null) {
      return null;
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw new BadField(pointer(name), "The field %s must be a whole number".formatted(name));
    }
    return value.asInt();
  }

  /** Null where it is absent. */
  @Nullable String text(String name) {
    JsonNode value = given(name);
    if (value == null) {
      return null;
    }
    if (!value.isString()) {
      throw new BadField(pointer(name), "The field %s must be text".formatted(name));
    }
    return value.asString();
  }

  String neededText(String name) {
    String text = text(name);
    if (text == null || text.isBlank()) {
      throw new BadField(pointer(name), "The field %s is needed, as text".formatted(name));
    }
    return text;
  }

  /** An object in it that must be there, of fields that are known. */
  JsonBody object(String name, List<String> known) {
    JsonNode value = given(name);
    if (value == null || !value.isObject()) {
      throw new BadField(
          pointer(name),
          "The field %s must be an object of %s".formatted(name, String.join(", ", known)));
    }
    return new JsonBody(pointer(name), value).knowing(known);
  }

  /** Texts of a list; none where the field is absent. */
  List<String> texts(String name) {
    JsonNode value = given(name);
    if (value == null) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode each : value) {
      texts.add(each.isString() ? each.asString() : "");
    }
    if (!value.isArray() || texts.contains("")) {
      throw new BadField(pointer(name), "The field %s must be a list of texts".formatted(name));
    }
    return texts;
  }

  /** Texts by whatever names; none where the field is absent. */
  Map<String, String> textsByName(String name) {
    JsonNode value = given(name);
    Map<String, String> texts = new LinkedHashMap<>();
    if (value == null) {
      return texts;
    }
    for (String each : value.propertyNames()) {
      texts.put(each, value.get(each).isString() ? value.get(each).asString() : "");
    }
    if (!value.isObject() || texts.containsValue("")) {
      throw new BadField(pointer(name), "The field %s must be an object of texts".formatted(name));
    }
    return texts;
  }

  /** Values by whatever names, null among them; none where the field is absent. */
  Map<String, JsonNode> values(String name, int most) {
    JsonNode value = given(name);
    Map<String, JsonNode> values = new LinkedHashMap<>();
    if (value == null) {
      return values;
    }
    if (!value.isObject() || value.size() > most) {
      throw new BadField(
          pointer(name),
          "The field %s must be an object of at most %d values".formatted(name, most));
    }
    value.forEachEntry(values::put);
    return values;
  }

  /** Answers a body, and what is wrong with a field of it by its name. */
  static void answering(Context ctx, Runnable answer) {
    try {
      answer.run();
    } catch (BadField bad) {
      ctx.status(400);
      Answer.send(ctx, Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())));
    }
  }

  @Nullable UUID user(String name) {
    JsonNode value = given(name);
    return value == null ? null : user(pointer(name), value);
  }

  List<UUID> users(String name) {
    JsonNode value = given(name);
    if (value == null || !value.isArray()) {
      throw new BadField(pointer(name), "The field %s must be a list of user ids".formatted(name));
    }
    List<UUID> users = new ArrayList<>(value.size());
    for (int i = 0; i < value.size(); i++) {
      users.add(user(pointer(name) + "/" + i, value.get(i)));
    }
    return users;
  }

  /** Users by the names that are known; none where the field is absent. */
  Map<String, UUID> usersByName(String name, List<String> known) {
    JsonNode value = given(name);
    if (value == null) {
      return Map.of();
    }
    if (!value.isObject()) {
      throw new BadField(
          pointer(name),
          "The field %s must be an object of user ids by %s"
              .formatted(name, String.join(", ", known)));
    }
    JsonBody inner = new JsonBody(pointer(name), value).knowing(known);
    Map<String, UUID> users = new LinkedHashMap<>();
    for (String field : value.propertyNames()) {
      UUID user = inner.user(field);
      if (user != null) {
        users.put(field, user);
      }
    }
    return users;
  }

  /**
   * Values to look up: texts, or objects of type and value.
   *
   * @param most so many at most
   */
  List<Asked> asked(String name, int most) {
    JsonNode values = given(name);
    if (values == null || !values.isArray() || values.isEmpty()) {
      throw new BadField(
          pointer(name), "The field %s must be a list of 1 to %d values".formatted(name, most));
    }
    if (values.size() > most) {
      throw new BadField(
          pointer(name),
          "The field %s has %d values; expected 1 to %d".formatted(name, values.size(), most));
    }
    List<Asked> asked = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      JsonNode value = values.get(i);
      if (!value.isObject()) {
        asked.add(new Asked(null, raw(value)));
        continue;
      }
      JsonBody inner =
          new JsonBody(pointer(name) + "/" + i, value).knowing(List.of("type", "value"));
      JsonNode type = inner.given("type");
      if (type == null || !type.isString()) {
        throw new BadField(
            inner.pointer("type"), "The field type must be text, such as email or zendesk_id");
      }
      JsonNode of = inner.given("value");
      asked.add(new Asked(type.asString(), of == null ? Raw.ABSENT : raw(of)));
    }
    return asked;
  }

  private static Raw raw(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> Raw.text(value.asString());
      case NUMBER ->
          value.isIntegralNumber()
              ? new Raw.Number(value.asString())
              : new Raw.Other("a number with a fraction");
      case BOOLEAN -> new Raw.Other("a boolean");
      case ARRAY -> new Raw.Other("a list");
      case OBJECT, POJO -> new Raw.Other("an object");
      case NULL, MISSING -> Raw.ABSENT;
      case BINARY -> new Raw.Other("binary");
    };
  }

  private static UUID user(String pointer, JsonNode value) {
    UUID user = value.isString() ? Uuid.of(value.asString()) : null;
    if (user == null) {
      throw new BadField(
          pointer, "A user is named by its id, such as 01a200b1-e621-7000-ab8f-7f602f6f541b");
    }
    return user;
  }

  /** Null: absent, or null. */
  private @Nullable JsonNode given(String name) {
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? null : value;
  }

  String pointer(String name) {
    return at + "/" + name.replace("~", "~0").replace("/", "~1");
  }
}
