package dev.selfsame.source.csv;

/**
 * Keeps a spreadsheet from taking a cell for a formula: an export puts {@code '} before what might
 * be one, an import takes exactly that away again.
 */
public final class Guard {

  private static final String STARTS = "=+-@'\t\r";

  private Guard() {}

  public static String put(String cell) {
    return guarded(cell, 0) ? "'" + cell : cell;
  }

  static String strip(String cell) {
    return !cell.isEmpty() && cell.charAt(0) == '\'' && guarded(cell, 1) ? cell.substring(1) : cell;
  }

  private static boolean guarded(String cell, int at) {
    return cell.length() > at && STARTS.indexOf(cell.charAt(at)) >= 0;
  }
}
