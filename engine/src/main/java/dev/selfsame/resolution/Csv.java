package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The channel {@code csv}: rows that a person corrected and imported. A row either applies whole or
 * is a row error.
 */
final class Csv {

  private final Draft draft;
  private final @Nullable UUID id;
  private final @Nullable Value externalId;
  private final @Nullable Value name;
  private final @Nullable Value email;
  private final @Nullable BillingId billingId;

  private Csv(
      Draft draft,
      @Nullable UUID id,
      @Nullable Value externalId,
      @Nullable Value name,
      @Nullable Value email,
      @Nullable BillingId billingId) {
    this.draft = draft;
    this.id = id;
    this.externalId = externalId;
    this.name = name;
    this.email = email;
    this.billingId = billingId;
  }

  /** The rows C. */
  static Decision row(Claim.CsvRow row, Draft draft) {
    Policy policy = draft.policy;
    Normalised id = Values.id(row.id(), policy);
    Normalised externalId = Values.id(row.externalId(), policy);
    Normalised email = Values.email(row.email(), policy);
    Normalised billingId = Values.id(row.billingId(), policy);
    for (Normalised cell : List.of(id, externalId, email, billingId)) {
      if (cell instanceof Normalised.Blocked) {
        return draft.rejected(Rule.C7, Reason.VALUE_BLOCKED);
      }
      if (cell instanceof Normalised.Malformed) {
        return draft.rejected(Rule.C7, Reason.VALUE_MALFORMED);
      }
    }
    Value idCell = value(id);
    Value x = value(externalId);
    Value e = value(email);
    Value b = value(billingId);
    UUID uuid = idCell == null ? null : Values.uuid(idCell.value());
    if (idCell != null && (uuid == null || draft.matches.user(uuid) == null)) {
      return draft.rejected(Rule.C7, Reason.UNKNOWN_ID);
    }
    if (x != null && draft.matches.suppressed(Identifier.externalId(x.value()))) {
      return draft.skipped(Rule.K22, Reason.SUPPRESSED);
    }
    if (e != null && !draft.allowed(Identifier.email(e.value()), "email")) {
      e = null;
    }
    if (b != null && !draft.allowedBillingId(b.value(), "billing_id")) {
      b = null;
    }
    if (idCell == null && x == null && e == null && b == null) {
      return draft.rejected(Rule.C7, Reason.NO_KEY);
    }
    Claim.CsvRow.Exported asOf = row.asOf();
    if (asOf != null) {
      e = stale(e, asOf.email(), raw -> Values.email(raw, policy)) ? null : e;
      if (uuid != null) {
        x = stale(x, asOf.externalId(), raw -> Values.id(raw, policy)) ? null : x;
        b = stale(b, asOf.billingId(), raw -> Values.id(raw, policy)) ? null : b;
      }
    }
    Value n = draft.text(row.name(), "name");
    n = asOf != null && stale(n, asOf.name(), Values::text) ? null : n;
    return new Csv(draft, uuid, x, n, e, b == null ? null : BillingId.of(b, draft)).decide();
  }

  private static @Nullable Value value(Normalised cell) {
    return cell instanceof Value value ? value : null;
  }

  /**
   * Whether the cell still says what was exported, and the user says something else by now: then it
   * is left alone.
   */
  private static boolean stale(
      @Nullable Value cell, @Nullable String exported, Function<Raw, Normalised> normalise) {
    return cell != null
        && normalise.apply(Raw.text(exported)) instanceof Value then
        && then.value().equals(cell.value());
  }

  private Decision decide() {
    List<User> named = new ArrayList<>();
    Rule row = Rule.C5;
    User byId = id == null ? null : draft.matches.user(id);
    if (byId != null) {
      named.add(byId);
      row = Rule.C1;
    }
    User byExternalId =
        externalId == null ? null : draft.matches.holder(Identifier.externalId(externalId.value()));
    if (byExternalId != null) {
      row = named.isEmpty() ? Rule.C2 : row;
      add(named, byExternalId);
    }
    User byBillingId = billingId == null ? null : billingId.holderAmong(named);
    if (byBillingId != null) {
      row = named.isEmpty() ? Rule.C3 : row;
      add(named, byBillingId);
    }
    if (named.isEmpty()) {
      return byEmail();
    }
    // A sheet does not change an identified user's id.
    boolean newExternalId = externalId != null && byExternalId == null;
    if (newExternalId && named.stream().anyMatch(User::identified)) {
      return draft.rejected(Rule.C7, Reason.EXTERNAL_ID_FIXED);
    }
    named.sort(Comparator.comparingLong(User::createdPosition).thenComparing(User::id));
    draft.take(named.getFirst(), named.getFirst().id());
    for (User other : named.subList(1, named.size())) {
      row = Rule.C6;
      Verdict verdict = draft.guard.merge(draft.user(), other, null);
      if (!verdict.allowed()) {
        return draft.rejected(Rule.C7, verdict.reason());
      }
      draft.merge(other, Rule.C6);
    }
    User whole = draft.user();
    if (byExternalId != null && externalId != null) {
      draft.take(whole, Identifier.externalId(externalId.value()));
    } else if (byBillingId != null) {
      draft.take(whole, BillingId.partOf(whole, billingId));
    } else if (id != null) {
      draft.take(whole, id);
    }
    return written(row, draft.others(email, whole, null));
  }

  private static void add(List<User> named, User user) {
    if (!named.contains(user)) {
      named.add(user);
    }
  }

  /** C4 and C5: no key names a user; the email may. */
  private Decision byEmail() {
    Others others = draft.others(email, null, null);
    User only = others.only();
    if (only == null && !others.none()) {
      return draft.rejected(Rule.C7, Reason.AMBIGUOUS_EMAIL);
    }
    if (email != null && only != null && !contradicts(only)) {
      draft.take(only, Identifier.email(email.value()));
      return written(Rule.C4, others);
    }
    draft.create();
    return written(Rule.C5, others);
  }

  /**
   * Whether the user has another external id or billing id than the row; an empty cell contradicts
   * nothing.
   */
  private boolean contradicts(User user) {
    return (externalId != null && user.identified())
        || (billingId != null && Guard.customerOf(user, IdentifierType.BILLING_ID));
  }

  /**
   * Fills in what the user does not show yet, so that importing an exported file changes nothing.
   */
  private Decision written(Rule row, Others before) {
    User user = draft.user();
    Others others = before.beside(user);
    Held shownEmail = user.email();
    Value newEmail =
        email == null || (shownEmail != null && shownEmail.value().equals(email.value()))
            ? null
            : email;
    boolean taken = draft.policy.uniqueEmails() && !others.none();
    if (newEmail != null && taken && !user.has(newEmail.value())) {
      return draft.rejected(Rule.C7, Reason.EMAIL_CONFLICT);
    }
    if (externalId != null && user.holder(Identifier.externalId(externalId.value())) == null) {
      draft.externalId(externalId);
    }
    if (newEmail != null) {
      draft.email(newEmail, others);
    }
    Field shownName = user.name();
    if (name != null && !(shownName != null && shownName.value().equals(name.value()))) {
      draft.name(name);
    }
    Held shownBillingId = user.billingId();
    if (billingId != null
        && !(shownBillingId != null && shownBillingId.value().equals(billingId.sent().value()))) {
      billingId.assign(draft);
    }
    return draft.done(row);
  }
}
