package dev.selfsame.cli;

import dev.selfsame.store.ReaderQuery.Column;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Columns for the eye: as wide as the first rows need, up to a limit; what is longer is cut and
 * ends in an ellipsis. Numbers stand on the right. Nothing but the first rows is held in memory.
 */
final class TablePrinter implements RowPrinter {
  private static final int LOOKED_AT = 1_000;
  private static final int WIDEST = 60;
  private static final Set<String> NUMBERS =
      Set.of("int2", "int4", "int8", "numeric", "float4", "float8");

  private final PrintWriter out;
  private final int widest;
  private final List<@Nullable String[]> first = new ArrayList<>();
  private List<Column> columns = List.of();
  private int[] widths = {};
  private boolean started;
  private long rows;

  TablePrinter(PrintWriter out) {
    this(out, WIDEST);
  }

  /**
   * @param widest characters of a value, before it is cut
   */
  TablePrinter(PrintWriter out, int widest) {
    this.out = out;
    this.widest = widest;
  }

  /** Columns of texts. */
  void titled(String... titles) {
    columns(Stream.of(titles).map(title -> new Column(title, "text")).toList());
  }

  @Override
  public void columns(List<Column> found) {
    columns = found;
    widths = new int[found.size()];
    for (int i = 0; i < widths.length; i++) {
      widen(i, found.get(i).name());
    }
  }

  @Override
  public void row(@Nullable String[] values) {
    rows++;
    if (started) {
      print(values);
      return;
    }
    first.add(values);
    for (int i = 0; i < values.length; i++) {
      widen(i, shown(values[i]));
    }
    if (first.size() == LOOKED_AT) {
      start();
    }
  }

  @Override
  public void end() {
    start();
    out.println("(%d %s)".formatted(rows, rows == 1 ? "row" : "rows"));
    out.flush();
  }

  private void start() {
    if (started) {
      return;
    }
    started = true;
    print(columns.stream().map(Column::name).toArray(String[]::new));
    StringBuilder rule = new StringBuilder();
    for (int width : widths) {
      rule.append(rule.isEmpty() ? "" : "  ").repeat("-", width);
    }
    out.println(rule);
    first.forEach(this::print);
    first.clear();
  }

  private void widen(int column, String text) {
    widths[column] =
        Math.max(widths[column], Math.min(widest, text.codePointCount(0, text.length())));
  }

  private void print(@Nullable String[] values) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      String text = shown(values[i]);
      int length = text.codePointCount(0, text.length());
      if (length > widths[i]) {
        text = text.substring(0, text.offsetByCodePoints(0, Math.max(0, widths[i] - 1))) + "…";
        length = widths[i];
      }
      line.append(i == 0 ? "" : "  ");
      boolean right = NUMBERS.contains(columns.get(i).type());
      line.repeat(" ", right ? widths[i] - length : 0)
          .append(text)
          .repeat(" ", right ? 0 : widths[i] - length);
    }
    out.println(line.toString().stripTrailing());
  }

  /** On one line, without what a terminal would take for a command. */
  private static String shown(@Nullable String value) {
    return value == null ? "" : value.replaceAll("\\p{Cntrl}", " ");
  }
}
