package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Progress at which a transfer ends when somebody has asked for that. Thread-safe. */
final class StoppableProgress implements TransferProgress {

  private final TransferProgress told;
  private volatile @Nullable Connection working;
  private volatile boolean stopped;

  StoppableProgress(TransferProgress told) {
    this.told = told;
  }

  /** Whose statement is to end too; null: none any more. */
  void working(@Nullable Connection connection) {
    working = connection;
  }

  boolean stopped() {
    return stopped;
  }

  void stop() {
    stopped = true;
    Connection now = working;
    if (now != null) {
      try {
        now.unwrap(PGConnection.class).cancelQuery();
      } catch (SQLException e) {
        // It has ended by itself.
        return;
      }
    }
  }

  static Failure failure() {
    return new Failure(Problem.STOPPED, "Stopped before the end, as asked; nothing is half done.");
  }

  @Override
  public void step(String what, Unit unit, long of) {
    check();
    told.step(what, unit, of);
  }

  @Override
  public void at(long done) {
    check();
    told.at(done);
  }

  private void check() {
    if (stopped) {
      throw failure();
    }
  }
}
