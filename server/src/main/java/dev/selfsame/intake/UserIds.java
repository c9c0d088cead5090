package dev.selfsame.intake;

import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Mints UUIDs of version 7 in rising order: milliseconds, a counter within the millisecond, random
 * bits. Not thread-safe.
 */
final class UserIds {

  private static final int COUNTER_BITS = 12;

  private final SplittableRandom random;
  private long lastMillis;
  private int counter;

  UserIds(SplittableRandom random) {
    this.random = random;
  }

  static UserIds random() {
    return new UserIds(new SplittableRandom());
  }

  UUID next(long micros) {
    long millis = Math.max(Math.floorDiv(micros, 1_000L), lastMillis);
    if (millis != lastMillis) {
      lastMillis = millis;
      counter = 0;
    } else if (++counter == 1 << COUNTER_BITS) {
      lastMillis++;
      counter = 0;
    }
    long high = lastMillis << 16 | 0x7000 | counter;
    long low = random.nextLong() >>> 2 | 0x8000000000000000L;
    return new UUID(high, low);
  }
}
