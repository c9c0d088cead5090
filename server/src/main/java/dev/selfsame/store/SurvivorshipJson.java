package dev.selfsame.store;

import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.Survivorship;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whose value of a field stands, as JSON: as a policy says it, by the names of sources, and as a
 * merge keeps it that was made under one, by their numbers too.
 */
final class SurvivorshipJson {

  /** Where a policy's settings have it, and a merge beside what it settled. */
  static final String KEY = "survivorship";

  static final String LATEST = "latest";
  static final String FIRST = "first";

  private static final String PERSONS = "persons";
  private static final String UNTRUSTED = "untrusted";
  private static final String SOURCES = "sources";
  private static final String NUMBERS = "numbers";

  private SurvivorshipJson() {}

  // ---- A policy's ----

  /** Of the fields that have another than the latest value. */
  static Map<String, Survivorship> of(@Nullable JsonNode said, Map<Integer, Source> sources) {
    if (said == null) {
      return Map.of();
    }
    Map<String, Survivorship> all = new HashMap<>();
    for (String field : User.CHOSEN) {
      JsonNode one = said.get(field);
      if (one != null && one.isArray()) {
        all.put(field, inOrder(one, sources));
      } else if (one != null && one.asString().equals(FIRST)) {
        all.put(field, first(sources));
      }
    }
    return all;
  }

  private static Survivorship inOrder(JsonNode names, Map<Integer, Source> sources) {
    Map<String, Source> byName = new HashMap<>();
    sources.values().forEach(source -> byName.put(source.name(), source));
    List<String> said = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode name : names) {
      said.add(name.asString());
      Source source = byName.get(name.asString());
      if (source != null && source.trusted()) {
        numbers.add(source.number());
      }
    }
    return new Survivorship.Sources(said, numbers);
  }

  /** By these somebody says on purpose what a user is to be, whatever was said before. */
  private static final Set<Channel> CORRECTING = Set.of(Channel.CSV, Channel.API, Channel.ACT);

  private static Survivorship first(Map<Integer, Source> sources) {
    Set<Integer> persons = new HashSet<>();
    Set<Integer> untrusted = new HashSet<>();
    for (Source source : sources.values()) {
      if (CORRECTING.contains(source.channel())) {
        persons.add(source.number());
      } else if (!source.trusted()) {
        untrusted.add(source.number());
      }
    }
    return new Survivorship.First(persons, untrusted);
  }

  /** As the policy says it, of every field. */
  static void write(Map<String, Survivorship> all, ObjectNode into) {
    for (String field : User.CHOSEN.stream().sorted().toList()) {
      switch (all.getOrDefault(field, Survivorship.LATEST)) {
        case Survivorship.Latest latest -> into.put(field, LATEST);
        case Survivorship.First first -> into.put(field, FIRST);
        case Survivorship.Sources sources -> texts(into.putArray(field), sources.names());
      }
    }
  }

  // ---- A merge's ----

  /** What it settled and the survivorship that it was made under; null: nothing, and the latest. */
  static @Nullable String of(Merge merge) {
    if (merge.settled().isEmpty() && merge.survivorship().isEmpty()) {
      return null;
    }
    ObjectNode json = Json.MAPPER.createObjectNode();
    new TreeMap<>(merge.settled()).forEach((field, part) -> json.put(field, part.toString()));
    if (!merge.survivorship().isEmpty()) {
      ObjectNode all = json.putObject(KEY);
      new TreeMap<>(merge.survivorship()).forEach((field, one) -> write(one, all.putObject(field)));
    }
    return json.toString();
  }

  private static void write(Survivorship one, ObjectNode into) {
    switch (one) {
      case Survivorship.Latest latest -> {}
      case Survivorship.First first -> {
        numbers(into.putArray(PERSONS), first.persons().stream().sorted().toList());
        numbers(into.putArray(UNTRUSTED), first.untrusted().stream().sorted().toList());
      }
      case Survivorship.Sources sources -> {
        texts(into.putArray(SOURCES), sources.names());
        numbers(into.putArray(NUMBERS), sources.numbers());
      }
    }
  }

  static Map<String, UUID> settled(JsonNode merge) {
    Map<String, UUID> settled = new HashMap<>();
    for (Map.Entry<String, JsonNode> field : merge.properties()) {
      if (!field.getKey().equals(KEY)) {
        settled.put(field.getKey(), UUID.fromString(field.getValue().asString()));
      }
    }
    return settled;
  }

  static Map<String, Survivorship> survivorship(JsonNode merge) {
    JsonNode all = merge.get(KEY);
    if (all == null) {
      return Map.of();
    }
    Map<String, Survivorship> survivorship = new HashMap<>();
    for (Map.Entry<String, JsonNode> field : all.properties()) {
      survivorship.put(field.getKey(), read(field.getValue()));
    }
    return survivorship;
  }

  private static Survivorship read(JsonNode one) {
    JsonNode names = one.get(SOURCES);
    return names == null
        ? new Survivorship.First(
            Set.copyOf(numbers(one.get(PERSONS))), Set.copyOf(numbers(one.get(UNTRUSTED))))
        : new Survivorship.Sources(
            names.valueStream().map(JsonNode::asString).toList(), numbers(one.get(NUMBERS)));
  }

  private static List<Integer> numbers(@Nullable JsonNode list) {
    return list == null ? List.of() : list.valueStream().map(JsonNode::asInt).toList();
  }

  private static void numbers(ArrayNode into, List<Integer> numbers) {
    numbers.forEach(into::add);
  }

  private static void texts(ArrayNode into, List<String> texts) {
    texts.forEach(into::add);
  }
}
