package dev.selfsame.review;

import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import java.util.List;

/** A user with all that identifies it. */
public record ShownUser(FoundUser user, List<FoundIdentifier> identifiers) {
  public ShownUser {
    identifiers = List.copyOf(identifiers);
  }
}
