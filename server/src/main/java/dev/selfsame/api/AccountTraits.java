package dev.selfsame.api;

import dev.selfsame.http.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Traits as callers write them: texts, numbers and booleans by name; null takes one away. */
public final class AccountTraits {

  /** So many an account has at most. */
  public static final int MOST = 100;

  private static final int MOST_CHARACTERS = 1_024;

  private AccountTraits() {}

  static Map<String, @Nullable Object> read(JsonBody json, int most, List<Answer.Fault> faults) {
    Map<String, @Nullable Object> traits = new LinkedHashMap<>();
    Map<String, JsonNode> sent = json.values("traits", most);
    sent.forEach((name, value) -> {
      String fault = fault(name, value);
      if (fault == null) {
        traits.put(name, plain(value));
      } else {
        faults.add(
            new Answer.Fault(
                "trait_malformed",
                "Invalid field",
                fault,
                new Answer.Source(null, "/traits/" + name.replace("~", "~0").replace("/", "~1"))));
      }
    });
    return traits;
  }

  private static @Nullable String fault(String name, JsonNode value) {
    if (FieldText.fault(name, false) != null) {
      return "A trait's name has 1 to %d characters that can be stored".formatted(FieldText.MOST);
    }
    if (!value.isValueNode()) {
      return "A trait is text, a number, true, false or null";
    }
    return value.isString() ? fault(value.asString()) : null;
  }

  /** What is wrong with a text as the value of a trait; null: nothing. */
  public static @Nullable String fault(String text) {
    boolean broken =
        text.indexOf('\0') >= 0
            || text.codePoints()
                .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    return broken || text.codePointCount(0, text.length()) > MOST_CHARACTERS
        ? "A trait's text has at most %d characters, each of which can be stored"
            .formatted(MOST_CHARACTERS)
        : null;
  }

  private static @Nullable Object plain(JsonNode value) {
    return value.isNull() ? null : value;
  }

  /** As they would be. */
  static JsonNode after(@Nullable JsonNode had, Map<String, @Nullable Object> traits) {
    ObjectNode after = Json.strict().createObjectNode();
    if (had != null) {
      had.forEachEntry(after::set);
    }
    traits.forEach((name, value) -> {
      if (value instanceof JsonNode node) {
        after.set(name, node);
      } else {
        after.remove(name);
      }
    });
    return after;
  }
}
