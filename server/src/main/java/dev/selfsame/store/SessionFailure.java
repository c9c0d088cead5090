package dev.selfsame.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The database did not do what it was asked, with what that means for whoever asked. */
public final class SessionFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What can be done about it. */
  public enum Kind {
    /**
     * It cannot be reached, is going down, or has no room: nothing was written; try again later.
     */
    AWAY,
    /** It went away during the commit: perhaps everything was written, perhaps nothing. */
    UNSURE,
    /** Another transaction was in the way: the same again may well succeed at once. */
    IN_THE_WAY,
    /** It refuses these very values, or the statement is wrong. */
    REFUSED
  }

  private final Kind kind;

  SessionFailure(SQLException cause) {
    super(cause.getMessage(), cause);
    this.kind = kind(cause.getSQLState());
  }

  public SessionFailure(Kind kind, Throwable cause) {
    super(cause.getMessage(), cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  private static Kind kind(@Nullable String state) {
    if (state == null) {
      return Kind.REFUSED;
    }
    return switch (state) {
      case "40001", "40P01", "55P03" -> Kind.IN_THE_WAY;
      // Read-only: a failover left this connection on a standby.
      case "25006" -> Kind.AWAY;
      default ->
          // Connection, resources, intervention, system error.
          switch (state.substring(0, 2)) {
            case "08", "53", "57", "58" -> Kind.AWAY;
            default -> Kind.REFUSED;
          };
    };
  }
}
