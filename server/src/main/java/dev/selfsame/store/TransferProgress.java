package dev.selfsame.store;

/** Is told how far a backup or a restore has come. */
public interface TransferProgress {

  /** What a step counts. */
  enum Unit {
    ROWS,
    BYTES,
    PIECES
  }

  /**
   * A step begins.
   *
   * @param what in words for a person, such as "Reading"
   * @param of how much there is to do
   */
  void step(String what, Unit unit, long of);

  /** So much of the step is done; called often. */
  void at(long done);
}
