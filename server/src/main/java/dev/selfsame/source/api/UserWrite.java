package dev.selfsame.source.api;

import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a caller wants a user to be; what it does not mention stays as it is.
 *
 * @param row which of a request's users it is, from 0
 * @param user whom; null: a new one
 * @param texts by field ({@code external_id}, {@code name}, {@code email}, {@code billing_id}) or
 *     type of a tool's record ids ({@code zendesk_id}): what it is to be; no NULs, no halves of
 *     characters
 * @param cleared the same of what is to be taken away
 */
public record UserWrite(
    int row, @Nullable UUID user, Map<String, String> texts, Set<String> cleared) {

  public UserWrite {
    texts = Map.copyOf(texts);
    cleared = Set.copyOf(cleared);
  }
}
