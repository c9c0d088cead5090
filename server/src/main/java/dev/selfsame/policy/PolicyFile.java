package dev.selfsame.policy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Source;
import dev.selfsame.store.PolicyRequest;
import dev.selfsame.store.PolicySettings;
import dev.selfsame.store.SpaceSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and writes a policy as YAML, or as JSON, which is YAML too. A key that is left out has its
 * default; a source, or a setting of one, that is left out stays as it is set. What cannot be meant
 * is refused with its line and column.
 */
final class PolicyFile {

  static final int MOST_CHARACTERS = 1024 * 1024;

  private static final int MOST_VALUES = 10_000;
  private static final int VALUE_CHARACTERS = 600;
  private static final String SOURCES = "sources";
  private static final String LIMITS = "limits";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int DEEPEST = 20;
  private static final String FLAG = "true or false";

  /** The least and the most that a limit may be. */
  private record Range(int least, int most) {}

  private static final Map<String, Range> RANGES =
      new TreeMap<>(
          Map.of(
              "merges_per_user", new Range(1, 10_000),
              "identifiers_per_user", new Range(1, 10_000),
              // More would not fit into an index of PostgreSQL's.
              "id_characters", new Range(1, 600),
              "email_characters", new Range(3, 600)));

  private final SpaceSettings space;
  private final ObjectNode settings = PolicySettings.defaults();
  private final Map<String, Map<String, Boolean>> sources = new TreeMap<>();

  private PolicyFile(SpaceSettings space) {
    this.space = space;
  }

  /**
   * Reads a policy for the space.
   *
   * @throws Failure POLICY_INVALID, naming what is wrong and where
   */
  static PolicyRequest read(String text, SpaceSettings space) {
    if (text.length() > MOST_CHARACTERS) {
      throw new Failure(
          Problem.POLICY_INVALID,
          "A policy has at most %,d characters; got %,d".formatted(MOST_CHARACTERS, text.length()));
    }
    Node root = root(text);
    if (root == null) {
      // What was to be sent and got lost on the way would set everything back.
      throw new Failure(
          Problem.POLICY_INVALID,
          "The policy says nothing; a file of {} alone sets everything to its default");
    }
    PolicyFile file = new PolicyFile(space);
    file.readAll(root);
    return new PolicyRequest(file.settings, file.sources);
  }

  private static @Nullable Node root(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel("the policy")
            .setCodePointLimit(MOST_CHARACTERS)
            .setUseMarks(true)
            .build();
    try {
      checkDepth(new Parse(settings).parseString(text));
      return new Compose(settings).composeString(text).orElse(null);
    } catch (MarkedYamlEngineException e) {
      throw invalid(e.getProblemMark().orElse(null), "this is no YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw invalid((Mark) null, "this is no YAML: " + e.getMessage());
    }
  }

  /** Composing takes a stack as deep as the text. */
  private static void checkDepth(Iterable<Event> events) {
    int depth = 0;
    for (Event event : events) {
      depth +=
          switch (event.getEventId()) {
            case MappingStart, SequenceStart -> 1;
            case MappingEnd, SequenceEnd -> -1;
            default -> 0;
          };
      if (depth > DEEPEST) {
        throw invalid(event.getStartMark().orElse(null), "nothing in a policy is as deep as this");
      }
    }
  }

  private void readAll(Node root) {
    List<String> known = new ArrayList<>(settings.propertyNames());
    known.add(SOURCES);
    map(root, "the policy", known)
        .forEach((key, value) -> {
          switch (key) {
            case "emails" -> settings.put(key, oneOf(key, value, List.of("shared", "unique")));
            case "merge_on_email_change",
                "match_on_billing_id",
                "match_previous_emails",
                PolicySettings.NOTES_FILL_EMAIL ->
                settings.put(key, flag(key, value));
            case "blocked_values" -> put(key, values(key, value));
            case "never_match_emails" -> put(key, mailboxes(key, value));
            case PolicySettings.FREE_MAIL_DOMAINS -> put(key, domains(key, value));
            case LIMITS -> limits(value);
            case PolicySettings.SURVIVORSHIP -> survivorship(value);
            case PolicySettings.TRAITS -> traits(value);
            case SOURCES -> sources(value);
            default -> throw new IllegalStateException("Nobody reads the key " + key);
          }
        });
  }

  private void put(String key, Set<String> values) {
    ArrayNode list = settings.putArray(key);
    values.forEach(list::add);
  }

  private void limits(Node node) {
    ObjectNode limits = (ObjectNode) settings.get(LIMITS);
    map(node, LIMITS, List.copyOf(RANGES.keySet()))
        .forEach((key, value) -> {
          Range range = RANGES.get(key);
          if (range != null) {
            limits.put(key, number("limits." + key, value, range));
          }
        });
  }

  /** Names as sources write them: they are compared as they are. */
  private void traits(Node node) {
    List<String> words = List.of(PolicySettings.NO_TRAITS, PolicySettings.ALL_TRAITS);
    if (node instanceof ScalarNode scalar && words.contains(scalar.getValue())) {
      settings.put(PolicySettings.TRAITS, scalar.getValue());
    } else if (node instanceof SequenceNode list && !list.getValue().isEmpty()) {
      Set<String> names = new TreeSet<>();
      for (Node one : texts(PolicySettings.TRAITS, list)) {
        names.add(text(one));
      }
      put(PolicySettings.TRAITS, names);
    } else {
      throw wrong(PolicySettings.TRAITS, node, "none, all or a list of names");
    }
  }

  private void survivorship(Node node) {
    ObjectNode fields = (ObjectNode) settings.get(PolicySettings.SURVIVORSHIP);
    map(node, PolicySettings.SURVIVORSHIP, List.copyOf(fields.propertyNames()))
        .forEach((field, value) -> {
          String key = PolicySettings.SURVIVORSHIP + "." + field;
          if (value instanceof SequenceNode list) {
            ArrayNode order = fields.putArray(field);
            order(key, list).forEach(order::add);
          } else if (value instanceof ScalarNode scalar
              && List.of(PolicySettings.LATEST, PolicySettings.FIRST).contains(scalar.getValue())) {
            fields.put(field, scalar.getValue());
          } else {
            throw wrong(key, value, "latest, first or a list of sources");
          }
        });
  }

  /** Names of sources, the one that stands highest first. */
  private Set<String> order(String key, SequenceNode list) {
    List<String> known = List.copyOf(PolicySettings.sources(space));
    Set<String> order = new LinkedHashSet<>();
    for (Node one : list.getValue()) {
      if (!(one instanceof ScalarNode scalar)) {
        throw wrong(key, one, "names of sources");
      }
      String name = scalar.getValue();
      if (!known.contains(name)) {
        throw invalid(
            one,
            "%s: there is no source %s; did you mean %s? Known: %s"
                .formatted(key, shown(name), Nearest.of(name, known), String.join(", ", known)));
      }
      if (!order.add(name)) {
        throw invalid(one, "%s names %s twice".formatted(key, name));
      }
    }
    if (order.isEmpty()) {
      throw wrong(key, list, "latest, first or a list of at least one source");
    }
    return order;
  }

  private void sources(Node node) {
    Map<String, Source> byName = new LinkedHashMap<>();
    for (Source source : space.sources().values()) {
      if (!PolicySettings.of(source.channel()).isEmpty()) {
        byName.put(source.name(), source);
      }
    }
    map(node, SOURCES, List.copyOf(new TreeSet<>(byName.keySet())))
        .forEach((name, value) -> {
          Source source = byName.get(name);
          Map<String, Boolean> said = new TreeMap<>();
          if (source != null) {
            map(value, "sources." + name, PolicySettings.of(source.channel()))
                .forEach((key, one) -> said.put(key, source(name, key, one)));
          }
          sources.put(name, said);
        });
  }

  private boolean source(String name, String key, Node value) {
    boolean said = flag("sources." + name + "." + key, value);
    if (said && key.equals(PolicySettings.LAND_PAGES) && !space.lands()) {
      throw invalid(
          value,
          "sources.%s.%s: page and screen events become rows in the space default alone"
              .formatted(name, key));
    }
    return said;
  }

  // ---- values ----

  private static Map<String, Node> map(Node node, String what, List<String> known) {
    if (!(node instanceof MappingNode mapping)) {
      throw invalid(node, "%s must be keys with values".formatted(what));
    }
    Map<String, Node> values = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key =
          tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "a list or map";
      if (!known.contains(key)) {
        throw invalid(
            tuple.getKeyNode(),
            known.isEmpty()
                ? "%s has no keys".formatted(what)
                : "%s has no key %s; did you mean %s? Known: %s"
                    .formatted(what, shown(key), Nearest.of(key, known), String.join(", ", known)));
      }
      if (values.put(key, tuple.getValueNode()) != null) {
        throw invalid(tuple.getKeyNode(), "%s has the key %s twice".formatted(what, key));
      }
    }
    return values;
  }

  private static boolean flag(String key, Node node) {
    if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
      return Boolean.parseBoolean(scalar.getValue().toLowerCase(Locale.ROOT));
    }
    throw wrong(key, node, FLAG);
  }

  private static int number(String key, Node node, Range range) {
    String expected = "a whole number from %d to %d".formatted(range.least(), range.most());
    if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.INT)) {
      try {
        int number = Integer.parseInt(scalar.getValue());
        if (number >= range.least() && number <= range.most()) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw wrong(key, node, expected);
      }
    }
    throw wrong(key, node, expected);
  }

  private static String oneOf(String key, Node node, List<String> values) {
    if (node instanceof ScalarNode scalar && values.contains(scalar.getValue())) {
      return scalar.getValue();
    }
    throw wrong(key, node, String.join(" or ", values));
  }

  /** Lower case: values are compared in any case. */
  private static Set<String> values(String key, Node node) {
    if (!(node instanceof SequenceNode list)) {
      throw wrong(key, node, "a list of texts");
    }
    Set<String> values = new TreeSet<>();
    for (Node one : texts(key, list)) {
      values.add(text(one).toLowerCase(Locale.ROOT));
    }
    return values;
  }

  /** The list's nodes, each of which is a text. */
  private static List<Node> texts(String key, SequenceNode list) {
    if (list.getValue().size() > MOST_VALUES) {
      throw invalid(
          list,
          "%s has at most %,d values; got %,d".formatted(key, MOST_VALUES, list.getValue().size()));
    }
    for (Node one : list.getValue()) {
      if (text(one).isEmpty() || text(one).length() > VALUE_CHARACTERS) {
        throw wrong(key, one, "texts of 1 to %d characters".formatted(VALUE_CHARACTERS));
      }
    }
    return list.getValue();
  }

  /** -1, null and true are values like any other here, quoted or not. */
  private static String text(Node node) {
    return node instanceof ScalarNode scalar ? scalar.getValue().strip() : "";
  }

  private static Set<String> mailboxes(String key, Node node) {
    Set<String> mailboxes = values(key, node);
    if (node instanceof SequenceNode list) {
      for (Node one : list.getValue()) {
        if (one instanceof ScalarNode scalar && scalar.getValue().strip().indexOf('@') < 1) {
          throw wrong(key, one, "whole emails, or what stands before an @ with it, such as info@");
        }
      }
    }
    return mailboxes;
  }

  private static Set<String> domains(String key, Node node) {
    Set<String> domains = values(key, node);
    if (node instanceof SequenceNode list) {
      for (Node one : list.getValue()) {
        if (one instanceof ScalarNode scalar && scalar.getValue().indexOf('@') >= 0) {
          throw wrong(key, one, "domains, such as gmail.com");
        }
      }
    }
    return domains;
  }

  // ---- errors ----

  private static Failure wrong(String key, Node node, String expected) {
    String got =
        switch (node) {
          case ScalarNode scalar -> scalar.getValue().isEmpty() ? "nothing" : scalar.getValue();
          case SequenceNode list -> "a list";
          default -> "keys with values";
        };
    return invalid(node, "%s must be %s; got %s".formatted(key, expected, shown(got)));
  }

  private static String shown(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  private static Failure invalid(Node node, String what) {
    return invalid(node.getStartMark().orElse(null), what);
  }

  private static Failure invalid(@Nullable Mark at, String what) {
    return new Failure(
        Problem.POLICY_INVALID,
        at == null
            ? what
            : "line %d, column %d: %s".formatted(at.getLine() + 1, at.getColumn() + 1, what));
  }

  // ---- writing ----

  /** The policy as a file that says all of it. */
  static String write(JsonNode policy) {
    StringBuilder text = new StringBuilder(1_024);
    write(policy, "", text);
    return text.toString();
  }

  private static void write(JsonNode node, String indent, StringBuilder text) {
    node.propertyStream()
        .forEach(one -> {
          text.append(indent).append(plain(one.getKey()) ? one.getKey() : quoted(one.getKey()));
          JsonNode value = one.getValue();
          if (value.isObject() && !value.isEmpty()) {
            text.append(":\n");
            write(value, indent + "  ", text);
          } else if (value.isArray() && !value.isEmpty()) {
            text.append(":\n");
            value.forEach(element ->
                text.append(indent).append("  - ").append(quoted(element.asString())).append('\n'));
          } else {
            boolean word = value.isString() && plain(value.asString());
            text.append(": ").append(word ? value.asString() : value.toString());
            text.append('\n');
          }
        });
  }

  private static boolean plain(String word) {
    return word.matches("[a-z][a-z0-9_-]*")
        && !Set.of("true", "false", "null", "yes", "no", "on", "off").contains(word);
  }

  /** JSON's quotes are YAML's. */
  private static String quoted(String value) {
    return JSON.writeValueAsString(value);
  }
}
