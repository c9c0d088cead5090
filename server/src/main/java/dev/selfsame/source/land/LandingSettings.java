package dev.selfsame.source.land;

import java.time.Duration;

/**
 * Bounds of landings over REST.
 *
 * @param maxBytes of one file, inflated
 * @param leaveFree bytes that uploads leave free on the disk of the data directory
 * @param previewRows where a preview stops
 * @param waiting how many may wait or run at once
 * @param queryFor how long another database may work on a query
 */
public record LandingSettings(
    long maxBytes, long leaveFree, long previewRows, int waiting, Duration queryFor) {

  private static final int MOST_WAITING = 10_000;
  private static final long MOST_PREVIEWED = 1_000_000;

  public static final LandingSettings DEFAULT =
      new LandingSettings(2L << 30, 1L << 30, 100_000, 100, Duration.ofMinutes(10));

  public LandingSettings {
    if (maxBytes < 1 || leaveFree < 0) {
      throw new IllegalArgumentException(
          "Landings must be allowed at least 1 byte, and leave 0 or more free; got %d and %d"
              .formatted(maxBytes, leaveFree));
    }
    if (previewRows < 1 || previewRows > MOST_PREVIEWED) {
      throw new IllegalArgumentException(
          "A preview must stop after 1 to %d rows; got %d".formatted(MOST_PREVIEWED, previewRows));
    }
    if (waiting < 1 || waiting > MOST_WAITING) {
      throw new IllegalArgumentException(
          "1 to %d landings can wait; got %d".formatted(MOST_WAITING, waiting));
    }
    if (queryFor.toSeconds() < 1 || queryFor.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("A query may take one second to one day; got " + queryFor);
    }
  }
}
