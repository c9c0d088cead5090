package dev.selfsame.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows in PostgreSQL's binary COPY format, gathered in memory, without the stream's head and end.
 */
final class BinaryRows {

  /** What a binary COPY stream begins with. */
  static final byte[] HEAD = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  /** What it ends with. */
  static final byte[] END = {(byte) 0xff, (byte) 0xff};

  private byte[] bytes = new byte[1 << 20];
  private int size;

  int size() {
    return size;
  }

  byte[] take() {
    byte[] taken = Arrays.copyOf(bytes, size);
    size = 0;
    return taken;
  }

  /** Starts a row; as many values must follow. */
  BinaryRows row(int columns) {
    put(columns, 2);
    return this;
  }

  BinaryRows nulls(int count) {
    for (int i = 0; i < count; i++) {
      put(-1, 4);
    }
    return this;
  }

  BinaryRows int2(int value) {
    put(2, 4);
    put(value, 2);
    return this;
  }

  BinaryRows int4(int value) {
    put(4, 4);
    put(value, 4);
    return this;
  }

  BinaryRows int8(long value) {
    put(8, 4);
    put(value, 8);
    return this;
  }

  BinaryRows bool(boolean value) {
    put(1, 4);
    put(value ? 1 : 0, 1);
    return this;
  }

  BinaryRows uuid(UUID value) {
    put(16, 4);
    put(value.getMostSignificantBits(), 8);
    put(value.getLeastSignificantBits(), 8);
    return this;
  }

  BinaryRows text(@Nullable CharSequence value) {
    if (value == null) {
      return nulls(1);
    }
    byte[] utf8 = value.toString().getBytes(StandardCharsets.UTF_8);
    put(utf8.length, 4);
    raw(utf8);
    return this;
  }

  BinaryRows jsonb(@Nullable CharSequence value) {
    if (value == null) {
      return nulls(1);
    }
    byte[] utf8 = value.toString().getBytes(StandardCharsets.UTF_8);
    put(utf8.length + 1, 4);
    put(1, 1);
    raw(utf8);
    return this;
  }

  BinaryRows uuids(UUID... values) {
    put(20 + 20L * values.length, 4);
    arrayHead(2_950, values.length);
    for (UUID value : values) {
      uuid(value);
    }
    return this;
  }

  BinaryRows texts(String... values) {
    int bytes = 0;
    for (String value : values) {
      bytes += value.getBytes(StandardCharsets.UTF_8).length;
    }
    put(20 + 4L * values.length + bytes, 4);
    arrayHead(25, values.length);
    for (String value : values) {
      text(value);
    }
    return this;
  }

  /** One dimension that starts at 1, without nulls. */
  private void arrayHead(int type, int count) {
    put(1, 4);
    put(0, 4);
    put(type, 4);
    put(count, 4);
    put(1, 4);
  }

  private void raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
  }

  private void put(long value, int length) {
    room(length);
    for (int shift = (length - 1) * 8; shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
