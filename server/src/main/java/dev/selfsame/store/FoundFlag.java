package dev.selfsame.store;

import dev.selfsame.identity.Identifier;
import dev.selfsame.resolution.Flag;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A flag as people see it.
 *
 * @param users those that it is about, the claim's own first; of very many a few
 * @param moreUsers there are others beside these
 * @param rule of the claim that raised it; null of a computed one
 * @param closed null while it is open
 */
public record FoundFlag(
    FlagId id,
    Flag.Kind kind,
    List<FlaggedUser> users,
    boolean moreUsers,
    @Nullable Identifier about,
    @Nullable String rule,
    Instant openedAt,
    @Nullable Closed closed,
    Place place) {

  /**
   * A user that a flag is about.
   *
   * @param mergedInto the user that it is part of today; null while it is live
   */
  public record FlaggedUser(
      UUID id,
      @Nullable String externalId,
      @Nullable String email,
      @Nullable String name,
      @Nullable UUID mergedInto) {}

  /**
   * How it was closed.
   *
   * @param how itself, merge, keep_apart or dismiss
   * @param by who did it; null where it closed by itself
   * @param reason what they said of it
   */
  public record Closed(String how, Instant at, @Nullable String by, @Nullable String reason) {}

  /**
   * Where it stands in the list, newest first.
   *
   * @param sort what flags of one time are sorted by: stored ones, same_email, missing_billing_id
   */
  public record Place(long openedAt, int sort, long position, int ordinal, UUID key) {}

  public FoundFlag {
    users = List.copyOf(users);
  }
}
