package dev.selfsame.source.land;

/**
 * One value of a row on its way in, as its source wrote it.
 *
 * @param kind what the source says that it is
 * @param text never empty; numbers as they were written, booleans as true or false, times as
 *     ISO-8601 with offset
 */
record Cell(Kind kind, String text) {

  /** What a source says of its values. */
  enum Kind {
    /** The source has no types, as a CSV file: what it is, all values of the column tell. */
    UNTYPED,
    TEXT,
    BOOLEAN,
    INTEGER,
    DECIMAL,
    TIME
  }
}
