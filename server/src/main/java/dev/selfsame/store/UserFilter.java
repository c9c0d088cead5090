package dev.selfsame.store;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of the users of a list; all of it.
 *
 * @param source the name of one that created the user or told one of its values; null: any
 * @param withoutBillingId it shows none
 * @param flagged an open flag is about it
 * @param createdFrom the first day, in UTC, on which it may be created; null: any
 * @param createdTo the last one
 */
public record UserFilter(
    @Nullable String source,
    boolean withoutBillingId,
    boolean flagged,
    @Nullable LocalDate createdFrom,
    @Nullable LocalDate createdTo) {

  /** Everybody. */
  public static final UserFilter NONE = new UserFilter(null, false, false, null, null);
}
