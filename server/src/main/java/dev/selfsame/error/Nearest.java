package dev.selfsame.error;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The known word that somebody may have meant: the one with the fewest letters to change, add or
 * take away.
 */
public final class Nearest {

  private Nearest() {}

  public static String of(String word, List<String> known) {
    String lower = word.toLowerCase(Locale.ROOT);
    return Collections.min(
        known, Comparator.comparingInt(one -> distance(lower, one.toLowerCase(Locale.ROOT))));
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
