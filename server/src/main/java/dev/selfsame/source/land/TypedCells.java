package dev.selfsame.source.land;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Cells of sources that know the types of their columns. */
final class TypedCells {

  /** Digits of a floating number beyond which it keeps its exponent. */
  private static final int PLAIN = 40;

  private TypedCells() {}

  /** Null for the empty text, which is no value. */
  static @Nullable Cell of(Cell.Kind kind, String text, String column, Rows.Place place) {
    if (text.isEmpty()) {
      return null;
    }
    if (kind == Cell.Kind.TEXT) {
      String flaw = RowFailures.flaw(text);
      if (flaw != null) {
        throw RowFailures.file(place, "the value of %s %s.".formatted(column, flaw));
      }
      if (RowFailures.longer(text, RowFailures.LONGEST_CELL)) {
        throw RowFailures.cellTooLong(place, column);
      }
    }
    return new Cell(kind, text);
  }

  /**
   * A floating or arbitrary number; {@code 123.0}, which tables of floating ids hold, is 123. What
   * is not a number is no value.
   */
  static @Nullable Cell number(String text, String column, Rows.Place place) {
    if (text.equalsIgnoreCase("nan")) {
      return null;
    }
    if (text.toLowerCase(Locale.ROOT).contains("inf")) {
      throw RowFailures.file(
          place, "the value of %s is infinite, which no table takes.".formatted(column));
    }
    BigDecimal number = new BigDecimal(text).stripTrailingZeros();
    boolean plain = Math.abs((long) number.scale()) <= PLAIN;
    return new Cell(Cell.Kind.DECIMAL, plain ? number.toPlainString() : number.toString());
  }

  static Cell time(Instant time) {
    return new Cell(Cell.Kind.TIME, time.toString());
  }
}
