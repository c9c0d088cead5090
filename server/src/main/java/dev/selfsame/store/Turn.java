package dev.selfsame.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The right to run something, alone among all servers: an advisory lock on a connection of its own,
 * so that it ends with the program at the latest.
 */
public final class Turn implements AutoCloseable {
  private static final int ANSWERS_WITHIN_SECONDS = 10;

  private final Connection connection;

  private Turn(Connection connection) {
    this.connection = connection;
  }

  /**
   * Takes it; null: somebody has it.
   *
   * @param name of the connection
   * @param locks of what kind of thing
   * @param which of them, by a text
   * @throws dev.selfsame.error.Failure if the database is away
   */
  static @Nullable Turn take(Database database, String name, int locks, String which) {
    return take(database, name, "SELECT pg_try_advisory_lock(?, hashtext(?))", locks, which);
  }

  /** The same, by a number. */
  static @Nullable Turn take(Database database, String name, int locks, int which) {
    return take(database, name, "SELECT pg_try_advisory_lock(?, ?)", locks, which);
  }

  private static @Nullable Turn take(
      Database database, String name, String sql, int locks, Object which) {
    try {
      Connection connection = database.plain(name);
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setInt(1, locks);
        statement.setObject(2, which);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          if (row.getBoolean(1)) {
            return new Turn(connection);
          }
        }
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
      connection.close();
      return null;
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  /** Whether it still is: the lock goes with its connection. Asks the database. */
  public boolean isHeld() {
    try {
      return connection.isValid(ANSWERS_WITHIN_SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // The lock went with the connection.
      return;
    }
  }
}
