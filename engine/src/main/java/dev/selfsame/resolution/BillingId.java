package dev.selfsame.resolution;

import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The billing id B that an event or a CSV row names: some provider's, found by value.
 *
 * @param sent what was sent
 * @param holders the users that have it before the claim, under whatever provider
 */
record BillingId(Value sent, List<User> holders) {

  static BillingId of(Value sent, Draft draft) {
    return new BillingId(sent, draft.matches.billingHolders(unknown(sent)));
  }

  private static Identifier unknown(Value sent) {
    return new Identifier(IdentifierType.BILLING_ID, sent.value());
  }

  /** The one id-less user that has it, or null. */
  static @Nullable User idlessHolder(@Nullable BillingId b) {
    if (b == null || b.holders.size() != 1 || b.holders.getFirst().identified()) {
      return null;
    }
    return b.holders.getFirst();
  }

  /** Its holder: of several, under several providers, one that is named otherwise too. */
  @Nullable User holderAmong(List<User> named) {
    for (User holder : holders) {
      if (named.contains(holder)) {
        return holder;
      }
    }
    return holders.isEmpty() ? null : holders.getFirst();
  }

  /**
   * As what G2 counts it: under its provider, where one is known; not at all if the customer is
   * deleted.
   */
  static @Nullable Identifier claimed(@Nullable BillingId b) {
    if (b == null) {
      return null;
    }
    for (User holder : b.holders) {
      Held held = b.in(holder);
      if (held != null) {
        return held.deleted() ? null : held.id();
      }
    }
    return unknown(b.sent);
  }

  /** The part of the user that has it; the user's own if none has. */
  static UUID partOf(User user, @Nullable BillingId b) {
    if (b != null) {
      for (Part part : user.parts()) {
        if (b.in(part) != null) {
          return part.id();
        }
      }
    }
    return user.id();
  }

  /**
   * What a merge of the claim's user with the one that has it shows: this id, since the claim names
   * it (B3). Settled by the merge, so that what the other user said stays as it was.
   */
  static Map<String, UUID> settled(@Nullable BillingId b, User ours, User theirs, Draft draft) {
    Held shown = ours.billingId();
    if (b == null || shown == null) {
      return Map.of();
    }
    for (Part part : theirs.parts()) {
      Held held = b.in(part);
      if (held != null && held.current() && draft.restated(held).outranks(shown)) {
        return Map.of(User.BILLING, part.id(), held.type().name(), part.id());
      }
    }
    return Map.of();
  }

  /** The rows B2 to B6, once the claim's user is settled. */
  void assign(Draft draft) {
    User user = draft.user();
    Held known = in(user);
    Held shown = user.billingId();
    if (known != null) {
      draft.check(Rule.B3);
      Held now = draft.restated(known);
      boolean shows = shown != null && shown.id().equals(known.id());
      if (!shows && (shown == null || now.outranks(shown))) {
        draft.setHeld(now);
      } else if (shows && draft.confirms(known)) {
        draft.confirmHeld(now);
      } else {
        draft.seen(known.id());
      }
    } else if (!holders.isEmpty()) {
      draft.check(Rule.B5);
      draft.flag(Flag.Kind.BILLING_ID_IN_USE, holders, unknown(sent));
      return;
    } else {
      draft.check(shown == null ? Rule.B2 : Rule.B4);
      Held now = draft.held(unknown(sent), sent.display());
      if (shown == null || now.outranks(shown)) {
        draft.set(now);
      } else {
        draft.add(now.withCurrent(false));
      }
    }
    unverified(draft);
  }

  /** B6. */
  private void unverified(Draft draft) {
    Held held = in(draft.user());
    if (held != null
        && held.type().equals(IdentifierType.BILLING_ID)
        && !draft.policy.billingProviders().isEmpty()) {
      draft.check(Rule.B6);
      draft.flag(Flag.Kind.BILLING_ID_UNVERIFIED, List.of(), held.id());
    }
  }

  private @Nullable Held in(User user) {
    for (Part part : user.parts()) {
      Held held = in(part);
      if (held != null) {
        return held;
      }
    }
    return null;
  }

  private @Nullable Held in(Part part) {
    for (Held held : part.identifiers()) {
      if (held.type().kind() == IdentifierType.Kind.BILLING && held.value().equals(sent.value())) {
        return held;
      }
    }
    return null;
  }
}
