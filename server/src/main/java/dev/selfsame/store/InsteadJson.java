package dev.selfsame.store;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Part;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a merging claim would have left without merging, as JSON by part. */
final class InsteadJson {

  private InsteadJson() {}

  /** Null where there is nothing to say. */
  static @Nullable String of(List<Instead> instead) {
    if (instead.isEmpty()) {
      return null;
    }
    ObjectNode json = Json.MAPPER.createObjectNode();
    for (Instead each : instead) {
      ObjectNode both = json.putObject(each.part().toString());
      write(both.putObject("made"), each.made());
      write(both.putObject("apart"), each.apart());
    }
    return json.toString();
  }

  private static void write(ObjectNode json, Part part) {
    Field name = part.name();
    if (name != null) {
      json.putObject("name")
          .put("value", name.value())
          .put("at", name.at())
          .put("position", name.position())
          .put("source", name.source())
          .put("weak", name.weak());
    }
    ArrayNode identifiers = json.putArray("identifiers");
    for (Held held : part.identifiers()) {
      identifiers
          .addObject()
          .put("type", held.type().name())
          .put("value", held.value())
          .put("display", held.display())
          .put("current", held.current())
          .put("deleted", held.deleted())
          .put("weak", held.weak())
          .put("source", held.source())
          .put("at", held.at())
          .put("position", held.position())
          .put("first_seen", held.firstSeen())
          .put("last_seen", held.lastSeen());
    }
    ArrayNode bars = json.putArray("bars");
    part.bars().forEach(bar -> bars.add(bar.toString()));
  }

  /**
   * The same without what was erased.
   *
   * @param parts of theirs nothing stays
   * @param own identifiers that nobody else is known by
   * @return null where nothing is left to say
   */
  static @Nullable String without(String json, Set<UUID> parts, Set<Identifier> own) {
    List<Instead> left = new ArrayList<>();
    for (Instead each : read(json)) {
      if (!parts.contains(each.part())) {
        left.add(new Instead(without(each.made(), parts, own), without(each.apart(), parts, own)));
      }
    }
    return of(left);
  }

  private static Part without(Part part, Set<UUID> parts, Set<Identifier> own) {
    Set<UUID> bars = new HashSet<>(part.bars());
    bars.removeAll(parts);
    return new Part(
        part.id(),
        part.createdPosition(),
        part.createdAt(),
        part.name(),
        part.identifiers().stream().filter(held -> !own.contains(held.id())).toList(),
        bars);
  }

  static List<Instead> read(@Nullable String json) {
    if (json == null) {
      return List.of();
    }
    List<Instead> all = new ArrayList<>();
    for (Map.Entry<String, JsonNode> part : Json.MAPPER.readTree(json).properties()) {
      UUID id = UUID.fromString(part.getKey());
      all.add(
          new Instead(
              part(id, part.getValue().get("made")), part(id, part.getValue().get("apart"))));
    }
    return all;
  }

  private static Part part(UUID id, JsonNode json) {
    JsonNode name = json.get("name");
    List<Held> identifiers = new ArrayList<>();
    for (JsonNode held : json.get("identifiers")) {
      identifiers.add(
          new Held(
              new Identifier(
                  IdentifierType.of(held.get("type").asString()), held.get("value").asString()),
              held.get("display").asString(),
              held.get("current").asBoolean(),
              held.get("deleted").asBoolean(),
              held.get("weak").asBoolean(),
              held.get("source").asInt(),
              held.get("at").asLong(),
              held.get("position").asLong(),
              held.get("first_seen").asLong(),
              held.get("last_seen").asLong()));
    }
    Set<UUID> bars = new HashSet<>();
    for (JsonNode bar : json.get("bars")) {
      bars.add(UUID.fromString(bar.asString()));
    }
    return new Part(
        id,
        0,
        0,
        name == null
            ? null
            : new Field(
                name.get("value").asString(),
                name.get("at").asLong(),
                name.get("position").asLong(),
                name.get("source").asInt(),
                name.get("weak").asBoolean()),
        identifiers,
        bars);
  }
}
