package dev.selfsame.ask;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a question: comment lines {@code -- key: value} above the statement. What cannot be meant
 * is refused with file and line.
 */
final class QuestionFile {

  private static final List<String> KEYS = List.of("title", "about", "chart", "x", "y", "unit");
  private static final Pattern KEY = Pattern.compile("--\\s*([\\p{L}_-]+)\\s*:(.*)");
  private static final int LONGEST_TITLE = 200;
  private static final int MOST_SERIES = 4;

  private final String file;
  private final Map<String, String> header = new HashMap<>();
  private final Map<String, Integer> lines = new HashMap<>();
  private boolean statement;

  private QuestionFile(String file) {
    this.file = file;
  }

  /**
   * Reads the text of a file.
   *
   * @param file what errors call it
   * @throws Failure {@code QUESTION_INVALID}
   */
  static Question read(String file, String name, Question.Origin origin, String text) {
    QuestionFile reading = new QuestionFile(file);
    reading.header(text);
    return reading.question(name, origin, text);
  }

  /** The text without the header's lines of these keys. */
  static String without(List<String> keys, String text) {
    StringBuilder left = new StringBuilder(text.length());
    boolean header = true;
    for (String line : text.split("\n", -1)) {
      String stripped = line.strip();
      header &= stripped.isEmpty() || stripped.startsWith("--");
      Matcher matcher = KEY.matcher(stripped);
      if (!header || !matcher.matches() || !keys.contains(matcher.group(1))) {
        left.append(left.isEmpty() ? "" : "\n").append(line);
      }
    }
    return left.toString();
  }

  private void header(String text) {
    int line = 0;
    for (String each : text.split("\n", -1)) {
      line++;
      String stripped = each.strip();
      if (!stripped.isEmpty() && !stripped.startsWith("--")) {
        statement = true;
        return;
      }
      Matcher matcher = KEY.matcher(stripped);
      if (matcher.matches()) {
        take(matcher.group(1), matcher.group(2).strip(), line);
      }
    }
  }

  private void take(String key, String value, int line) {
    if (!KEYS.contains(key)) {
      throw wrong(
          line,
          "there is no key %s; did you mean %s? Known: %s. A comment of another kind stands below the statement's first line."
              .formatted(key, Nearest.of(key, KEYS), String.join(", ", KEYS)));
    }
    if (value.isEmpty()) {
      throw wrong(line, "%s has no value.".formatted(key));
    }
    if (key.equals("about")) {
      header.merge(key, value, (before, more) -> before + " " + more);
      lines.putIfAbsent(key, line);
      return;
    }
    if (header.put(key, value) != null) {
      throw wrong(
          line, "%s stands in line %d already; once is enough.".formatted(key, lines.get(key)));
    }
    lines.put(key, line);
  }

  private Question question(String name, Question.Origin origin, String text) {
    String title = header.get("title");
    if (title == null) {
      throw wrong(1, "the title is missing: expected a line like “-- title: What is asked?”.");
    }
    if (title.length() > LONGEST_TITLE) {
      throw wrong(
          "title",
          "the title has %d characters; expected at most %d."
              .formatted(title.length(), LONGEST_TITLE));
    }
    if (!statement) {
      throw wrong(
          text.split("\n", -1).length,
          "there is no statement below the header: expected one SELECT.");
    }
    String word = header.getOrDefault("chart", ChartKind.NONE.word());
    ChartKind chart = ChartKind.of(word);
    if (chart == null) {
      throw wrong(
          "chart",
          "there is no chart %s; did you mean %s? Known: %s."
              .formatted(
                  word, Nearest.of(word, ChartKind.WORDS), String.join(", ", ChartKind.WORDS)));
    }
    for (String key : List.of("x", "y", "unit")) {
      if (chart == ChartKind.NONE && header.containsKey(key)) {
        throw wrong(
            key, "%s is for a chart, and there is none: add “-- chart: bar”.".formatted(key));
      }
    }
    List<String> y = columns("y");
    if (y.size() > MOST_SERIES) {
      throw wrong("y", "y names %d columns; expected at most %d.".formatted(y.size(), MOST_SERIES));
    }
    return new Question(
        name,
        origin,
        title,
        header.getOrDefault("about", ""),
        chart,
        columns("x"),
        y,
        header.get("unit"),
        text);
  }

  private List<String> columns(String key) {
    List<String> columns = new ArrayList<>();
    for (String each : header.getOrDefault(key, "").split(",", -1)) {
      if (!each.isBlank()) {
        columns.add(each.strip());
      }
    }
    return columns;
  }

  private Failure wrong(String key, String what) {
    return wrong(lines.getOrDefault(key, 1), what);
  }

  private Failure wrong(int line, String what) {
    return new Failure(Problem.QUESTION_INVALID, "%s, line %d: %s".formatted(file, line, what));
  }
}
