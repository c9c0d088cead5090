package dev.selfsame.lookup;

import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.UserQueries.Holder;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A value that was asked for, and whom it finds.
 *
 * @param value as it was asked
 * @param users mostly one; several that share an email; none that is known
 * @param more there are others beside these
 */
public record Match(String type, String value, List<MatchedUser> users, boolean more) {

  public Match {
    users = List.copyOf(users);
  }

  /**
   * A user with every id that any tool has for it.
   *
   * @param ids by type; of each the current ones first
   */
  public record MatchedUser(
      UUID id,
      @Nullable String externalId,
      @Nullable String email,
      @Nullable String name,
      SortedMap<String, List<MatchedId>> ids) {

    static MatchedUser of(Holder holder) {
      SortedMap<String, List<MatchedId>> ids = new TreeMap<>();
      for (FoundIdentifier identifier : holder.identifiers()) {
        ids.computeIfAbsent(identifier.type(), type -> new ArrayList<>(1))
            .add(new MatchedId(identifier.value(), identifier.current()));
      }
      return new MatchedUser(holder.id(), holder.externalId(), holder.email(), holder.name(), ids);
    }
  }

  /**
   * One id.
   *
   * @param current false for aliases, and for what was replaced or deleted
   */
  public record MatchedId(String value, boolean current) {}
}
