package dev.selfsame.api.productboard;

import dev.selfsame.api.Answer;
import dev.selfsame.api.FieldText;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Json;
import dev.selfsame.identity.User;
import dev.selfsame.source.api.UserWrite;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The JSON of a user, {@code {"data": {…}}}. What of it cannot be meant is told as Productboard
 * does: by the rule of its description that it breaks, and where.
 */
final class UserBody {

  /** By the name that a field has here, the one that the ledger gives it. */
  static final Map<String, String> FIELDS =
      Map.of("externalId", User.EXTERNAL_ID, "email", User.EMAIL, "name", User.NAME);

  static final String DATA = "/data";

  private static final List<String> NAMES = List.of("email", "externalId", "name");

  private final List<Answer.Fault> faults = new ArrayList<>();
  private final Map<String, String> texts = new HashMap<>();
  private final Set<String> cleared = new HashSet<>();

  private UserBody() {}

  /** A user that is wanted so, or what is wrong with it. */
  record Wanted(UserWrite write, List<Answer.Fault> faults) {}

  /**
   * Reads it.
   *
   * @param user who is to be changed; null: a new one
   * @throws Failure {@code MALFORMED_JSON} if it is no JSON
   */
  static Wanted read(byte[] bytes, @Nullable UUID user) {
    JsonNode body;
    try {
      body = Json.strict().readTree(bytes);
    } catch (JacksonException e) {
      throw new Failure(
          Problem.MALFORMED_JSON, "The body is not JSON: " + e.getOriginalMessage(), 0, e);
    }
    UserBody read = new UserBody();
    read.body(body, user != null);
    return new Wanted(new UserWrite(0, user, read.texts, read.cleared), List.copyOf(read.faults));
  }

  private void body(JsonNode body, boolean change) {
    if (!body.isObject()) {
      broken("type", "should be object", "");
      return;
    }
    known(body, List.of("data"), "");
    JsonNode data = body.get("data");
    if (data == null) {
      broken("required", "should have required property 'data'", DATA);
    } else if (!data.isObject()) {
      broken("type", "should be object", DATA);
    } else if (change && data.isEmpty()) {
      broken("minProperties", "should NOT have fewer than 1 properties", DATA);
    } else {
      known(data, NAMES, DATA);
      NAMES.forEach(name -> field(data.get(name), name));
    }
  }

  private void known(JsonNode object, List<String> names, String at) {
    for (String name : object.propertyNames()) {
      if (!names.contains(name)) {
        broken(
            "additionalProperties",
            "should NOT have the property %s; did you mean %s?"
                .formatted(name, Nearest.of(name, names)),
            at + "/" + name.replace("~", "~0").replace("/", "~1"));
      }
    }
  }

  private void field(@Nullable JsonNode value, String name) {
    String field = String.valueOf(FIELDS.get(name));
    String at = DATA + "/" + name;
    if (value == null) {
      return;
    }
    if (value.isNull()) {
      cleared.add(field);
      return;
    }
    if (!value.isString()) {
      broken("type", "should be string,null", at);
      return;
    }
    FieldText.Fault fault = FieldText.fault(value.asString(), field.equals(User.EMAIL));
    switch (fault) {
      case null -> texts.put(field, value.asString());
      case BLANK ->
          broken(
              "minLength", "should NOT be blank; null takes it away, leaving it out does not", at);
      case TOO_LONG ->
          broken(
              "maxLength", "should NOT have more than %d characters".formatted(FieldText.MOST), at);
      case BROKEN -> broken("pattern", "should have no NUL and no half of a character", at);
      case NO_EMAIL -> broken("format", "should match format \"email\"", at);
    }
  }

  private void broken(String rule, String detail, String at) {
    faults.add(
        new Answer.Fault(
            "validation.openapi." + rule, "Validation Error", detail, new Answer.Source(null, at)));
  }
}
