package dev.selfsame.store;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Two users that no rule may join.
 *
 * @param position in the ledger of the act or undo that keeps them apart
 * @param code M2, or that of an undo
 * @param by who did it; null where that is no longer known
 * @param parts what tells this one from others of the same act: the parts that it stands on
 */
public record FoundBar(
    UUID one,
    UUID other,
    long position,
    Instant at,
    String code,
    @Nullable String by,
    Parts parts) {

  public record Parts(UUID one, UUID other) {}
}
