package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a person does by hand. G2 binds rules, not people: only what makes no sense is refused. */
final class ByHand {

  private ByHand() {}

  /** M1. */
  static Decision merge(Claim.MergeByHand act, Draft draft) {
    Reason refusal = refusal(act.users(), draft);
    if (refusal != null) {
      return draft.rejected(Rule.M1, refusal);
    }
    List<User> users = users(act.users(), draft);
    users.sort(Comparator.comparingLong(User::createdPosition).thenComparing(User::id));
    User survivor = act.survivor() == null ? users.getFirst() : among(users, act.survivor());
    if (survivor == null) {
      return draft.rejected(Rule.M1, Reason.UNKNOWN_USER);
    }
    for (UUID picked : act.fields().values()) {
      if (among(users, picked) == null) {
        return draft.rejected(Rule.M1, Reason.UNKNOWN_USER);
      }
    }

    draft.take(survivor, survivor.id());
    for (User other : users) {
      if (other.id().equals(survivor.id())) {
        continue;
      }
      if (!Guard.fits(draft.policy.limits(), draft.user(), other)) {
        return draft.rejected(Rule.M1, Reason.LIMIT_REACHED);
      }
      Map<String, UUID> settled = draft.user().showing();
      settled.putAll(picked(other, act.fields()));
      draft.absorb(draft.user(), other, Rule.M1, settled);
    }
    liftBars(draft);
    return draft.done(Rule.M1);
  }

  /**
   * E1. An email that several users have names none of them. What nobody holds can only be barred.
   */
  static Decision erase(Claim.Erase act, Draft draft) {
    List<User> users = new ArrayList<>();
    List<Identifier> barred = new ArrayList<>();
    for (UUID id : act.users()) {
      User user = draft.matches.user(id);
      if (user == null) {
        return draft.rejected(Rule.E1, Reason.UNKNOWN_USER);
      }
      if (!user.id().equals(id)) {
        return draft.rejected(Rule.E1, Reason.ABSORBED_USER);
      }
      add(users, user);
    }
    for (Identifier identifier : act.identifiers()) {
      List<User> holders = holders(identifier, draft);
      if (holders == null) {
        return draft.rejected(Rule.E1, Reason.AMBIGUOUS_EMAIL);
      }
      if (holders.isEmpty() && !act.suppress()) {
        return draft.rejected(Rule.E1, Reason.UNKNOWN_ID);
      }
      holders.forEach(user -> add(users, user));
      barred.add(identifier);
    }
    return draft.erased(Rule.E1, users, act.suppress() ? barred : List.of());
  }

  private static void add(List<User> users, User user) {
    if (users.stream().noneMatch(one -> one.id().equals(user.id()))) {
      users.add(user);
    }
  }

  /** Whom it finds; null: several, where only one can be meant. */
  private static @Nullable List<User> holders(Identifier identifier, Draft draft) {
    List<User> found = new ArrayList<>();
    switch (identifier.type().kind()) {
      case EMAIL -> {
        EmailHolders holders = draft.matches.emailHolders(identifier.value());
        holders.idless().forEach(user -> add(found, user));
        holders.identified().forEach(user -> add(found, user));
        if (found.size() > 1 || holders.moreIdless() || holders.moreIdentified()) {
          return null;
        }
      }
      case BILLING -> draft.matches.billingHolders(identifier).forEach(user -> add(found, user));
      case EXTERNAL, RECORD, FALLBACK -> {
        User holder = draft.matches.holder(identifier);
        if (holder != null) {
          found.add(holder);
        }
      }
    }
    return found;
  }

  /** E2. */
  static Decision lift(Claim.Lift act, Draft draft) {
    return draft.matches.suppressed(act.suppression())
        ? draft.lifted(Rule.E2)
        : draft.rejected(Rule.E2, Reason.NOT_SUPPRESSED);
  }

  /** M3. Moving it back is how it is taken back. */
  static Decision move(Claim.MoveIdentifier act, Draft draft) {
    Normalised normalised =
        act.type().equals(IdentifierType.EMAIL)
            ? Values.email(act.value(), draft.policy)
            : Values.id(act.value(), draft.policy);
    if (!(normalised instanceof Normalised.Value value)) {
      boolean blocked = normalised instanceof Normalised.Blocked;
      return draft.rejected(Rule.M3, blocked ? Reason.VALUE_BLOCKED : Reason.VALUE_MALFORMED);
    }
    User from = draft.matches.user(act.from());
    User to = draft.matches.user(act.to());
    if (from == null || to == null) {
      return draft.rejected(Rule.M3, Reason.UNKNOWN_USER);
    }
    if (!from.id().equals(act.from()) || !to.id().equals(act.to())) {
      return draft.rejected(Rule.M3, Reason.ABSORBED_USER);
    }
    if (from.id().equals(to.id())) {
      return draft.rejected(Rule.M3, Reason.SAME_USER);
    }
    Identifier identifier = new Identifier(act.type(), value.value());
    Held moved = heldBy(from, identifier);
    if (moved == null) {
      return draft.rejected(Rule.M3, Reason.NOT_HELD);
    }
    if (from.identifiers().stream()
        .noneMatch(held -> held.matches() && !held.id().equals(identifier))) {
      return draft.rejected(Rule.M3, Reason.LAST_IDENTIFIER);
    }
    if (to.root().held(identifier) == null
        && to.identifierCount() >= draft.policy.limits().identifiersPerUser()) {
      return draft.rejected(Rule.M3, Reason.LIMIT_REACHED);
    }

    User left = from;
    for (Part part : from.parts()) {
      if (part.held(identifier) != null) {
        left = left.with(promoted(part.without(identifier), identifier.type()));
      }
    }
    draft.take(to, to.id());
    Held own = heldBy(to, identifier);
    if (own == null || !own.matches() || Boolean.TRUE.equals(act.current())) {
      receive(moved, shows(to, identifier.type()), act.current(), draft);
    }
    draft.beside(left);
    return draft.done(Rule.M3);
  }

  /** As the user holds it: where several parts do, as the one that it still matches. */
  private static @Nullable Held heldBy(User user, Identifier identifier) {
    Held found = null;
    for (Part part : user.parts()) {
      Held held = part.held(identifier);
      if (held != null && (found == null || held.matches())) {
        found = held;
      }
    }
    return found;
  }

  private static @Nullable Held shows(User user, IdentifierType type) {
    return switch (type.kind()) {
      case EXTERNAL -> user.externalId();
      case EMAIL -> user.email();
      case BILLING -> user.billingId(type);
      case RECORD, FALLBACK -> null;
    };
  }

  /**
   * It comes as what it was; made current beside another one, it is the person's word, from now on.
   */
  private static void receive(
      Held moved, @Nullable Held shown, @Nullable Boolean wish, Draft draft) {
    IdentifierType.Kind kind = moved.type().kind();
    if (kind == IdentifierType.Kind.RECORD || kind == IdentifierType.Kind.FALLBACK) {
      draft.put(draft.part().with(moved));
      return;
    }
    boolean current = wish == null ? shown == null && moved.matches() : wish;
    if (!current) {
      draft.put(draft.part().with(moved.withCurrent(false)));
    } else if (shown == null) {
      draft.put(draft.part().withCurrent(moved.withCurrent(true)));
    } else {
      draft.put(draft.part().withCurrent(draft.restated(moved).withLastSeen(moved.lastSeen())));
    }
  }

  /**
   * Where the part's current external id or billing id went, the one before it is current again; an
   * email that was replaced still finds nobody.
   */
  private static Part promoted(Part part, IdentifierType type) {
    boolean may =
        type.kind() == IdentifierType.Kind.EXTERNAL || type.kind() == IdentifierType.Kind.BILLING;
    if (!may || part.current(type) != null) {
      return part;
    }
    Held last = null;
    for (Held held : part.identifiers()) {
      if (held.type().equals(type) && (last == null || held.outranks(last))) {
        last = held;
      }
    }
    return last == null ? part : part.with(last.withCurrent(true));
  }

  /** M2. The bars stand on the users' own parts, which is enough: G2 asks all parts. */
  static Decision keepApart(Claim.KeepApart act, Draft draft) {
    Reason refusal = refusal(act.users(), draft);
    if (refusal != null) {
      return draft.rejected(Rule.M2, refusal);
    }
    List<User> before = users(act.users(), draft);
    List<User> now = new ArrayList<>();
    for (User user : before) {
      User next = user;
      for (User other : before) {
        if (!other.id().equals(user.id())) {
          next = act.lift() ? lifted(next, other) : barred(next, user, other);
        }
      }
      int bars = next.root().bars().size();
      // A limit that was lowered since stands in the way of more alone.
      if (bars > user.root().bars().size() && bars > draft.policy.limits().identifiersPerUser()) {
        return draft.rejected(Rule.M2, Reason.LIMIT_REACHED);
      }
      now.add(next);
    }
    return draft.byHand(Rule.M2, before.getFirst().id(), changed(before, now));
  }

  private static User barred(User next, User user, User other) {
    if (Guard.barred(user, other)) {
      return next;
    }
    Set<UUID> bars = new HashSet<>(next.root().bars());
    bars.add(other.id());
    return next.with(next.root().withBars(bars));
  }

  private static User lifted(User user, User other) {
    User next = user;
    for (Part part : user.parts()) {
      Set<UUID> bars = new HashSet<>(part.bars());
      if (bars.removeIf(other::contains)) {
        next = next.with(part.withBars(bars));
      }
    }
    return next;
  }

  private static List<User> changed(List<User> before, List<User> now) {
    List<User> changed = new ArrayList<>(now);
    changed.removeAll(before);
    return changed;
  }

  /**
   * A flag that is closed cannot be settled a second time; what it is about is left alone then. F1
   * where nothing but the flag is settled.
   */
  static Decision settle(Claim.SettleFlag settle, Stamp stamp, Draft draft) {
    Claim act = settle.act();
    boolean open = draft.matches.flagOpen(settle.flag());
    if (act == null) {
      return open
          ? draft.settled(Rule.F1, settle.users().isEmpty() ? null : settle.users().getFirst())
          : draft.rejected(Rule.F1, Reason.FLAG_CLOSED);
    }
    if (open) {
      return Resolution.decide(act, stamp, draft.matches, draft.policy);
    }
    return draft.rejected(act instanceof Claim.MergeByHand ? Rule.M1 : Rule.M2, Reason.FLAG_CLOSED);
  }

  /** Why these cannot be two or more live users that are meant, or null. */
  private static @Nullable Reason refusal(List<UUID> ids, Draft draft) {
    Set<UUID> seen = new HashSet<>();
    for (UUID id : ids) {
      User user = draft.matches.user(id);
      if (user == null) {
        return Reason.UNKNOWN_USER;
      }
      if (!user.id().equals(id)) {
        return Reason.ABSORBED_USER;
      }
      if (!seen.add(id)) {
        return Reason.SAME_USER;
      }
    }
    return seen.size() < 2 ? Reason.SAME_USER : null;
  }

  private static List<User> users(List<UUID> ids, Draft draft) {
    List<User> users = new ArrayList<>();
    for (UUID id : ids) {
      users.add(Objects.requireNonNull(draft.matches.user(id)));
    }
    return users;
  }

  private static @Nullable User among(List<User> users, UUID id) {
    for (User user : users) {
      if (user.id().equals(id)) {
        return user;
      }
    }
    return null;
  }

  /** What the person picked of this user. Picking a billing id picks it under every provider. */
  private static Map<String, UUID> picked(User user, Map<String, UUID> fields) {
    Map<String, UUID> picked = user.showing();
    picked.keySet().removeIf(field -> !user.id().equals(fields.get(pickedBy(field))));
    return picked;
  }

  private static String pickedBy(String field) {
    boolean billing =
        field.equals(User.BILLING)
            || IdentifierType.of(field).kind() == IdentifierType.Kind.BILLING;
    return billing ? IdentifierType.BILLING_ID.name() : field;
  }

  /** Merging two by hand says that what kept them apart is no longer so. */
  private static void liftBars(Draft draft) {
    Set<UUID> together = new HashSet<>();
    for (Part part : draft.user().parts()) {
      together.add(part.id());
    }
    for (Part part : draft.user().parts()) {
      Set<UUID> bars = new HashSet<>(part.bars());
      if (bars.removeAll(together)) {
        draft.put(part.withBars(bars));
      }
    }
  }
}
