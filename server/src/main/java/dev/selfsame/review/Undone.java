package dev.selfsame.review;

import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.LinkQueries.StoredLink;
import dev.selfsame.store.MergeQueries.StoredMerge;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What taking back a merge, an adoption or a link made, or would make.
 *
 * @param merge as it is now; of a preview, as it still is; null: it was no merge
 * @param link the same of an adoption or link
 * @param survivor the user that it was; null if a claim right after took it away
 * @param restored the user that lives again, or is new; null as above
 * @param moved the identifiers that lead to the restored user now
 */
public record Undone(
    @Nullable StoredMerge merge,
    @Nullable StoredLink link,
    @Nullable ShownUser survivor,
    @Nullable ShownUser restored,
    List<FoundIdentifier> moved,
    List<RaisedFlag> flags) {
  public Undone {
    moved = List.copyOf(moved);
    flags = List.copyOf(flags);
  }
}
