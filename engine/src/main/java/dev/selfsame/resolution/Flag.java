package dev.selfsame.resolution;

import dev.selfsame.identity.Identifier;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that a claim met and a person should look at.
 *
 * @param users the users it is about, the claim's own first
 * @param about the identifier it is about, or null
 */
public record Flag(Kind kind, List<UUID> users, @Nullable Identifier about) {

  /** What there is to look at. */
  public enum Kind {
    SAME_EMAIL,
    EMAIL_CONFLICT,
    BILLING_CONFLICT,
    BILLING_ID_IN_USE,
    BILLING_ID_UNVERIFIED,
    SAME_FALLBACK,
    UNVERIFIED_MATCH,
    KEPT_APART,
    LIMIT_REACHED,
    RECORD_MOVED,
    RECORD_MERGED,
    ID_CASE_DIFFERS,
    AMBIGUOUS_USER,
    AMBIGUOUS_FALLBACK,
    NO_ROW,
    ALIAS_CONFLICT,
    UNDO_CONFLICT;

    /**
     * Whether it is stored until it is settled; same_email is computed from the users as they are.
     */
    public boolean stored() {
      return this != SAME_EMAIL;
    }

    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Flag {
    users = List.copyOf(users);
  }
}
