package dev.selfsame.source.segment;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The XXH64 hash: fast, well spread, the same on every machine. Not for secrets. */
final class Xxh64 {

  private static final long P1 = 0x9E3779B185EBCA87L;
  private static final long P2 = 0xC2B2AE3D27D4EB4FL;
  private static final long P3 = 0x165667B19E3779F9L;
  private static final long P4 = 0x85EBCA77C2B2AE63L;
  private static final long P5 = 0x27D4EB2F165667C5L;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private Xxh64() {}

  static long hash(byte[] in, int from, int to, long seed) {
    int length = to - from;
    int i = from;
    long h;
    if (length >= 32) {
      long v1 = seed + P1 + P2;
      long v2 = seed + P2;
      long v3 = seed;
      long v4 = seed - P1;
      do {
        v1 = round(v1, (long) LONGS.get(in, i));
        v2 = round(v2, (long) LONGS.get(in, i + 8));
        v3 = round(v3, (long) LONGS.get(in, i + 16));
        v4 = round(v4, (long) LONGS.get(in, i + 24));
        i += 32;
      } while (i <= to - 32);
      h =
          Long.rotateLeft(v1, 1)
              + Long.rotateLeft(v2, 7)
              + Long.rotateLeft(v3, 12)
              + Long.rotateLeft(v4, 18);
      h = (h ^ round(0, v1)) * P1 + P4;
      h = (h ^ round(0, v2)) * P1 + P4;
      h = (h ^ round(0, v3)) * P1 + P4;
      h = (h ^ round(0, v4)) * P1 + P4;
    } else {
      h = seed + P5;
    }
    h += length;
    while (i + 8 <= to) {
      h = Long.rotateLeft(h ^ round(0, (long) LONGS.get(in, i)), 27) * P1 + P4;
      i += 8;
    }
    if (i + 4 <= to) {
      h = Long.rotateLeft(h ^ ((int) INTS.get(in, i) & 0xFFFFFFFFL) * P1, 23) * P2 + P3;
      i += 4;
    }
    while (i < to) {
      h = Long.rotateLeft(h ^ (in[i] & 0xFF) * P5, 11) * P1;
      i++;
    }
    return mix(h);
  }

  /** Two hashes as one; the order counts. */
  static long both(long a, long b) {
    return mix(round(a, b));
  }

  static long mix(long hash) {
    long h = hash;
    h ^= h >>> 33;
    h *= P2;
    h ^= h >>> 29;
    h *= P3;
    return h ^ h >>> 32;
  }

  private static long round(long acc, long input) {
    return Long.rotateLeft(acc + input * P2, 31) * P1;
  }
}
