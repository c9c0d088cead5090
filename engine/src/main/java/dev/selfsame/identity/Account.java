package dev.selfsame.identity;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A company that users belong to, found by its external id (Segment's groupId), or by one of an
 * account that was merged into it.
 *
 * @param id minted when it was created
 */
public record Account(UUID id, String externalId, @Nullable Field name, @Nullable Field domain) {}
