package dev.selfsame.source.warehouse;

import java.nio.ByteBuffer;

/**
 * Notices rows of one result that have the same name (V9): an open table of hashes. Of a result
 * with more rows than it holds it notices those among the first.
 */
final class Repeats {

  private static final int MOST = 1 << 22;

  private long[] table = new long[1 << 12];
  private int size;

  /** Whether the name came before; it is remembered. */
  boolean again(byte[] name) {
    // Zero is an empty place.
    long hash = ByteBuffer.wrap(name).getLong() | 1L;
    int at = place(table, hash);
    if (table[at] == hash) {
      return true;
    }
    if (size < MOST) {
      table[at] = hash;
      size++;
      if (size * 2 > table.length) {
        grow();
      }
    }
    return false;
  }

  private static int place(long[] table, long hash) {
    int mask = table.length - 1;
    int at = (int) (hash >>> 17) & mask;
    while (table[at] != 0 && table[at] != hash) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void grow() {
    long[] larger = new long[table.length * 2];
    for (long hash : table) {
      if (hash != 0) {
        larger[place(larger, hash)] = hash;
      }
    }
    table = larger;
  }
}
