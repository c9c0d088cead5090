package dev.selfsame.bench.load;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;

/**
 * What one run of the load saw.
 *
 * @param seconds the window
 * @param events acknowledged within the window
 * @param requests acknowledged within the window
 * @param all events acknowledged, those included that were on their way when the window ended
 * @param created of all, the new users; as are the next three: changes, imports that signed up,
 *     repeats
 * @param refused answers 429 and 503; those requests were sent again
 * @param wrong answers that were not 200 and {@code {"success":true}}
 * @param firstWrong the first of these
 * @param made requests that were not made ahead of the clock
 * @param p50 latency of a request, microseconds; as are the next three
 */
public record Measured(
    double seconds,
    long events,
    long requests,
    long all,
    long created,
    long updated,
    long adopted,
    long repeated,
    long refused,
    long wrong,
    String firstWrong,
    long made,
    long p50,
    long p95,
    long p99,
    long max,
    String perSecond) {

  public double rate() {
    return events / seconds;
  }

  /** The same with the latencies of these requests. */
  static LongUnaryOperator percentiles(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return thousandth ->
        sorted.length == 0
            ? 0
            : sorted[(int) Math.min(sorted.length - 1, sorted.length * thousandth / 1_000)] / 1_000;
  }

  /** One line that {@link #parse} reads. */
  String line() {
    return String.format(
        Locale.ROOT,
        "seconds=%.6f\tevents=%d\trequests=%d\tall=%d\tcreated=%d\tupdated=%d\tadopted=%d"
            + "\trepeated=%d\trefused=%d\twrong=%d\tfirstWrong=%s\tmade=%d\tp50=%d\tp95=%d\tp99=%d"
            + "\tmax=%d\tperSecond=%s",
        seconds,
        events,
        requests,
        all,
        created,
        updated,
        adopted,
        repeated,
        refused,
        wrong,
        firstWrong.replaceAll("\\s+", " "),
        made,
        p50,
        p95,
        p99,
        max,
        perSecond);
  }

  /** Reads what {@link #line} wrote. */
  public static Measured parse(String line) {
    Map<String, String> values = new TreeMap<>();
    for (String pair : line.split("\t", -1)) {
      int equals = pair.indexOf('=');
      values.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return new Measured(
        Double.parseDouble(values.getOrDefault("seconds", "")),
        number(values, "events"),
        number(values, "requests"),
        number(values, "all"),
        number(values, "created"),
        number(values, "updated"),
        number(values, "adopted"),
        number(values, "repeated"),
        number(values, "refused"),
        number(values, "wrong"),
        values.getOrDefault("firstWrong", ""),
        number(values, "made"),
        number(values, "p50"),
        number(values, "p95"),
        number(values, "p99"),
        number(values, "max"),
        values.getOrDefault("perSecond", ""));
  }

  private static long number(Map<String, String> values, String name) {
    return Long.parseLong(values.getOrDefault(name, ""));
  }
}
