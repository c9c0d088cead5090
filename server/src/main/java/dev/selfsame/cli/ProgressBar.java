package dev.selfsame.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * How far long work is, on stderr: a line rewritten in place on a terminal, else a line every ten
 * seconds.
 */
final class ProgressBar {

  private static final int WIDTH = 30;
  private static final long TERMINAL_NANOS = 100_000_000L;
  private static final long LINE_NANOS = 10_000_000_000L;

  private final PrintWriter err;
  private final String title;
  private final String unit;
  private final long total;
  private final boolean terminal;
  private final long start = System.nanoTime();
  private long last = start;
  private boolean shown;

  /**
   * @param unit what is counted, in the plural
   * @param total how many there will be; 0: unknown
   */
  ProgressBar(PrintWriter err, String title, String unit, long total) {
    this(err, title, unit, total, stderrIsATerminal());
  }

  ProgressBar(PrintWriter err, String title, String unit, long total, boolean terminal) {
    this.err = err;
    this.title = title;
    this.unit = unit;
    this.total = total;
    this.terminal = terminal;
  }

  /** Shows that so many are done, unless it showed another number a moment ago. */
  void at(long done) {
    long now = System.nanoTime();
    if (now - last < (terminal ? TERMINAL_NANOS : LINE_NANOS)) {
      return;
    }
    last = now;
    shown = true;
    String line = line(done, (now - start) / 1e9);
    if (terminal) {
      err.print("\r\u001b[K" + line);
    } else {
      err.println(line);
    }
    err.flush();
  }

  /** Takes the line away: what follows is the result. */
  void end() {
    if (terminal && shown) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }

  private String line(long done, double seconds) {
    double rate = seconds > 0 ? done / seconds : 0;
    StringBuilder line = new StringBuilder(title).append("  ");
    if (total > 0) {
      double share = Math.min(1, (double) done / total);
      int full = (int) (share * WIDTH);
      line.append("█".repeat(full))
          .append("░".repeat(WIDTH - full))
          .append(String.format(Locale.ROOT, " %3.0f %%", share * 100));
    }
    line.append(String.format(Locale.ROOT, "  %,d %s  %,.0f/s", done, unit, rate));
    if (total > done && rate > 0) {
      line.append("  ").append(time((total - done) / rate)).append(" left");
    }
    return line.toString();
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole < 60 ? whole + " s" : "%d min %02d s".formatted(whole / 60, whole % 60);
  }

  private static boolean stderrIsATerminal() {
    try {
      String name = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return name.startsWith("/dev/pts/") || name.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
