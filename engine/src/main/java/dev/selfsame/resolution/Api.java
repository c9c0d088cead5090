package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The channel {@code api}: a program says by its id which user it means, and what that user is to
 * be. Strict: nothing is matched or merged, and what cannot be so as a whole is refused as a whole.
 */
final class Api {

  private static final String BILLING_ID = IdentifierType.BILLING_ID.name();

  private final Draft draft;
  private final Set<String> cleared;
  private final @Nullable Value externalId;
  private final @Nullable Value name;
  private final @Nullable Value email;
  private final @Nullable BillingId billingId;
  private final List<ToolId> records;

  /** A tool's record id that can be used. */
  private record ToolId(Identifier id, Value sent) {}

  private Api(
      Draft draft,
      Set<String> cleared,
      @Nullable Value externalId,
      @Nullable Value name,
      @Nullable Value email,
      @Nullable BillingId billingId,
      List<ToolId> records) {
    this.draft = draft;
    this.cleared = cleared;
    this.externalId = externalId;
    this.name = name;
    this.email = email;
    this.billingId = billingId;
    this.records = records;
  }

  /** The rows A. */
  static Decision write(Claim.ApiUser claim, Draft draft) {
    Policy policy = draft.policy;
    List<Normalised> all = new ArrayList<>();
    Value x = usable(Values.id(claim.externalId(), policy), User.EXTERNAL_ID, draft, all);
    Value e = usable(Values.email(claim.email(), policy), User.EMAIL, draft, all);
    all.add(Values.text(claim.name()));
    Value n = draft.text(claim.name(), User.NAME);
    Value b = usable(Values.id(claim.billingId(), policy), BILLING_ID, draft, all);
    List<ToolId> records = new ArrayList<>();
    for (Claim.ApiUser.RecordId each : claim.records()) {
      Value sent = usable(Values.id(each.value(), policy), each.type().name(), draft, all);
      if (sent != null) {
        records.add(new ToolId(new Identifier(each.type(), sent.value()), sent));
      }
    }
    for (Normalised value : all) {
      if (value instanceof Normalised.Blocked) {
        return draft.rejected(Rule.A7, Reason.VALUE_BLOCKED);
      }
      if (value instanceof Normalised.Malformed) {
        return draft.rejected(Rule.A7, Reason.VALUE_MALFORMED);
      }
    }
    if (x != null && draft.matches.suppressed(Identifier.externalId(x.value()))) {
      return draft.skipped(Rule.K22, Reason.SUPPRESSED);
    }
    if (e != null && !draft.allowed(Identifier.email(e.value()), User.EMAIL)) {
      e = null;
    }
    if (b != null && !draft.allowedBillingId(b.value(), BILLING_ID)) {
      b = null;
    }
    records.removeIf(each -> !draft.allowed(each.id(), each.id().type().name()));
    BillingId billingId = b == null ? null : BillingId.of(b, draft);
    return new Api(draft, claim.cleared(), x, n, e, billingId, records).decide(claim);
  }

  private static @Nullable Value usable(
      Normalised normalised, String field, Draft draft, List<Normalised> all) {
    all.add(normalised);
    return draft.usable(normalised, field, Rule.G6);
  }

  private Decision decide(Claim.ApiUser claim) {
    User user = null;
    if (claim.user() != null) {
      user = draft.matches.user(claim.user());
      if (user == null) {
        return draft.rejected(Rule.A9, Reason.UNKNOWN_USER);
      }
      if (!user.id().equals(claim.user())) {
        return draft.rejected(Rule.A9, Reason.ABSORBED_USER);
      }
    } else if (externalId == null && email == null && billingId == null && records.isEmpty()) {
      return draft.rejected(Rule.A7, Reason.NO_KEY);
    }
    Others others = draft.others(email, user, null);
    Decision conflict = conflict(user, others);
    if (conflict != null) {
      return conflict;
    }
    if (user == null) {
      draft.create();
      write(others);
      return draft.done(Rule.A8);
    }
    draft.take(user, user.id());
    Rule row = row(user);
    clear();
    write(others.beside(draft.user()));
    return draft.done(row);
  }

  /** A4 and A5 say what becomes of the user's external id; A9 that nothing does. */
  private Rule row(User user) {
    if (cleared.contains(User.EXTERNAL_ID) && user.identified()) {
      return Rule.A5;
    }
    Held shown = user.externalId();
    boolean another =
        externalId != null && shown != null && !shown.value().equals(externalId.value());
    return another ? Rule.A4 : Rule.A9;
  }

  /** A1 to A3: the first that stands against it, the others as checks. Null: nothing does. */
  private @Nullable Decision conflict(@Nullable User user, Others others) {
    Rule row = null;
    Reason reason = null;
    if (externalId != null && anothers(Identifier.externalId(externalId.value()), user)) {
      row = Rule.A1;
      reason = Reason.EXTERNAL_ID_CONFLICT;
    }
    boolean taken = draft.policy.uniqueEmails() && !others.none();
    if (email != null && taken && (user == null || !user.has(email.value()))) {
      row = against(row, Rule.A2);
      reason = reason == null ? Reason.EMAIL_CONFLICT : reason;
    }
    if (billingId != null && anothers(billingId, user)) {
      row = against(row, Rule.A3);
      reason = reason == null ? Reason.BILLING_ID_IN_USE : reason;
      draft.warn(Decision.Warning.Kind.VALUE_TAKEN, BILLING_ID);
    }
    for (ToolId record : records) {
      if (anothers(record.id(), user)) {
        row = against(row, Rule.A3);
        reason = reason == null ? Reason.RECORD_ID_CONFLICT : reason;
        draft.warn(Decision.Warning.Kind.VALUE_TAKEN, record.id().type().name());
      }
    }
    return row == null || reason == null ? null : draft.rejected(row, reason);
  }

  private Rule against(@Nullable Rule row, Rule next) {
    if (row == null || row == next) {
      return next;
    }
    draft.check(next);
    return row;
  }

  private boolean anothers(Identifier identifier, @Nullable User user) {
    User holder = draft.matches.holder(identifier);
    return holder != null && !holder.equals(user);
  }

  private static boolean anothers(BillingId billingId, @Nullable User user) {
    return !billingId.holders().isEmpty() && (user == null || !billingId.holders().contains(user));
  }

  /** What was sent as null goes from every part, so that no other part's shows in its place. */
  private void clear() {
    if (cleared.isEmpty()) {
      return;
    }
    release(held ->
        switch (held.type().kind()) {
          case EXTERNAL -> cleared.contains(User.EXTERNAL_ID);
          case BILLING -> cleared.contains(BILLING_ID);
          case RECORD -> cleared.contains(held.type().name());
          case EMAIL, FALLBACK -> false;
        });
    for (Part part : draft.user().parts()) {
      Held shown = part.current(IdentifierType.EMAIL);
      if (cleared.contains(User.EMAIL) && shown != null) {
        draft.put(part.with(shown.withCurrent(false)));
      }
    }
    for (Part part : draft.user().parts()) {
      if (cleared.contains(User.NAME) && part.name() != null) {
        draft.put(part.withName(null));
      }
    }
  }

  private void release(Predicate<Held> which) {
    for (Part part : draft.user().parts()) {
      Part next = part;
      for (Held held : part.identifiers()) {
        next = which.test(held) ? next.without(held.id()) : next;
      }
      if (!next.equals(part)) {
        draft.put(next);
      }
    }
  }

  private void write(Others others) {
    if (externalId != null) {
      writeExternalId(externalId);
    }
    if (email != null) {
      draft.email(email, others);
    }
    if (name != null) {
      draft.name(name);
    }
    if (billingId != null) {
      billingId.assign(draft);
    }
    records.forEach(record -> draft.recordId(record.id(), record.sent()));
  }

  /** A4: an alias of the user's own shows again; the one that showed is alias. */
  private void writeExternalId(Value sent) {
    Identifier id = Identifier.externalId(sent.value());
    User user = draft.user();
    Part holder = user.holder(id);
    Held known = holder == null ? null : holder.held(id);
    Held shown = user.externalId();
    if (known == null) {
      draft.externalId(sent);
    } else if (shown != null
        && (shown.id().equals(id) || (known.current() && !draft.restated(known).outranks(shown)))) {
      // It shows, or what shows was said of a later time: said again, it would be as before.
      draft.seen(id);
    } else {
      draft.setHeld(draft.restated(known));
    }
  }
}
