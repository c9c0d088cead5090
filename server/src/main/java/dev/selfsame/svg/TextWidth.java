package dev.selfsame.svg;

import java.util.ArrayList;
import java.util.List;

/**
 * How wide a text is at most, in any of the common sans-serif fonts: an SVG is drawn with a font
 * that nobody knows beforehand.
 */
public final class TextWidth {

  private static final String NARROW = "iljtfrI.,:;'|!()[]/ -–·";
  private static final String WIDE = "mwMW%@—…";

  /** From here on scripts whose characters are squares. */
  private static final int SQUARE = 0x1100;

  private TextWidth() {}

  public static double of(String text, double size) {
    return text.codePoints().mapToDouble(TextWidth::em).sum() * size;
  }

  private static double em(int c) {
    if (Character.getType(c) == Character.NON_SPACING_MARK) {
      return 0;
    }
    if (NARROW.indexOf(c) >= 0) {
      return c == '–' ? 0.52 : 0.42;
    }
    if (WIDE.indexOf(c) >= 0 || c >= SQUARE) {
      return 1.02;
    }
    return Character.isUpperCase(c) ? 0.8 : 0.66;
  }

  /** The text, or as much of its beginning as fits, with an ellipsis. */
  public static String cut(String text, double size, double most) {
    if (of(text, size) <= most) {
      return text;
    }
    int end = text.length();
    while (end > 0) {
      end = text.offsetByCodePoints(end, -1);
      String shorter = text.substring(0, end).stripTrailing() + "…";
      if (of(shorter, size) <= most) {
        return shorter;
      }
    }
    return "…";
  }

  /** The text in lines that fit; the last is cut where there would be more. */
  public static List<String> lines(String text, double size, double most, int mostLines) {
    List<String> lines = new ArrayList<>();
    String rest = text.strip();
    while (!rest.isEmpty()) {
      int end = lines.size() + 1 == mostLines ? rest.length() : fitting(rest, size, most);
      lines.add(cut(rest.substring(0, end).strip(), size, most));
      rest = rest.substring(end).strip();
    }
    return lines;
  }

  private static int fitting(String text, double size, double most) {
    if (of(text, size) <= most) {
      return text.length();
    }
    int end = 0;
    for (int at = text.indexOf(' '); at > 0; at = text.indexOf(' ', at + 1)) {
      if (of(text.substring(0, at), size) <= most) {
        end = at;
      }
    }
    if (end > 0) {
      return end;
    }
    // One long word.
    while (end < text.length()
        && of(text.substring(0, text.offsetByCodePoints(end, 1)), size) <= most) {
      end = text.offsetByCodePoints(end, 1);
    }
    return Math.max(end, text.offsetByCodePoints(0, 1));
  }
}
