package dev.selfsame.cli;

import dev.selfsame.ask.Chart;
import dev.selfsame.ask.ChartKind;
import dev.selfsame.ask.Numbers;
import dev.selfsame.ask.Question;
import dev.selfsame.ask.Reply;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer for the eye: title, table, and bars beside its rows; where the terminal is too narrow
 * for that, beneath it.
 */
final class ReplyPrinter {
  private static final int LEAST_BESIDE = 16;
  private static final int MOST_BAR = 60;
  private static final String GAP = "  ";

  /** Eighths of a block. */
  private static final String PARTS = "▏▎▍▌▋▊▉█";

  private final PrintWriter out;
  private final int width;

  ReplyPrinter(PrintWriter out, int width) {
    this.out = out;
    this.width = width;
  }

  void print(Reply reply) {
    Question question = reply.question();
    out.println(question.title());
    out.println();
    List<String> table = table(reply);
    if (question.chart() == ChartKind.NONE || reply.rows().isEmpty()) {
      table.forEach(out::println);
    } else {
      Chart chart = Chart.of(reply);
      int wide = 0;
      for (String line : table) {
        wide = Math.max(wide, line.codePointCount(0, line.length()));
      }
      int room = Math.min(MOST_BAR, width - wide - GAP.length());
      if (chart.series().size() == 1 && room >= LEAST_BESIDE) {
        beside(table, wide, chart, room);
      } else {
        table.forEach(out::println);
        out.println();
        beneath(chart);
      }
    }
    if (!question.about().isEmpty()) {
      out.println();
      wrapped(question.about());
    }
    out.flush();
  }

  private static List<String> table(Reply reply) {
    StringWriter text = new StringWriter();
    TablePrinter printer = new TablePrinter(new PrintWriter(text));
    printer.columns(reply.columns());
    reply.rows().forEach(printer::row);
    printer.end();
    return text.toString().lines().toList();
  }

  /** The first two lines of a table are its head, the last its count of rows. */
  private void beside(List<String> table, int wide, Chart chart, int room) {
    Chart.Series series = chart.series().getFirst();
    for (int i = 0; i < table.size(); i++) {
      String line = table.get(i);
      int row = i - 2;
      String bar =
          i == 0
              ? series.name()
              : row >= 0 && row < series.values().size()
                  ? bar(series.values().get(row), most(chart), room)
                  : "";
      out.println(
          bar.isEmpty()
              ? line
              : line + " ".repeat(wide - line.codePointCount(0, line.length())) + GAP + bar);
    }
  }

  /** A line per value: what it is called, its bar, the value. */
  private void beneath(Chart chart) {
    List<String> names = new ArrayList<>();
    int longest = 0;
    int longestValue = 0;
    boolean many = chart.series().size() > 1;
    for (String label : chart.labels()) {
      for (Chart.Series series : chart.series()) {
        String name = many ? label + " · " + series.name() : label;
        names.add(name.replaceAll("\\p{Cntrl}", " "));
        longest = Math.max(longest, name.codePointCount(0, name.length()));
      }
    }
    for (Chart.Series series : chart.series()) {
      for (BigDecimal value : series.values()) {
        longestValue = Math.max(longestValue, Numbers.shown(value, chart.unit()).length());
      }
    }
    int nameRoom = Math.min(longest, Math.max(8, width / 2));
    int room = Math.clamp(width - nameRoom - longestValue - 2L * GAP.length(), 4, MOST_BAR);
    for (int i = 0; i < names.size(); i++) {
      Chart.Series series = chart.series().get(i % chart.series().size());
      BigDecimal value = series.values().get(i / chart.series().size());
      String name = names.get(i);
      if (name.codePointCount(0, name.length()) > nameRoom) {
        name = name.substring(0, name.offsetByCodePoints(0, nameRoom - 1)) + "…";
      }
      String number = Numbers.shown(value, chart.unit());
      out.println(
          name
              + " ".repeat(nameRoom - name.codePointCount(0, name.length()))
              + GAP
              + " ".repeat(longestValue - number.length())
              + number
              + (value == null || value.signum() <= 0 ? "" : GAP + bar(value, most(chart), room)));
    }
    if (chart.left() > 0) {
      out.println("(%d more)".formatted(chart.left()));
    }
  }

  private static double most(Chart chart) {
    return chart.series().stream()
        .flatMap(series -> series.values().stream())
        .mapToDouble(value -> value == null ? 0 : value.doubleValue())
        .max()
        .orElse(0);
  }

  /** Nothing for what is not above zero: a bar has one direction here. */
  private static String bar(@Nullable BigDecimal value, double most, int room) {
    if (value == null || value.signum() <= 0) {
      return "";
    }
    int eighths = (int) Math.max(1, Math.round(value.doubleValue() / most * room * 8));
    String bar = "█".repeat(eighths / 8);
    return eighths % 8 == 0 ? bar : bar + PARTS.charAt(eighths % 8 - 1);
  }

  private void wrapped(String text) {
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        out.println(line);
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    out.println(line);
  }
}
