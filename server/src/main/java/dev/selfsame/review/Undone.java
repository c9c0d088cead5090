package dev.selfsame.review;

import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.MergeQueries.StoredMerge;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What taking back a merge made, or would make.
 *
 * @param merge as it is now; of a preview, as it still is
 * @param survivor the user that it was; null if a claim right after took it away
 * @param restored the user that lives again; null as above
 * @param moved the identifiers that lead to the restored user now
 */
public record Undone(
    StoredMerge merge,
    @Nullable ShownUser survivor,
    @Nullable ShownUser restored,
    List<FoundIdentifier> moved,
    List<RaisedFlag> flags) {
  public Undone {
    moved = List.copyOf(moved);
    flags = List.copyOf(flags);
  }
}
