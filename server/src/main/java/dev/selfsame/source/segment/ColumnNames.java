package dev.selfsame.source.segment;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What a trait's column is called in a warehouse, as Segment calls it: snake_case of letters and
 * digits. A name that is longer than PostgreSQL takes is cut, and keeps apart from its likes by a
 * hash.
 */
final class ColumnNames {

  /** PostgreSQL's bound for a name, in bytes. */
  static final int LONGEST = 63;

  private static final int REMEMBERED = 4_096;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Known(byte[] key, String name) {}

  private final AtomicReferenceArray<Known> known = new AtomicReferenceArray<>(REMEMBERED);

  /**
   * The column's name for the key whose text the cursor has just read.
   *
   * @param hash of the key's bytes
   */
  String of(JsonCursor cursor, long hash) {
    if (cursor.stringEscaped) {
      return snakeCase(cursor.text());
    }
    int slot = (int) (hash & (REMEMBERED - 1));
    Known found = known.get(slot);
    if (found != null
        && Arrays.equals(
            cursor.in, cursor.stringFrom, cursor.stringTo, found.key(), 0, found.key().length)) {
      return found.name();
    }
    byte[] key = Arrays.copyOfRange(cursor.in, cursor.stringFrom, cursor.stringTo);
    String name = snakeCase(new String(key, StandardCharsets.UTF_8));
    if (key.length <= 2 * LONGEST) {
      known.set(slot, new Known(key, name));
    }
    return name;
  }

  static String snakeCase(String name) {
    var snake = new StringBuilder(name.length() + 8);
    boolean gap = false;
    int before = 0;
    for (int i = 0; i < name.length(); ) {
      int c = name.codePointAt(i);
      i += Character.charCount(c);
      if (!Character.isLetterOrDigit(c)) {
        gap = true;
        before = 0;
        continue;
      }
      boolean startsWord =
          Character.isUpperCase(c)
              && before != 0
              && (!Character.isUpperCase(before)
                  || (i < name.length() && Character.isLowerCase(name.codePointAt(i))));
      if ((gap || startsWord) && !snake.isEmpty()) {
        snake.append('_');
      }
      gap = false;
      before = c;
      snake.appendCodePoint(Character.toLowerCase(c));
    }
    if (snake.isEmpty()) {
      return "_" + hash(name);
    }
    if (Character.isDigit(snake.charAt(0))) {
      snake.insert(0, '_');
    }
    return fitting(snake.toString().toLowerCase(Locale.ROOT));
  }

  /** The name if it is short enough, else its beginning and a hash of the whole. */
  static String fitting(String name) {
    if (name.length() * 3 <= LONGEST || name.getBytes(StandardCharsets.UTF_8).length <= LONGEST) {
      return name;
    }
    int keep = name.length();
    int room = LONGEST - 9;
    while (name.substring(0, keep).getBytes(StandardCharsets.UTF_8).length > room) {
      keep--;
    }
    if (Character.isHighSurrogate(name.charAt(keep - 1))) {
      keep--;
    }
    return name.substring(0, keep) + "_" + hash(name);
  }

  private static String hash(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().toHexDigits((int) Xxh64.hash(bytes, 0, bytes.length, 0));
  }
}
