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

/** How parts would stand otherwise, as JSON by part. */
public final class InsteadJson {

  private InsteadJson() {}

  /** Null where there is nothing to say. */
  static @Nullable String of(List<Instead> instead) {
    if (instead.isEmpty()) {
      return null;
    }
    ObjectNode json = Json.MAPPER.createObjectNode();
    for (Instead each : instead) {
      json.set(each.part().toString(), of(each));
    }
    return json.toString();
  }

  /** One part, without its id and when it was created. */
  public static ObjectNode of(Part part) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    write(json, part);
    return json;
  }

  /** How one part stands and would stand. */
  public static ObjectNode of(Instead instead) {
    ObjectNode both = Json.MAPPER.createObjectNode();
    both.set("made", of(instead.made()));
    both.set("apart", of(instead.apart()));
    return both;
  }

  /** The same read again. */
  public static Instead instead(UUID part, JsonNode both) {
    return new Instead(part(part, both.get("made")), part(part, both.get("apart")));
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
      all.add(instead(id, part.getValue()));
    }
    return all;
  }

  /** A part read again, as if created at 0. */
  public static Part part(UUID id, JsonNode json) {
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
