package dev.selfsame.lookup;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Raw;
import dev.selfsame.resolution.Policy;
import dev.selfsame.resolution.Values;
import dev.selfsame.store.FoundDecision;
import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.UserQueries;
import dev.selfsame.store.UserQueries.Hit;
import dev.selfsame.store.UserQueries.Holding;
import dev.selfsame.store.UserQueries.Place;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds users as resolution would: values are normalised as a claim's are, and found through
 * aliases and absorbed users. A value that can identify nobody finds nobody. Thread-safe.
 */
public final class Lookup {

  /** How many decisions an explanation tells of one user. */
  static final int EXPLAINED = 1_000;

  private static final List<IdentifierType> BILLING =
      List.of(IdentifierType.STRIPE_ID, IdentifierType.CHARGEBEE_ID, IdentifierType.BILLING_ID);

  private final UserQueries users;

  public Lookup(UserQueries users) {
    this.users = users;
  }

  /**
   * The users that a search finds.
   *
   * @throws BadSearch if it cannot be meant
   */
  public Found<FoundUser> find(Search search) {
    if (search.limit() < 1 || search.limit() > Search.MOST) {
      throw new BadSearch(
          "limit", "The limit is %d; expected 1 to %d".formatted(search.limit(), Search.MOST));
    }
    boolean conditions =
        search.externalId() != null
            || search.email() != null
            || search.billingId() != null
            || search.identifier() != null;
    if (search.q() == null) {
      return conditions ? holding(search) : everybody(search, List.of());
    }
    if (conditions) {
      throw new BadSearch(
          "q", "A search by q cannot be narrowed by other parameters; give one or the other");
    }
    return startingWith(search, search.q());
  }

  /**
   * The live user that an id leads to today: itself or the one that absorbed it; null if there
   * never was one.
   */
  public @Nullable UUID live(UUID id) {
    return users.live(id);
  }

  /** A live user, or null. */
  public @Nullable FoundUser user(UUID id) {
    return users.user(id);
  }

  /** Everything that a live user holds or held. */
  public List<FoundIdentifier> identifiers(UUID id) {
    return users.identifiers(id);
  }

  /**
   * What was decided on the claims of a live user and of those it was made of, newest first.
   *
   * @throws BadSearch if limit or cursor cannot be meant
   */
  public Found<ExplainedDecision> decisions(UUID user, int limit, @Nullable String cursor) {
    if (limit < 1 || limit > Search.MOST) {
      throw new BadSearch(
          "limit", "The limit is %d; expected 1 to %d".formatted(limit, Search.MOST));
    }
    Long before = cursor == null ? null : Cursor.position(cursor);
    List<FoundDecision> found = users.decisions(user, before, limit + 1);
    List<ExplainedDecision> page = found.stream().limit(limit).map(ExplainedDecision::of).toList();
    String next = found.size() > limit ? Cursor.of(page.getLast().decision().position()) : null;
    return new Found<>(page, next);
  }

  /**
   * Every user that holds the identifier or, of an email, held it once, and all that made it what
   * it is.
   *
   * @param identifier as {@code type:value}
   * @throws BadSearch if it names no type or no value
   */
  public List<Explanation> explain(String identifier) {
    Search search =
        new Search(
            null,
            null,
            null,
            identifier,
            identifier.startsWith("email:"),
            null,
            Search.DEFAULT_LIMIT,
            null);
    List<Explanation> explanations = new ArrayList<>();
    for (FoundUser user : find(search).page()) {
      Found<ExplainedDecision> decisions = decisions(user.id(), EXPLAINED, null);
      explanations.add(
          new Explanation(
              user, identifiers(user.id()), decisions.page(), decisions.next() != null));
    }
    return explanations;
  }

  private Found<FoundUser> holding(Search search) {
    Policy policy = users.settings().policy();
    List<Holding> conditions = new ArrayList<>();
    if (search.externalId() != null) {
      conditions.add(
          any(
              List.of(IdentifierType.EXTERNAL_ID),
              Values.id(Raw.text(search.externalId()), policy),
              false));
    }
    if (search.email() != null) {
      conditions.add(
          any(
              List.of(IdentifierType.EMAIL),
              Values.email(Raw.text(search.email()), policy),
              false));
    }
    if (search.billingId() != null) {
      conditions.add(any(BILLING, Values.id(Raw.text(search.billingId()), policy), false));
    }
    if (search.identifier() != null) {
      conditions.add(identifier(search.identifier(), search.history(), policy));
    }
    for (Holding condition : conditions) {
      if (condition.anyOf().isEmpty()) {
        return new Found<>(List.of(), null);
      }
    }
    return everybody(search, conditions);
  }

  private Found<FoundUser> everybody(Search search, List<Holding> conditions) {
    if (search.history() && search.identifier() == null) {
      throw new BadSearch(
          "history", "history=true is for identifier=email:…; elsewhere it has no meaning");
    }
    UUID after = search.cursor() == null ? null : Cursor.user(search.cursor());
    List<FoundUser> found = users.holding(conditions, after, search.limit() + 1);
    boolean more = found.size() > search.limit();
    List<FoundUser> page = more ? found.subList(0, search.limit()) : found;
    return new Found<>(page, more ? Cursor.of(page.getLast().id()) : null);
  }

  private Found<FoundUser> startingWith(Search search, String q) {
    if (search.history()) {
      throw new BadSearch(
          "history", "history=true is for identifier=email:…; elsewhere it has no meaning");
    }
    Place after = search.cursor() == null ? null : Cursor.place(search.cursor());
    String text = q.strip();
    if (text.isEmpty() || text.indexOf('\0') >= 0) {
      return new Found<>(List.of(), null);
    }
    String email = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    List<Hit> hits = users.startingWith(text, email, after, search.limit() + 1);
    boolean more = hits.size() > search.limit();
    List<Hit> page = more ? hits.subList(0, search.limit()) : hits;
    return new Found<>(
        page.stream().map(Hit::user).toList(), more ? Cursor.of(page.getLast().place()) : null);
  }

  private static Holding identifier(String text, boolean history, Policy policy) {
    // The type of a fallback id has a colon of its own: fallback:SOURCE:VALUE.
    int colon =
        text.startsWith("fallback:") ? text.indexOf(':', "fallback:".length()) : text.indexOf(':');
    if (colon < 1) {
      throw new BadSearch(
          "identifier",
          "An identifier is given as type:value, such as external_id:42; there is no colon in it");
    }
    IdentifierType type;
    try {
      type = new IdentifierType(text.substring(0, colon));
    } catch (IllegalArgumentException e) {
      throw new BadSearch("identifier", String.valueOf(e.getMessage()));
    }
    Raw value = Raw.text(text.substring(colon + 1));
    boolean email = type.equals(IdentifierType.EMAIL);
    if (history && !email) {
      throw new BadSearch(
          "history",
          "history=true is for identifier=email:…; other identifiers always find their user");
    }
    List<IdentifierType> types =
        switch (type.kind()) {
          case BILLING ->
              type.equals(IdentifierType.BILLING_ID)
                  ? BILLING
                  : List.of(type, IdentifierType.BILLING_ID);
          case EXTERNAL, EMAIL, RECORD, FALLBACK -> List.of(type);
        };
    return any(types, email ? Values.email(value, policy) : Values.id(value, policy), history);
  }

  /** A holding of nothing where the value can identify nobody. */
  private static Holding any(List<IdentifierType> types, Normalised value, boolean history) {
    if (!(value instanceof Normalised.Value usable)) {
      return new Holding(List.of(), false);
    }
    return new Holding(
        types.stream().map(type -> new Identifier(type, usable.value())).toList(), history);
  }
}
