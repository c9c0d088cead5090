package dev.selfsame.identity;

/** What normalising made of a raw value. */
public sealed interface Normalised {

  /**
   * A usable value.
   *
   * @param display what was sent, trimmed: shown to people where it differs from the value
   */
  record Value(String value, String display) implements Normalised {}

  /** Not sent, null or blank. */
  record Absent() implements Normalised {}

  /** On the space's list of values that never identify anyone. */
  record Blocked() implements Normalised {}

  /** Unusable for a named reason. */
  record Malformed(Cause cause) implements Normalised {}

  /** Why a value is malformed. */
  enum Cause {
    NOT_TEXT,
    TOO_LONG,
    /** A NUL or a lone surrogate. */
    BROKEN_TEXT,
    NO_AT_SIGN
  }
}
