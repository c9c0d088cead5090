package dev.selfsame.review;

import dev.selfsame.access.Actor;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Users of whom a person says that no two are one, or no longer says so.
 *
 * @param users two or more, each a live user's id
 * @param lift what was said so before is taken back
 * @param actor who says so
 * @param reason why; null: not said
 */
public record KeepApartRequest(
    List<UUID> users, boolean lift, Actor actor, @Nullable String reason) {

  public KeepApartRequest {
    users = List.copyOf(users);
  }

  String by() {
    return actor.by();
  }
}
