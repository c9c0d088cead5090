package dev.selfsame.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code postmaster.pid} says: line 1 the process, line 4 the port, line 8 what it is doing.
 * PostgreSQL writes it line by line, so it may be read half-way.
 */
record PidFile(long pid, int port, String status) {

  static Path path(Path data) {
    return data.resolve("postmaster.pid");
  }

  static Optional<PidFile> read(Path data) throws IOException {
    try {
      List<String> lines = Files.readAllLines(path(data));
      if (lines.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          new PidFile(
              Long.parseLong(lines.get(0).strip()),
              lines.size() < 4 ? 0 : Integer.parseInt(lines.get(3).strip()),
              lines.size() < 8 ? "" : lines.get(7).strip()));
    } catch (NoSuchFileException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether it accepts connections. */
  boolean ready() {
    return status.equals("ready");
  }
}
