package dev.selfsame.settings;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The operator's settings: a JSON object with an object per feature, of which each key that is left
 * out has its default. An unknown key stops the start, since it is a default that somebody believes
 * to have changed.
 */
public final class SettingsFile {

  private static final JsonMapper MAPPER = new JsonMapper();

  private final String name;
  private final ObjectNode root;
  private final Set<String> known = new LinkedHashSet<>();

  private SettingsFile(String name, ObjectNode root) {
    this.name = name;
    this.root = root;
  }

  /** The settings in a file; null: all defaults. */
  public static SettingsFile read(@Nullable Path file) {
    if (file == null) {
      return new SettingsFile("no file", MAPPER.createObjectNode());
    }
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new Failure(
          Problem.INVALID_SETTING,
          "The settings file %s cannot be read: %s".formatted(file, e),
          0,
          e);
    }
  }

  static SettingsFile parse(String name, String text) {
    JsonNode tree;
    try {
      tree = MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw new Failure(
          Problem.INVALID_SETTING,
          "The settings file %s is not JSON: %s".formatted(name, e.getOriginalMessage()),
          0,
          e);
    }
    if (!(tree instanceof ObjectNode root)) {
      throw new Failure(
          Problem.INVALID_SETTING,
          "The settings file %s must hold one JSON object".formatted(name));
    }
    return new SettingsFile(name, root);
  }

  /**
   * One feature's settings: its defaults with what the file says in their place. Numbers, texts,
   * true and false; durations as {@code PT20S}.
   */
  public <T> T section(String key, T defaults, Class<T> type) {
    known.add(key);
    JsonNode given = root.get(key);
    if (given == null) {
      return defaults;
    }
    if (!(given instanceof ObjectNode settings)) {
      throw new Failure(Problem.INVALID_SETTING, "%s: %s must be an object".formatted(name, key));
    }
    ObjectNode all = MAPPER.valueToTree(defaults);
    List<String> unknown = new ArrayList<>(settings.propertyNames());
    unknown.removeAll(all.propertyNames());
    if (!unknown.isEmpty()) {
      throw unknown(key + "." + unknown.getFirst(), all.propertyNames());
    }
    all.setAll(settings);
    try {
      return MAPPER.treeToValue(all, type);
    } catch (JacksonException e) {
      String why =
          e.getCause() instanceof IllegalArgumentException refused
              ? refused.getMessage()
              : e.getOriginalMessage();
      throw new Failure(Problem.INVALID_SETTING, "%s: %s: %s".formatted(name, key, why), 0, e);
    }
  }

  /** To be called after the last section: refuses sections that nobody asked for. */
  public void done() {
    for (String key : root.propertyNames()) {
      if (!known.contains(key)) {
        throw unknown(key, known);
      }
    }
  }

  private Failure unknown(String key, Iterable<String> possible) {
    Set<String> sorted = new TreeSet<>();
    possible.forEach(sorted::add);
    return new Failure(
        Problem.INVALID_SETTING,
        "%s: there is no setting %s; known here: %s"
            .formatted(name, key, String.join(", ", sorted)));
  }
}
