package dev.selfsame.connection;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What the failures of other databases mean, by name. */
public final class Failures {

  private final Address address;
  private final @Nullable String password;
  private final Duration limit;

  Failures(Address address, @Nullable String password, Duration limit) {
    this.address = address;
    this.password = password;
    this.limit = limit;
  }

  /** While it was being connected to. */
  Failure connecting(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    String place = address.place();
    if (e.getCause() instanceof Failure failure) {
      return failure;
    }
    if (caused(e, SSLException.class) || said(e).contains("SSL")) {
      return failure(
          Problem.WAREHOUSE_TLS,
          "%s cannot be reached by TLS as the option sslmode asks: %s".formatted(place, said(e)),
          e);
    }
    if (state.startsWith("28") || e.getErrorCode() == 1045 || e.getErrorCode() == 1044) {
      return failure(
          Problem.WAREHOUSE_LOGIN,
          "%s does not let %s log in: %s. Check the user and the password."
              .formatted(place, address.user(), said(e)),
          e);
    }
    if (caused(e, UnknownHostException.class)) {
      return unreachable("its host is not known", e);
    }
    if (caused(e, ConnectException.class)) {
      return unreachable("nothing answers on that port", e);
    }
    if (caused(e, SocketTimeoutException.class)) {
      return unreachable("it does not answer within 10 s; is it behind a firewall?", e);
    }
    return unreachable(said(e), e);
  }

  private Failure unreachable(String why, SQLException e) {
    return failure(
        Problem.WAREHOUSE_UNREACHABLE,
        "%s cannot be reached: %s".formatted(address.place(), why),
        e);
  }

  /**
   * While it was being asked.
   *
   * @param row the last that was read, or null
   * @param took since it was asked
   */
  Failure asking(SQLException e, @Nullable Long row, Duration took) {
    String state = String.valueOf(e.getSQLState());
    int code = e.getErrorCode();
    String said = said(e);
    // MariaDB's number for the time limit, MySQL's, PostgreSQL's state.
    if (code == 1969
        || code == 3024
        || state.equals("57014")
        || (took.compareTo(limit) >= 0 && said.toLowerCase(Locale.ROOT).contains("interrupt"))) {
      return failure(
          Problem.WAREHOUSE_TIMEOUT,
          "The query took longer than %d s and was stopped. Ask for less, or allow more time."
              .formatted(limit.toSeconds()),
          e);
    }
    if (code == 1792
        || state.equals("25006")
        || said.toLowerCase(Locale.ROOT).contains("read-only mode")) {
      return failure(
          Problem.WAREHOUSE_WRITES,
          "The query writes, and only reading is allowed: %s".formatted(said),
          e);
    }
    if (row != null && state.startsWith("08")) {
      return failure(
          Problem.WAREHOUSE_UNREACHABLE,
          "%s went away after row %d: %s".formatted(address.place(), row, said),
          e);
    }
    return failure(
        Problem.WAREHOUSE_QUERY,
        row == null || row == 0
            ? "The query failed: %s".formatted(said)
            : "The query failed after row %d: %s".formatted(row, said),
        e);
  }

  /**
   * While it was being written.
   *
   * @param what was being done, as in "The table users cannot be …"
   */
  public Failure writing(SQLException e, String what) {
    String state = String.valueOf(e.getSQLState());
    int code = e.getErrorCode();
    String said = said(e);
    String lower = said.toLowerCase(Locale.ROOT);
    // PostgreSQL's and MySQL's: the right is missing, or all there is read-only.
    if (state.equals("42501")
        || state.equals("25006")
        || List.of(1044, 1142, 1143, 1227, 1290, 1370, 1836).contains(code)) {
      return failure(
          Problem.PUBLISH_RIGHTS,
          "%s: %s has not the right to at %s: %s"
              .formatted(what, address.user(), address.place(), said),
          e);
    }
    if (state.equals("53100")
        || code == 1021
        || code == 1114
        || lower.contains("no space left")
        || lower.contains("not enough disk space")) {
      return failure(
          Problem.PUBLISH_FULL, "%s: %s is full: %s".formatted(what, address.place(), said), e);
    }
    if (state.startsWith("08")
        || state.startsWith("57P")
        || caused(e, IOException.class)
        || (address.kind().mysql() && state.equals("70100"))) {
      return failure(
          Problem.WAREHOUSE_UNREACHABLE,
          "%s went away; nothing of this publish is to be seen there: %s"
              .formatted(address.place(), said),
          e);
    }
    return failure(
        Problem.PUBLISH_FAILED, "%s, at %s: %s".formatted(what, address.place(), said), e);
  }

  private static boolean caused(Throwable e, Class<? extends Throwable> type) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  /** What the driver says, without the password. */
  private String said(SQLException e) {
    String said = String.valueOf(e.getMessage()).strip();
    return password == null || password.isEmpty() ? said : said.replace(password, "***");
  }

  private static Failure failure(Problem problem, String message, SQLException cause) {
    return new Failure(problem, message, 0, cause);
  }
}
