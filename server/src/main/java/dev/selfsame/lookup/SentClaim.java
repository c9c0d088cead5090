package dev.selfsame.lookup;

import org.jspecify.annotations.Nullable;

/**
 * A claim or act as it came, and why it was decided as it was.
 *
 * @param explained without what it changed
 * @param payload as it was sent: JSON; null where it is not kept, as after an erasure
 */
public record SentClaim(ExplainedDecision explained, @Nullable String payload) {}
