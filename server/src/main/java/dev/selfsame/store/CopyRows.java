package dev.selfsame.store;

/** Rows in PostgreSQL's binary COPY format, gathered in memory. */
final class CopyRows extends BinaryValues {

  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  /** How long the stream's head is: signature, flags and no extension. */
  static final int HEAD_BYTES = SIGNATURE.length;

  private static final int HEAD = 64;
  private static final int END = -1;

  private int rows;

  /**
   * @param rows that will come
   * @param rowBytes how long a row is, about
   */
  CopyRows(int rows, int rowBytes) {
    super(HEAD + rows * rowBytes);
    put(SIGNATURE, SIGNATURE.length);
  }

  int rows() {
    return rows;
  }

  /** Starts a row of that many values; as many must be added. */
  void row(int columns) {
    rows++;
    putShort(columns);
  }

  /** Ends the stream; nothing may be added any more. */
  void finish() {
    putShort(END);
  }
}
