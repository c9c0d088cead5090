package dev.selfsame.source.land;

import java.io.StringReader;
import java.util.Set;

/** Where rows come from; opened when the table that they are to land in is known. */
public final class RowSource {

  private interface Opening {
    Rows open(Set<String> whole);
  }

  private final String name;
  private final Opening opening;

  private RowSource(String name, Opening opening) {
    this.name = name;
    this.opening = opening;
  }

  /**
   * Rows in memory.
   *
   * @param name what messages call them
   * @param lines JSON objects, one a line
   */
  public static RowSource lines(String name, String lines) {
    return new RowSource(name, whole -> new JsonRows(name, new StringReader(lines), whole));
  }

  /** What people call it. */
  public String name() {
    return name;
  }

  /**
   * Opens them, to be read once.
   *
   * @param whole columns, by their table's names, in which an object stays one value: its JSON text
   */
  Rows open(Set<String> whole) {
    return opening.open(whole);
  }
}
