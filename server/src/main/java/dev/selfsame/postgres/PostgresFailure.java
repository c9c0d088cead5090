package dev.selfsame.postgres;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Why the embedded PostgreSQL could not be opened: a reason for the program, a message for the
 * person who started it. The message says what is so, what was expected and what to do.
 */
public final class PostgresFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The ways that opening can fail. */
  public enum Reason {
    /** Another program that lives has the directory open. */
    DIRECTORY_IN_USE,
    /** The directory holds files that this program did not put there. They are left as they are. */
    DIRECTORY_NOT_OURS,
    /** The data were written by another major version of PostgreSQL, which this one cannot read. */
    OTHER_MAJOR_VERSION,
    /** No space is left where the data or the binaries are. */
    DISK_FULL,
    /** The directory cannot be made, or not be written to, by the account that runs the program. */
    NOT_WRITABLE,
    /** The program carries no PostgreSQL that runs on this machine. */
    NO_BINARY_FOR_PLATFORM,
    /**
     * No account was found that PostgreSQL agrees to run under: it refuses root and accounts
     * without a name.
     */
    CANNOT_DROP_PRIVILEGES,
    /** Something that was once there is missing or unreadable in the data directory. */
    DAMAGED,
    /**
     * PostgreSQL ended, or was not ready in time, for a reason that its own words in the message
     * give.
     */
    DID_NOT_START
  }

  private final Reason reason;

  PostgresFailure(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  private PostgresFailure(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why it failed. */
  public Reason reason() {
    return reason;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /** The failure that an input or output error under `directory` stands for. */
  static PostgresFailure of(IOException error, Path directory) {
    String text = String.valueOf(error.getMessage());
    if (meansDiskFull(text)) {
      return new PostgresFailure(Reason.DISK_FULL, diskFull(directory), error);
    }
    if (error instanceof AccessDeniedException
        || text.contains("Read-only file system")
        || text.contains("Operation not permitted")) {
      return new PostgresFailure(
          Reason.NOT_WRITABLE,
          "%s cannot be written by the account %s (%s). Give the directory to that account or choose another with --data."
              .formatted(directory, System.getProperty("user.name"), error),
          error);
    }
    return new PostgresFailure(
        Reason.DID_NOT_START,
        "PostgreSQL could not be started in %s: %s".formatted(directory, error),
        error);
  }

  /**
   * Whether PostgreSQL's or the system's words mean a full disk, and not a full table of the
   * kernel, which they name alike.
   */
  static boolean meansDiskFull(String text) {
    return text.lines()
        .map(line -> line.toLowerCase(Locale.ROOT))
        .filter(line -> line.contains("no space left on device") || line.contains("quota exceeded"))
        .anyMatch(line -> !line.contains("shared memory") && !line.contains("semaphore"));
  }

  /** The message for a full disk. */
  static String diskFull(Path directory) {
    return "The disk of %s is full: %d MB are free, some hundred are needed. Free some space or choose another disk with --data; nothing is lost."
        .formatted(directory, Disk.usableMegabytes(directory));
  }
}
