package dev.selfsame.identity;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A set of live users in memory, found by their identifiers: a whole small space in a test, a
 * replay or a backfill; what one batch's claims touch, in a running hub. Later claims of a batch
 * see what earlier ones changed. Not thread-safe.
 */
public final class Users implements Matches {

  private record More(boolean idless, boolean identified) {}

  private static final More NO_MORE = new More(false, false);

  private record Link(UUID account, UUID part) {}

  private boolean previousEmailsMatch;

  /** Today's user of every part. */
  private final Map<UUID, User> byPart;

  private final Map<Identifier, UUID> holders;

  /** Parts whose current email it is; more than one may belong to the same user. */
  private final Map<String, Set<UUID>> byEmail;

  private final Map<String, More> more = new HashMap<>();
  private final Map<String, Account> accounts = new HashMap<>();
  private final Set<Link> links = new HashSet<>();
  private final Set<Identifier> suppressed = new HashSet<>();
  private final Set<String> openFlags = new HashSet<>();

  /** Users whose replaced emails match nobody. */
  public Users() {
    this(false);
  }

  /**
   * @param previousEmailsMatch the policy {@code match_previous_emails}
   */
  public Users(boolean previousEmailsMatch) {
    this(previousEmailsMatch, 16);
  }

  /**
   * @param previousEmailsMatch the policy {@code match_previous_emails}
   * @param expected so many will be put, about
   */
  public Users(boolean previousEmailsMatch, int expected) {
    this.previousEmailsMatch = previousEmailsMatch;
    this.byPart = LinkedHashMap.newLinkedHashMap(expected);
    this.holders = HashMap.newHashMap(expected);
    this.byEmail = HashMap.newHashMap(expected);
  }

  /** From now on replaced emails match, or do so no longer: the policy changed. */
  public void previousEmailsMatch(boolean now) {
    if (now == previousEmailsMatch) {
      return;
    }
    previousEmailsMatch = now;
    Collection<User> all = all();
    byPart.clear();
    holders.clear();
    byEmail.clear();
    all.forEach(this::put);
  }

  /** These users, accounts, links and barred identifiers, to be changed on their own. */
  public Users copy() {
    Users copy = new Users(previousEmailsMatch, byPart.size());
    all().forEach(copy::put);
    copy.more.putAll(more);
    copy.accounts.putAll(accounts);
    copy.links.addAll(links);
    copy.suppressed.addAll(suppressed);
    return copy;
  }

  /**
   * Puts a user, new or in its next version, in the place of whatever user its parts belonged to so
   * far.
   */
  public void put(User user) {
    if (sameIdentifiers(user)) {
      byPart.put(user.id(), user);
      return;
    }
    for (Part part : user.parts()) {
      remove(part.id());
    }
    for (Part part : user.parts()) {
      byPart.put(part.id(), user);
      for (Held held : part.identifiers()) {
        if (held.type().equals(IdentifierType.EMAIL)) {
          if (!held.matches() && !previousEmailsMatch) {
            continue;
          }
          byEmail.merge(held.value(), Set.of(part.id()), Users::both);
        } else {
          holders.put(held.id(), part.id());
        }
      }
    }
  }

  /** A next version of a user of one part, found by what it was found by before. */
  private boolean sameIdentifiers(User user) {
    User before = byPart.get(user.id());
    return before != null
        && before.parts().size() == 1
        && user.parts().size() == 1
        && before.root().identifiers().equals(user.root().identifiers());
  }

  /** Takes away the user that the part belongs to, with all its parts. */
  public void remove(UUID partId) {
    User user = byPart.get(partId);
    if (user == null) {
      return;
    }
    for (Part part : user.parts()) {
      byPart.remove(part.id());
      for (Held held : part.identifiers()) {
        if (held.type().equals(IdentifierType.EMAIL)) {
          byEmail.computeIfPresent(held.value(), (value, having) -> without(having, part.id()));
        } else {
          holders.remove(held.id(), part.id());
        }
      }
    }
  }

  /** Most emails have one holder: a set of one costs next to nothing. */
  private static Set<UUID> both(Set<UUID> having, Set<UUID> other) {
    Set<UUID> both = changeable(having);
    both.addAll(other);
    return both;
  }

  private static @Nullable Set<UUID> without(Set<UUID> having, UUID part) {
    Set<UUID> left = changeable(having);
    left.remove(part);
    return left.isEmpty() ? null : left;
  }

  private static Set<UUID> changeable(Set<UUID> set) {
    return set instanceof LinkedHashSet<UUID> ? set : new LinkedHashSet<>(set);
  }

  /** Notes that the email has other holders beside those put here. */
  public void moreHolders(String email, boolean idless, boolean identified) {
    more.put(email, new More(idless, identified));
  }

  public void put(Account account) {
    accounts.put(account.externalId(), account);
  }

  public void link(UUID account, UUID part) {
    links.add(new Link(account, part));
  }

  /** Takes the part off the account again. */
  public void unlink(UUID account, UUID part) {
    links.remove(new Link(account, part));
  }

  public void suppress(Identifier identifier) {
    suppressed.add(identifier);
  }

  /** Whether any identifier is barred here. */
  public boolean suppresses() {
    return !suppressed.isEmpty();
  }

  /** Notes that the flag of that public name is open. */
  public void openFlag(String flag) {
    openFlags.add(flag);
  }

  public boolean contains(UUID partId) {
    return byPart.containsKey(partId);
  }

  /** Each user once, in the order in which they were put. */
  public Collection<User> all() {
    return new ArrayList<>(new LinkedHashSet<>(byPart.values()));
  }

  @Override
  public @Nullable User holder(Identifier identifier) {
    UUID part = holders.get(identifier);
    return part == null ? null : byPart.get(part);
  }

  @Override
  public List<User> billingHolders(Identifier billingId) {
    List<User> found = new ArrayList<>(1);
    addHolder(found, billingId);
    boolean anyProvider = billingId.type().equals(IdentifierType.BILLING_ID);
    for (IdentifierType type : IdentifierType.BILLING_TYPES) {
      boolean asked = anyProvider || type.equals(IdentifierType.BILLING_ID);
      if (asked && !type.equals(billingId.type())) {
        addHolder(found, new Identifier(type, billingId.value()));
      }
    }
    return found;
  }

  private void addHolder(List<User> found, Identifier identifier) {
    User user = holder(identifier);
    if (user != null && !found.contains(user)) {
      found.add(user);
    }
  }

  @Override
  public EmailHolders emailHolders(String email) {
    Set<UUID> having = byEmail.getOrDefault(email, Set.of());
    More others = more.getOrDefault(email, NO_MORE);
    if (having.isEmpty() && !others.idless() && !others.identified()) {
      return EmailHolders.NONE;
    }
    if (having.size() == 1) {
      User only = byPart.get(having.iterator().next());
      List<User> one = only == null ? List.of() : List.of(only);
      boolean identified = only != null && only.identified();
      return new EmailHolders(
          identified ? List.of() : one,
          identified ? one : List.of(),
          others.idless(),
          others.identified());
    }
    Set<UUID> seen = new HashSet<>();
    List<User> idless = new ArrayList<>();
    List<User> identified = new ArrayList<>();
    for (UUID part : having) {
      User user = byPart.get(part);
      if (user != null && seen.add(user.id())) {
        (user.identified() ? identified : idless).add(user);
      }
    }
    return new EmailHolders(idless, identified, others.idless(), others.identified());
  }

  @Override
  public @Nullable User user(UUID id) {
    return byPart.get(id);
  }

  @Override
  public @Nullable Account account(String externalId) {
    return accounts.get(externalId);
  }

  @Override
  public boolean linked(UUID account, UUID part) {
    return links.contains(new Link(account, part));
  }

  @Override
  public boolean flagOpen(String flag) {
    return openFlags.contains(flag);
  }

  @Override
  public boolean suppressed(Identifier identifier) {
    return suppressed.contains(identifier);
  }
}
