package dev.selfsame.lookup;

import dev.selfsame.identity.Raw;
import org.jspecify.annotations.Nullable;

/**
 * One of many values that somebody asks about at once.
 *
 * @param type as identifiers have it, such as {@code zendesk_id}; null: the value says it itself,
 *     as {@code type:value}, or is an email
 */
public record Asked(@Nullable String type, Raw value) {

  /** An email, or {@code type:value}. */
  public static Asked text(String text) {
    return new Asked(null, Raw.text(text));
  }
}
