package dev.selfsame.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * Rows of one table as a binary COPY gave them, in memory, cut into pieces of about the same number
 * of rows.
 */
final class Captured {

  private final String table;
  private final List<byte[]> pieces;
  private final long rows;

  private Captured(String table, List<byte[]> pieces, long rows) {
    this.table = table;
    this.pieces = pieces;
    this.rows = rows;
  }

  /**
   * Reads the rows of a query.
   *
   * @param table the name, without schema, of the table that they are for
   * @param expected how many they will be, to cut them
   */
  static Captured of(Connection connection, String table, String query, long expected, int pieces)
      throws SQLException {
    long each = Math.max(1, (expected + pieces - 1) / pieces);
    List<byte[]> cut = new ArrayList<>();
    BinaryPiece piece = new BinaryPiece();
    long rows = 0;
    CopyOut copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("COPY (" + query + ") TO STDOUT (FORMAT binary)");
    boolean first = true;
    for (byte[] message = copy.readFromCopy(); message != null; message = copy.readFromCopy()) {
      int from = first ? BinaryRows.HEAD.length : 0;
      first = false;
      // PostgreSQL sends a message a row, the stream's head before the first, its end alone.
      if (message.length - from <= BinaryRows.END.length) {
        continue;
      }
      piece.add(message, from);
      if (++rows % each == 0) {
        cut.add(piece.take());
      }
    }
    if (piece.size > 0) {
      cut.add(piece.take());
    }
    return new Captured(table, cut, rows);
  }

  private static final class BinaryPiece {
    private byte[] bytes = new byte[1 << 16];
    private int size;

    void add(byte[] message, int from) {
      int more = message.length - from;
      if (size + more > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
      }
      System.arraycopy(message, from, bytes, size, more);
      size += more;
    }

    byte[] take() {
      byte[] taken = Arrays.copyOf(bytes, size);
      size = 0;
      return taken;
    }
  }

  long rows() {
    return rows;
  }

  int pieces() {
    return pieces.size();
  }

  /** Copies pieces into the table's clone in the schema; the caller commits. */
  void copyInto(Connection connection, String schema, int from, int to) throws SQLException {
    int end = Math.min(to, pieces.size());
    if (from >= end) {
      return;
    }
    CopyIn copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY %s.%s FROM STDIN (FORMAT binary)".formatted(schema, table));
    copy.writeToCopy(BinaryRows.HEAD, 0, BinaryRows.HEAD.length);
    for (byte[] piece : pieces.subList(from, end)) {
      copy.writeToCopy(piece, 0, piece.length);
    }
    copy.writeToCopy(BinaryRows.END, 0, BinaryRows.END.length);
    copy.endCopy();
  }
}
