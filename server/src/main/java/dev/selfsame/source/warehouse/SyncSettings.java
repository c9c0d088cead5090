package dev.selfsame.source.warehouse;

import dev.selfsame.alert.Alerts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Runs of warehouse sources.
 *
 * @param overlap how much of the time before a run the next one asks for again: rows that became
 *     visible late
 * @param queryFor how long a warehouse may work on a query at a stretch
 * @param lookEvery how often a server looks whether a source is due
 * @param atOnce how many sources a server runs by itself at a time
 * @param alertUrl is sent a POST when a source begins to fail and when it runs again; null: the log
 *     alone says it
 */
public record SyncSettings(
    Duration overlap,
    Duration queryFor,
    Duration lookEvery,
    int atOnce,
    @Nullable String alertUrl) {

  private static final int MOST_AT_ONCE = 100;

  public static final SyncSettings DEFAULT =
      new SyncSettings(Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofSeconds(5), 4, null);

  public SyncSettings {
    if (overlap.isNegative() || overlap.compareTo(Duration.ofDays(7)) > 0) {
      throw new IllegalArgumentException("The overlap is 0 to 7 days; got " + overlap);
    }
    if (queryFor.toSeconds() < 1 || queryFor.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("A query may take one second to one day; got " + queryFor);
    }
    if (lookEvery.toMillis() < 1 || lookEvery.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "A server looks at least once an hour what is due; got " + lookEvery);
    }
    if (atOnce < 1 || atOnce > MOST_AT_ONCE) {
      throw new IllegalArgumentException(
          "A server can run 1 to %d sources at once; got %d".formatted(MOST_AT_ONCE, atOnce));
    }
    Alerts.check(alertUrl);
  }
}
