package dev.selfsame.lookup;

import dev.selfsame.store.FoundUser;
import dev.selfsame.store.IdentityQueries;
import dev.selfsame.store.IdentityQueries.Having;
import dev.selfsame.store.IdentityQueries.Identity;
import dev.selfsame.store.IdentityQueries.Looked;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rows of {@code user_identities}, found and looked through page by page. */
public final class Identities {

  private static final int LONGEST_SEARCH = 300;
  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final Lookup lookup;
  private final IdentityQueries queries;

  public Identities(Lookup lookup, IdentityQueries queries) {
    this.lookup = lookup;
    this.queries = queries;
  }

  /**
   * What to look for.
   *
   * @param tool of whose ids {@code has} speaks; null: of none
   * @param has whether users have an id there, or have none
   * @param q a user's id, or the beginning of any identifier; null: everybody
   */
  public record Wanted(@Nullable String tool, boolean has, @Nullable String q) {}

  /** The tools that have a column, in the order of the columns; Segment has one of its own. */
  public List<String> tools() {
    return queries.tools();
  }

  /**
   * One page. It may be short, or empty, and have a next: then so many users were looked through.
   *
   * @param tools as {@link #tools} gave them
   * @throws BadSearch if it cannot be meant
   */
  public Found<Identity> find(
      Wanted wanted, List<String> tools, int limit, @Nullable String cursor) {
    String tool = wanted.tool();
    if (tool != null && !tool.equals("segment") && !tools.contains(tool)) {
      throw new BadSearch("tool", "There is no tool %s".formatted(tool));
    }
    Having having = tool == null ? null : new Having(tool, wanted.has());
    String q = wanted.q();
    if (q == null) {
      UUID before = cursor == null ? null : Cursor.user(cursor);
      Looked looked = queries.before(tools, having, before, limit);
      UUID next = looked.next();
      return new Found<>(looked.found(), next == null ? null : Cursor.of(next));
    }
    if (q.length() > LONGEST_SEARCH) {
      throw new BadSearch("q", "At most %d characters are looked for".formatted(LONGEST_SEARCH));
    }
    if (ID.matcher(q).matches()) {
      UUID live = lookup.live(UUID.fromString(q));
      return new Found<>(live == null ? List.of() : queries.of(List.of(live), tools, having), null);
    }
    Found<FoundUser> users =
        lookup.find(new Search(null, null, null, null, false, q, limit, cursor));
    return new Found<>(
        queries.of(users.page().stream().map(FoundUser::id).toList(), tools, having), users.next());
  }
}
