package dev.selfsame.bench;

import com.google.errorprone.annotations.FormatMethod;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is going on, for the person who waits: on stderr, with the seconds since the start. */
final class Progress {

  private static final long START = System.nanoTime();

  private Progress() {}

  @FormatMethod
  static void say(String format, @Nullable Object... values) {
    System.err.printf(
        Locale.ROOT,
        "%6.1f s  %s%n",
        (System.nanoTime() - START) / 1e9,
        String.format(Locale.ROOT, format, values));
  }
}
