package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.User;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The channel {@code warehouse}: rows of a query. The external id comes first, then the fallback
 * id; the row's other columns never match.
 */
final class Warehouse {

  private final Claim.WarehouseRow claim;
  private final Draft draft;
  private final @Nullable Value p;
  private final @Nullable Value f;

  private Warehouse(Claim.WarehouseRow claim, Draft draft, @Nullable Value p, @Nullable Value f) {
    this.claim = claim;
    this.draft = draft;
    this.p = p;
    this.f = f;
  }

  /** The rows V. */
  static Decision row(Claim.WarehouseRow claim, Draft draft) {
    if (claim.again()) {
      draft.check(Rule.V9);
      draft.warn(Decision.Warning.Kind.ROW_REPEATED, "external_id");
    }
    Value p = draft.usable(Values.id(claim.externalId(), draft.policy), "external_id", Rule.G6);
    Value f = draft.usable(Values.fallback(claim, draft.policy), "fallback", Rule.G6);
    if (p != null && draft.matches.suppressed(externalId(p))) {
      return draft.skipped(Rule.K22, Reason.SUPPRESSED);
    }
    if (f != null && suppressed(claim, f, draft)) {
      if (p == null) {
        return draft.skipped(Rule.K22, Reason.SUPPRESSED);
      }
      draft.check(Rule.K22);
      draft.warn(Decision.Warning.Kind.VALUE_SUPPRESSED, "fallback");
      f = null;
    }
    return new Warehouse(claim, draft, p, f).decide();
  }

  private static boolean suppressed(Claim.WarehouseRow claim, Value f, Draft draft) {
    return draft.matches.suppressed(fallbackId(f, draft))
        || (claim.fallbackIsEmail() && draft.matches.suppressed(Identifier.email(f.value())));
  }

  private Decision decide() {
    User a = p == null ? null : draft.matches.holder(externalId(p));
    if (f == null && p == null) {
      return draft.rejected(Rule.V7, Reason.NO_ID);
    }
    Value email = draft.email(claim.email(), Rule.G6);
    Others named = named(a);
    if (p == null) {
      return unidentified(named, email);
    }
    return a == null ? unknown(p, named, email) : known(p, a, named, email);
  }

  /** Whom the fallback id names, beside the user with the external id. */
  private Others named(@Nullable User a) {
    if (f == null) {
      return Others.NONE;
    }
    User holder = draft.matches.holder(fallbackId(f, draft));
    if (holder == null) {
      return claim.fallbackIsEmail() ? draft.others(f, a, null) : Others.NONE;
    }
    if (a != null && holder.id().equals(a.id())) {
      return Others.NONE;
    }
    return holder.identified()
        ? new Others(List.of(), List.of(holder), 0, 1)
        : new Others(List.of(holder), List.of(), 1, 0);
  }

  /** V1 to V2c: a user has the external id. */
  private Decision known(Value p, User a, Others named, @Nullable Value email) {
    draft.take(a, externalId(p));
    draft.seen(externalId(p));
    User match = named.onlyIdless();
    if (match != null) {
      Verdict verdict = draft.guard.merge(a, match, null);
      if (!verdict.allowed()) {
        draft.forbidden(verdict, List.of(match));
        return written(Rule.V2B, email);
      }
      draft.merge(match, Rule.V2);
      takeFallback();
      return written(Rule.V2, email);
    }
    if (!named.none()) {
      flagFallback(Flag.Kind.SAME_FALLBACK, named);
      return written(Rule.V2C, email);
    }
    takeFallback();
    return written(Rule.V1, email);
  }

  /** V3, V4 and V8: nobody has the external id. */
  private Decision unknown(Value p, Others named, @Nullable Value email) {
    User match = named.onlyIdless();
    Verdict verdict = match == null ? null : draft.guard.adopt(match, null);
    if (match != null && verdict != null && verdict.allowed()) {
      takeNamed(match);
      draft.externalId(p);
      takeFallback();
      return written(Rule.V3, email);
    }
    Rule row = named.none() ? Rule.V4 : Rule.V8;
    if (!draft.source.createsUsers()) {
      return draft.skipped(row, Reason.UPDATE_ONLY);
    }
    draft.create();
    draft.externalId(p);
    if (named.none()) {
      takeFallback();
    } else {
      if (match != null && verdict != null) {
        draft.forbidden(verdict, List.of(match));
      }
      flagFallback(Flag.Kind.SAME_FALLBACK, named);
    }
    return written(row, email);
  }

  /** V5 to V6: there is no external id yet. */
  private Decision unidentified(Others named, @Nullable Value email) {
    User only = named.only();
    if (only != null) {
      takeNamed(only);
      takeFallback();
      return written(Rule.V5, email);
    }
    if (!named.none()) {
      flagFallback(Flag.Kind.AMBIGUOUS_FALLBACK, named);
      return draft.skipped(Rule.V5B, Reason.AMBIGUOUS_FALLBACK);
    }
    if (!draft.source.createsUsers()) {
      return draft.skipped(Rule.V6, Reason.UPDATE_ONLY);
    }
    draft.create();
    takeFallback();
    return written(Rule.V6, email);
  }

  /** What every row that has a user ends with: the fields and the accounts. */
  private Decision written(Rule row, @Nullable Value email) {
    if (email != null) {
      draft.email(email, draft.others(email, draft.user(), null).beside(draft.user()));
    }
    draft.name(claim.name());
    accounts();
    return draft.done(row);
  }

  private void accounts() {
    Set<String> accounts = new HashSet<>();
    Set<UUID> named = new HashSet<>();
    // A row that repeats an external id says what else there is. Whom a row means by an account
    // that cannot be used, nobody can tell.
    boolean replaces = claim.replacesAccounts() && !claim.again();
    // Whose name it is, of several, nobody can tell.
    Raw name = claim.accounts().size() == 1 ? claim.accountName() : Raw.ABSENT;
    for (Raw raw : claim.accounts()) {
      Normalised id = Values.id(raw, draft.policy);
      Value account = draft.usable(id, "account_id", Rule.G6);
      replaces &= account != null || id instanceof Normalised.Absent;
      if (account != null && accounts.add(account.value())) {
        named.add(draft.account(account, name, Raw.ABSENT));
      }
    }
    if (replaces) {
      takeOffAllBut(named);
    }
  }

  /**
   * The links that this source made where the row's ids stand: those of another row about the same
   * user are that row's.
   */
  private void takeOffAllBut(Set<UUID> named) {
    Set<UUID> parts = new LinkedHashSet<>();
    parts.add(draft.part().id());
    Part former = f == null ? null : draft.user().holder(fallbackId(f, draft));
    if (former != null) {
      parts.add(former.id());
    }
    for (UUID part : parts) {
      for (UUID account : draft.matches.linkedBy(draft.source.number(), part)) {
        if (!named.contains(account)) {
          draft.link(account, part, Decision.Link.How.REMOVED);
        }
      }
    }
  }

  /** The user that the fallback id names; the claim is written to the part that has it. */
  private void takeNamed(User named) {
    if (f == null) {
      throw new IllegalStateException("Nobody is named without a fallback id. Indicates a bug");
    }
    Identifier id = fallbackId(f, draft);
    draft.take(named, named.holder(id) == null ? Identifier.email(f.value()) : id);
  }

  private void takeFallback() {
    if (f != null) {
      draft.recordId(fallbackId(f, draft), f);
    }
  }

  private void flagFallback(Flag.Kind kind, Others named) {
    draft.flag(kind, named.known(), f == null ? null : fallbackId(f, draft));
  }

  private static Identifier externalId(Value p) {
    return Identifier.externalId(p.value());
  }

  private static Identifier fallbackId(Value f, Draft draft) {
    return new Identifier(draft.idType(), f.value());
  }
}
