package dev.selfsame.source.segment;

import java.nio.charset.StandardCharsets;

/**
 * Makes of JSON what jsonb takes: a NUL or half a surrogate pair becomes U+FFFD, a number out of
 * range becomes its text. The rest stays byte for byte.
 */
final class Repair {

  private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

  private final JsonCursor cursor;
  private final ByteSink out;
  private int copied;

  private Repair(JsonCursor cursor) {
    this.cursor = cursor;
    this.out = new ByteSink(cursor.end - cursor.at + 32);
    this.copied = cursor.at;
  }

  /** The value that stands there, which has been read before, repaired. */
  static byte[] value(byte[] in, int from, int to) {
    var repair = new Repair(new JsonCursor(in, from, to));
    try {
      repair.run();
    } catch (JsonCursor.Malformed e) {
      throw new IllegalStateException("It has been read before. Indicates a bug.", e);
    }
    return repair.out.toByteArray();
  }

  /** Strings and numbers are all there is to look at, in whatever order brackets put them. */
  private void run() throws JsonCursor.Malformed {
    while (cursor.at < cursor.end) {
      byte b = cursor.in[cursor.at];
      if (b == '"') {
        string();
      } else if (b == '-' || (b >= '0' && b <= '9')) {
        number();
      } else {
        cursor.at++;
      }
    }
    copyTo(cursor.end);
  }

  private void number() throws JsonCursor.Malformed {
    int from = cursor.at;
    cursor.unclean = false;
    cursor.number();
    if (cursor.unclean) {
      copyTo(from);
      out.write('"');
      copyTo(cursor.at);
      out.write('"');
    }
  }

  private void string() throws JsonCursor.Malformed {
    cursor.unclean = false;
    cursor.string();
    if (!cursor.unclean) {
      return;
    }
    int i = cursor.stringFrom;
    while (i < cursor.stringTo) {
      if (cursor.in[i] != '\\') {
        i++;
      } else if (cursor.in[i + 1] != 'u') {
        i += 2;
      } else {
        int unit = unit(i);
        boolean pair =
            Character.isHighSurrogate((char) unit)
                && i + 12 <= cursor.stringTo
                && cursor.in[i + 6] == '\\'
                && cursor.in[i + 7] == 'u'
                && Character.isLowSurrogate((char) unit(i + 6));
        if (!pair && (unit == 0 || Character.isSurrogate((char) unit))) {
          copyTo(i);
          out.write(REPLACEMENT);
          copied = i + 6;
        }
        i += pair ? 12 : 6;
      }
    }
  }

  private int unit(int i) {
    return Integer.parseInt(new String(cursor.in, i + 2, 4, StandardCharsets.US_ASCII), 16);
  }

  private void copyTo(int to) {
    out.write(cursor.in, copied, to - copied);
    copied = to;
  }

  /** The same for text that is already decoded. */
  static String text(String text) {
    StringBuilder repaired = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        i++;
      } else if (c == 0 || Character.isSurrogate(c)) {
        if (repaired == null) {
          repaired = new StringBuilder(text);
        }
        repaired.setCharAt(i, '\uFFFD');
      }
    }
    return repaired == null ? text : repaired.toString();
  }
}
