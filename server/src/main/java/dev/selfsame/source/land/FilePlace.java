package dev.selfsame.source.land;

/**
 * A row's place: {@code members.csv, line 12}.
 *
 * @param unit what is counted: line or row
 * @param number from 1
 */
record FilePlace(String file, String unit, long number) implements Rows.Place {
  @Override
  public String toString() {
    return "%s, %s %d".formatted(file, unit, number);
  }
}
