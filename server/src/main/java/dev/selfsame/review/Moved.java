package dev.selfsame.review;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What moving an identifier made, or would make.
 *
 * @param position the act's place in the ledger; 0: a preview
 * @param from the user that it left; null if a claim right after took it away
 * @param to the user that it finds now; null as above
 */
public record Moved(
    long position, @Nullable ShownUser from, @Nullable ShownUser to, List<RaisedFlag> flags) {
  public Moved {
    flags = List.copyOf(flags);
  }
}
