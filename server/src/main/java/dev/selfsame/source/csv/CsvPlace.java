package dev.selfsame.source.csv;

/** Where in a file something is wrong: the cause that a failure of the file carries. */
final class CsvPlace extends Exception {

  private static final long serialVersionUID = 1L;

  private final long line;
  private final long column;

  /**
   * @param line from 1, the header
   * @param column from 1; of text that is none, the character in its line
   */
  CsvPlace(long line, long column) {
    super("line %d, column %d".formatted(line, column), null, false, false);
    this.line = line;
    this.column = column;
  }

  long line() {
    return line;
  }

  long column() {
    return column;
  }
}
