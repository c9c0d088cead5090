package dev.selfsame.publish;

import dev.selfsame.alert.Alerts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Publishing.
 *
 * @param lookEvery how often a server looks whether a publication is due
 * @param atOnce how many publications a server runs by itself at a time
 * @param mostChanges after more lines of the ledger, or more users that changed, all is written
 *     anew
 * @param alertUrl is sent a POST when a publication begins to fail and when it runs again; null:
 *     the log alone says it
 */
public record PublishSettings(
    Duration lookEvery, int atOnce, int mostChanges, @Nullable String alertUrl) {

  private static final int MOST_AT_ONCE = 20;
  private static final int MOST_CHANGES = 1_000_000;

  public static final PublishSettings DEFAULT =
      new PublishSettings(Duration.ofSeconds(1), 2, 200_000, null);

  public PublishSettings {
    if (lookEvery.toMillis() < 1 || lookEvery.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "A server looks at least once an hour what is due; got " + lookEvery);
    }
    if (atOnce < 1 || atOnce > MOST_AT_ONCE) {
      throw new IllegalArgumentException(
          "A server can run 1 to %d publications at once; got %d".formatted(MOST_AT_ONCE, atOnce));
    }
    if (mostChanges < 1 || mostChanges > MOST_CHANGES) {
      throw new IllegalArgumentException(
          "The most changes are 1 to %d; got %d".formatted(MOST_CHANGES, mostChanges));
    }
    Alerts.check(alertUrl);
  }
}
