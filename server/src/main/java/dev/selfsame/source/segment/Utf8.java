package dev.selfsame.source.segment;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Makes any bytes valid UTF-8 without hiding where they were not. */
final class Utf8 {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;

  private Utf8() {}

  /**
   * The same bytes if they are UTF-8. Else a copy in which each byte that is not part of a
   * character has become the JSON escape of half a surrogate pair, {@code \udc80} to {@code
   * \udcff}: in an id that is refused, elsewhere it is repaired, outside of strings it is no JSON.
   * Replacing it by U+FFFD instead would make two people's broken ids one.
   */
  static byte[] valid(byte[] bytes) {
    int ascii = asciiUntil(bytes);
    return ascii == bytes.length || validFrom(bytes, ascii) ? bytes : escaped(bytes);
  }

  private static int asciiUntil(byte[] bytes) {
    int i = 0;
    while (i + 8 <= bytes.length) {
      if (((long) LONGS.get(bytes, i) & HIGH_BITS) != 0) {
        break;
      }
      i += 8;
    }
    while (i < bytes.length && bytes[i] >= 0) {
      i++;
    }
    return i;
  }

  private static boolean validFrom(byte[] bytes, int from) {
    int i = from;
    while (i < bytes.length) {
      int length = character(bytes, i);
      if (length == 0) {
        return false;
      }
      i += length;
    }
    return true;
  }

  /** How many bytes the character at {@code i} has; 0 if there is none. */
  private static int character(byte[] bytes, int i) {
    int b = bytes[i] & 0xff;
    if (b < 0x80) {
      return 1;
    }
    int left = bytes.length - i;
    if (b >= 0xC2 && b <= 0xDF) {
      return left >= 2 && follows(bytes[i + 1]) ? 2 : 0;
    }
    if (b >= 0xE0 && b <= 0xEF) {
      if (left < 3 || !follows(bytes[i + 1]) || !follows(bytes[i + 2])) {
        return 0;
      }
      int second = bytes[i + 1] & 0xff;
      boolean tooLong = b == 0xE0 && second < 0xA0;
      boolean surrogate = b == 0xED && second > 0x9F;
      return tooLong || surrogate ? 0 : 3;
    }
    if (b >= 0xF0 && b <= 0xF4) {
      if (left < 4 || !follows(bytes[i + 1]) || !follows(bytes[i + 2]) || !follows(bytes[i + 3])) {
        return 0;
      }
      int second = bytes[i + 1] & 0xff;
      boolean tooLong = b == 0xF0 && second < 0x90;
      boolean tooHigh = b == 0xF4 && second > 0x8F;
      return tooLong || tooHigh ? 0 : 4;
    }
    return 0;
  }

  private static boolean follows(byte b) {
    return (b & 0xC0) == 0x80;
  }

  private static byte[] escaped(byte[] bytes) {
    var out = new ByteSink(bytes.length + 64);
    int i = 0;
    while (i < bytes.length) {
      int length = character(bytes, i);
      if (length == 0) {
        String escape = "\\udc" + HexFormat.of().toHexDigits(bytes[i]);
        out.write(escape.getBytes(StandardCharsets.US_ASCII));
        i++;
      } else {
        out.write(bytes, i, length);
        i += length;
      }
    }
    return out.toByteArray();
  }
}
