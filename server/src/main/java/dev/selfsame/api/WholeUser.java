package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.selfsame.review.ShownUser;
import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A user with all that identifies it. */
record WholeUser(@JsonUnwrapped FoundUser user, List<FoundIdentifier> identifiers) {

  /** Those of the two that are still there; one, if a claim right after made them one. */
  static List<WholeUser> of(@Nullable ShownUser one, @Nullable ShownUser other) {
    List<WholeUser> users = new ArrayList<>(2);
    if (one != null) {
      users.add(new WholeUser(one.user(), one.identifiers()));
    }
    if (other != null && (one == null || !one.user().id().equals(other.user().id()))) {
      users.add(new WholeUser(other.user(), other.identifiers()));
    }
    return users;
  }
}
