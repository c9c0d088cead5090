package dev.selfsame.resolution;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Matches;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A whole small space in memory: resolves claims one by one and lands what each decision says, as
 * the hub does with its database. The n-th user that was ever created has the id {@code id(n)} and
 * is called {@code u<n>}.
 */
final class Space {

  /** Stands for the position of the last merge of two users. */
  static final long LATEST = -1;

  private static final long MINUTE = 60_000_000L;
  static final long MIDNIGHT = 1_767_225_600_000_000L;

  Users users = new Users();
  Policy policy = Policy.DEFAULT;
  final Map<String, Account> accounts = new LinkedHashMap<>();
  final Map<Decision.Link, Long> links = new LinkedHashMap<>();
  final Set<Identifier> suppressed = new LinkedHashSet<>();
  int created;
  long position;

  /** Every merge that a claim made here, in order, live or undone. */
  final List<Made> merges = new ArrayList<>();

  /** Identifiers that a decision took from a part. */
  final List<Left> left = new ArrayList<>();

  record Made(Merge merge, List<Instead> instead) {}

  record Left(long position, Identifier identifier, UUID part) {}

  /** What was written to parts, in order. */
  final List<Written> written = new ArrayList<>();

  record Written(UUID part, Rule rule, Split.Step step, Split.Was was) {}

  static UUID id(int n) {
    return new UUID(0x5e1f5a3e00007000L, 0x8000000000000000L + n);
  }

  static String label(UUID id) {
    return "u" + (id.getLeastSignificantBits() - 0x8000000000000000L);
  }

  /** The time of day in microseconds, such as 10:05. */
  static long time(String clock) {
    String[] parts = clock.split(":", -1);
    return MIDNIGHT + (Integer.parseInt(parts[0]) * 60L + Integer.parseInt(parts[1])) * MINUTE;
  }

  static String clock(long time) {
    long minutes = (time - MIDNIGHT) / MINUTE;
    return "%02d:%02d".formatted(minutes / 60, minutes % 60);
  }

  /** Sets the policy of a space that has no users yet. */
  void obey(Policy next) {
    policy = next;
    users = new Users(next.matchPreviousEmails());
    suppressed.forEach(users::suppress);
  }

  Decision apply(Claim claim) {
    return apply(claim, users);
  }

  /**
   * Resolves the claim against {@code matches}, which sees this space, and lands the decision here.
   */
  Decision apply(Claim claim, Matches matches) {
    position++;
    Stamp stamp = new Stamp(position, claim.at(), id(created + 1));
    Decision decision = Resolution.decide(known(claim), stamp, matches, policy);
    write(claim, stamp, decision);
    decision.users().forEach(this::note);
    decision.users().stream()
        .flatMap(user -> user.merges().stream())
        .filter(merge -> merge.position() == position)
        .forEach(merge -> merges.add(new Made(merge, decision.instead())));
    decision.users().forEach(this::put);
    decision.accounts().forEach(account -> accounts.put(account.externalId(), account));
    decision
        .links()
        .forEach(link -> {
          if (link.how() == Decision.Link.How.REMOVED) {
            links.keySet().removeIf(each -> linked(each, link.account(), link.part()));
          } else {
            links.put(new Decision.Link(link.account(), link.part()), position);
          }
        });
    decision
        .gone()
        .forEach(each -> {
          accounts.remove(each.account().externalId());
          Account into = each.into();
          for (Decision.Link link : List.copyOf(links.keySet())) {
            if (link.account().equals(each.account().id())) {
              long at = Objects.requireNonNull(links.remove(link));
              if (into != null) {
                links.putIfAbsent(new Decision.Link(into.id(), link.part()), at);
              }
            }
          }
        });
    decision.putAccounts(users, position, claim.source().number());
    decision.suppressed().forEach(this::suppress);
    decision.erased().forEach(user -> erase(user, claim.suppresses()));
    return decision;
  }

  private static boolean linked(Decision.Link link, UUID account, UUID part) {
    return link.account().equals(account) && link.part().equals(part);
  }

  private void write(Claim claim, Stamp stamp, Decision decision) {
    UUID id = decision.part();
    User before = id == null ? null : users.user(id);
    if (id == null || before == null) {
      return;
    }
    Part was = before.part(id);
    Part now = was;
    for (User user : decision.users()) {
      now = user.contains(id) ? user.part(id) : now;
    }
    Map<Identifier, Optional<Held>> changed = new LinkedHashMap<>();
    for (Held held : now.identifiers()) {
      Held known = was.held(held.id());
      if (!held.equals(known)) {
        changed.put(held.id(), Optional.ofNullable(known));
      }
    }
    for (Held held : was.identifiers()) {
      if (now.held(held.id()) == null) {
        changed.put(held.id(), Optional.of(held));
      }
    }
    boolean named = !Objects.equals(was.name(), now.name());
    Split.Was image = new Split.Was(named, named ? was.name() : null, changed);
    written.add(new Written(id, decision.rule(), new Split.Step(claim, stamp, policy), image));
  }

  /** The taking back of an adoption or link, as the hub prepares it out of its ledger. */
  private Claim known(Claim.UndoLink act) {
    User user = users.user(act.part());
    if (act.position() != LATEST || user == null) {
      return act;
    }
    Identifier identifier = act.left().iterator().next();
    List<Split.Was> changes = new ArrayList<>();
    List<Split.Step> steps = new ArrayList<>();
    UUID part = act.part();
    for (Written each : written) {
      boolean brings =
          each.rule().links()
              && user.contains(each.part())
              && each.was().identifiers().getOrDefault(identifier, Optional.of(NONE)).isEmpty();
      if (brings) {
        changes.clear();
        steps.clear();
        part = each.part();
      }
      if (brings || (!steps.isEmpty() && each.part().equals(part))) {
        changes.add(each.was());
        steps.add(each.step());
      }
    }
    Split split = Split.of(user.part(part), changes, steps);
    Instead stays = split.stays();
    return new Claim.UndoLink(
        act.source(),
        act.at(),
        act.actor(),
        steps.getFirst().stamp().position(),
        position,
        part,
        stays == null ? act.stays() : stays,
        split.goes(),
        split.left(),
        user.merges().stream()
            .filter(merge -> split.positions().contains(merge.position()))
            .map(Merge::id)
            .toList(),
        List.of(),
        List.of());
  }

  private static final Held NONE =
      new Held(Identifier.email("nobody"), "", false, false, false, 0, 0, 0, 0, 0);

  /** An undo with what the ledger knows of the last merge of its two users, as the hub reads it. */
  Claim known(Claim claim) {
    if (claim instanceof Claim.UndoLink unlink) {
      return known(unlink);
    }
    if (!(claim instanceof Claim.UndoMerge undo) || undo.position() != LATEST) {
      return claim;
    }
    User user = users.user(undo.absorbed());
    List<Made> made = new ArrayList<>();
    if (user != null) {
      // Those that were there before the first claim.
      user.merges().forEach(merge -> made.add(new Made(merge, List.of())));
    }
    made.addAll(merges);
    Made last = null;
    for (Made each : made) {
      if (each.merge().survivor().equals(undo.survivor())
          && each.merge().absorbed().equals(undo.absorbed())) {
        last = each;
      }
    }
    if (last == null) {
      return claim;
    }
    Map<Identifier, UUID> since = new LinkedHashMap<>();
    for (Left each : left) {
      if (each.position() > last.merge().position() && user != null && user.contains(each.part())) {
        since.put(each.identifier(), each.part());
      }
    }
    return new Claim.UndoMerge(
        undo.source(),
        undo.at(),
        undo.actor(),
        last.merge().position(),
        last.merge().ordinal(),
        undo.survivor(),
        undo.absorbed(),
        last.instead(),
        since);
  }

  private void note(User next) {
    for (Part part : next.parts()) {
      User user = users.user(part.id());
      if (user != null) {
        for (Held held : user.part(part.id()).identifiers()) {
          if (part.held(held.id()) == null) {
            left.add(new Left(position, held.id(), part.id()));
          }
        }
      }
    }
  }

  void put(User user) {
    users.put(user);
    for (Part part : user.parts()) {
      created = Math.max(created, Integer.parseInt(label(part.id()).substring(1)));
    }
  }

  void put(Account account) {
    users.put(account);
    accounts.put(account.externalId(), account);
  }

  void link(Decision.Link link, Users.Link how) {
    users.link(link.account(), link.part(), how);
    links.put(link, how.rank());
  }

  void suppress(Identifier identifier) {
    users.suppress(identifier);
    suppressed.add(identifier);
  }

  /** Erasure suppresses what the user had; an email only if no other live user has it. */
  private void erase(UUID id, boolean suppress) {
    User user = users.user(id);
    if (user == null) {
      return;
    }
    users.remove(id);
    if (!suppress) {
      return;
    }
    for (Held held : user.identifiers()) {
      boolean email = held.type().equals(IdentifierType.EMAIL);
      if (!email || users.emailHolders(held.value()).isEmpty()) {
        suppress(held.id());
      }
    }
  }

  Collection<User> all() {
    return users.all();
  }

  /** A space with the same contents that can go its own way; values are immutable and shared. */
  Space copy() {
    Space copy = new Space();
    copy.obey(policy);
    copy.created = created;
    copy.position = position;
    copy.merges.addAll(merges);
    copy.left.addAll(left);
    copy.written.addAll(written);
    all().forEach(copy.users::put);
    accounts.values().forEach(copy::put);
    links
        .keySet()
        .forEach(link ->
            copy.link(link, Objects.requireNonNull(users.links(link.part()).get(link.account()))));
    suppressed.forEach(copy::suppress);
    return copy;
  }

  /** What is wrong by the invariants I1 to I3; empty if nothing is. */
  List<String> broken() {
    List<String> broken = new ArrayList<>();
    Map<Identifier, UUID> holders = new LinkedHashMap<>();
    Map<UUID, UUID> userOfPart = new LinkedHashMap<>();
    for (User user : all()) {
      for (Part part : user.parts()) {
        UUID other = userOfPart.put(part.id(), user.id());
        if (other != null) {
          broken.add(
              "I3: "
                  + label(part.id())
                  + " is in two live users, "
                  + label(other)
                  + " and "
                  + label(user.id()));
        }
        User found = users.user(part.id());
        if (found == null || !found.id().equals(user.id())) {
          broken.add(
              "I3: "
                  + label(part.id())
                  + " does not lead to its live survivor "
                  + label(user.id()));
        }
        for (Held held : part.identifiers()) {
          check(user, held, holders, broken);
        }
      }
    }
    return broken;
  }

  private void check(User user, Held held, Map<Identifier, UUID> holders, List<String> broken) {
    boolean email = held.type().equals(IdentifierType.EMAIL);
    if (email && (!held.current() || !policy.uniqueEmails())) {
      return;
    }
    UUID other = holders.putIfAbsent(held.id(), user.id());
    if (other != null && !other.equals(user.id())) {
      broken.add(
          (email ? "I2: " : "I1: ")
              + held.id()
              + " has two live users, "
              + label(other)
              + " and "
              + label(user.id()));
    }
    if (!email) {
      User found = users.holder(held.id());
      if (found == null || !found.id().equals(user.id())) {
        broken.add("I3: " + held.id() + " does not find " + label(user.id()));
      }
    }
  }
}
