package dev.selfsame.source.land;

/**
 * A row's place in what a query answers.
 *
 * @param number from 1
 */
record QueryPlace(long number) implements Rows.Place {
  @Override
  public String toString() {
    return "row %d of the query".formatted(number);
  }
}
