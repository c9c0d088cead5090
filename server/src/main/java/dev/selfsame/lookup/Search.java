package dev.selfsame.lookup;

import dev.selfsame.store.UserFilter;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What to look for. All that is given must hold; nothing given finds everybody.
 *
 * @param identifier as {@code type:value}
 * @param history with an email as identifier: users that had it once are found too
 * @param q the beginning of an email, an external id or any other identifier; stands without the
 *     four before it
 * @param limit how many users at most
 * @param filter what else must hold, also of what {@code q} finds
 * @param cursor where the page before ended, as {@link Found#next} said; or null
 */
public record Search(
    @Nullable String externalId,
    @Nullable String email,
    @Nullable String billingId,
    @Nullable String identifier,
    boolean history,
    @Nullable String q,
    UserFilter filter,
    int limit,
    @Nullable String cursor) {

  public static final int DEFAULT_LIMIT = 100;
  public static final int MOST = 1_000;

  /** Everybody, page by page. */
  public static final Search ALL =
      new Search(null, null, null, null, false, null, DEFAULT_LIMIT, null);

  /** A search that nothing else narrows. */
  public Search(
      @Nullable String externalId,
      @Nullable String email,
      @Nullable String billingId,
      @Nullable String identifier,
      boolean history,
      @Nullable String q,
      int limit,
      @Nullable String cursor) {
    this(externalId, email, billingId, identifier, history, q, UserFilter.NONE, limit, cursor);
  }

  /** Whether it asks from the start for all that hold one thing. */
  boolean byOneThing() {
    return q == null
        && cursor == null
        && filter.equals(UserFilter.NONE)
        && Stream.of(externalId, email, billingId, identifier).filter(Objects::nonNull).count()
            == 1;
  }
}
