package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a person does by hand. G2 binds rules, not people: only what makes no sense is refused. */
final class ByHand {

  private ByHand() {}

  /** M1. */
  static Decision merge(Claim.MergeByHand act, Draft draft) {
    List<User> users = new ArrayList<>();
    for (UUID id : act.users()) {
      User user = draft.matches.user(id);
      if (user == null) {
        return draft.rejected(Rule.M1, Reason.UNKNOWN_USER);
      }
      if (!user.id().equals(id)) {
        return draft.rejected(Rule.M1, Reason.ABSORBED_USER);
      }
      if (users.contains(user)) {
        return draft.rejected(Rule.M1, Reason.SAME_USER);
      }
      users.add(user);
    }
    if (users.size() < 2) {
      return draft.rejected(Rule.M1, Reason.SAME_USER);
    }
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
