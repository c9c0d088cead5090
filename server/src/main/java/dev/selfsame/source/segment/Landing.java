package dev.selfsame.source.segment;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The traits that land as columns for SQL: named as columns, nested objects flattened with {@code
 * _}, arrays as their JSON text, at most {@link #MOST} of them, the first by name.
 */
final class Landing {

  static final int MOST = 300;

  private final ColumnNames columnNames;

  // Of the message before: most messages of a batch have the same columns, and need not have a set
  // each.
  private List<String> lastAll = List.of();
  private boolean lastAllDistinct = true;
  private List<String> lastNames = List.of();
  private Set<String> lastSet = Set.of();

  private ByteSink out = new ByteSink(256);
  private List<String> all = new ArrayList<>();
  private List<String> named = new ArrayList<>();
  private long[] origins = new long[16];
  private boolean cut;

  Landing(ColumnNames columnNames) {
    this.columnNames = columnNames;
  }

  void begin(int expected) {
    out = new ByteSink(expected + 64);
    all = new ArrayList<>();
    named = new ArrayList<>();
    cut = false;
  }

  /** Adds the trait whose key the cursor has just read, and passes its value. */
  void add(JsonCursor cursor, long keyHash) throws JsonCursor.Malformed {
    add(cursor, columnNames.of(cursor, keyHash), keyHash);
  }

  private void add(JsonCursor cursor, String name, long origin) throws JsonCursor.Malformed {
    byte b = cursor.peek();
    if (b == '{') {
      cursor.open('{');
      for (boolean first = true; cursor.nextKey(first); first = false) {
        long hash = Content.string(cursor);
        add(
            cursor,
            ColumnNames.fitting(name + "_" + columnNames.of(cursor, hash)),
            Xxh64.both(origin, hash));
      }
      return;
    }
    int from = cursor.at;
    cursor.skipValue();
    out.write(all.isEmpty() ? '{' : ',');
    // Column names are letters, digits and _: nothing in them needs escaping.
    out.write('"');
    out.write(name.getBytes(StandardCharsets.UTF_8));
    out.write('"');
    out.write(':');
    if (b == '[') {
      array(cursor.in, from, cursor.at);
    } else {
      out.write(cursor.in, from, cursor.at - from);
    }
    if (all.size() == origins.length) {
      origins = Arrays.copyOf(origins, 2 * origins.length);
    }
    origins[all.size()] = origin;
    all.add(name);
    if (b != 'n') {
      named.add(name);
    }
  }

  /** Writes an array as a string of compact JSON. */
  private void array(byte[] in, int from, int to) {
    out.write('"');
    boolean inString = false;
    for (int i = from; i < to; i++) {
      byte b = in[i];
      if (inString && b == '\\') {
        out.write('\\');
        out.write('\\');
        i++;
        if (in[i] == '"' || in[i] == '\\') {
          out.write('\\');
        }
        out.write(in[i]);
      } else if (b == '"') {
        inString = !inString;
        out.write('\\');
        out.write('"');
      } else if (inString || b > ' ' || b < 0) {
        out.write(b);
      }
    }
    out.write('"');
  }

  /** The columns as a JSON object; null when there are none. */
  byte @Nullable [] traits() {
    if (all.isEmpty()) {
      return null;
    }
    out.write('}');
    byte[] written = out.toByteArray();
    if (all.size() == 1) {
      return written;
    }
    if (!all.equals(lastAll)) {
      lastAll = all;
      lastAllDistinct = new HashSet<>(all).size() == all.size();
    }
    return all.size() <= MOST && lastAllDistinct ? written : settled(written);
  }

  /** Where a column's value came from, and the value. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Value(long origin, byte[] json) {}

  /**
   * One value a column; the first columns by name. Of the same key sent twice the last counts, as
   * in jsonb; of two keys that make the same column one, whatever their order, so that a replay
   * finds the same.
   */
  private byte[] settled(byte[] written) {
    Map<String, Value> values = new TreeMap<>();
    var cursor = new JsonCursor(written, 0, written.length);
    try {
      cursor.open('{');
      for (int i = 0; cursor.nextKey(i == 0); i++) {
        String name = cursor.text();
        int from = cursor.at;
        cursor.skipValue();
        var value = new Value(origins[i], Arrays.copyOfRange(written, from, cursor.at));
        values.merge(name, value, (old, next) -> next.origin() >= old.origin() ? next : old);
      }
    } catch (JsonCursor.Malformed e) {
      throw new IllegalStateException("It was written here. Indicates a bug.", e);
    }
    cut = values.size() > MOST;
    var kept = new ByteSink(written.length);
    named = new ArrayList<>();
    int count = 0;
    for (Map.Entry<String, Value> column : values.entrySet()) {
      if (count == MOST) {
        break;
      }
      kept.write(count++ == 0 ? '{' : ',');
      kept.write('"');
      kept.write(column.getKey().getBytes(StandardCharsets.UTF_8));
      kept.write('"');
      kept.write(':');
      kept.write(column.getValue().json());
      if (column.getValue().json()[0] != 'n') {
        named.add(column.getKey());
      }
    }
    kept.write('}');
    return kept.toByteArray();
  }

  /**
   * The columns that have a value; asked for after {@link #traits}. One that is null clears and
   * needs no column.
   */
  Set<String> names() {
    if (!named.equals(lastNames)) {
      lastNames = named;
      lastSet = Set.copyOf(named);
    }
    return lastSet;
  }

  /** Whether there were more than {@link #MOST}; asked for after {@link #traits}. */
  boolean wasCut() {
    return cut;
  }
}
