package dev.selfsame.source.csv;

import java.time.Duration;

/**
 * Bounds of imports over REST.
 *
 * @param maxBytes of one file, inflated
 * @param leaveFree bytes that uploads leave free on the disk of the data directory, where the
 *     database may live, too
 * @param previewRows where a preview stops: what it keeps of each row stays in memory
 * @param kept how many imports are listed; a new one takes the place of the oldest finished one
 * @param keptFor how long a finished one stays, and a previewed file waits to be applied
 */
public record ImportSettings(
    long maxBytes, long leaveFree, long previewRows, int kept, Duration keptFor) {

  private static final int MOST_KEPT = 10_000;
  private static final long MOST_PREVIEWED = 1_000_000;

  public static final ImportSettings DEFAULT =
      new ImportSettings(2L << 30, 1L << 30, 100_000, 100, Duration.ofHours(24));

  public ImportSettings {
    if (maxBytes < 1 || leaveFree < 0) {
      throw new IllegalArgumentException(
          "Imports must be allowed at least 1 byte, and leave 0 or more free; got %d and %d"
              .formatted(maxBytes, leaveFree));
    }
    if (previewRows < 1 || previewRows > MOST_PREVIEWED) {
      throw new IllegalArgumentException(
          "A preview must stop after 1 to %d rows; got %d".formatted(MOST_PREVIEWED, previewRows));
    }
    if (kept < 1 || kept > MOST_KEPT) {
      throw new IllegalArgumentException(
          "1 to %d imports can be kept; got %d".formatted(MOST_KEPT, kept));
    }
    if (!keptFor.isPositive()) {
      throw new IllegalArgumentException(
          "Finished imports must be kept for some time; got " + keptFor);
    }
  }
}
