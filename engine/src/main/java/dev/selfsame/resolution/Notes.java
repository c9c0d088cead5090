package dev.selfsame.resolution;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.EmailHolders;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The channels {@code notes} and {@code insights}: feedback about a user, by its external id, then
 * its email. Both see the same table; where it does not say one user for sure, notes are refused
 * and insights go on as well as they can.
 */
final class Notes {

  private static final String COMPANY = "company";
  private static final String COMPANY_ID = "company.external_id";
  private static final String COMPANY_DOMAIN = "company.domain";

  /** So many at most of those who have an email are asked for their company. */
  private static final int MOST_ASKED = 8;

  private final Draft draft;
  private final boolean lenient;
  private final @Nullable Value externalId;
  private final @Nullable Value email;
  private final Company named;

  /**
   * The account that the note names.
   *
   * @param known null: none, or one that is to be made
   * @param made external id of the one that is to be made
   * @param domain that was given; fills a gap
   * @param contradicts what was given names several
   */
  private record Company(
      @Nullable Account known, @Nullable Value made, @Nullable Value domain, boolean contradicts) {
    static final Company NONE = new Company(null, null, null, false);

    boolean none() {
      return known == null && made == null;
    }

    /** Whether it is another than the one that a user belongs to. */
    boolean differs(@Nullable UUID company) {
      return company != null && !none() && (known == null || !known.id().equals(company));
    }
  }

  private Notes(
      Draft draft,
      boolean lenient,
      @Nullable Value externalId,
      @Nullable Value email,
      Company named) {
    this.draft = draft;
    this.lenient = lenient;
    this.externalId = externalId;
    this.email = email;
    this.named = named;
  }

  /** The rows P. */
  static Decision note(Claim.Note claim, Draft draft) {
    boolean lenient = draft.source.channel() == Channel.INSIGHTS;
    Policy policy = draft.policy;
    List<Normalised> all = new ArrayList<>();
    Value x = usable(Values.id(claim.externalId(), policy), User.EXTERNAL_ID, draft, all);
    Value e = usable(Values.email(claim.email(), policy), User.EMAIL, draft, all);
    Value id = usable(Values.id(claim.companyId(), policy), COMPANY_ID, draft, all);
    Value domain = usable(Values.domain(claim.companyDomain(), policy), COMPANY_DOMAIN, draft, all);
    for (Normalised value : lenient ? List.<Normalised>of() : all) {
      if (value instanceof Normalised.Blocked) {
        return draft.rejected(Rule.G6, Reason.VALUE_BLOCKED);
      }
      if (value instanceof Normalised.Malformed) {
        return draft.rejected(Rule.G6, Reason.VALUE_MALFORMED);
      }
    }
    if (x != null && draft.matches.suppressed(Identifier.externalId(x.value()))) {
      return draft.skipped(Rule.K22, Reason.SUPPRESSED);
    }
    if (e != null && !draft.allowed(Identifier.email(e.value()), User.EMAIL)) {
      e = null;
    }
    if (e != null && x == null && Values.neverMatches(e.value(), policy.neverMatchEmails())) {
      // It finds nobody: each note would make one user more.
      draft.warn(Decision.Warning.Kind.VALUE_BLOCKED, User.EMAIL);
      e = null;
    }
    Company named = named(id, domain, draft);
    if (named.none() && domain != null && !lenient) {
      return draft.rejected(Rule.G6, Reason.UNKNOWN_COMPANY);
    }
    return new Notes(draft, lenient, x, e, named).decide();
  }

  private static @Nullable Value usable(
      Normalised normalised, String field, Draft draft, List<Normalised> all) {
    all.add(normalised);
    return draft.usable(normalised, field, Rule.G6);
  }

  /** The account by its external id, then by its domain. */
  private static Company named(@Nullable Value id, @Nullable Value domain, Draft draft) {
    Account byId = id == null ? null : draft.matches.account(id.value());
    if (byId != null) {
      boolean other =
          domain != null && byId.domain() != null && !byId.domain().value().equals(domain.value());
      return new Company(byId, id, domain, other);
    }
    List<Account> having =
        domain == null ? List.of() : draft.matches.accountsOfDomain(domain.value());
    if (having.size() == 1) {
      return new Company(having.getFirst(), null, null, id != null);
    }
    if (having.size() > 1) {
      draft.warn(Decision.Warning.Kind.COMPANY_AMBIGUOUS, COMPANY_DOMAIN);
    } else if (id == null && domain != null) {
      draft.warn(Decision.Warning.Kind.COMPANY_UNKNOWN, COMPANY_DOMAIN);
    }
    return id == null ? Company.NONE : new Company(null, id, domain, false);
  }

  private Decision decide() {
    User a =
        externalId == null ? null : draft.matches.holder(Identifier.externalId(externalId.value()));
    Others others = draft.others(email, a, null);
    Rule row = row(a, others);
    Verdict verdict = null;
    User match = others.onlyIdless();
    if (row == Rule.P7 && match != null) {
      verdict = draft.guard.adopt(match, null);
      row = verdict.allowed() ? row : Rule.P8;
    }
    UUID company = company(row, a, others);
    boolean differs = named.contradicts() || (row != Rule.P11 && named.differs(company));
    if (!lenient) {
      Decision refused = refused(row, verdict, differs);
      if (refused != null) {
        return refused;
      }
    }
    if (differs) {
      draft.check(Rule.P12);
      draft.warn(Decision.Warning.Kind.COMPANY_DIFFERS, COMPANY);
    }
    attribute(row, a, others);
    if (verdict != null && !verdict.allowed()) {
      draft.forbidden(verdict, others.known());
    }
    belong(row, company);
    return draft.done(row);
  }

  /** The table. */
  private Rule row(@Nullable User a, Others others) {
    if (externalId == null) {
      return email == null
          ? Rule.P0
          : others.none() ? Rule.P2 : others.only() == null ? Rule.P11 : Rule.P1;
    }
    if (a != null) {
      if (email == null) {
        return Rule.P1;
      }
      if (a.has(email.value())) {
        return Rule.P3;
      }
      return others.none() ? (a.email() == null ? Rule.P4 : Rule.P5) : Rule.P6;
    }
    if (email == null) {
      return Rule.P2;
    }
    if (others.none()) {
      return Rule.P9;
    }
    return others.only() == null ? Rule.P10 : others.onlyIdless() == null ? Rule.P8 : Rule.P7;
  }

  /** Null: nothing stands against it. */
  private @Nullable Decision refused(Rule row, @Nullable Verdict verdict, boolean differs) {
    Reason reason =
        switch (row) {
          case P5, P6 -> Reason.EMAIL_CONFLICT;
          case P8 -> verdict == null ? Reason.EXTERNAL_ID_CONFLICT : verdict.reason();
          case P10, P11 -> Reason.AMBIGUOUS_EMAIL;
          default -> null;
        };
    if (reason == null) {
      return differs ? draft.rejected(Rule.P12, Reason.COMPANY_CONFLICT) : null;
    }
    if (differs) {
      draft.check(Rule.P12);
    }
    return draft.rejected(row, reason);
  }

  private void attribute(Rule row, @Nullable User a, Others others) {
    switch (row) {
      case P1 -> attribute(a == null ? Objects.requireNonNull(others.only()) : a);
      case P3, P5, P6 -> attribute(Objects.requireNonNull(a));
      case P4 -> {
        attribute(Objects.requireNonNull(a));
        if (email != null && draft.policy.notes().fillEmail()) {
          draft.email(email, others);
        }
      }
      case P7 -> {
        Identifier found = Identifier.email(value(email).value());
        draft.take(Objects.requireNonNull(others.onlyIdless()), found);
        draft.externalId(value(externalId));
        draft.seen(found);
      }
      case P2, P9 -> {
        draft.create();
        if (externalId != null) {
          draft.externalId(externalId);
        }
        if (email != null) {
          draft.email(email, others);
        }
      }
      case P8, P10 -> {
        draft.create();
        draft.externalId(value(externalId));
        boolean one = row == Rule.P8;
        draft.flag(
            one ? Flag.Kind.EMAIL_CONFLICT : Flag.Kind.SAME_EMAIL,
            others.known(),
            Identifier.email(value(email).value()));
      }
      case P11 ->
          draft.flag(
              Flag.Kind.AMBIGUOUS_USER, others.known(), Identifier.email(value(email).value()));
      default -> {}
    }
  }

  private void attribute(User user) {
    Identifier found =
        externalId == null
            ? Identifier.email(value(email).value())
            : Identifier.externalId(externalId.value());
    draft.take(user, found);
    draft.seen(found);
    if (externalId != null && email != null && user.has(email.value())) {
      draft.seen(Identifier.email(email.value()));
    }
  }

  private static Value value(@Nullable Value given) {
    return Objects.requireNonNull(given, "The row asks for what was not given. Indicates a bug");
  }

  /** The company of the note's user as it is, or as the row carries it over to a new one. */
  private @Nullable UUID company(Rule row, @Nullable User a, Others others) {
    return switch (row) {
      case P1 -> draft.matches.company(a == null ? Objects.requireNonNull(others.only()) : a);
      case P3, P4, P5, P6 -> draft.matches.company(Objects.requireNonNull(a));
      case P7, P8 -> draft.matches.company(Objects.requireNonNull(others.only()));
      case P10, P11 -> agreed();
      default -> null;
    };
  }

  /**
   * The one company of all who have the email. Very many are not asked: only some of them are
   * known.
   */
  private @Nullable UUID agreed() {
    EmailHolders holders = draft.matches.emailHolders(value(email).value());
    List<User> all = new ArrayList<>(holders.idless());
    all.addAll(holders.identified());
    int parts = all.stream().mapToInt(user -> user.parts().size()).sum();
    if (holders.moreIdless() || holders.moreIdentified() || parts > MOST_ASKED) {
      return null;
    }
    UUID agreed = null;
    for (User user : all) {
      UUID company = draft.matches.company(user);
      if (company == null || (agreed != null && !agreed.equals(company))) {
        return null;
      }
      agreed = company;
    }
    return agreed;
  }

  /**
   * Whom the note is about belongs to a company from now on, if it did not; and so does the note.
   */
  private void belong(Rule row, @Nullable UUID company) {
    UUID now = company;
    if (row == Rule.P11 && named.known() != null) {
      now = named.known().id();
    }
    if (now == null && !named.none()) {
      now = made();
    }
    if (now == null && (row == Rule.P2 || row == Rule.P9)) {
      now = byDomain();
    }
    draft.company(now);
    if (now != null) {
      draft.link(now);
    }
  }

  private UUID made() {
    if (named.made() != null) {
      return draft.ensureAccount(named.made(), named.contradicts() ? null : named.domain());
    }
    return Objects.requireNonNull(named.known()).id();
  }

  /** The company that has the email's domain, where just one does. */
  private @Nullable UUID byDomain() {
    String domain = email == null ? null : Values.companyDomain(email.value(), draft.policy);
    if (domain == null) {
      return null;
    }
    List<Account> having = draft.matches.accountsOfDomain(domain);
    if (having.size() > 1) {
      draft.warn(Decision.Warning.Kind.COMPANY_AMBIGUOUS, User.EMAIL);
    }
    return having.size() == 1 ? having.getFirst().id() : null;
  }
}
