package dev.selfsame.access;

/**
 * How much each token may ask for.
 *
 * @param requestsPerSecond on each server; 0: as much as it likes
 */
public record BudgetSettings(int requestsPerSecond) {

  private static final int MOST = 1_000_000;

  public static final BudgetSettings DEFAULT = new BudgetSettings(0);

  public BudgetSettings {
    if (requestsPerSecond < 0 || requestsPerSecond > MOST) {
      throw new IllegalArgumentException(
          "A token may be allowed 0 (no bound) to %d requests a second; got %d"
              .formatted(MOST, requestsPerSecond));
    }
  }
}
