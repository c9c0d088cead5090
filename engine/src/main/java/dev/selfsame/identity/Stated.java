package dev.selfsame.identity;

/**
 * A value that some claim stated of a user, with what the rules of precedence (G4, G5) need to know
 * of it.
 */
public sealed interface Stated permits Field, Held {

  /** As it is compared. */
  String value();

  /** Event time, microseconds since 1970 UTC. */
  long at();

  /** Ledger position of the claim that set it. */
  long position();

  /** The number of the source that stated it. */
  int source();

  /**
   * Set by a billing or record claim, which fills gaps and never outranks the other channels (G5).
   */
  boolean weak();

  /**
   * G4 and G5: whether this value, arriving where {@code shown} stands, takes its place. Equal
   * times: the later in the ledger.
   */
  default boolean outranks(Stated shown) {
    if (weak() != shown.weak()) {
      return !weak();
    }
    return later(shown);
  }

  /** G4 alone: whether this was said later. Equal times: the later in the ledger. */
  default boolean later(Stated other) {
    return at() != other.at() ? at() > other.at() : position() >= other.position();
  }
}
