package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.User;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The channel {@code segment}: identify, alias, group and delete. */
final class Segment {

  private Segment() {}

  /** The checks in their order, the K row, then the B row. */
  static Decision identify(Claim.Identify claim, Draft draft) {
    Normalised userId = Values.id(claim.userId(), draft.policy);
    if (!(userId instanceof Value id)) {
      return refusedId(userId, draft);
    }
    Identifier u = Identifier.externalId(id.value());
    if (draft.matches.suppressed(u)) {
      return draft.skipped(Rule.K22, Reason.SUPPRESSED);
    }
    Value email = draft.email(claim.email(), Rule.K17);
    User a = draft.matches.holder(u);
    if (a != null) {
      takeIdentified(a, u, draft);
      if (email != null && draft.olderThan(a, email)) {
        draft.check(Rule.K20);
        email = null;
      }
    }
    BillingId billingId = billingId(claim, draft);
    Others others = draft.others(email, a, null);

    int m0 = others.m0();
    User match = others.onlyIdless();
    User customer = draft.policy.matchOnBillingId() ? BillingId.idlessHolder(billingId) : null;
    if (customer != null) {
      // Where several have the email, the one that also has the billing id is the one; another
      // email's holder is one more.
      boolean one = m0 == 0 || (email != null && customer.has(email.value()));
      m0 = one ? 1 : 2;
      match = one ? customer : null;
    }

    Rule row = row(a != null, email != null || customer != null, m0, others.m1());
    if (row == Rule.K4 && match != null) {
      row = adopt(match, id, email, billingId, draft);
    } else if (row == Rule.K10 && a != null && match != null) {
      row = merge(a, match, email, billingId, draft);
    } else if (a == null) {
      create(id, draft);
    }
    draft.seen(u);
    if (email != null) {
      draft.email(email, others.beside(draft.user()));
    }
    draft.name(claim.name());
    if (billingId != null && draft.source.trusted()) {
      billingId.assign(draft);
    }
    return draft.done(row);
  }

  /** The table. */
  private static Rule row(boolean known, boolean matching, int m0, int m1) {
    if (!matching) {
      return known ? Rule.K2 : Rule.K1;
    }
    if (m0 == 0) {
      if (m1 == 0) {
        return known ? Rule.K9 : Rule.K3;
      }
      return known ? Rule.K11 : Rule.K5;
    }
    if (m0 == 1) {
      if (m1 == 0) {
        return known ? Rule.K10 : Rule.K4;
      }
      return known ? Rule.K12 : Rule.K6;
    }
    if (m1 == 0) {
      return known ? Rule.K13 : Rule.K7;
    }
    return known ? Rule.K14 : Rule.K8;
  }

  private static Rule adopt(
      User match, Value id, @Nullable Value email, @Nullable BillingId billingId, Draft draft) {
    Verdict verdict = draft.guard.adopt(match, BillingId.claimed(billingId));
    if (!verdict.allowed()) {
      create(id, draft);
      draft.forbidden(verdict, List.of(match));
      return Rule.K4B;
    }
    if (email != null && match.holder(Identifier.email(email.value())) != null) {
      draft.take(match, Identifier.email(email.value()));
    } else {
      draft.take(match, BillingId.partOf(match, billingId));
    }
    draft.externalId(id);
    return Rule.K4;
  }

  private static Rule merge(
      User a, User match, @Nullable Value email, @Nullable BillingId billingId, Draft draft) {
    Verdict verdict = draft.guard.merge(a, match, BillingId.claimed(billingId));
    if (!verdict.allowed()) {
      draft.forbidden(verdict, List.of(match));
      return Rule.K10B;
    }
    boolean changesEmail = email != null && a.email() != null && !a.has(email.value());
    if (changesEmail && !draft.policy.mergeOnEmailChange()) {
      return Rule.K10B;
    }
    draft.merge(match, Rule.K10, BillingId.settled(billingId, a, match, draft));
    return Rule.K10;
  }

  /** K1: a user with nothing but the id. */
  private static void create(Value id, Draft draft) {
    draft.create();
    draft.externalId(id);
  }

  /** a, with the claim written to the part that has the id. */
  private static void takeIdentified(User a, Identifier u, Draft draft) {
    draft.take(a, u);
    Held shown = a.externalId();
    if (shown == null || !shown.id().equals(u)) {
      draft.check(Rule.K21);
    }
  }

  /** The first usable one of the two traits. */
  private static @Nullable BillingId billingId(Claim.Identify claim, Draft draft) {
    BillingId first = billingId(claim.billingUserId(), "billingUserId", draft);
    return first != null ? first : billingId(claim.billingId(), "billingId", draft);
  }

  private static @Nullable BillingId billingId(Raw raw, String field, Draft draft) {
    Value value = draft.usable(Values.id(raw, draft.policy), field, Rule.B7);
    return value == null || !draft.allowedBillingId(value.value(), field)
        ? null
        : BillingId.of(value, draft);
  }

  /** L1 to L5. */
  static Decision alias(Claim.Alias claim, Draft draft) {
    if (!draft.source.trusted()) {
      return draft.rejected(Rule.G2, Reason.UNTRUSTED_SOURCE);
    }
    Normalised userId = Values.id(claim.userId(), draft.policy);
    Normalised previousId = Values.id(claim.previousId(), draft.policy);
    if (!(userId instanceof Value id)) {
      return draft.rejected(Rule.L5, Refusal.ofId(userId));
    }
    if (!(previousId instanceof Value previous)) {
      return draft.rejected(Rule.L5, Refusal.ofId(previousId));
    }
    Identifier uId = Identifier.externalId(id.value());
    Identifier pId = Identifier.externalId(previous.value());
    if (draft.matches.suppressed(uId) || draft.matches.suppressed(pId)) {
      return draft.skipped(Rule.K22, Reason.SUPPRESSED);
    }
    User u = draft.matches.holder(uId);
    User p = draft.matches.holder(pId);
    if (p == null) {
      return draft.skipped(Rule.L4, Reason.ALIAS_UNKNOWN);
    }
    if (u == null) {
      draft.take(p, pId);
      draft.seen(pId);
      draft.externalId(id);
      return draft.done(Rule.L3);
    }
    draft.take(u, uId);
    draft.seen(uId);
    if (p.id().equals(u.id())) {
      draft.seen(pId);
      return draft.done(Rule.L1);
    }
    Verdict verdict = draft.guard.alias(u, p, null);
    if (!verdict.allowed()) {
      draft.flag(Flag.Kind.ALIAS_CONFLICT, List.of(p), null);
      draft.forbidden(verdict, List.of(p));
      return draft.done(Rule.L2);
    }
    draft.merge(p, Rule.L2, u.showing());
    draft.seen(pId);
    return draft.done(Rule.L2);
  }

  /** H1: the account, then its link with the user. */
  static Decision group(Claim.Group claim, Draft draft) {
    Normalised groupId = Values.id(claim.groupId(), draft.policy);
    if (!(groupId instanceof Value group)) {
      return draft.rejected(Rule.H1, Refusal.ofGroupId(groupId));
    }
    Normalised userId = Values.id(claim.userId(), draft.policy);
    if (!(userId instanceof Value) && !(userId instanceof Normalised.Absent)) {
      return refusedId(userId, draft);
    }
    if (userId instanceof Value id) {
      Identifier u = Identifier.externalId(id.value());
      if (draft.matches.suppressed(u)) {
        return draft.skipped(Rule.K22, Reason.SUPPRESSED);
      }
      User a = draft.matches.holder(u);
      if (a == null) {
        draft.check(Rule.K1);
        create(id, draft);
      } else {
        takeIdentified(a, u, draft);
        draft.seen(u);
      }
    }
    draft.account(group, claim.name(), claim.domain());
    return draft.done(Rule.H1);
  }

  /** D1. */
  static Decision delete(Claim.Delete claim, Draft draft) {
    Normalised userId = Values.id(claim.userId(), draft.policy);
    if (!(userId instanceof Value id)) {
      return refusedId(userId, draft);
    }
    if (!draft.source.trusted()) {
      return draft.rejected(Rule.D1, Reason.UNTRUSTED_SOURCE);
    }
    if (!draft.source.mayErase()) {
      return draft.rejected(Rule.D1, Reason.NOT_ALLOWED);
    }
    Identifier u = Identifier.externalId(id.value());
    if (draft.matches.suppressed(u)) {
      return draft.skipped(Rule.K22, Reason.SUPPRESSED);
    }
    User a = draft.matches.holder(u);
    if (a != null) {
      takeIdentified(a, u, draft);
    }
    return draft.erased(Rule.D1, a == null ? List.of() : List.of(a), List.of(u));
  }

  /** K15 and K16. */
  private static Decision refusedId(Normalised userId, Draft draft) {
    Rule rule = userId instanceof Normalised.Blocked ? Rule.K16 : Rule.K15;
    return draft.rejected(rule, Refusal.ofId(userId));
  }
}
