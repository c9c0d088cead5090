package dev.selfsame.identity;

import org.jspecify.annotations.Nullable;

/**
 * A value as a source sent it, before it is normalised: text, or a JSON value of another type, or
 * nothing at all.
 */
public sealed interface Raw {

  Raw ABSENT = new Absent();

  /** Not sent, or sent as null. */
  record Absent() implements Raw {}

  record Text(String value) implements Raw {}

  /** A JSON number by its literal text, so that a long integer keeps every digit. */
  @SuppressWarnings("AvoidCommonTypeNames") // never used without Raw before it
  record Number(String literal) implements Raw {}

  /** A boolean, an array or an object. */
  record Other(String kind) implements Raw {}

  static Raw text(@Nullable String value) {
    return value == null ? ABSENT : new Text(value);
  }
}
