package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.ColumnType;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A column of the rows on their way into a table: brings each value into the form of the table's
 * column, or, where the table has none yet, finds out from all values what it can be.
 */
final class LandingColumn {

  private static final Pattern INTEGER = Pattern.compile("0|-?[1-9]\\d{0,17}");
  private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9]\\d{0,14})\\.\\d{1,15}");
  private static final Pattern ROUND = Pattern.compile("\\+?(-?\\d{1,18})(\\.0+)?");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?");

  private final String name;
  private final String table;
  private final @Nullable ColumnType type;
  private @Nullable ColumnType found;

  /**
   * @param name as the table calls it
   * @param type what the table's column is; null where it has none yet
   */
  LandingColumn(String name, String table, @Nullable ColumnType type) {
    this.name = name;
    this.table = table;
    this.type = type;
  }

  String name() {
    return name;
  }

  /** Whether the table lacks it. */
  boolean isNew() {
    return type == null;
  }

  /**
   * What the column is, or what its values so far can be; null while there was none. A mixture is
   * text.
   */
  @Nullable ColumnType type() {
    return type == null ? found : type;
  }

  /**
   * The value as the store takes it.
   *
   * @throws Failure LANDING_VALUE for one that the table's column cannot take
   */
  String value(Cell cell, Rows.Place place) {
    if (type == null) {
      found = together(found, shape(cell));
      return cell.text();
    }
    return switch (type) {
      case TEXT -> cell.text();
      case BOOLEAN -> bool(cell.text(), place);
      case INTEGER -> integer(cell.text(), place);
      case DECIMAL -> decimal(cell.text(), place);
      case TIME -> time(cell.text(), place);
    };
  }

  private String bool(String text, Rows.Place place) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "t", "yes", "1" -> "true";
      case "false", "f", "no", "0" -> "false";
      default -> throw refused(text, "true or false", place);
    };
  }

  private String integer(String text, Rows.Place place) {
    var round = ROUND.matcher(text.strip());
    if (!round.matches()) {
      throw refused(text, "a whole number", place);
    }
    return round.group(1);
  }

  private String decimal(String text, Rows.Place place) {
    String stripped = text.strip();
    if (!NUMBER.matcher(stripped).matches() || Double.isInfinite(Double.parseDouble(stripped))) {
      throw refused(text, "a number", place);
    }
    return stripped;
  }

  private String time(String text, Rows.Place place) {
    Instant instant = VendorTime.read(text);
    if (instant == null) {
      throw refused(text, "a time, such as 2026-03-01T12:30:00Z or seconds since 1970", place);
    }
    return instant.toString();
  }

  private Failure refused(String text, String expected, Rows.Place place) {
    return new Failure(
        Problem.LANDING_VALUE,
        "%s: \"%s\" is not %s, which the column %s of %s takes. Correct the value, or leave it empty"
            .formatted(
                place,
                text.length() > 80 ? text.substring(0, 80) + "…" : text,
                expected,
                name,
                table));
  }

  private ColumnType shape(Cell cell) {
    if (found == ColumnType.TEXT || isId()) {
      return ColumnType.TEXT;
    }
    String text = cell.text();
    return switch (cell.kind()) {
      case BOOLEAN -> ColumnType.BOOLEAN;
      case INTEGER -> INTEGER.matcher(text).matches() ? ColumnType.INTEGER : ColumnType.TEXT;
      case DECIMAL ->
          NUMBER.matcher(text).matches() && !Double.isInfinite(Double.parseDouble(text))
              ? ColumnType.DECIMAL
              : ColumnType.TEXT;
      case TIME -> VendorTime.plain(text) ? ColumnType.TIME : ColumnType.TEXT;
      // Digits in quotes may be a telephone's.
      case TEXT -> VendorTime.plain(text) ? ColumnType.TIME : ColumnType.TEXT;
      case UNTYPED -> untyped(text);
    };
  }

  /** What a text can be read as, and be written again as it was. */
  private static ColumnType untyped(String text) {
    char first = text.charAt(0);
    if (Character.isDigit(first) || first == '-') {
      if (INTEGER.matcher(text).matches()) {
        return ColumnType.INTEGER;
      }
      if (DECIMAL.matcher(text).matches()) {
        return ColumnType.DECIMAL;
      }
      return VendorTime.plain(text) ? ColumnType.TIME : ColumnType.TEXT;
    }
    return text.equals("true") || text.equals("false") ? ColumnType.BOOLEAN : ColumnType.TEXT;
  }

  /** Some tools count, others do not, and joins between the two must work. */
  private boolean isId() {
    return name.equals("id") || name.endsWith("_id") || name.endsWith("_ids");
  }

  private static ColumnType together(@Nullable ColumnType one, ColumnType other) {
    if (one == null || one == other) {
      return other;
    }
    boolean numbers =
        (one == ColumnType.INTEGER || one == ColumnType.DECIMAL)
            && (other == ColumnType.INTEGER || other == ColumnType.DECIMAL);
    return numbers ? ColumnType.DECIMAL : ColumnType.TEXT;
  }
}
