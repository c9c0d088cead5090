package dev.selfsame.ask;

import org.jspecify.annotations.Nullable;

/**
 * Questions over REST.
 *
 * @param questions the directory of the operator's own questions; null: {@code questions} in the
 *     data directory
 * @param maxRows how many rows an answer has at most
 * @param atOnce how many questions the database works on at a time
 */
public record AskSettings(@Nullable String questions, int maxRows, int atOnce) {

  private static final int MOST_ROWS = 1_000_000;
  private static final int MOST_AT_ONCE = 100;

  public static final AskSettings DEFAULT = new AskSettings(null, 10_000, 2);

  public AskSettings {
    if (maxRows < 1 || maxRows > MOST_ROWS) {
      throw new IllegalArgumentException(
          "maxRows is %d; expected 1 to %d".formatted(maxRows, MOST_ROWS));
    }
    if (atOnce < 1 || atOnce > MOST_AT_ONCE) {
      throw new IllegalArgumentException(
          "atOnce is %d; expected 1 to %d".formatted(atOnce, MOST_AT_ONCE));
    }
  }
}
