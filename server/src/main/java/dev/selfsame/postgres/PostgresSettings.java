package dev.selfsame.postgres;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What the embedded PostgreSQL is told from outside.
 *
 * @param directory the program's data directory: absent, empty, or made by an earlier start
 * @param binaries where the program's PostgreSQL is unpacked; programs may share it
 * @param port the port on the loopback address; 0: the one of the last start, so that SQL clients
 *     find it again, and a free one at the first
 * @param startTimeout how long a start may take; recovery after a crash reads up to {@code
 *     max_wal_size} of log
 * @param stopTimeout how long a stop waits for the last checkpoint before it goes on without
 */
public record PostgresSettings(
    Path directory, Path binaries, int port, Duration startTimeout, Duration stopTimeout) {

  /** Refuses what cannot be meant. */
  public PostgresSettings {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException(
          "port is %d; expected 0 (the last one) to 65535".formatted(port));
    }
    if (!startTimeout.isPositive() || !stopTimeout.isPositive()) {
      throw new IllegalArgumentException(
          "startTimeout is %s, stopTimeout %s; expected more than zero"
              .formatted(startTimeout, stopTimeout));
    }
  }

  /**
   * The defaults for a data directory. The binaries are unpacked inside it: the one place that is
   * surely writable, that the unprivileged account can reach, that no other account can tamper
   * with, and that goes when the data go.
   */
  public static PostgresSettings in(Path directory) {
    return new PostgresSettings(
        directory,
        directory.resolve("postgres-bin"),
        0,
        Duration.ofMinutes(10),
        Duration.ofSeconds(60));
  }

  /** The same with another place for the binaries. */
  public PostgresSettings withBinaries(Path other) {
    return new PostgresSettings(directory, other, port, startTimeout, stopTimeout);
  }

  /** The same with another port. */
  public PostgresSettings withPort(int other) {
    return new PostgresSettings(directory, binaries, other, startTimeout, stopTimeout);
  }
}
