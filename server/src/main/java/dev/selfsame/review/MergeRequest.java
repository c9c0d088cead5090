package dev.selfsame.review;

import dev.selfsame.access.Actor;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Users that a person says are one.
 *
 * @param users two or more, each a live user's id
 * @param survivor which of them stays; null: the one created first
 * @param picks whose value of a field shows; of other fields the survivor's does, and where it has
 *     none, that of the others in order of creation
 * @param actor who says so
 */
public record MergeRequest(
    List<UUID> users, @Nullable UUID survivor, Map<MergeField, UUID> picks, Actor actor) {

  public MergeRequest {
    users = List.copyOf(users);
    picks = Map.copyOf(picks);
  }

  String by() {
    return actor.by();
  }
}
