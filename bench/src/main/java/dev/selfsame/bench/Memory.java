package dev.selfsame.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the program's Java needed, from its collector's log and from Linux.
 *
 * @param heapPeak megabytes used at most, found when a collection began
 * @param heapLive megabytes left at most after one
 * @param collections how many
 * @param pauses seconds in all
 * @param rssPeak megabytes of the process at most, -1 where Linux does not say
 */
record Memory(long heapPeak, long heapLive, long collections, double pauses, long rssPeak) {

  private static final Pattern PAUSE =
      Pattern.compile("Pause .* (\\d+)M->(\\d+)M\\(\\d+M\\) ([0-9.]+)ms");

  static Memory of(Path gcLog, long rssPeak) {
    long peak = 0;
    long live = 0;
    long collections = 0;
    double pauses = 0;
    try {
      for (String line : Files.readAllLines(gcLog)) {
        Matcher pause = PAUSE.matcher(line);
        if (pause.find()) {
          peak = Math.max(peak, Long.parseLong(pause.group(1)));
          live = Math.max(live, Long.parseLong(pause.group(2)));
          collections++;
          pauses += Double.parseDouble(pause.group(3)) / 1_000;
        }
      }
    } catch (IOException e) {
      Progress.say("The collector's log could not be read: %s", e.getMessage());
    }
    return new Memory(peak, live, collections, pauses, rssPeak);
  }

  /** Megabytes of a process that runs, at most so far; -1 where Linux does not say. */
  static long rssPeak(long process) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process), "status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) / 1_024;
        }
      }
    } catch (IOException e) {
      // Not Linux, or it has ended.
    }
    return -1;
  }

  /** As a sentence. */
  String sentence() {
    return "Hub: heap at most %d MB (after a collection %d MB), process at most %s MB, %d collections that took %.1f s in all."
        .formatted(heapPeak, heapLive, rssPeak < 0 ? "?" : rssPeak, collections, pauses);
  }
}
