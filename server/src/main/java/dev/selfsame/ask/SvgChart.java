package dev.selfsame.ask;

import dev.selfsame.ask.Chart.Series;
import dev.selfsame.svg.SvgText;
import dev.selfsame.svg.TextWidth;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A chart as SVG: as wide as a phone, light or dark as the reader's system is, without scripts and
 * without anything from elsewhere. Every text is cut to its place by the widest font it may meet,
 * and stands in full in a title.
 */
public final class SvgChart {

  private static final int WIDTH = 440;
  private static final int MARGIN = 16;
  private static final int INNER = WIDTH - 2 * MARGIN;
  private static final int TITLE = 16;
  private static final int TEXT = 13;
  private static final int SMALL = 12;
  private static final int BAR = 16;
  private static final int PLOT = 190;
  private static final int GRID_LINES = 4;

  /** A label column wider than this stands above its bar instead. */
  private static final int WIDEST_LABEL = 150;

  private static final List<String> LIGHT =
      List.of(
          "#2f6fde", "#d9730d", "#2a8f5c", "#8e4ec6", "#c2255c", "#0c8599", "#997404", "#6b7480");
  private static final List<String> DARK =
      List.of(
          "#78a9ff", "#ffa657", "#5fcf98", "#c99bf2", "#ff8fb1", "#5fd0e0", "#e3c04b", "#a3abb5");

  /** Half the width of a pie. */
  private static final int RADIUS = 84;

  /** A pie has so many parts at most; the last are the others together, in grey. */
  private static final int SLICES = 8;

  private final Chart chart;
  private final StringBuilder body = new StringBuilder();
  private final double least;
  private final double most;
  private double y = MARGIN;

  private SvgChart(Chart chart) {
    this.chart = chart;
    double low = 0;
    double high = 0;
    for (Series series : chart.series()) {
      for (BigDecimal value : series.values()) {
        if (value != null) {
          low = Math.min(low, value.doubleValue());
          high = Math.max(high, value.doubleValue());
        }
      }
    }
    this.least = low;
    this.most = high > low ? high : low + 1;
  }

  /** For browsers: light and dark. */
  public static String of(Chart chart) {
    return new SvgChart(chart).draw(true);
  }

  /** Light alone, without a style sheet. */
  static String light(Chart chart) {
    return new SvgChart(chart).draw(false);
  }

  private String draw(boolean dark) {
    head();
    if (chart.labels().isEmpty()) {
      y += TEXT;
      text(MARGIN, y, TEXT, "start", "m", "No rows.");
      y += 8;
    } else {
      switch (chart.kind()) {
        case BAR -> bars();
        case COLUMN -> columns();
        case LINE -> line();
        case PIE -> pie();
        case NONE -> throw new IllegalStateException("A chart of no kind. Indicates a bug");
      }
    }
    if (chart.left() != 0) {
      y += SMALL + 8;
      text(
          MARGIN,
          y,
          SMALL,
          "start",
          "m",
          chart.left() < 0
              ? "There are more rows than are drawn."
              : "%s more rows are not drawn."
                  .formatted(shown(BigDecimal.valueOf(chart.left()), null)));
      y += 4;
    }
    int height = (int) Math.ceil(y + MARGIN);
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img" aria-label="%3$s" font-family="%4$s" style="max-width:100%%;height:auto">
        """
            .formatted(WIDTH, height, escaped(chart.title()), SvgText.FONT));
    if (dark) {
      svg.append(
          "<style>@media"
              + " (prefers-color-scheme:dark){.b{fill:#16191d}.t{fill:#eef0f2}.m{fill:#a3abb5}.g{stroke:#343a41}.z{stroke:#7d8690}");
      for (int i = 0; i < DARK.size(); i++) {
        svg.append(".s%1$d{fill:%2$s}.l%1$d{stroke:%2$s}".formatted(i, DARK.get(i)));
      }
      svg.append("}</style>\n");
    }
    svg.append("<title>").append(escaped(chart.title())).append("</title>\n");
    svg.append(
        "<rect class=\"b\" width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n"
            .formatted(WIDTH, height));
    return svg.append(body).append("</svg>\n").toString();
  }

  /** Title, unit, and which colour is what. */
  private void head() {
    for (String line : TextWidth.lines(chart.title(), TITLE * 1.08, INNER, 4)) {
      y += TITLE + 2;
      text(MARGIN, y - 2, TITLE, "start", "t", line, true, null);
      y += 2;
    }
    boolean one = chart.series().size() == 1;
    String unit = chart.unit();
    String below = one ? named(chart.series().getFirst().name()) : unit == null ? "" : unit;
    if (one && unit != null && !unit.equals(below)) {
      below = unit.equals("%") ? below : below + ", " + unit;
    }
    if (!below.isEmpty()) {
      y += SMALL + 4;
      cutText(MARGIN, y, SMALL, "start", "m", below, INNER);
    }
    if (!one) {
      legend();
    }
    y += 14;
  }

  private void legend() {
    double x = MARGIN;
    y += SMALL + 8;
    for (int i = 0; i < chart.series().size(); i++) {
      String name = TextWidth.cut(named(chart.series().get(i).name()), SMALL, INNER - 18);
      double width = 18 + TextWidth.of(name, SMALL);
      if (x + width > WIDTH - MARGIN && x > MARGIN) {
        x = MARGIN;
        y += SMALL + 6;
      }
      rect(x, y - 10, 11, 11, i, null);
      text(x + 17, y, SMALL, "start", "t", name);
      x += width + 14;
    }
  }

  // ---- Horizontal bars ----

  private void bars() {
    double values = widestValue(TEXT);
    double label = 0;
    for (String each : chart.labels()) {
      label = Math.max(label, TextWidth.of(each, TEXT));
    }
    boolean above = label > WIDEST_LABEL;
    double left = above ? MARGIN : MARGIN + label + 8;
    double right = WIDTH - MARGIN - values - 8;
    double zero = left + (right - left) * (0 - least) / (most - least);
    double top = y;
    int sets = chart.series().size();
    for (int row = 0; row < chart.labels().size(); row++) {
      String name = chart.labels().get(row);
      if (above) {
        y += TEXT + 2;
        cutText(MARGIN, y - 2, TEXT, "start", "t", name, INNER);
        y += 3;
      } else {
        text(left - 8, y + sets * (BAR + 2) / 2.0 + TEXT * 0.36 - 1, TEXT, "end", "t", name);
      }
      for (int i = 0; i < sets; i++) {
        BigDecimal value = chart.series().get(i).values().get(row);
        String said = shown(value);
        if (value != null) {
          double end = left + (right - left) * (value.doubleValue() - least) / (most - least);
          rect(Math.min(zero, end), y, Math.abs(end - zero), BAR, i, name + ": " + said);
        }
        text(WIDTH - MARGIN, y + BAR / 2.0 + TEXT * 0.36, TEXT, "end", "t", said);
        y += BAR + 2;
      }
      y += above ? 6 : sets == 1 ? 8 : 10;
    }
    y -= 4;
    rule(zero, top - 3, zero, y, "z", "#8a929b");
  }

  // ---- Upright columns, and lines ----

  /** The numbers on the left with their lines; leaves y at the top of the plot. */
  private double grid() {
    double step = step((most - least) / GRID_LINES);
    double wide = 0;
    for (double at = Math.ceil(least / step) * step; at <= most + step / 1e6; at += step) {
      wide = Math.max(wide, TextWidth.of(shown(rounded(at, step)), SMALL));
    }
    double left = MARGIN + wide + 8;
    y += SMALL;
    for (double at = Math.ceil(least / step) * step; at <= most + step / 1e6; at += step) {
      double height = height(at);
      boolean zero = Math.abs(at) < step / 1e6;
      rule(left, height, WIDTH - MARGIN, height, zero ? "z" : "g", zero ? "#8a929b" : "#e3e6ea");
      text(left - 8, height + SMALL * 0.36, SMALL, "end", "m", shown(rounded(at, step)));
    }
    return left;
  }

  private static BigDecimal rounded(double at, double step) {
    return BigDecimal.valueOf(Math.round(at / step)).multiply(BigDecimal.valueOf(step));
  }

  private double height(double value) {
    return y + PLOT * (most - value) / (most - least);
  }

  /** A step of 1, 2 or 5 times a power of ten, no smaller than this. */
  private static double step(double atLeast) {
    double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= atLeast * 0.999) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private void columns() {
    double left = grid() + 4;
    int count = chart.labels().size();
    int sets = chart.series().size();
    double slot = (WIDTH - MARGIN - left) / count;
    double gap = Math.max(1, slot * 0.18);
    double wide = (slot - gap) / sets;
    boolean valuesFit = widestValue(SMALL) <= wide + (sets == 1 ? gap : 0);
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < sets; i++) {
        BigDecimal value = chart.series().get(i).values().get(row);
        double x = left + row * slot + gap / 2 + i * wide;
        if (value != null) {
          double end = height(value.doubleValue());
          double zero = height(0);
          String said = shown(value);
          rect(
              x + 0.5,
              Math.min(end, zero),
              Math.max(1, wide - 1),
              Math.abs(end - zero),
              i,
              chart.labels().get(row) + ": " + said);
          if (valuesFit) {
            text(x + wide / 2, Math.min(end, zero) - 4, SMALL, "middle", "t", said);
          }
        }
      }
    }
    y += PLOT;
    below(left, slot);
  }

  /** Labels under their columns: as many as there is place for. */
  private void below(double left, double slot) {
    int count = chart.labels().size();
    int every = Math.max(1, (int) Math.ceil(42 / slot));
    int lines = 1;
    for (int row = 0; row < count; row += every) {
      double place = slot * every - 6;
      List<String> label = TextWidth.lines(chart.labels().get(row), SMALL, place, 3);
      lines = Math.max(lines, label.size());
      // In the middle of its column, but not over the edges.
      double half = label.stream().mapToDouble(l -> TextWidth.of(l, SMALL)).max().orElse(0) / 2;
      double middle = Math.clamp(left + (row + 0.5) * slot, MARGIN + half, WIDTH - MARGIN - half);
      for (int i = 0; i < label.size(); i++) {
        boolean cut = label.getLast().endsWith("…");
        text(
            middle,
            y + 16 + i * (SMALL + 2),
            SMALL,
            "middle",
            "t",
            label.get(i),
            false,
            cut ? chart.labels().get(row) : null);
      }
    }
    y += 8 + lines * (SMALL + 2);
  }

  private void line() {
    double left = grid() + 6;
    double right = WIDTH - MARGIN - 6;
    int count = chart.labels().size();
    double apart = count == 1 ? 0 : (right - left) / (count - 1);
    for (int i = 0; i < chart.series().size(); i++) {
      List<@Nullable BigDecimal> values = chart.series().get(i).values();
      StringBuilder path = new StringBuilder();
      boolean drawing = false;
      for (int row = 0; row < count; row++) {
        BigDecimal value = values.get(row);
        if (value != null) {
          path.append(drawing ? 'L' : 'M')
              .append(n(left + row * apart))
              .append(' ')
              .append(n(height(value.doubleValue())));
        }
        drawing = value != null;
      }
      if (!path.isEmpty()) {
        body.append(
            "<path class=\"l%d\" d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-linejoin=\"round\"/>\n"
                .formatted(i, path, LIGHT.get(i)));
      }
      if (count <= 40) {
        for (int row = 0; row < count; row++) {
          BigDecimal value = values.get(row);
          if (value != null) {
            body.append(
                "<circle class=\"s%d\" cx=\"%s\" cy=\"%s\" r=\"3\" fill=\"%s\"><title>%s</title></circle>\n"
                    .formatted(
                        i,
                        n(left + row * apart),
                        n(height(value.doubleValue())),
                        LIGHT.get(i),
                        escaped(chart.labels().get(row) + ": " + shown(value))));
          }
        }
      }
    }
    y += PLOT;
    List<String> labels = chart.labels();
    List<Integer> shown = new ArrayList<>(List.of(0));
    if (count > 2) {
      shown.add(count / 2);
    }
    if (count > 1) {
      shown.add(count - 1);
    }
    y += 16;
    double place = (double) (WIDTH - MARGIN - MARGIN) / shown.size() - 8;
    for (int row : shown) {
      String anchor = row == 0 ? "start" : row == count - 1 ? "end" : "middle";
      double x = row == 0 ? MARGIN : row == count - 1 ? WIDTH - MARGIN : left + row * apart;
      cutText(x, y, SMALL, anchor, "t", labels.get(row), place);
    }
    y += 4;
  }

  // ---- Pies ----

  private record Slice(String label, BigDecimal value) {}

  /** The parts in their order, the largest first; those for which there is no colour as one. */
  private List<Slice> slices() {
    List<@Nullable BigDecimal> values = chart.series().getFirst().values();
    List<Slice> slices = new ArrayList<>();
    for (int row = 0; row < chart.labels().size(); row++) {
      BigDecimal value = values.get(row);
      if (value != null && value.signum() > 0) {
        slices.add(new Slice(chart.labels().get(row), value));
      }
    }
    slices.sort((a, b) -> b.value().compareTo(a.value()));
    if (slices.size() <= SLICES - 1) {
      return slices;
    }
    List<Slice> others = slices.subList(SLICES - 1, slices.size());
    BigDecimal sum = others.stream().map(Slice::value).reduce(BigDecimal.ZERO, BigDecimal::add);
    List<Slice> shown = new ArrayList<>(slices.subList(0, SLICES - 1));
    shown.add(new Slice("%d others".formatted(others.size()), sum));
    return shown;
  }

  private void pie() {
    List<Slice> slices = slices();
    if (slices.isEmpty()) {
      y += TEXT;
      text(MARGIN, y, TEXT, "start", "m", "Nothing above 0.");
      y += 8;
      return;
    }
    double total = slices.stream().mapToDouble(slice -> slice.value().doubleValue()).sum();
    double middle = WIDTH / 2.0;
    double centre = y + RADIUS;
    double from = 0;
    for (int i = 0; i < slices.size(); i++) {
      Slice slice = slices.get(i);
      double to = from + slice.value().doubleValue() / total;
      String said = escaped(slice.label() + ": " + said(slice, total));
      body.append(
          slices.size() == 1
              ? "<circle class=\"s%d\" cx=\"%s\" cy=\"%s\" r=\"%s\" fill=\"%s\"><title>%s</title></circle>\n"
                  .formatted(i, n(middle), n(centre), n(RADIUS), LIGHT.get(i), said)
              : "<path class=\"s%d\" d=\"M%s %sL%s %sA%s %s 0 %d 1 %s %sZ\" fill=\"%s\"><title>%s</title></path>\n"
                  .formatted(
                      i,
                      n(middle),
                      n(centre),
                      n(middle + RADIUS * Math.sin(2 * Math.PI * from)),
                      n(centre - RADIUS * Math.cos(2 * Math.PI * from)),
                      n(RADIUS),
                      n(RADIUS),
                      to - from > 0.5 ? 1 : 0,
                      n(middle + RADIUS * Math.sin(2 * Math.PI * to)),
                      n(centre - RADIUS * Math.cos(2 * Math.PI * to)),
                      LIGHT.get(i),
                      said));
      from = to;
    }
    y += 2 * RADIUS + 10;
    for (int i = 0; i < slices.size(); i++) {
      Slice slice = slices.get(i);
      String said = said(slice, total);
      y += TEXT + 7;
      rect(MARGIN, y - 10, 11, 11, i, null);
      double place = INNER - 17 - TextWidth.of(said, TEXT) - 10;
      cutText(MARGIN + 17, y, TEXT, "start", "t", slice.label(), place);
      text(WIDTH - MARGIN, y, TEXT, "end", "t", said);
    }
    y += 4;
  }

  /** The number, and its share of all. */
  private String said(Slice slice, double total) {
    return "%s (%d %%)"
        .formatted(shown(slice.value()), Math.round(100 * slice.value().doubleValue() / total));
  }

  // ---- Pieces ----

  private double widestValue(double size) {
    double widest = 0;
    for (Series series : chart.series()) {
      for (BigDecimal value : series.values()) {
        widest = Math.max(widest, TextWidth.of(shown(value), size));
      }
    }
    return widest;
  }

  private String shown(@Nullable BigDecimal value) {
    return shown(value, chart.unit());
  }

  private static String shown(@Nullable BigDecimal value, @Nullable String unit) {
    return Numbers.shown(value, unit);
  }

  /** A column's name as words. */
  private static String named(String column) {
    return column.replace('_', ' ');
  }

  private void rect(double x, double top, double width, double high, int i, @Nullable String said) {
    body.append(
        "<rect class=\"s%d\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"2\" fill=\"%s\""
            .formatted(i, n(x), n(top), n(width), n(high), LIGHT.get(i)));
    body.append(said == null ? "/>\n" : "><title>" + escaped(said) + "</title></rect>\n");
  }

  private void rule(double x1, double y1, double x2, double y2, String kind, String colour) {
    body.append(
        "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke=\"%s\"/>\n"
            .formatted(kind, n(x1), n(y1), n(x2), n(y2), colour));
  }

  private void cutText(
      double x, double at, int size, String anchor, String kind, String text, double place) {
    String fitting = TextWidth.cut(text, size, place);
    text(x, at, size, anchor, kind, fitting, false, fitting.equals(text) ? null : text);
  }

  private void text(double x, double at, int size, String anchor, String kind, String text) {
    text(x, at, size, anchor, kind, text, false, null);
  }

  private void text(
      double x,
      double at,
      int size,
      String anchor,
      String kind,
      String text,
      boolean bold,
      @Nullable String whole) {
    body.append(
        "<text class=\"%s\" x=\"%s\" y=\"%s\" font-size=\"%d\" text-anchor=\"%s\"%s fill=\"%s\">%s%s</text>\n"
            .formatted(
                kind,
                n(x),
                n(at),
                size,
                anchor,
                bold ? " font-weight=\"600\"" : "",
                Objects.equals(kind, "t") ? "#1b1f24" : "#5c6570",
                whole == null ? "" : "<title>" + escaped(whole) + "</title>",
                escaped(text)));
  }

  private static String n(double number) {
    return SvgText.number(number);
  }

  private static String escaped(String text) {
    return SvgText.escaped(text);
  }
}
