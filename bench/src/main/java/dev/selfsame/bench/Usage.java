package dev.selfsame.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Processor time so far, in seconds, as Linux counts it: of the hub, of its PostgreSQL with all its
 * processes, of the load, and of the whole machine. Elsewhere all is 0.
 */
record Usage(double hub, double postgres, double load, double busy) {

  private static final double TICKS = 100;

  static Usage now(long hub, long postmaster, long load) {
    try {
      double postgres = ofProcess(postmaster, true);
      try (Stream<Path> all = Files.list(Path.of("/proc"))) {
        for (Path process : all.toList()) {
          String name = String.valueOf(process.getFileName());
          if (Character.isDigit(name.charAt(0)) && parent(name) == postmaster) {
            postgres += ofProcess(Long.parseLong(name), true);
          }
        }
      }
      return new Usage(ofProcess(hub, false), postgres, ofProcess(load, false), machine());
    } catch (IOException | RuntimeException e) {
      return new Usage(0, 0, 0, 0);
    }
  }

  Usage since(Usage earlier) {
    return new Usage(
        hub - earlier.hub, postgres - earlier.postgres, load - earlier.load, busy - earlier.busy);
  }

  /** What others on the machine took. */
  double others() {
    return Math.max(0, busy - hub - postgres - load);
  }

  /** Of the programs that this one ran to their end. */
  static double ofEndedChildren() {
    long own = ProcessHandle.current().pid();
    return ofProcess(own, true) - ofProcess(own, false);
  }

  private static String[] stat(String process) throws IOException {
    String stat = Files.readString(Path.of("/proc", process, "stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
  }

  private static long parent(String process) {
    try {
      return Long.parseLong(stat(process)[1]);
    } catch (IOException e) {
      return -1;
    }
  }

  /** With the time of its children that have ended, where these are the process's own work. */
  private static double ofProcess(long process, boolean children) {
    try {
      String[] stat = stat(Long.toString(process));
      long ticks = Long.parseLong(stat[11]) + Long.parseLong(stat[12]);
      if (children) {
        ticks += Long.parseLong(stat[13]) + Long.parseLong(stat[14]);
      }
      return ticks / TICKS;
    } catch (IOException e) {
      return 0;
    }
  }

  private static double machine() throws IOException {
    String[] words = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +", -1);
    long ticks = 0;
    // user nice system (idle iowait) irq softirq steal
    for (int word : new int[] {1, 2, 3, 6, 7, 8}) {
      ticks += Long.parseLong(words[word]);
    }
    return ticks / TICKS;
  }
}
