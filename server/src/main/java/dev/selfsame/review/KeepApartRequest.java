package dev.selfsame.review;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Users of whom a person says that no two are one, or no longer says so.
 *
 * @param users two or more, each a live user's id
 * @param lift what was said so before is taken back
 * @param by who says so, as the ledger keeps it
 * @param reason why; null: not said
 */
public record KeepApartRequest(List<UUID> users, boolean lift, String by, @Nullable String reason) {

  public KeepApartRequest {
    users = List.copyOf(users);
  }
}
