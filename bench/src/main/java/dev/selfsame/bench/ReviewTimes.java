package dev.selfsame.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Milliseconds of calls, by what they are, in the order in which they were first made. */
final class ReviewTimes {

  /** So long may a page take. */
  static final double PAGE = 50;

  /** So long may an act take, or a question about all of a user. */
  static final double ACT = 200;

  /** So long may it take to go through all claims of a user. */
  static final double ALL_CLAIMS = 10_000;

  private record Kind(double wanted, List<Double> millis) {}

  private final Map<String, Kind> kinds = new LinkedHashMap<>();

  void add(String what, double wanted, Rest.Answer answer) {
    kinds
        .computeIfAbsent(what, each -> new Kind(wanted, new ArrayList<>()))
        .millis()
        .add(answer.millis());
  }

  double median(String what) {
    return Report.median(sorted(Objects.requireNonNull(kinds.get(what), what)));
  }

  /** As a table; returns whether each median is as wanted. */
  boolean report(Report report, String first) {
    boolean met = true;
    report.table(first, "runs", "median ms", "max ms", "wanted", "");
    for (Map.Entry<String, Kind> kind : kinds.entrySet()) {
      double[] millis = sorted(kind.getValue());
      double median = Report.median(millis);
      met &= median < kind.getValue().wanted();
      report.row(
          kind.getKey(),
          millis.length,
          Report.decimals(median, 1),
          Report.decimals(millis[millis.length - 1], 1),
          "under %.0f".formatted(kind.getValue().wanted()),
          Report.met(median < kind.getValue().wanted()));
    }
    report.end();
    return met;
  }

  private static double[] sorted(Kind kind) {
    double[] millis = kind.millis().stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(millis);
    return millis;
  }
}
