package dev.selfsame.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Gathers values in PostgreSQL's binary form, each behind its length. The fields of a COPY's rows
 * and the elements of an array look the same.
 */
abstract sealed class BinaryValues permits CopyRows, ArrayParameter {

  /** The types of column that the store writes, and what PostgreSQL numbers them. */
  enum Type {
    BOOL(16),
    INT2(21),
    INT4(23),
    INT8(20),
    TEXT(25),
    UUID(2950),
    JSONB(3802);

    private final int oid;

    Type(int oid) {
      this.oid = oid;
    }

    int oid() {
      return oid;
    }
  }

  private static final int NULL = -1;
  private static final int JSONB_VERSION = 1;

  private byte[] bytes;
  private int size;

  /**
   * @param expected so many bytes will be gathered, or somewhat more
   */
  BinaryValues(int expected) {
    bytes = new byte[expected];
  }

  final void addNull() {
    putInt(NULL);
  }

  final void add(boolean value) {
    putInt(1);
    putByte(value ? 1 : 0);
  }

  final void addInt2(int value) {
    putInt(2);
    putShort(value);
  }

  final void addInt4(int value) {
    putInt(4);
    putInt(value);
  }

  final void add(long value) {
    putInt(8);
    putLong(value);
  }

  final void add(@Nullable Long value) {
    if (value == null) {
      addNull();
    } else {
      add(value.longValue());
    }
  }

  final void add(@Nullable String value) {
    addText(value == null ? null : value.getBytes(StandardCharsets.UTF_8));
  }

  /** Text that is UTF-8 already. */
  final void addText(byte @Nullable [] utf8) {
    if (utf8 == null) {
      addNull();
    } else {
      putInt(utf8.length);
      put(utf8, utf8.length);
    }
  }

  final void add(@Nullable UUID value) {
    if (value == null) {
      addNull();
    } else {
      putInt(16);
      putLong(value.getMostSignificantBits());
      putLong(value.getLeastSignificantBits());
    }
  }

  final void addJsonb(byte @Nullable [] utf8) {
    if (utf8 == null) {
      addNull();
    } else {
      putInt(utf8.length + 1);
      putByte(JSONB_VERSION);
      put(utf8, utf8.length);
    }
  }

  final void addJsonb(@Nullable String json) {
    addJsonb(json == null ? null : json.getBytes(StandardCharsets.UTF_8));
  }

  /** An array of text; null when there is nothing to say. */
  final void addTexts(Collection<String> values) {
    if (values.isEmpty()) {
      addNull();
      return;
    }
    int lengthAt = size;
    putInt(0);
    putArrayHead(Type.TEXT, values.size(), false);
    values.forEach(this::add);
    setInt(lengthAt, size - lengthAt - 4);
  }

  /** An array of ids; null when there are none. */
  final void addUuids(Collection<UUID> values) {
    if (values.isEmpty()) {
      addNull();
      return;
    }
    int lengthAt = size;
    putInt(0);
    putArrayHead(Type.UUID, values.size(), false);
    values.forEach(this::add);
    setInt(lengthAt, size - lengthAt - 4);
  }

  /** What stands before the elements of an array of one dimension. */
  final void putArrayHead(Type elements, int count, boolean nulls) {
    putInt(1);
    putInt(nulls ? 1 : 0);
    putInt(elements.oid());
    putInt(count);
    putInt(1);
  }

  final int size() {
    return size;
  }

  final byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  /** The bytes so far; those after {@link #size} mean nothing. */
  final byte[] buffer() {
    return bytes;
  }

  final void put(byte[] value, int length) {
    room(length);
    System.arraycopy(value, 0, bytes, size, length);
    size += length;
  }

  final void putShort(int value) {
    room(2);
    bytes[size++] = (byte) (value >>> 8);
    bytes[size++] = (byte) value;
  }

  final void putInt(int value) {
    room(4);
    size += 4;
    setInt(size - 4, value);
  }

  private void putByte(int value) {
    room(1);
    bytes[size++] = (byte) value;
  }

  private void putLong(long value) {
    putInt((int) (value >>> 32));
    putInt((int) value);
  }

  private void setInt(int at, int value) {
    bytes[at] = (byte) (value >>> 24);
    bytes[at + 1] = (byte) (value >>> 16);
    bytes[at + 2] = (byte) (value >>> 8);
    bytes[at + 3] = (byte) value;
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
