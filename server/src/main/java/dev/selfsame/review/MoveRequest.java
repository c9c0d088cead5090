package dev.selfsame.review;

import dev.selfsame.access.Actor;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An identifier that a person says is another user's.
 *
 * @param current whether it shows there; null: if the user shows none of its kind
 * @param actor who says so
 */
public record MoveRequest(
    IdentifierType type, Raw value, UUID from, UUID to, @Nullable Boolean current, Actor actor) {

  String by() {
    return actor.by();
  }
}
