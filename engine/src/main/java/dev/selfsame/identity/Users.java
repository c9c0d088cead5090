package dev.selfsame.identity;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
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

  /**
   * That a part belongs to an account.
   *
   * @param rank the ledger position of the claim that links them, or its negative where that chose
   *     the account for the user's company
   * @param source number of the source of the claim that linked them first
   */
  public record Link(long rank, int source) {
    private boolean chosen() {
      return rank < 0;
    }

    /** The same with another's rank, if that is less. */
    private Link and(Link other) {
      return other.rank < rank ? new Link(other.rank, source) : this;
    }
  }

  private record More(boolean idless, boolean identified) {}

  private static final More NO_MORE = new More(false, false);

  private boolean previousEmailsMatch;

  /** Today's user of every part. */
  private final Map<UUID, User> byPart;

  private final Map<Identifier, UUID> holders;

  /** Parts whose current email it is; more than one may belong to the same user. */
  private final Map<String, Set<UUID>> byEmail;

  private final Map<String, More> more = new HashMap<>();
  private final Map<String, Account> accounts = new HashMap<>();

  /** External ids of accounts that were merged, and that of the one that each is part of. */
  private final Map<String, String> mergedAccounts = new HashMap<>();

  /** External ids of the accounts that have it. */
  private final Map<String, Set<String>> byDomain = new HashMap<>();

  /** By part, its accounts and the link with each. */
  private final Map<UUID, Map<UUID, Link>> links = new HashMap<>();

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
    accounts.values().forEach(copy::put);
    copy.mergedAccounts.putAll(mergedAccounts);
    links.forEach((part, having) -> copy.links.put(part, new HashMap<>(having)));
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
    Account before = accounts.put(account.externalId(), account);
    if (before != null && before.domain() != null) {
      byDomain.getOrDefault(before.domain().value(), new HashSet<>()).remove(before.externalId());
    }
    if (account.domain() != null) {
      byDomain
          .computeIfAbsent(account.domain().value(), domain -> new HashSet<>())
          .add(account.externalId());
    }
  }

  /** An account of that external id is part of another now, under which it is found. */
  public void mergedAccount(String externalId, String into) {
    mergedAccounts.replaceAll((from, to) -> to.equals(externalId) ? into : to);
    mergedAccounts.put(externalId, into);
  }

  /**
   * Takes an account away, and its links: they are the other account's now, if there is one.
   *
   * @param into where it is merged; null: it was deleted, with all that was merged into it
   */
  public void removeAccount(String externalId, @Nullable Account into) {
    Account gone = accounts.remove(externalId);
    if (gone == null) {
      return;
    }
    if (gone.domain() != null) {
      byDomain.getOrDefault(gone.domain().value(), new HashSet<>()).remove(externalId);
    }
    if (into == null) {
      mergedAccounts.values().removeIf(externalId::equals);
    } else {
      mergedAccount(externalId, into.externalId());
    }
    for (Map<UUID, Link> having : links.values()) {
      Link link = having.remove(gone.id());
      if (link != null && into != null) {
        having.merge(into.id(), link, Link::and);
      }
    }
  }

  /** The part does not belong to the account any more. */
  public void unlink(UUID account, UUID part) {
    Map<UUID, Link> having = links.get(part);
    if (having != null) {
      having.remove(account);
    }
  }

  /** The part belongs to the account. Of two links the lesser rank counts, and the first source. */
  public void link(UUID account, UUID part, Link link) {
    links.computeIfAbsent(part, none -> new HashMap<>()).merge(account, link, Link::and);
  }

  /** Another part is linked to the account as this one is, which may be taken off it. */
  public void relink(UUID account, UUID part, UUID to, boolean stays) {
    Map<UUID, Link> having = links.getOrDefault(part, new HashMap<>());
    Link link = stays ? having.get(account) : having.remove(account);
    if (link != null) {
      link(account, to, link);
    }
  }

  /** By account, the part's links. */
  public Map<UUID, Link> links(UUID part) {
    return Collections.unmodifiableMap(links.getOrDefault(part, Map.of()));
  }

  /** Every account that is known here. */
  public Collection<Account> accounts() {
    return Collections.unmodifiableCollection(accounts.values());
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
    return accounts.get(mergedAccounts.getOrDefault(externalId, externalId));
  }

  @Override
  public List<Account> accountsOfDomain(String domain) {
    List<Account> found = new ArrayList<>();
    for (String externalId : byDomain.getOrDefault(domain, Set.of())) {
      Account account = accounts.get(externalId);
      if (account != null) {
        found.add(account);
      }
    }
    return found;
  }

  /** The link of the least rank; of accounts that one claim linked, the one of the least id. */
  @Override
  public @Nullable UUID company(User user) {
    UUID first = null;
    long earliest = Long.MAX_VALUE;
    for (Part part : user.parts()) {
      for (Map.Entry<UUID, Link> link : links.getOrDefault(part.id(), Map.of()).entrySet()) {
        long position = link.getValue().rank();
        boolean before =
            first == null
                || position < earliest
                || (position == earliest && link.getKey().compareTo(first) < 0);
        first = before ? link.getKey() : first;
        earliest = before ? position : earliest;
      }
    }
    return first;
  }

  @Override
  public boolean linked(UUID account, UUID part) {
    return links.getOrDefault(part, Map.of()).containsKey(account);
  }

  @Override
  public boolean chosen(UUID account, UUID part) {
    Link link = links.getOrDefault(part, Map.of()).get(account);
    return link != null && link.chosen();
  }

  @Override
  public List<UUID> linkedBy(int source, UUID part) {
    List<UUID> accounts = new ArrayList<>();
    links
        .getOrDefault(part, Map.of())
        .forEach((account, link) -> {
          if (link.source() == source && !link.chosen()) {
            accounts.add(account);
          }
        });
    Collections.sort(accounts);
    return accounts;
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
