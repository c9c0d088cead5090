package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * examples/exports: the rows of the demo's story as a tool's export would have them, a file a
 * table. Run with {@code -Drewrite=true} it writes them.
 */
final class ExportsTest {
  private static final Path EXPORTS = Path.of("..", "examples", "exports");
  private static final JsonMapper JSON = new JsonMapper();

  /** The others are CSV. */
  private static final Set<String> JSON_LINES =
      Set.of(
          "zendesk.tickets",
          "stripe.charges",
          "stripe.plans",
          "salesforce.contacts",
          "mailchimp.campaign_opens",
          "segment.screens");

  @Test
  void say_what_the_demo_says() throws IOException {
    Map<String, String> expected = files();
    assertThat(expected).hasSizeGreaterThan(12);
    if (Boolean.getBoolean("rewrite")) {
      Files.createDirectories(EXPORTS);
      for (Map.Entry<String, String> file : expected.entrySet()) {
        Files.writeString(EXPORTS.resolve(file.getKey()), file.getValue());
      }
    }
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(EXPORTS)) {
      for (Path file : files.toList()) {
        if (!file.endsWith("README.md")) {
          found.put(file.getFileName().toString(), Files.readString(file));
        }
      }
    }
    assertThat(found).isEqualTo(expected);
  }

  /** Of a row that the story tells again the last state; without the thousand leads of the fair. */
  private static Map<String, String> files() throws IOException {
    Map<String, Map<String, ObjectNode>> tables = new TreeMap<>();
    for (String line :
        Files.readAllLines(Path.of("src/main/resources/dev/selfsame/app/demo.jsonl"))) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      JsonNode step = JSON.readTree(line);
      String kind = step.propertyNames().iterator().next();
      JsonNode said = step.get(kind);
      if (kind.equals("segment") && said.path("type").asString().equals("identify")) {
        identify(tables, said);
      } else if (kind.contains(".") && !step.has("times")) {
        rows(tables, kind).merge(said.get("id").asString(), (ObjectNode) said, ExportsTest::later);
      }
    }
    Map<String, String> files = new TreeMap<>();
    tables.forEach((table, rows) -> {
      boolean lines = JSON_LINES.contains(table);
      files.put(
          table + (lines ? ".jsonl" : ".csv"),
          lines
              ? rows.values().stream().map(row -> row + "\n").collect(Collectors.joining())
              : csv(List.copyOf(rows.values())));
    });
    return files;
  }

  private static Map<String, ObjectNode> rows(
      Map<String, Map<String, ObjectNode>> tables, String table) {
    return tables.computeIfAbsent(table, key -> new LinkedHashMap<>());
  }

  /** As Segment's own table: a row for each userId. */
  private static void identify(Map<String, Map<String, ObjectNode>> tables, JsonNode event) {
    String id = event.get("userId").asString();
    if (id.equals("anonymous") || id.equals("null")) {
      return;
    }
    ObjectNode row = JSON.createObjectNode().put("id", id);
    row.put("received_at", event.get("timestamp").asString());
    for (String trait : List.of("email", "name", "referral_source")) {
      if (event.get("traits").has(trait)) {
        row.set(trait, event.get("traits").get(trait));
      }
    }
    rows(tables, "segment.users").merge(id, row, ExportsTest::later);
  }

  private static ObjectNode later(ObjectNode before, ObjectNode after) {
    ObjectNode both = before.deepCopy();
    both.setAll(after);
    return both;
  }

  private static String csv(List<ObjectNode> rows) {
    Set<String> columns = new LinkedHashSet<>();
    rows.forEach(row -> columns.addAll(row.propertyNames()));
    StringBuilder csv = new StringBuilder(String.join(",", columns)).append('\n');
    for (ObjectNode row : rows) {
      csv.append(
              columns.stream()
                  .map(column -> cell(row.path(column).asString("")))
                  .collect(Collectors.joining(",")))
          .append('\n');
    }
    return csv.toString();
  }

  private static String cell(String text) {
    return text.matches("[^,\"\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
