package dev.selfsame.identity;

/**
 * A field of a part that is no identifier, such as its name.
 *
 * @param source the number of the source that stated it
 */
public record Field(String value, long at, long position, int source, boolean weak)
    implements Stated {}
