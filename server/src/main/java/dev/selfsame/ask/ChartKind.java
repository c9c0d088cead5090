package dev.selfsame.ask;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How an answer is drawn. */
public enum ChartKind {
  /** Horizontal bars, a row each. */
  BAR,
  /** Upright columns, left to right. */
  COLUMN,
  /** Points in their order, joined. */
  LINE,
  /** Parts of a whole, of the first column of numbers alone. */
  PIE,
  /** Not at all. */
  NONE;

  static final List<String> WORDS = Arrays.stream(values()).map(ChartKind::word).toList();

  /** As files and REST write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static @Nullable ChartKind of(String word) {
    int at = WORDS.indexOf(word);
    return at < 0 ? null : values()[at];
  }
}
