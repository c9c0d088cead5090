package dev.selfsame.store;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A live user as people see it.
 *
 * @param traits those that the space's policy makes the user's own
 */
public record FoundUser(
    UUID id,
    @Nullable String externalId,
    @Nullable String email,
    @Nullable String name,
    @Nullable String billingId,
    Instant createdAt,
    Instant updatedAt,
    ObjectNode traits) {}
