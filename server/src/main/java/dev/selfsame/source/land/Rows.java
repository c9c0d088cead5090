package dev.selfsame.source.land;

import java.io.Closeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of files or of a query, read once and in order. Every failure while reading is a {@link
 * dev.selfsame.error.Failure} that names the file and the line.
 */
interface Rows extends Closeable {

  /**
   * One row.
   *
   * @param cells by position in {@link Rows#columns()}; may be shorter than that; null where the
   *     row has no value
   * @param place where it stands, for people: {@code members.csv, line 12}. Made only when asked
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares rows.
  record Row(@Nullable Cell[] cells, Place place) {}

  /** Where a row stands. */
  interface Place {
    @Override
    String toString();
  }

  /**
   * The columns seen so far, as the source names them; later rows may add some at the end. Each
   * name once.
   */
  List<String> columns();

  /** The next row; null after the last. */
  @Nullable Row next();

  /** How much was read, in the unit of {@link #size()}. */
  long read();

  /** How much there is to read: bytes of files; 0 where nobody knows, as of a query. */
  long size();
}
