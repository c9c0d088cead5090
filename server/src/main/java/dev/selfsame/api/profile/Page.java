package dev.selfsame.api.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One page of a list that is in order: a page's {@code next} is the name of what the one after it
 * begins with, so that a name that went since does no harm.
 *
 * @param next blank where there is no more
 */
record Page<T>(List<T> things, String next) {

  Page {
    things = List.copyOf(things);
  }

  /**
   * The things from a name on.
   *
   * @param sorted by their names
   * @param from blank: the first
   */
  static <T> Page<T> of(List<T> sorted, Function<T, String> name, String from, int limit) {
    List<T> page = new ArrayList<>();
    for (T thing : sorted) {
      if (name.apply(thing).compareTo(from) < 0) {
        continue;
      }
      if (page.size() == limit) {
        return new Page<>(page, name.apply(thing));
      }
      page.add(thing);
    }
    return new Page<>(page, "");
  }
}
