package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.List;

/** The channel {@code billing}: customers of Stripe and Chargebee. */
final class Billing {

  private Billing() {}

  /** The rows S. */
  static Decision customer(Claim.Customer claim, Draft draft) {
    IdentifierType provider = draft.idType();
    Normalised customerId = Values.id(claim.customerId(), draft.policy);
    if (!(customerId instanceof Value id)) {
      return draft.rejected(Rule.G6, Refusal.ofRecordId(customerId));
    }
    Identifier customer = new Identifier(provider, id.value());
    Identifier unverified = new Identifier(IdentifierType.BILLING_ID, id.value());
    if (draft.matches.suppressed(customer) || draft.matches.suppressed(unverified)) {
      return draft.skipped(Rule.K22, Reason.SUPPRESSED);
    }
    List<User> holders = draft.matches.billingHolders(customer);
    if (!holders.isEmpty()) {
      takeHolder(holders.getFirst(), customer, unverified, draft);
    }
    if (claim.deleted()) {
      draft.deleted(customer);
      return draft.done(Rule.S5);
    }
    Value email = draft.email(claim.email(), Rule.G6);
    User holder = holders.isEmpty() ? null : holders.getFirst();
    Others others = draft.others(email, holder, null);
    User only = others.only();

    Rule row;
    if (holder != null) {
      row = Rule.S1;
    } else if (email != null && only != null && !Guard.customerOf(only, provider)) {
      row = Rule.S2;
      draft.take(only, Identifier.email(email.value()));
      draft.set(draft.held(customer, id.display()));
    } else {
      row = others.none() ? Rule.S4 : Rule.S3;
      draft.create();
      draft.set(draft.held(customer, id.display()));
    }
    draft.seen(customer);
    if (email != null) {
      draft.email(email, others.beside(draft.user()));
    }
    draft.name(claim.name());
    return draft.done(row);
  }

  /**
   * The customer's user. Where an event named the id before its provider was known, the provider is
   * known now.
   */
  private static void takeHolder(
      User holder, Identifier customer, Identifier unverified, Draft draft) {
    if (holder.holder(customer) != null) {
      draft.take(holder, customer);
      return;
    }
    draft.take(holder, unverified);
    Part part = draft.part();
    Held held = part.held(unverified);
    if (held != null) {
      Held shown = part.current(customer.type());
      boolean current = held.current() && (shown == null || held.outranks(shown));
      Held typed = held.withId(customer).withCurrent(current);
      Part without = part.without(unverified);
      draft.put(current ? without.withCurrent(typed) : without.with(typed));
    }
  }
}
