package dev.selfsame.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The machine in a line: without it a figure says nothing. */
final class Machine {

  private Machine() {}

  static String line() {
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return "%d cores (%s), %d GB, %s %s, JDK %s, load average at the start %.1f, %s"
        .formatted(
            system.getAvailableProcessors(),
            processor(),
            Math.round(system.getTotalMemorySize() / (double) (1L << 30)),
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            Runtime.version(),
            system.getSystemLoadAverage(),
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'")
                .format(LocalDateTime.now(ZoneOffset.UTC)));
  }

  private static String processor() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      // Not Linux.
    }
    return System.getProperty("os.arch");
  }
}
