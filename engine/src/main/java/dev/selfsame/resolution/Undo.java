package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Taking back a merge (I7): the merge, not the claim. Every claim was written to a part, and the
 * parts are as their own claims left them, so that leaving out the merge restores both users and
 * gives each what was said of it since. What the merging claim would have done without merging was
 * noted when it merged ({@link #instead}).
 */
final class Undo {

  private final Claim.UndoMerge act;
  private final Draft draft;
  private final User whole;

  /** The users that come of it, by id. */
  private final Map<UUID, User> users = new LinkedHashMap<>();

  private Undo(Claim.UndoMerge act, Draft draft, User whole) {
    this.act = act;
    this.draft = draft;
    this.whole = whole;
  }

  /**
   * Where the parts of the users that a claim merged would stand otherwise, had it not merged.
   *
   * @param joined the parts as they were when it merged them
   * @param apart the users that its form without a merge would change, as it would leave them
   */
  static List<Instead> instead(Decision decision, Map<UUID, Part> joined, List<User> apart) {
    List<Instead> differences = new ArrayList<>();
    for (Part made : decision.users().getFirst().parts()) {
      Part otherwise = joined.getOrDefault(made.id(), made);
      for (User user : apart) {
        otherwise = user.contains(made.id()) ? user.part(made.id()) : otherwise;
      }
      Instead difference = Instead.of(made, otherwise);
      if (difference != null) {
        differences.add(difference);
      }
    }
    return differences;
  }

  /** U1. */
  static Decision merge(Claim.UndoMerge act, Draft draft) {
    User whole = draft.matches.user(act.absorbed());
    if (whole == null) {
      return draft.rejected(Rule.U1, Reason.UNKNOWN_MERGE);
    }
    for (Merge merge : whole.merges()) {
      if (merge.position() == act.position() && merge.ordinal() == act.ordinal()) {
        return new Undo(act, draft, whole).without(merge);
      }
    }
    return draft.rejected(Rule.U1, Reason.ALREADY_UNDONE);
  }

  private Decision without(Merge merge) {
    whole.without(merge).forEach(this::put);
    takeBack();
    User stays = of(merge.survivor());
    User lives = of(merge.absorbed());
    if (draft.policy.uniqueEmails()) {
      for (String email : shared(stays, lives)) {
        separate(email, merge);
      }
    }
    liftedAgain();
    bar(merge.survivor(), merge.absorbed());
    conflicts();

    draft.take(of(merge.absorbed()), merge.absorbed());
    for (User user : users.values()) {
      if (!user.contains(merge.absorbed())) {
        draft.beside(user);
      }
    }
    return draft.undone(Rule.U1);
  }

  private void put(User user) {
    users.put(user.id(), user);
  }

  /** The user that the part belongs to from now on. */
  private User of(UUID part) {
    User user = known(part);
    if (user == null) {
      throw new IllegalStateException("Part " + part + " has no user. Indicates a bug");
    }
    return user;
  }

  /** The same; null where it was erased. */
  private @Nullable User known(UUID part) {
    for (User user : users.values()) {
      if (user.contains(part)) {
        return user;
      }
    }
    // Another undo may have taken the part away before.
    return draft.matches.user(part);
  }

  private void change(UUID part, UnaryOperator<Part> change) {
    User user = of(part);
    Part now = user.part(part);
    Part next = change.apply(now);
    if (!next.equals(now)) {
      put(user.with(next));
    }
  }

  /** The merging claim counts as its form without a merge. */
  private void takeBack() {
    Map<Identifier, UUID> gone = new LinkedHashMap<>();
    for (Instead each : act.instead()) {
      User user = known(each.part());
      if (user == null) {
        continue;
      }
      Part before = user.part(each.part());
      change(each.part(), each::takenBack);
      Part after = of(each.part()).part(each.part());
      for (Held held : before.identifiers()) {
        if (after.held(held.id()) == null) {
          gone.put(held.id(), each.part());
        } else if (becameCurrentEmail(held, after)) {
          keepUnlessTaken(each.part(), held.id());
        }
      }
    }
    for (Instead each : act.instead()) {
      if (known(each.part()) != null) {
        for (Held held : each.toCome()) {
          come(each.part(), held, gone.get(held.id()));
        }
      }
    }
  }

  private static boolean becameCurrentEmail(Held was, Part after) {
    Held now = after.held(was.id());
    return was.type().equals(IdentifierType.EMAIL)
        && !was.current()
        && now != null
        && now.current();
  }

  /** An identifier that the merging claim would have brought to the part. */
  private void come(UUID part, Held held, @Nullable UUID left) {
    if (of(part).part(part).held(held.id()) != null) {
      return;
    }
    if (held.type().equals(IdentifierType.EMAIL)) {
      boolean current = held.current() && of(part).part(part).current(held.type()) == null;
      change(part, now -> now.with(held.withCurrent(current)));
      keepUnlessTaken(part, held.id());
      return;
    }
    User holder = draft.matches.holder(held.id());
    if (left != null || holder == null) {
      boolean record = held.type().kind() == IdentifierType.Kind.RECORD;
      boolean current = record || of(part).part(part).current(held.type()) == null;
      change(part, now -> now.with(held.withCurrent(held.current() && current)));
      if (record && left != null) {
        draft.raise(Flag.Kind.RECORD_MOVED, List.of(of(part).id(), of(left).id()), held.id());
      }
    } else if (known(holder.id()) == null || !users.containsKey(of(holder.id()).id())) {
      draft.raise(Flag.Kind.UNDO_CONFLICT, List.of(of(part).id(), holder.id()), held.id());
    }
  }

  /** G3: an email that comes back stays with a third user that has it by now. */
  private void keepUnlessTaken(UUID part, Identifier email) {
    if (!draft.policy.uniqueEmails()) {
      return;
    }
    EmailHolders holders = draft.matches.emailHolders(email.value());
    List<User> others = new ArrayList<>(holders.idless());
    others.addAll(holders.identified());
    for (User other : others) {
      if (!other.id().equals(whole.id()) && !other.contains(part)) {
        draft.raise(Flag.Kind.UNDO_CONFLICT, List.of(of(part).id(), other.id()), email);
        change(part, now -> replaced(now, email));
        return;
      }
    }
  }

  private static Part replaced(Part part, Identifier email) {
    Held held = part.held(email);
    return held == null ? part : part.with(held.withCurrent(false));
  }

  private static Set<String> shared(User one, User other) {
    Set<String> shared = new HashSet<>();
    for (Part part : one.parts()) {
      Held email = part.current(IdentifierType.EMAIL);
      if (email != null && other.has(email.value())) {
        shared.add(email.value());
      }
    }
    return shared;
  }

  /**
   * G3: of an email that both have by now the one keeps it that had it when they were merged; the
   * survivor, if that cannot be told.
   */
  private void separate(String email, Merge merge) {
    Identifier id = Identifier.email(email);
    boolean survivorsIsNew = stated(of(merge.survivor()), id) > merge.position();
    boolean absorbedsIsNew = stated(of(merge.absorbed()), id) > merge.position();
    boolean keeps = !survivorsIsNew || absorbedsIsNew;
    User loser = of(keeps ? merge.absorbed() : merge.survivor());
    User other = of(keeps ? merge.survivor() : merge.absorbed());
    for (Part part : loser.parts()) {
      change(part.id(), now -> replaced(now, id));
    }
    draft.raise(Flag.Kind.EMAIL_CONFLICT, List.of(loser.id(), other.id()), id);
  }

  private static long stated(User user, Identifier email) {
    long first = Long.MAX_VALUE;
    for (Part part : user.parts()) {
      Held held = part.held(email);
      if (held != null && held.current()) {
        first = Math.min(first, held.position());
      }
    }
    return first;
  }

  /** Bars between the two that the merge lifted stand again. */
  private void liftedAgain() {
    for (Instead each : act.instead()) {
      User user = known(each.part());
      if (user != null) {
        for (UUID barred : each.apart().bars()) {
          if (!user.contains(barred)) {
            change(each.part(), now -> barring(now, barred));
          }
        }
      }
    }
  }

  private void bar(UUID one, UUID other) {
    change(one, part -> barring(part, other));
    change(other, part -> barring(part, one));
  }

  private static Part barring(Part part, UUID other) {
    Set<UUID> bars = new HashSet<>(part.bars());
    bars.add(other);
    return part.withBars(bars);
  }

  /** What left one of the two for a third user stays there. */
  private void conflicts() {
    act.left()
        .forEach((identifier, part) -> {
          User had = known(part);
          for (User holder : had == null ? List.<User>of() : holders(identifier)) {
            if (!users.containsKey(holder.id()) && !holder.id().equals(whole.id())) {
              draft.raise(Flag.Kind.UNDO_CONFLICT, List.of(of(part).id(), holder.id()), identifier);
            }
          }
        });
  }

  private List<User> holders(Identifier identifier) {
    if (identifier.type().equals(IdentifierType.EMAIL)) {
      return List.of();
    }
    User holder = draft.matches.holder(identifier);
    return holder == null ? List.of() : List.of(holder);
  }
}
