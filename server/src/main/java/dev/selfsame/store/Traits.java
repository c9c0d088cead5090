package dev.selfsame.store;

import org.jspecify.annotations.Nullable;

/** JSON objects of traits as bytes. */
final class Traits {

  private Traits() {}

  /** One object with the members of both; of a name that both have, jsonb keeps the second's. */
  static byte @Nullable [] joined(byte @Nullable [] first, byte @Nullable [] second) {
    if (first == null || empty(first)) {
      return second == null ? first : second;
    }
    if (second == null || empty(second)) {
      return first;
    }
    int head = first.length;
    while (first[head - 1] != '}') {
      head--;
    }
    int tail = 0;
    while (second[tail] != '{') {
      tail++;
    }
    byte[] joined = new byte[head + second.length - tail - 1];
    System.arraycopy(first, 0, joined, 0, head - 1);
    joined[head - 1] = ',';
    System.arraycopy(second, tail + 1, joined, head, second.length - tail - 1);
    return joined;
  }

  private static boolean empty(byte[] object) {
    int members = 0;
    for (byte one : object) {
      if (one != '{' && one != '}' && one != ' ' && one != '\n' && one != '\t' && one != '\r') {
        members++;
      }
    }
    return members == 0;
  }
}
