package dev.selfsame.store;

import java.time.Instant;

/**
 * An identifier that a user holds or held.
 *
 * @param display as it was sent, where that differs from the value that is compared
 * @param current it is what shows, or an email that still matches; false for aliases and for what
 *     was replaced
 * @param lastSeen moves at most once a day
 */
public record FoundIdentifier(
    String type,
    String value,
    String display,
    boolean current,
    String source,
    Instant firstSeen,
    Instant lastSeen) {}
