package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Taking back an adoption or a link (U2): one part becomes two, as {@link Split} found, and what
 * the claims that go had merged with it goes along.
 */
final class Unlink {

  private Unlink() {}

  static Decision decide(Claim.UndoLink act, Stamp stamp, Draft draft) {
    User whole = draft.matches.user(act.part());
    if (whole == null) {
      return draft.rejected(Rule.U2, Reason.UNKNOWN_MERGE);
    }
    if (changed(act, whole)) {
      return draft.rejected(Rule.U2, Reason.CHANGED_SINCE);
    }
    Part stays = act.stays().takenBack(whole.part(act.part()));
    if (stays.identifiers().stream().noneMatch(Held::matches)) {
      return draft.rejected(Rule.U2, Reason.LAST_IDENTIFIER);
    }
    Part goes =
        new Part(
            stamp.newId(),
            stamp.position(),
            stamp.receivedAt(),
            act.goes().name(),
            act.goes().identifiers(),
            Set.of(act.part()));
    Set<UUID> bars = new HashSet<>(stays.bars());
    bars.add(goes.id());
    User left = whole.with(keepUnlessTaken(act, stays.withBars(bars), whole, draft));
    User own = User.of(keepUnlessShared(goes, left, draft));

    List<User> joined = new ArrayList<>();
    List<Merge> merges = new ArrayList<>();
    for (Merge merge : whole.merges().reversed()) {
      if (act.merges().contains(merge.id())) {
        for (User side : left.without(merge)) {
          if (side.contains(act.part())) {
            left = side;
          } else {
            joined.addFirst(side);
            merges.addFirst(merge);
          }
        }
      }
    }
    for (int i = 0; i < joined.size(); i++) {
      own = joined(own, joined.get(i), merges.get(i), i, act.part(), stamp);
    }
    for (Identifier each : act.left().stream().sorted(BY_NAME).toList()) {
      User holder = holder(each, draft);
      if (holder != null && !holder.id().equals(whole.id())) {
        draft.raise(Flag.Kind.UNDO_CONFLICT, List.of(own.id(), holder.id()), each);
      }
    }
    draft.take(own, goes.id());
    draft.beside(left);
    return draft.undone(Rule.U2);
  }

  private static final Comparator<Identifier> BY_NAME = Comparator.comparing(Identifier::toString);

  /** Whether a claim came in between: what the act brings is no longer so. */
  private static boolean changed(Claim.UndoLink act, User whole) {
    Part now = whole.part(act.part());
    Part seen = act.stays().made();
    for (Held held : seen.identifiers()) {
      Held today = now.held(held.id());
      if (today == null || !today.withLastSeen(held.lastSeen()).equals(held)) {
        return true;
      }
    }
    boolean named = !Objects.equals(seen.name(), act.stays().apart().name());
    Field name = now.name();
    return (named && !Objects.equals(name, seen.name()))
        || (name != null && name.position() > act.asOf())
        || now.identifiers().stream().anyMatch(held -> held.position() > act.asOf())
        || whole.merges().stream().anyMatch(merge -> merge.position() > act.asOf());
  }

  /** G3: an email that is current again may be a third user's by now. */
  private static Part keepUnlessTaken(Claim.UndoLink act, Part stays, User whole, Draft draft) {
    Held email = stays.current(IdentifierType.EMAIL);
    if (!draft.policy.uniqueEmails()
        || email == null
        || act.stays().apart().held(email.id()) == null) {
      return stays;
    }
    User other = otherHolder(email.value(), whole.id(), draft);
    if (other == null) {
      return stays;
    }
    draft.raise(Flag.Kind.UNDO_CONFLICT, List.of(whole.id(), other.id()), email.id());
    return stays.with(email.withCurrent(false));
  }

  /** G3: of an email that both have the user who had it first keeps it. */
  private static Part keepUnlessShared(Part goes, User left, Draft draft) {
    Held email = goes.current(IdentifierType.EMAIL);
    if (!draft.policy.uniqueEmails() || email == null) {
      return goes;
    }
    User other = left.has(email.value()) ? left : otherHolder(email.value(), left.id(), draft);
    if (other == null) {
      return goes;
    }
    draft.raise(Flag.Kind.EMAIL_CONFLICT, List.of(goes.id(), other.id()), email.id());
    return goes.without(email.id());
  }

  private static @Nullable User otherHolder(String email, UUID than, Draft draft) {
    EmailHolders holders = draft.matches.emailHolders(email);
    List<User> all = new ArrayList<>(holders.idless());
    all.addAll(holders.identified());
    return all.stream().filter(user -> !user.id().equals(than)).findFirst().orElse(null);
  }

  private static User joined(
      User own, User other, Merge merge, int ordinal, UUID part, Stamp stamp) {
    Map<String, UUID> settled = new HashMap<>(merge.settled());
    settled.replaceAll((field, showing) -> showing.equals(part) ? stamp.newId() : showing);
    boolean first = own.createdBefore(other);
    User survivor = first ? own : other;
    User absorbed = first ? other : own;
    return User.merged(
        survivor,
        absorbed,
        new Merge(
            stamp.position(),
            ordinal,
            survivor.id(),
            absorbed.id(),
            Rule.U2.code(),
            settled,
            merge.survivorship()));
  }

  private static @Nullable User holder(Identifier identifier, Draft draft) {
    return identifier.type().equals(IdentifierType.EMAIL) ? null : draft.matches.holder(identifier);
  }
}
