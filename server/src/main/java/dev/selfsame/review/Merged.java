package dev.selfsame.review;

import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a merge by hand made, or would make.
 *
 * @param mergeIds the public names of the merges, one for each absorbed user in order of creation;
 *     none of a preview
 * @param absorbed the users that are part of the other now, in order of creation
 * @param changes of a preview: what would change; null of a merge that was made
 */
public record Merged(
    List<String> mergeIds,
    List<UUID> absorbed,
    FoundUser user,
    List<FoundIdentifier> identifiers,
    @Nullable MergeChanges changes) {

  public Merged {
    mergeIds = List.copyOf(mergeIds);
    absorbed = List.copyOf(absorbed);
    identifiers = List.copyOf(identifiers);
  }
}
