package dev.selfsame.resolution;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Claim.LinkAccount.Linking;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Accounts as programs and people write them, by their external ids. Strict: what cannot be so as a
 * whole is refused as a whole.
 */
final class Accounts {

  private static final String EXTERNAL_ID = "external_id";
  private static final String NAME = "name";
  private static final String DOMAIN = "domain";

  private Accounts() {}

  /** The rows H2 to H8. */
  static Decision decide(Claim.AccountAct act, Draft draft) {
    return switch (act) {
      case Claim.PutAccount put -> put(put, draft);
      case Claim.DeleteAccount delete -> delete(delete, draft);
      case Claim.LinkAccount link -> link(link, draft);
      case Claim.MergeAccounts merge -> merge(merge, draft);
    };
  }

  private static Decision put(Claim.PutAccount claim, Draft draft) {
    Rule row = claim.create() ? Rule.H2 : Rule.H3;
    Normalised id = Values.id(claim.externalId(), draft.policy);
    Normalised domain = Values.domain(claim.domain(), draft.policy);
    Normalised name = Values.text(claim.name());
    Value usable = draft.usable(id, EXTERNAL_ID, Rule.G6);
    Value ofDomain = draft.usable(domain, DOMAIN, Rule.G6);
    Value called = draft.usable(name, NAME, Rule.G6);
    for (Normalised each : List.of(id, domain, name)) {
      if (each instanceof Normalised.Blocked) {
        return draft.rejected(row, Reason.VALUE_BLOCKED);
      }
      if (each instanceof Normalised.Malformed) {
        return draft.rejected(row, Reason.VALUE_MALFORMED);
      }
    }
    if (usable == null) {
      return draft.rejected(row, Reason.NO_KEY);
    }
    Account known = draft.matches.account(usable.value());
    if (claim.create() && known != null) {
      return draft.rejected(row, Reason.EXTERNAL_ID_CONFLICT);
    }
    if (!claim.create() && known == null) {
      return draft.rejected(row, Reason.UNKNOWN_ACCOUNT);
    }
    Field had = known == null ? null : known.domain();
    if (ofDomain != null && taken(ofDomain, had, draft)) {
      return draft.rejected(row, Reason.DOMAIN_CONFLICT);
    }
    Account now =
        new Account(
            known == null ? draft.newAccountId() : known.id(),
            known == null ? usable.value() : known.externalId(),
            field(claim, NAME, known == null ? null : known.name(), called, draft),
            field(claim, DOMAIN, had, ofDomain, draft));
    draft.putAccount(known, now, claim.traits());
    return draft.done(row);
  }

  /** Groups may have given one domain to several: to say again what stands is no conflict. */
  private static boolean taken(Value domain, @Nullable Field had, Draft draft) {
    return (had == null || !had.value().equals(domain.value()))
        && !draft.matches.accountsOfDomain(domain.value()).isEmpty();
  }

  private static @Nullable Field field(
      Claim.PutAccount claim, String name, @Nullable Field had, @Nullable Value now, Draft draft) {
    return claim.cleared().contains(name) ? null : draft.accountField(had, now);
  }

  private static Decision delete(Claim.DeleteAccount claim, Draft draft) {
    Account account = draft.matches.account(claim.externalId());
    if (account == null) {
      return draft.rejected(Rule.H4, Reason.UNKNOWN_ACCOUNT);
    }
    draft.gone(account, null);
    return draft.done(Rule.H4);
  }

  /** What the other lacks it has of the one that goes. */
  private static Decision merge(Claim.MergeAccounts claim, Draft draft) {
    Account from = draft.matches.account(claim.from());
    Account into = draft.matches.account(claim.into());
    if (from == null || into == null) {
      return draft.rejected(Rule.H7, Reason.UNKNOWN_ACCOUNT);
    }
    if (from.id().equals(into.id())) {
      return draft.rejected(Rule.H7, Reason.SAME_ACCOUNT);
    }
    Account now =
        new Account(
            into.id(),
            into.externalId(),
            into.name() == null ? from.name() : into.name(),
            into.domain() == null ? from.domain() : into.domain());
    draft.putAccount(into, now, true);
    draft.gone(from, now);
    return draft.done(Rule.H7);
  }

  private static Decision link(Claim.LinkAccount claim, Draft draft) {
    Rule row =
        switch (claim.linking()) {
          case LINKED, CHOSEN -> Rule.H5;
          case UNLINKED -> Rule.H6;
          case BY_DOMAIN -> Rule.H8;
        };
    Account account = draft.matches.account(claim.externalId());
    if (account == null) {
      return draft.rejected(row, Reason.UNKNOWN_ACCOUNT);
    }
    User user = draft.matches.user(claim.user());
    if (user == null) {
      return draft.rejected(row, Reason.UNKNOWN_USER);
    }
    if (!user.id().equals(claim.user()) && claim.linking() != Linking.BY_DOMAIN) {
      return draft.rejected(row, Reason.ABSORBED_USER);
    }
    List<Part> linked =
        user.parts().stream()
            .filter(part -> draft.matches.linked(account.id(), part.id()))
            .toList();
    if (claim.linking() == Linking.UNLINKED && linked.isEmpty()) {
      return draft.rejected(row, Reason.NOT_LINKED);
    }
    draft.take(user, linked.isEmpty() ? user.id() : linked.getFirst().id());
    switch (claim.linking()) {
      case LINKED -> {
        if (linked.isEmpty()) {
          draft.link(account.id());
        }
      }
      case CHOSEN -> {
        // What shows already may be chosen all the same: then no row takes it away.
        boolean chosen =
            linked.stream().anyMatch(part -> draft.matches.chosen(account.id(), part.id()));
        if (!chosen || !account.id().equals(draft.matches.company(user))) {
          draft.link(account.id(), draft.part().id(), Decision.Link.How.CHOSEN);
        }
      }
      case UNLINKED ->
          linked.forEach(part -> draft.link(account.id(), part.id(), Decision.Link.How.REMOVED));
      case BY_DOMAIN -> {
        if (takes(account, user, claim, draft)) {
          draft.link(account.id());
        }
      }
    }
    return draft.done(row);
  }

  /** Whether all is still so as when the user was found. */
  private static boolean takes(Account account, User user, Claim.LinkAccount claim, Draft draft) {
    Value domain =
        Values.domain(claim.domain(), draft.policy) instanceof Value usable ? usable : null;
    Held email = user.email();
    if (domain == null || email == null || draft.matches.company(user) != null) {
      return false;
    }
    List<Account> having = draft.matches.accountsOfDomain(domain.value());
    return domain.value().equals(Values.companyDomain(email.value(), draft.policy))
        && having.size() == 1
        && having.getFirst().id().equals(account.id());
  }
}
