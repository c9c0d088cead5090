package dev.selfsame.bench;

import com.google.errorprone.annotations.FormatMethod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A benchmark's result as Markdown: a line on the machine and the command, then tables and remarks.
 */
final class Report {

  private final String name;
  private final List<String> lines = new ArrayList<>();

  /**
   * @param name the command's
   * @param command as it was given
   */
  Report(String name, List<String> command) {
    this.name = name;
    lines.add("`bench/run " + String.join(" ", command) + "`");
    lines.add("");
    lines.add(Machine.line() + ".");
    lines.add("");
  }

  @FormatMethod
  Report say(String format, Object... values) {
    lines.add(String.format(Locale.ROOT, format, values));
    lines.add("");
    return this;
  }

  /** Begins a table; rows follow. */
  Report table(String... columns) {
    row((Object[]) columns);
    lines.add("|---|" + "---:|".repeat(columns.length - 1));
    return this;
  }

  Report row(Object... cells) {
    lines.add("| " + String.join(" | ", Arrays.stream(cells).map(String::valueOf).toList()) + " |");
    return this;
  }

  Report end() {
    lines.add("");
    return this;
  }

  /**
   * Prints it on stdout, and writes it: into its place between the markers of a file that has them,
   * else as the whole file.
   */
  void publish(@Nullable Path out) {
    String text = String.join("\n", lines).strip() + "\n";
    System.out.print(text);
    if (out == null) {
      return;
    }
    try {
      String page = Files.exists(out) ? Files.readString(out) : "";
      Files.writeString(out, placed(page, name, text));
    } catch (IOException e) {
      throw new UncheckedIOException("The result could not be written to " + out, e);
    }
    Progress.say("Written to %s", out);
  }

  /** The page with the text in its place; the text alone if the page has no place for it. */
  static String placed(String page, String name, String text) {
    String begin = "<!-- bench " + name + " -->\n";
    String end = "<!-- /bench " + name + " -->";
    int from = page.indexOf(begin);
    int to = page.indexOf(end);
    if (from < 0 || to < from) {
      return text;
    }
    return page.substring(0, from + begin.length()) + text + page.substring(to);
  }

  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  static String thousands(double number) {
    return String.format(Locale.ROOT, "%,.0f", number);
  }

  static String thousands(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  static String decimals(double number, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", number);
  }

  /** Microseconds as milliseconds. */
  static String millis(long micros) {
    return decimals(micros / 1_000.0, micros < 10_000 ? 2 : 0);
  }

  /** How a floor is reported. */
  static String met(boolean met) {
    return met ? "met" : "**missed**";
  }
}
