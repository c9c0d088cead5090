package dev.selfsame.source.segment;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads JSON strictly (RFC 8259) over bytes that are valid UTF-8, and knows where everything
 * stands, so that a part can be kept as it was sent.
 *
 * <p>It is here because the Tracking API needs what a general parser does not give at once: byte
 * offsets, exact number literals, values of any depth skipped in constant memory (so that one
 * absurd event in a batch costs its mates nothing), and a note of what PostgreSQL's jsonb will not
 * take: NUL, half a surrogate pair, a number out of range ({@link #unclean}).
 */
final class JsonCursor {

  /** The input is not JSON. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message, null, false, false);
    }
  }

  /** Longer number literals, or exponents beyond it, are no numbers to most of the world. */
  private static final int NUMBER_LIMIT = 1_000;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long SPACES = 0x2020202020202020L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  final byte[] in;
  final int end;
  int at;

  /** Something was passed that jsonb does not take. Set, never cleared, by the cursor. */
  boolean unclean;

  /** The deepest nesting that {@link #skipValue} met since it was set to 0. */
  int deepest;

  /** The last string's content, between its quotes. */
  int stringFrom;

  int stringTo;
  boolean stringEscaped;

  /** Where the last key's opening quote stands. */
  int keyAt;

  private long[] open = new long[2];

  JsonCursor(byte[] in, int from, int end) {
    this.in = in;
    this.at = from;
    this.end = end;
  }

  /** The next byte that is not white space, without passing it; 0 at the end. */
  byte peek() {
    while (at < end) {
      byte b = in[at];
      if (b > ' ' || b < 0) {
        return b;
      }
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return b;
      }
      at++;
    }
    return 0;
  }

  void open(char bracket) throws Malformed {
    if (peek() != bracket) {
      throw malformed();
    }
    at++;
  }

  /** In an object: moves to the next key's value; or past the end of the object, and says false. */
  boolean nextKey(boolean first) throws Malformed {
    if (!next('}', first)) {
      return false;
    }
    peek();
    keyAt = at;
    key();
    return true;
  }

  /** Past the comma before what comes next; or past the closing bracket, and false. */
  private boolean next(char close, boolean first) throws Malformed {
    byte b = peek();
    if (b == close) {
      at++;
      return false;
    }
    if (!first) {
      if (b != ',') {
        throw malformed();
      }
      at++;
    }
    return true;
  }

  private void key() throws Malformed {
    string();
    if (peek() != ':') {
      throw malformed();
    }
    at++;
  }

  /** In an array: moves to the next item; or past the end of the array, and says false. */
  boolean nextItem(boolean first) throws Malformed {
    if (!next(']', first)) {
      return false;
    }
    if (!first && peek() == ']') {
      throw malformed();
    }
    return true;
  }

  /** Passes a string and notes where its content is. */
  void string() throws Malformed {
    if (at >= end || in[at] != '"') {
      throw malformed();
    }
    int i = at + 1;
    stringFrom = i;
    stringEscaped = false;
    while (i < end) {
      if (i + 8 <= end) {
        int plain = plainBytes((long) LONGS.get(in, i));
        i += plain;
        if (plain == 8) {
          continue;
        }
      }
      byte b = in[i];
      if (b == '"') {
        stringTo = i;
        at = i + 1;
        return;
      }
      if (b == '\\') {
        stringEscaped = true;
        i = escape(i);
      } else if (b >= 0 && b < ' ') {
        at = i;
        throw malformed();
      } else {
        i++;
      }
    }
    at = end;
    throw malformed();
  }

  /**
   * How many of eight bytes, from the first on, are neither a quote, nor a backslash, nor a control
   * character.
   */
  private static int plainBytes(long eight) {
    long quote = eight ^ 0x2222222222222222L;
    long backslash = eight ^ 0x5C5C5C5C5C5C5C5CL;
    // Each byte that is sought has its high bit set; above the first of them a borrow may set
    // others.
    long sought =
        (((quote - ONES) & ~quote)
                | ((backslash - ONES) & ~backslash)
                | ((eight - SPACES) & ~eight))
            & HIGH_BITS;
    return sought == 0 ? 8 : Long.numberOfTrailingZeros(sought) >>> 3;
  }

  /** Passes the escape that begins at {@code i}; a surrogate pair as one. */
  private int escape(int i) throws Malformed {
    if (i + 1 >= end) {
      at = end;
      throw malformed();
    }
    return switch (in[i + 1]) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> i + 2;
      case 'u' -> {
        int unit = unit(i);
        if (unit == 0) {
          unclean = true;
        } else if (unit >= 0xD800 && unit <= 0xDFFF) {
          boolean paired =
              unit < 0xDC00
                  && i + 11 < end
                  && in[i + 6] == '\\'
                  && in[i + 7] == 'u'
                  && (unit(i + 6) & 0xFC00) == 0xDC00;
          if (paired) {
            yield i + 12;
          }
          unclean = true;
        }
        yield i + 6;
      }
      default -> {
        at = i;
        throw malformed();
      }
    };
  }

  private int unit(int i) throws Malformed {
    if (i + 5 >= end) {
      at = end;
      throw malformed();
    }
    int unit = 0;
    for (int j = i + 2; j < i + 6; j++) {
      int digit = Character.digit(in[j], 16);
      if (digit < 0) {
        at = j;
        throw malformed();
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }

  /** The last string, decoded; half a surrogate pair stays what it is. */
  String text() {
    return stringEscaped
        ? decoded(stringFrom, stringTo)
        : new String(in, stringFrom, stringTo - stringFrom, StandardCharsets.UTF_8);
  }

  /** Whether the last string, as decoded, is this plain ASCII one. */
  boolean textIs(String ascii) {
    if (stringEscaped) {
      return text().equals(ascii);
    }
    int length = ascii.length();
    if (stringTo - stringFrom != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (in[stringFrom + i] != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private String decoded(int from, int to) {
    var text = new StringBuilder(to - from);
    int plainFrom = from;
    int i = from;
    while (i < to) {
      if (in[i] != '\\') {
        i++;
        continue;
      }
      text.append(new String(in, plainFrom, i - plainFrom, StandardCharsets.UTF_8));
      switch (in[i + 1]) {
        case 'b' -> text.append('\b');
        case 'f' -> text.append('\f');
        case 'n' -> text.append('\n');
        case 'r' -> text.append('\r');
        case 't' -> text.append('\t');
        case 'u' -> {
          text.append(
              (char) Integer.parseInt(new String(in, i + 2, 4, StandardCharsets.US_ASCII), 16));
          i += 4;
        }
        default -> text.append((char) in[i + 1]);
      }
      i += 2;
      plainFrom = i;
    }
    return text.append(new String(in, plainFrom, to - plainFrom, StandardCharsets.UTF_8))
        .toString();
  }

  /** Whether a text is a number by itself. */
  static boolean isNumber(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    var cursor = new JsonCursor(bytes, 0, bytes.length);
    try {
      cursor.number();
    } catch (Malformed e) {
      return false;
    }
    return cursor.at == cursor.end;
  }

  /** Passes a number. */
  void number() throws Malformed {
    int from = at;
    if (at < end && in[at] == '-') {
      at++;
    }
    if (at < end && in[at] == '0') {
      at++;
    } else {
      digits();
    }
    if (at < end && in[at] == '.') {
      at++;
      digits();
    }
    if (at < end && (in[at] | 0x20) == 'e') {
      at++;
      if (at < end && (in[at] == '+' || in[at] == '-')) {
        at++;
      }
      int exponentFrom = at;
      digits();
      if (exponent(exponentFrom) > NUMBER_LIMIT) {
        unclean = true;
      }
    }
    if (at - from > NUMBER_LIMIT) {
      unclean = true;
    }
  }

  private void digits() throws Malformed {
    int from = at;
    while (at < end && in[at] >= '0' && in[at] <= '9') {
      at++;
    }
    if (at == from) {
      throw malformed();
    }
  }

  private int exponent(int from) {
    int value = 0;
    for (int i = from; i < at && value <= NUMBER_LIMIT; i++) {
      value = value * 10 + in[i] - '0';
    }
    return value;
  }

  /** Passes a value of any kind and depth. */
  void skipValue() throws Malformed {
    int depth = 0;
    while (true) {
      boolean closed = true;
      byte b = peek();
      switch (b) {
        case '"' -> string();
        case '{' -> {
          at++;
          if (peek() == '}') {
            at++;
          } else {
            depth = push(depth, true);
            key();
            closed = false;
          }
        }
        case '[' -> {
          at++;
          if (peek() == ']') {
            at++;
          } else {
            depth = push(depth, false);
            closed = false;
          }
        }
        case 't' -> literal("true");
        case 'f' -> literal("false");
        case 'n' -> literal("null");
        default -> number();
      }
      while (closed) {
        if (depth == 0) {
          return;
        }
        boolean object = (open[(depth - 1) >> 6] >>> (depth - 1) & 1) == 1;
        b = peek();
        if (b == ',') {
          at++;
          if (object) {
            peek();
            key();
          }
          closed = false;
        } else if (b == (object ? '}' : ']')) {
          at++;
          depth--;
        } else {
          throw malformed();
        }
      }
    }
  }

  private int push(int depth, boolean object) {
    int word = depth >> 6;
    if (word == open.length) {
      open = Arrays.copyOf(open, 2 * word);
    }
    long bit = 1L << depth;
    open[word] = object ? open[word] | bit : open[word] & ~bit;
    deepest = Math.max(deepest, depth + 1);
    return depth + 1;
  }

  private void literal(String word) throws Malformed {
    for (int i = 0; i < word.length(); i++, at++) {
      if (at >= end || in[at] != word.charAt(i)) {
        throw malformed();
      }
    }
  }

  Malformed malformed() {
    if (at >= end) {
      return new Malformed("The JSON ends too early, at byte " + end + ".");
    }
    byte b = in[at];
    String what = b > ' ' && b < 127 ? "\"" + (char) b + "\"" : "byte 0x%02x".formatted(b);
    return new Malformed("The JSON is malformed: unexpected %s at byte %d.".formatted(what, at));
  }
}
