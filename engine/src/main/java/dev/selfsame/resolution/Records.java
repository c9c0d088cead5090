package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.User;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The channel {@code record}: people as the tools know them. A record's own link comes first, then
 * the external id that the tool has for it, then its email.
 */
final class Records {

  private final Claim.ToolRecord claim;
  private final Draft draft;
  private final Value sent;
  private final Identifier record;

  private Records(Claim.ToolRecord claim, Draft draft, Value sent) {
    this.claim = claim;
    this.draft = draft;
    this.sent = sent;
    this.record = new Identifier(draft.idType(), sent.value());
  }

  /** The rows R. */
  static Decision record(Claim.ToolRecord claim, Draft draft) {
    Normalised recordId = Values.id(claim.recordId(), draft.policy);
    if (!(recordId instanceof Value sent)) {
      return draft.rejected(Rule.G6, Refusal.ofRecordId(recordId));
    }
    return new Records(claim, draft, sent).decide();
  }

  private Decision decide() {
    if (draft.matches.suppressed(record)) {
      return draft.skipped(Rule.K22, Reason.SUPPRESSED);
    }
    User l = draft.matches.holder(record);
    Value into = mergedInto();
    if (into != null) {
      return merged(l, into);
    }
    if (claim.deleted()) {
      return deleted(l);
    }
    Value x = externalId();
    if (x != null && draft.matches.suppressed(externalId(x))) {
      return draft.skipped(Rule.K22, Reason.SUPPRESSED);
    }
    Value email = draft.email(claim.email(), Rule.G6);
    User a = x == null ? null : draft.matches.holder(externalId(x));
    if (l != null) {
      return linked(l, x, a, email);
    }
    return a != null && x != null ? named(x, a, email) : unknown(x, email);
  }

  /** R1 to R1c: the record has a user. */
  private Decision linked(User l, @Nullable Value x, @Nullable User a, @Nullable Value email) {
    if (x == null) {
      draft.take(l, record);
      return written(Rule.R1, email, draft.others(email, l, null));
    }
    if (a == null && differsOnlyInCase(l, x)) {
      // A link once made outlives another spelling of its user's id.
      draft.take(l, record);
      draft.flag(Flag.Kind.ID_CASE_DIFFERS, List.of(), externalId(x));
      return written(Rule.R1, email, draft.others(email, l, null));
    }
    if (a == null && !l.identified()) {
      draft.take(l, record);
      draft.externalId(x);
      return written(Rule.R1A, email, draft.others(email, l, null));
    }
    if (a == null) {
      draft.create();
      draft.externalId(x);
      return moved(l, email, draft.others(email, null, null));
    }
    draft.take(a, externalId(x));
    draft.seen(externalId(x));
    if (a.id().equals(l.id())) {
      return written(Rule.R1, email, draft.others(email, a, null));
    }
    if (!l.identified()) {
      Verdict verdict = draft.guard.merge(a, l, null);
      if (verdict.allowed()) {
        draft.merge(l, Rule.R1B);
        return written(Rule.R1B, email, draft.others(email, a, l));
      }
      draft.forbidden(verdict, List.of(l));
    }
    return moved(l, email, draft.others(email, a, null));
  }

  /** R1c: the record leaves its user for the one that its external id names. */
  private Decision moved(User l, @Nullable Value email, Others others) {
    draft.release(l, record);
    draft.flag(Flag.Kind.RECORD_MOVED, List.of(l), record);
    return written(Rule.R1C, email, others);
  }

  /** R2 and R6: the record is new, its external id has a user. */
  private Decision named(Value x, User a, @Nullable Value email) {
    Others others = draft.others(email, a, null);
    draft.take(a, externalId(x));
    draft.seen(externalId(x));
    User match = others.onlyIdless();
    if (match != null) {
      Verdict verdict = draft.guard.merge(a, match, null);
      if (verdict.allowed()) {
        draft.merge(match, Rule.R6);
        return written(Rule.R6, email, others);
      }
      draft.forbidden(verdict, List.of(match));
    }
    return written(Rule.R2, email, others);
  }

  /** R3 to R5: neither the record nor its external id has a user. */
  private Decision unknown(@Nullable Value x, @Nullable Value email) {
    Others others = draft.others(email, null, null);
    if (x == null) {
      User only = others.only();
      if (only != null && email != null) {
        draft.take(only, Identifier.email(email.value()));
        return written(Rule.R3, email, others);
      }
      if (email != null && !others.none()) {
        Identifier about = Identifier.email(email.value());
        draft.flag(Flag.Kind.SAME_EMAIL, others.known(), about);
        return draft.skipped(Rule.R5, Reason.AMBIGUOUS_EMAIL);
      }
      return created(Rule.R4, null, email, others);
    }
    if (others.none()) {
      return created(Rule.R4, x, email, others);
    }
    User match = others.onlyIdless();
    if (match != null && email != null && draft.guard.adopt(match, null).allowed()) {
      draft.take(match, Identifier.email(email.value()));
      draft.externalId(x);
      return written(Rule.R3B, email, others);
    }
    return created(Rule.R3C, x, email, others);
  }

  private Decision created(Rule row, @Nullable Value x, @Nullable Value email, Others others) {
    if (!draft.source.createsUsers()) {
      return draft.skipped(row, Reason.CREATE_OFF);
    }
    draft.create();
    User match = others.onlyIdless();
    if (match != null) {
      draft.forbidden(draft.guard.adopt(match, null), List.of(match));
    }
    if (x != null) {
      draft.externalId(x);
      for (User other : others.known()) {
        if (differsOnlyInCase(other, x)) {
          draft.flag(Flag.Kind.ID_CASE_DIFFERS, List.of(other), externalId(x));
        }
      }
    }
    return written(row, email, others);
  }

  /**
   * What every row that has a user ends with: the link, and the fields that the record may fill.
   */
  private Decision written(Rule row, @Nullable Value email, Others others) {
    draft.recordId(record, sent);
    if (email != null) {
      draft.email(email, others.beside(draft.user()));
    }
    draft.name(claim.name());
    return draft.done(row);
  }

  /** R7: the tool merged this record into another, so that both name one person. */
  private Decision merged(@Nullable User l, Value into) {
    Identifier w = new Identifier(record.type(), into.value());
    User survivor = draft.matches.holder(w);
    if (survivor == null) {
      if (l != null) {
        draft.take(l, record);
        draft.recordId(w, into);
      }
      return draft.done(Rule.R7);
    }
    draft.take(survivor, w);
    if (l == null) {
      draft.recordId(record, sent);
    } else if (!l.id().equals(survivor.id())) {
      Verdict verdict = draft.guard.merge(survivor, l, null);
      if (verdict.allowed()) {
        draft.merge(l, Rule.R7);
      } else {
        draft.flag(Flag.Kind.RECORD_MERGED, List.of(l), record);
        draft.forbidden(verdict, List.of(l));
      }
    }
    return draft.done(Rule.R7);
  }

  /** R8. */
  private Decision deleted(@Nullable User l) {
    if (l != null) {
      draft.take(l, record);
      draft.deleted(record);
    }
    return draft.done(Rule.R8);
  }

  /** The tool's external id, where the source says that it is ours. */
  private @Nullable Value externalId() {
    return draft.source.externalIdIsOurs()
        ? draft.usable(Values.id(claim.externalId(), draft.policy), "external_id", Rule.G6)
        : null;
  }

  /** The record that this one was merged into. */
  private @Nullable Value mergedInto() {
    String field = "merged_into";
    Value into = draft.usable(Values.id(claim.mergedInto(), draft.policy), field, Rule.G6);
    return into != null && draft.allowed(new Identifier(record.type(), into.value()), field)
        ? into
        : null;
  }

  private static Identifier externalId(Value x) {
    return Identifier.externalId(x.value());
  }

  private static boolean differsOnlyInCase(User user, Value x) {
    for (Held held : user.identifiers()) {
      if (held.type().equals(IdentifierType.EXTERNAL_ID)
          && held.value().equalsIgnoreCase(x.value())) {
        return true;
      }
    }
    return false;
  }
}
