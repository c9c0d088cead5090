package dev.selfsame.cli;

import dev.selfsame.store.TransferProgress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Progress for the person who waits. On a terminal one line that is rewritten: a bar, the rate and
 * the time left; elsewhere a line when a step begins and every ten seconds.
 */
final class ProgressLine implements TransferProgress, AutoCloseable {

  private static final long BETWEEN_DRAWN = 200_000_000L;
  private static final long BETWEEN_PRINTED = 10_000_000_000L;
  private static final int BAR = 24;
  private static final String CLEAR = "\r\033[K";

  private final PrintWriter err;
  private static final int STDERR = 2;

  private final boolean terminal;
  private final LongSupplier nanos;
  private String what = "";
  private Unit unit = Unit.PIECES;
  private long of;
  private long began;
  private long shown;

  ProgressLine(PrintWriter err) {
    this(err, isTerminal(STDERR), System::nanoTime);
  }

  ProgressLine(PrintWriter err, boolean terminal, LongSupplier nanos) {
    this.err = err;
    this.terminal = terminal;
    this.nanos = nanos;
  }

  /** Asked of Linux, since Java knows of stdin and stdout alone; elsewhere there are lines. */
  static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  @Override
  public void step(String next, Unit counted, long howMany) {
    what = next;
    unit = counted;
    of = howMany;
    began = nanos.getAsLong();
    shown = began;
    if (terminal) {
      draw(0);
    } else {
      err.println(what);
    }
    err.flush();
  }

  @Override
  public void at(long done) {
    long now = nanos.getAsLong();
    if (now - shown < (terminal ? BETWEEN_DRAWN : BETWEEN_PRINTED)) {
      return;
    }
    shown = now;
    if (terminal) {
      draw(done);
    } else {
      err.println("  " + figures(done));
    }
    err.flush();
  }

  /** Takes the line away, so that the result stands alone. */
  @Override
  public void close() {
    if (terminal) {
      err.print(CLEAR);
      err.flush();
    }
  }

  private void draw(long done) {
    if (of == 0) {
      err.print("%s  %-20s %s".formatted(CLEAR, what, figures(done)));
      return;
    }
    int full = (int) Math.min(BAR, done * BAR / of);
    err.print(
        "%s  %-20s [%s%s] %s"
            .formatted(CLEAR, what, "#".repeat(full), ".".repeat(BAR - full), figures(done)));
  }

  private String figures(long done) {
    double seconds = Math.max(1e-3, (shown - began) / 1e9);
    double rate = done / seconds;
    StringBuilder text = new StringBuilder();
    if (of == 0) {
      text.append(String.format(Locale.ROOT, "%,d", done));
    } else {
      text.append("%3d %%".formatted(Math.min(100, done * 100 / of)));
    }
    if (done > 0) {
      text.append(
          switch (unit) {
            case ROWS -> String.format(Locale.ROOT, "  %,.0f rows/s", rate);
            case BYTES -> String.format(Locale.ROOT, "  %.1f MB/s", rate / 1e6);
            case PIECES -> String.format(Locale.ROOT, "  %d of %d", done, of);
          });
      if (of > 0) {
        text.append("  %s left".formatted(time((long) Math.ceil(Math.max(0, of - done) / rate))));
      }
    }
    return text.toString();
  }

  private static String time(long seconds) {
    return seconds < 120 ? seconds + " s" : (seconds + 59) / 60 + " min";
  }
}
