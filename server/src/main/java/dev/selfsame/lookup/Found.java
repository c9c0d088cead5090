package dev.selfsame.lookup;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of what was found.
 *
 * @param next the cursor of the page after this one; null when this is the last
 */
public record Found<T>(List<T> page, @Nullable String next) {
  public Found {
    page = List.copyOf(page);
  }
}
