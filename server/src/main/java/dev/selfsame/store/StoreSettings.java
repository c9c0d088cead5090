package dev.selfsame.store;

/**
 * How the program uses its database.
 *
 * @param readConnections connections that look-ups share
 * @param readSeconds how long a look-up may take
 * @param querySeconds how long a statement of a reader may take
 * @param connectSeconds how long a connection may take to open, and a look-up waits for a free one
 * @param answerSeconds after how long without an answer a writing connection gives its server up
 *     for dead
 */
public record StoreSettings(
    int readConnections, int readSeconds, int querySeconds, int connectSeconds, int answerSeconds) {

  public static final StoreSettings DEFAULT = new StoreSettings(8, 10, 60, 10, 60);

  public StoreSettings {
    range("readConnections", readConnections, 1, 1_000);
    range("readSeconds", readSeconds, 1, 3_600);
    range("querySeconds", querySeconds, 1, 86_400);
    range("connectSeconds", connectSeconds, 1, 600);
    range("answerSeconds", answerSeconds, 5, 3_600);
  }

  private static void range(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s is %d; expected %d to %d".formatted(name, value, least, most));
    }
  }
}
