package dev.selfsame.resolution;

import java.util.ArrayList;
import java.util.List;

/**
 * Every combination of some choices: what is between {@code do} and {@code while (every.next())}
 * runs once for each. Which choices there are may depend on the earlier ones.
 */
final class Every {

  private final List<int[]> choices = new ArrayList<>();
  private int depth;

  @SafeVarargs
  final <T> T of(T... values) {
    if (depth == choices.size()) {
      choices.add(new int[2]);
    }
    int[] choice = choices.get(depth++);
    choice[1] = values.length;
    return values[choice[0]];
  }

  boolean bool() {
    return of(false, true);
  }

  /** Goes on to the next combination; false if there is none. */
  boolean next() {
    depth = 0;
    while (!choices.isEmpty()) {
      int[] last = choices.getLast();
      if (++last[0] < last[1]) {
        return true;
      }
      choices.removeLast();
    }
    return false;
  }
}
