package dev.selfsame.source.segment;

import dev.selfsame.identity.Raw;
import java.nio.charset.StandardCharsets;

/**
 * Hashes of JSON values by what they say: the order of an object's keys, white space and ways of
 * escaping do not count. Numbers count by their literal, since a retry repeats it.
 */
final class Content {

  private static final long STRING = 0x1B873593CC9E2D51L;
  private static final long NUMBER = 0x52DCE72938495AB5L;
  private static final long ARRAY = 0x61C8864680B583EBL;
  private static final long OBJECT = 0x2545F4914F6CDD1DL;
  private static final long TRUE = 0x7FFFFFFF00000001L;
  private static final long FALSE = 0x7FFFFFFF00000002L;
  private static final long NULL = 0x7FFFFFFF00000003L;

  private Content() {}

  /**
   * The hash of the value at the cursor, which passes it. Its depth must be bounded: this recurses.
   */
  static long value(JsonCursor cursor) throws JsonCursor.Malformed {
    byte b = cursor.peek();
    int from = cursor.at;
    return switch (b) {
      case '"' -> {
        cursor.string();
        yield string(cursor);
      }
      case '{' -> {
        cursor.open('{');
        long sum = 0;
        for (boolean first = true; cursor.nextKey(first); first = false) {
          long key = string(cursor);
          sum += member(key, value(cursor));
        }
        yield object(sum);
      }
      case '[' -> {
        cursor.open('[');
        long hash = ARRAY;
        for (boolean first = true; cursor.nextItem(first); first = false) {
          hash = Xxh64.both(hash, value(cursor));
        }
        yield hash;
      }
      case 't', 'f', 'n' -> {
        cursor.skipValue();
        yield b == 't' ? TRUE : b == 'f' ? FALSE : NULL;
      }
      default -> {
        cursor.number();
        yield Xxh64.hash(cursor.in, from, cursor.at, NUMBER);
      }
    };
  }

  /** The hash of the string that the cursor has just read. */
  static long string(JsonCursor cursor) {
    if (cursor.stringEscaped) {
      return text(cursor.text());
    }
    return Xxh64.hash(cursor.in, cursor.stringFrom, cursor.stringTo, STRING);
  }

  static long text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Xxh64.hash(bytes, 0, bytes.length, STRING);
  }

  /** What one member adds to its object's sum. */
  static long member(long key, long value) {
    return Xxh64.both(key, value);
  }

  static long object(long sumOfMembers) {
    return Xxh64.both(OBJECT, sumOfMembers);
  }

  static long raw(Raw raw) {
    return switch (raw) {
      case Raw.Absent absent -> NULL;
      case Raw.Text text -> text(text.value());
      case Raw.Number number -> {
        byte[] bytes = number.literal().getBytes(StandardCharsets.US_ASCII);
        yield Xxh64.hash(bytes, 0, bytes.length, NUMBER);
      }
      case Raw.Other other -> text(other.kind()) ^ OBJECT;
    };
  }
}
