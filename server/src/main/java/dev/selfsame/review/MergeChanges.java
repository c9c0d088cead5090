package dev.selfsame.review;

import dev.selfsame.store.MergeQueries.OpenFlag;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a merge would change, thing by thing.
 *
 * @param identifiers those that find another user than today, or show otherwise
 * @param accounts those that the absorbed users bring
 * @param flags the open ones between these users alone
 */
public record MergeChanges(
    List<IdentifierChange> identifiers, List<AccountChange> accounts, List<OpenFlag> flags) {

  /**
   * An identifier that changes.
   *
   * @param user whom it finds today
   * @param current whether it shows today
   * @param becomesCurrent whether it would show
   */
  public record IdentifierChange(
      String type, String value, UUID user, boolean current, boolean becomesCurrent) {}

  /**
   * An account that gets the survivor as a user.
   *
   * @param user whose it is today
   */
  public record AccountChange(UUID id, String externalId, @Nullable String name, UUID user) {}

  public MergeChanges {
    identifiers = List.copyOf(identifiers);
    accounts = List.copyOf(accounts);
    flags = List.copyOf(flags);
  }
}
