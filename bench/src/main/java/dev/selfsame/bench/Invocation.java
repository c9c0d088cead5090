package dev.selfsame.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One command of the program, run to its end as a process of its own, and what that took.
 *
 * @param said what it printed, progress and all
 * @param seconds from the program's first line to its end
 * @param cpu seconds of processor time
 * @param memory of its Java
 */
record Invocation(String said, double seconds, double cpu, Memory memory) {

  private static final long BETWEEN_LOOKS_MILLIS = 50;

  /**
   * Runs it.
   *
   * @param output where what it says, and its collector's log, are left
   */
  static Invocation run(Options options, Path output, String... words) {
    List<String> command = new ArrayList<>(options.program());
    command.addAll(List.of(words));
    Path gcLog = output.resolveSibling(output.getFileName() + ".gc");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    Hub.logCollections(builder, gcLog);
    double cpuBefore = Usage.ofEndedChildren();
    long start = System.nanoTime();
    try {
      Process process = builder.start();
      long rssPeak = -1;
      while (!process.waitFor(BETWEEN_LOOKS_MILLIS, TimeUnit.MILLISECONDS)) {
        // Linux keeps the peak only as long as the process lives.
        rssPeak = Math.max(rssPeak, Memory.rssPeak(process.pid()));
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      String said = Files.readString(output);
      if (process.exitValue() != 0) {
        throw new Failed(String.join(" ", command) + " failed. It said:\n" + said);
      }
      double cpu = Usage.ofEndedChildren() - cpuBefore;
      return new Invocation(said, seconds, cpu, Memory.of(gcLog, rssPeak));
    } catch (IOException e) {
      throw new Failed("The program did not start: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("Interrupted", e);
    }
  }
}
