package dev.selfsame.dashboard;

import dev.selfsame.store.ActivityQueries.Span;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bars along time, each of layers that lie on each other.
 *
 * @param bars the oldest first
 * @param layers from the ground up
 * @param most what the highest bar stands for; at least 1
 * @param scale what the chart's upper edge stands for
 */
record ActivityChart(List<Bar> bars, List<Layer> layers, long most, long scale, Duration span) {

  static final int WIDTH = 640;
  static final int HEIGHT = 150;

  /** Layers that are told apart; the rest is one. */
  private static final int MOST_LAYERS = 6;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM, HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);

  /**
   * One span of time.
   *
   * @param pieces from the ground up
   */
  record Bar(Instant from, long all, double x, double width, List<Piece> pieces) {}

  /** A layer of one bar. */
  record Piece(int layer, double y, double height) {}

  /**
   * What a color stands for.
   *
   * @param rule its code; null: it is no rule
   */
  record Layer(int color, String title, @Nullable String rule, long all) {}

  /** The rules that decided, those that decided most lowest. */
  static ActivityChart ofRules(List<Span> spans, Duration span) {
    Map<String, Long> sums = new HashMap<>();
    spans.forEach(
        each -> each.decided().forEach((rule, count) -> sums.merge(rule, count, Long::sum)));
    List<String> rules =
        sums.keySet().stream()
            .sorted(
                Comparator.<String>comparingLong(rule -> -sums.getOrDefault(rule, 0L))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    List<String> shown = rules.subList(0, Math.min(rules.size(), MOST_LAYERS));
    List<Layer> layers = new ArrayList<>();
    for (String rule : shown) {
      layers.add(new Layer(layers.size(), rule, rule, sums.getOrDefault(rule, 0L)));
    }
    long others =
        rules.stream().skip(shown.size()).mapToLong(rule -> sums.getOrDefault(rule, 0L)).sum();
    if (others > 0) {
      layers.add(new Layer(MOST_LAYERS, "Other rules", null, others));
    }
    List<long[]> values = new ArrayList<>();
    for (Span each : spans) {
      long[] of = new long[layers.size()];
      each.decided()
          .forEach((rule, count) -> {
            int at = shown.indexOf(rule);
            of[at < 0 ? of.length - 1 : at] += count;
          });
      values.add(of);
    }
    return of(spans, values, layers, span);
  }

  /** Everything that came: what was decided, and below it what only was counted. */
  static ActivityChart ofEvents(List<Span> spans, Duration span) {
    long counted = spans.stream().mapToLong(Span::counted).sum();
    long all = spans.stream().mapToLong(Span::all).sum();
    List<Layer> layers =
        List.of(
            new Layer(0, "Claims", null, all - counted),
            new Layer(MOST_LAYERS, "Only counted", null, counted));
    List<long[]> values = new ArrayList<>();
    for (Span each : spans) {
      values.add(new long[] {each.all() - each.counted(), each.counted()});
    }
    return of(spans, values, layers, span);
  }

  private static ActivityChart of(
      List<Span> spans, List<long[]> values, List<Layer> layers, Duration span) {
    long most = 1;
    for (long[] of : values) {
      most = Math.max(most, sum(of));
    }
    long scale = round(most);
    double step = (double) WIDTH / spans.size();
    List<Bar> bars = new ArrayList<>();
    for (int i = 0; i < spans.size(); i++) {
      List<Piece> pieces = new ArrayList<>();
      double y = HEIGHT;
      for (int layer = 0; layer < values.get(i).length; layer++) {
        double height = (double) values.get(i)[layer] / scale * HEIGHT;
        if (height > 0) {
          y -= height;
          pieces.add(new Piece(layers.get(layer).color(), y, height));
        }
      }
      bars.add(new Bar(spans.get(i).from(), sum(values.get(i)), i * step + 0.5, step - 1, pieces));
    }
    return new ActivityChart(bars, layers, most, scale, span);
  }

  private static long sum(long[] values) {
    long sum = 0;
    for (long value : values) {
      sum += value;
    }
    return sum;
  }

  /** The next number upwards that people like to read at an axis. */
  private static long round(long most) {
    long power = 1;
    while (power * 10 <= most) {
      power *= 10;
    }
    for (long tenths : new long[] {10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100}) {
      if (power * tenths % 10 == 0 && power * tenths / 10 >= most) {
        return power * tenths / 10;
      }
    }
    throw new IllegalStateException("No number lies above %d".formatted(most));
  }

  /** A number of the picture. */
  static String place(double number) {
    return String.format(Locale.ROOT, "%.1f", number);
  }

  /** A moment as the axis and the table write it. */
  String time(Instant time) {
    return (span.toMinutes() * bars.size() > Duration.ofDays(1).toMinutes() ? DAY : TIME)
        .format(time);
  }

  /** The moments that stand below the axis. */
  List<String> ticks() {
    return List.of(
        time(bars.getFirst().from()),
        time(bars.get(bars.size() / 2).from()),
        time(bars.getLast().from()));
  }

  /** How long a bar is, as people say it. */
  String each() {
    return span.toMinutes() == 1
        ? "minute"
        : span.toMinutes() < 60 ? span.toMinutes() + " minutes" : span.toHours() + " hours";
  }
}
