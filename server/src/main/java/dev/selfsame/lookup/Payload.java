package dev.selfsame.lookup;

import java.text.Normalizer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a claim or act was sent as, read for what a person would see in it. */
final class Payload {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final @Nullable JsonNode json;

  Payload(@Nullable String text) {
    JsonNode read = null;
    if (text != null) {
      try {
        read = JSON.readTree(text);
      } catch (JacksonException unreadable) {
        // Then nothing is known of it.
      }
    }
    this.json = read;
  }

  boolean known() {
    return json != null;
  }

  /** Who did it, of an act. */
  @Nullable String by() {
    return json == null ? null : text(json.path("by"));
  }

  /** The name that it states, or null. */
  @Nullable String name() {
    if (json == null) {
      return null;
    }
    String name = text(json.path("traits").path("name"));
    return name == null ? text(json.path("name")) : name;
  }

  private static @Nullable String text(JsonNode value) {
    return value.isString() && !value.asString().isBlank() ? value.asString().strip() : null;
  }

  /** Whether the value stands anywhere in it, as identifiers are compared. */
  boolean says(String value) {
    if (json == null) {
      return false;
    }
    Set<String> values = new HashSet<>();
    leaves(json, values);
    return values.contains(value) || values.contains(folded(value));
  }

  private static void leaves(JsonNode node, Set<String> into) {
    if (node.isContainer()) {
      node.forEach(child -> leaves(child, into));
    } else if (!node.isNull()) {
      into.add(node.asString().strip());
      into.add(folded(node.asString()));
    }
  }

  private static String folded(String value) {
    return Normalizer.normalize(value, Normalizer.Form.NFKC).strip().toLowerCase(Locale.ROOT);
  }
}
