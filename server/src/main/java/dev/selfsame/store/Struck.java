package dev.selfsame.store;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes identifiers out of JSON that is kept: of a text in which an email stands, or which is an
 * id, nothing stays but null.
 */
public final class Struck {

  private static final String NOT_LETTER = "(?<![\\p{L}\\p{N}])";
  private static final String NO_LETTER = "(?![\\p{L}\\p{N}])";

  private final Set<String> ids = new HashSet<>();
  private final List<Pattern> words = new ArrayList<>();

  public Struck(Collection<Identifier> identifiers) {
    for (Identifier identifier : identifiers) {
      if (identifier.type().equals(IdentifierType.EMAIL)) {
        words.add(word(identifier.value()));
      } else {
        ids.add(identifier.value());
      }
    }
  }

  private Struck(List<Pattern> words) {
    this.words.addAll(words);
  }

  /** Strikes each text in which one of these stands as a word of its own. */
  static Struck words(Collection<String> words) {
    return new Struck(words.stream().map(Struck::word).toList());
  }

  /** What is kept of an act that names an erased user: what it was, who did it and from where. */
  public static byte[] act(byte[] payload) {
    JsonNode read = Json.MAPPER.readTree(payload);
    ObjectNode left = Json.MAPPER.createObjectNode().put("erased", true);
    for (String name : List.of("act", "by", "origin")) {
      JsonNode value = read.get(name);
      if (value != null) {
        left.set(name, value);
      }
    }
    return Json.MAPPER.writeValueAsBytes(left);
  }

  private static Pattern word(String word) {
    return Pattern.compile(NOT_LETTER + Pattern.quote(normal(word)) + NO_LETTER);
  }

  private static String normal(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
  }

  /**
   * The JSON without them; the same text if they are not in it.
   *
   * @param parts members called so go as a whole
   */
  public String from(String json, Set<UUID> parts) {
    JsonNode read = Json.MAPPER.readTree(json);
    Set<String> named = new HashSet<>();
    parts.forEach(part -> named.add(part.toString()));
    return strike(read, named) ? Json.MAPPER.writeValueAsString(read) : json;
  }

  private boolean strike(JsonNode node, Set<String> named) {
    boolean struck = false;
    if (node instanceof ObjectNode object) {
      for (String name : List.copyOf(object.propertyNames())) {
        JsonNode value = object.get(name);
        if (named.contains(name) || stands(name) || stands(afterType(name))) {
          object.remove(name);
          struck = true;
        } else if (stands(value, named)) {
          object.putNull(name);
          struck = true;
        } else {
          struck |= strike(value, named);
        }
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        if (stands(array.get(i), named)) {
          array.setNull(i);
          struck = true;
        } else {
          struck |= strike(array.get(i), named);
        }
      }
    }
    return struck;
  }

  private boolean stands(JsonNode value, Set<String> named) {
    if (value.isString()) {
      return named.contains(value.asString()) || stands(value.asString());
    }
    return value.isNumber() && ids.contains(value.asString());
  }

  /** Of a before-image: what identifiers are called there. */
  private static @Nullable String afterType(String name) {
    int colon = name.lastIndexOf(':');
    return colon < 0 ? null : name.substring(colon + 1);
  }

  /** Whether one of them stands in the text. */
  boolean stands(@Nullable String text) {
    if (text == null) {
      return false;
    }
    if (ids.contains(text.strip())) {
      return true;
    }
    if (words.isEmpty()) {
      return false;
    }
    String normal = normal(text);
    return words.stream().anyMatch(word -> word.matcher(normal).find());
  }
}
