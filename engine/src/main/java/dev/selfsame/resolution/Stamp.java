package dev.selfsame.resolution;

import java.util.UUID;

/**
 * A claim's place in the ledger, and what resolution may not make itself.
 *
 * @param position ledger position
 * @param receivedAt microseconds since 1970 UTC
 * @param newId the id that a user or account created by this claim gets
 */
public record Stamp(long position, long receivedAt, UUID newId) {}
