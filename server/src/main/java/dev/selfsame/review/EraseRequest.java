package dev.selfsame.review;

import dev.selfsame.access.Actor;
import dev.selfsame.identity.Identifier;
import java.util.List;
import java.util.UUID;

/**
 * Users that a person wants forgotten.
 *
 * @param identifiers normalised; each names the one user that it finds
 * @param users live users' ids
 * @param suppress whether what they were known by may not come back
 */
public record EraseRequest(
    List<Identifier> identifiers, List<UUID> users, boolean suppress, Actor actor) {

  public EraseRequest {
    identifiers = List.copyOf(identifiers);
    users = List.copyOf(users);
  }
}
