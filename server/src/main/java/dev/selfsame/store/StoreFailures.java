package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the driver reports into failures that say what to do; the one place that knows
 * SQLStates of connecting.
 */
final class StoreFailures {

  static final String NOT_ALLOWED = "42501";
  static final String SYNTAX = "42601";
  static final String READ_ONLY = "25006";
  static final String CANCELLED = "57014";
  static final String STARTING = "57P03";
  static final String LOCK_NOT_AVAILABLE = "55P03";

  private static final int RETRY_SECONDS = 5;

  private StoreFailures() {}

  /** The failure that an SQL exception outside any foreseen case stands for. */
  static Failure of(SQLException cause, DatabaseAddress address) {
    String state = cause.getSQLState() == null ? "" : cause.getSQLState();
    String said = said(cause);
    return switch (state) {
      case "28P01", "28000" ->
          new Failure(
              Problem.STORE_LOGIN,
              "PostgreSQL at %s does not let the user %s in: %s. Check user and password in --data's server or --database-url."
                  .formatted(address.place(), address.user(), said),
              0,
              cause);
      case "3D000" ->
          new Failure(
              Problem.STORE_LOGIN,
              "PostgreSQL at %s has no such database: %s. Make it with: CREATE DATABASE … OWNER %s"
                  .formatted(address.place(), said, address.user()),
              0,
              cause);
      case NOT_ALLOWED -> rights(address, said, cause);
      case CANCELLED ->
          new Failure(
              Problem.STORE_SLOW,
              "The database did not answer in time: %s".formatted(said),
              RETRY_SECONDS,
              cause);
      default ->
          away(state)
              ? new Failure(
                  Problem.STORE_AWAY,
                  "PostgreSQL at %s cannot be reached: %s".formatted(address.place(), said),
                  RETRY_SECONDS,
                  cause)
              : new Failure(
                  Problem.INTERNAL_ERROR,
                  "The database refused a statement (%s): %s".formatted(state, said),
                  0,
                  cause);
    };
  }

  static Failure rights(DatabaseAddress address, String said, @Nullable SQLException cause) {
    return new Failure(
        Problem.STORE_RIGHTS,
        "The user %s has not enough rights at %s: %s. It must own the database: ALTER DATABASE … OWNER TO %s"
            .formatted(address.user(), address.place(), said, address.user()),
        0,
        cause);
  }

  /**
   * Whether the state means that the server is away, full or going down, and not that a statement
   * is wrong.
   */
  static boolean away(@Nullable String state) {
    return state == null
        || state.isEmpty()
        || state.startsWith("08")
        || state.startsWith("53")
        || state.startsWith("57P");
  }

  /** PostgreSQL's own first line, without the driver's prefix. */
  static String said(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    String line = message.lines().findFirst().orElse(message);
    return line.replaceFirst("^(FATAL|ERROR): ", "").replaceFirst("\\.$", "");
  }
}
