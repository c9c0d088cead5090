package dev.selfsame.svg;

import java.util.Locale;

/** Text and numbers as an SVG has them. */
public final class SvgText {

  /** What a reader's system has of these: no letters come from elsewhere. */
  public static final String FONT =
      "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif";

  private SvgText() {}

  /** A length or place, to a tenth. */
  public static String number(double number) {
    String text = String.format(Locale.ROOT, "%.1f", number);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /** Without what XML has no place for. */
  public static String escaped(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> safe.append("&amp;");
            case '<' -> safe.append("&lt;");
            case '>' -> safe.append("&gt;");
            case '"' -> safe.append("&quot;");
            default -> {
              boolean control = c < ' ' || (c >= 0x7f && c < 0xa0);
              boolean none = (c >= 0xd800 && c < 0xe000) || (c & 0xfffe) == 0xfffe;
              safe.appendCodePoint(control || none ? ' ' : c);
            }
          }
        });
    return safe.toString();
  }
}
