package dev.selfsame.source.segment;

import java.util.Arrays;

/** Bytes in the making. What the JDK has for it takes a lock for every byte. */
final class ByteSink {

  private byte[] bytes;
  private int size;

  ByteSink(int expected) {
    this.bytes = new byte[Math.max(expected, 16)];
  }

  void write(char ascii) {
    grow(1);
    bytes[size++] = (byte) ascii;
  }

  void write(byte b) {
    grow(1);
    bytes[size++] = b;
  }

  void write(byte[] from) {
    write(from, 0, from.length);
  }

  void write(byte[] from, int start, int count) {
    grow(count);
    System.arraycopy(from, start, bytes, size, count);
    size += count;
  }

  int size() {
    return size;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  private void grow(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }
}
