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
  private static final int MOST_SLICES = 1_000;
  private static final int MOST_SERIES_OF_PIE = 1;
  private static final int TOLD = 12;

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
          case PIE -> MOST_SLICES;
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
    if (question.chart() == ChartKind.PIE) {
      checkPie(reply, y);
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

  /** Parts of a whole are of one column, and none is less than nothing. */
  private static void checkPie(Reply reply, List<Integer> y) {
    if (y.size() > MOST_SERIES_OF_PIE) {
      throw wrong(reply, "a pie shows one column, and y names %d.".formatted(y.size()));
    }
    for (@Nullable String[] row : reply.rows()) {
      BigDecimal value = value(row[y.getFirst()]);
      if (value != null && value.signum() < 0) {
        throw wrong(reply, "a pie cannot show a number below 0; a bar can.");
      }
    }
  }

  /** The same for those who do not see it, as far as one listens. */
  public String words() {
    StringBuilder words = new StringBuilder(title).append(": ");
    for (int row = 0; row < Math.min(TOLD, labels.size()); row++) {
      int at = row;
      words
          .append(row == 0 ? "" : "; ")
          .append(labels.get(row))
          .append(' ')
          .append(
              series.stream()
                  .map(each -> Numbers.shown(each.values().get(at), unit))
                  .collect(Collectors.joining(" and ")));
    }
    return words
        .append(labels.size() > TOLD || left != 0 ? "; and more in the table." : ".")
        .toString();
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
