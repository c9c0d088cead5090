package dev.selfsame.publish;

import java.sql.SQLException;

/** A failure of the place, on its way through the hub's reading. */
final class Broken extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final SQLException failure;

  Broken(SQLException failure) {
    super(failure);
    this.failure = failure;
  }

  SQLException failure() {
    return failure;
  }
}
