package dev.selfsame.ask;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is to be drawn of an answer.
 *
 * @param unit of the values; null where nobody said
 * @param labels one a bar or point
 * @param left how many rows are not drawn, since there are too many; -1: an unknown number
 */
public record Chart(
    ChartKind kind,
    String title,
    @Nullable String unit,
    List<String> labels,
    List<Series> series,
    long left) {

  private static final Set<String> NUMBERS =
      Set.of("int2", "int4", "int8", "numeric", "float4", "float8");

  private static final int MOST_BARS = 40;
  private static final int MOST_COLUMNS = 60;
  private static final int MOST_POINTS = 1_000;

  /**
   * A column that is drawn.
   *
   * @param values one a label; null for NULL and what is no finite number
   */
  public record Series(String name, List<@Nullable BigDecimal> values) {}

  /**
   * The chart that a question asks for.
   *
   * @throws Failure {@code NO_CHART} if it asks for none; {@code QUESTION_INVALID} if the answer
   *     lacks a column that it names
   */
  public static Chart of(Reply reply) {
    Question question = reply.question();
    int most =
        switch (question.chart()) {
          case NONE -> throw none(question);
          case BAR -> MOST_BARS;
          case COLUMN -> MOST_COLUMNS;
          case LINE -> MOST_POINTS;
        };
    List<Integer> x = new ArrayList<>();
    for (String name : question.x()) {
      x.add(column(reply, name));
    }
    List<Integer> y = new ArrayList<>();
    for (String name : question.y()) {
      y.add(number(reply, name));
    }
    if (x.isEmpty()) {
      x.add(0);
    }
    if (y.isEmpty()) {
      y.add(firstNumber(reply, x));
    }
    List<@Nullable String[]> rows = reply.rows();
    int drawn = Math.min(most, rows.size());
    List<String> labels = new ArrayList<>();
    for (@Nullable String[] row : rows.subList(0, drawn)) {
      labels.add(
          x.stream().map(i -> row[i] == null ? "–" : row[i]).collect(Collectors.joining(", ")));
    }
    List<Series> series = new ArrayList<>();
    for (int column : y) {
      List<@Nullable BigDecimal> values = new ArrayList<>();
      for (@Nullable String[] row : rows.subList(0, drawn)) {
        values.add(value(row[column]));
      }
      series.add(new Series(reply.columns().get(column).name(), values));
    }
    return new Chart(
        question.chart(),
        question.title(),
        question.unit(),
        labels,
        series,
        reply.more() ? -1 : rows.size() - drawn);
  }

  /**
   * Whether the question asks for a chart, before it is asked.
   *
   * @throws Failure {@code NO_CHART}
   */
  public static void check(Question question) {
    if (question.chart() == ChartKind.NONE) {
      throw none(question);
    }
  }

  private static Failure none(Question question) {
    return new Failure(
        Problem.NO_CHART,
        "The question %s has no chart: its file can ask for one with “-- chart: bar”."
            .formatted(question.name()));
  }

  private static @Nullable BigDecimal value(@Nullable String text) {
    return text == null || Character.isLetter(text.charAt(text.length() - 1))
        ? null
        : new BigDecimal(text);
  }

  private static int column(Reply reply, String name) {
    for (int i = 0; i < reply.columns().size(); i++) {
      if (reply.columns().get(i).name().equals(name)) {
        return i;
      }
    }
    throw wrong(
        reply,
        "the chart needs a column %s, and the answer has %s."
            .formatted(
                name,
                reply.columns().stream().map(c -> c.name()).collect(Collectors.joining(", "))));
  }

  private static int number(Reply reply, String name) {
    int column = column(reply, name);
    String type = reply.columns().get(column).type();
    if (!NUMBERS.contains(type)) {
      throw wrong(
          reply, "the chart needs numbers in the column %s, and it is %s.".formatted(name, type));
    }
    return column;
  }

  private static int firstNumber(Reply reply, List<Integer> taken) {
    for (int i = 0; i < reply.columns().size(); i++) {
      if (!taken.contains(i) && NUMBERS.contains(reply.columns().get(i).type())) {
        return i;
      }
    }
    throw wrong(reply, "the chart needs a column of numbers beside its labels.");
  }

  private static Failure wrong(Reply reply, String what) {
    return new Failure(
        Problem.QUESTION_INVALID, "The question %s: %s".formatted(reply.question().name(), what));
  }
}
