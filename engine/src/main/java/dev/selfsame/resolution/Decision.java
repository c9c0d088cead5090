package dev.selfsame.resolution;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Matches;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one claim did, and why.
 *
 * @param rule the row
 * @param checks the checks that turned the row (K17, K20, K21, G2, G3 …), in the order in which
 *     they applied
 * @param reason why it was rejected or skipped; null otherwise
 * @param part the part that the claim was written to, where it was: its traits land there
 * @param users the next version of each user that was created or changed, the claim's own first. A
 *     user that was merged away is inside its survivor
 * @param accounts accounts created or changed
 * @param links of parts to accounts, as they are from now on
 * @param gone accounts that are none any more
 * @param erased users to be erased
 * @param suppressed identifiers that must not be stored again, whether or not somebody held them
 *     (D1, E1); all that the erased users were known by must not either, unless the claim says so
 *     ({@link dev.selfsame.identity.Claim#suppresses})
 * @param company of a note: the account that it is about, or null
 * @param instead of a claim that merged users: where their parts would stand otherwise, had it not;
 *     what undo needs to know
 */
public record Decision(
    Outcome outcome,
    Rule rule,
    List<Rule> checks,
    List<Warning> warnings,
    List<Flag> flags,
    @Nullable Reason reason,
    @Nullable UUID part,
    List<User> users,
    List<Account> accounts,
    List<Link> links,
    List<Gone> gone,
    @Nullable UUID company,
    List<UUID> erased,
    List<Identifier> suppressed,
    List<Instead> instead) {

  /** A part and an account: what became of the link. */
  public record Link(UUID account, UUID part, How how) {
    /** What became of it. */
    public enum How {
      ADDED,
      /** The account is the user's company from now on. */
      CHOSEN,
      REMOVED
    }

    public Link(UUID account, UUID part) {
      this(account, part, How.ADDED);
    }
  }

  /**
   * An account that is none any more.
   *
   * @param into the account that has its users and notes now; null: none
   */
  public record Gone(Account account, @Nullable Account into) {}

  /** An identifier that one part held and another holds now. */
  public record Moved(Identifier identifier, UUID from, UUID to) {}

  /** Something left out of the claim, or noticed, that changed nothing else. */
  public record Warning(Kind kind, String field) {
    /** What was noticed. */
    public enum Kind {
      VALUE_BLOCKED,
      VALUE_MALFORMED,
      VALUE_TOO_LONG,
      VALUE_NOT_TEXT,
      /** Barred by an erasure (K22): it is also to be struck from what is kept and landed. */
      VALUE_SUPPRESSED,
      /** Another user's: a strict source is refused for it. */
      VALUE_TAKEN,
      MESSAGE_ID_REUSED,
      ROW_REPEATED,
      /** Of a note: no account has this domain. */
      COMPANY_UNKNOWN,
      /** Of a note: what is given names several companies, or another than the user's. */
      COMPANY_DIFFERS,
      /** The domain is several accounts'. */
      COMPANY_AMBIGUOUS,
      TEXT_REPAIRED,
      TOO_MANY_TRAITS;

      public String code() {
        return name().toLowerCase(Locale.ROOT);
      }
    }
  }

  public Decision {
    checks = List.copyOf(checks);
    warnings = List.copyOf(warnings);
    flags = List.copyOf(flags);
    users = List.copyOf(users);
    accounts = List.copyOf(accounts);
    links = List.copyOf(links);
    gone = List.copyOf(gone);
    erased = List.copyOf(erased);
    suppressed = List.copyOf(suppressed);
    instead = List.copyOf(instead);
  }

  Decision withInstead(List<Instead> now) {
    return new Decision(
        outcome,
        rule,
        checks,
        warnings,
        flags,
        reason,
        part,
        users,
        accounts,
        links,
        gone,
        company,
        erased,
        suppressed,
        now);
  }

  public static Decision rejected(Rule rule, Reason reason) {
    return refused(Outcome.REJECTED, rule, reason);
  }

  public static Decision skipped(Rule rule, Reason reason) {
    return refused(Outcome.SKIPPED, rule, reason);
  }

  private static Decision refused(Outcome outcome, Rule rule, Reason reason) {
    return new Decision(
        outcome, rule, List.of(), List.of(), List.of(), reason, null, List.of(), List.of(),
        List.of(), List.of(), null, List.of(), List.of(), List.of());
  }

  /**
   * Makes the accounts and links known where the next claims are decided.
   *
   * @param position of the claim
   * @param source number of its source
   */
  public void putAccounts(Users users, long position, int source) {
    accounts.forEach(users::put);
    for (Link link : links) {
      switch (link.how()) {
        case ADDED -> users.link(link.account(), link.part(), new Users.Link(position, source));
        case CHOSEN -> users.link(link.account(), link.part(), new Users.Link(-position, source));
        case REMOVED -> users.unlink(link.account(), link.part());
      }
    }
    gone.forEach(each -> users.removeAccount(each.account().externalId(), each.into()));
  }

  /**
   * Whether it is a claim with a place in the ledger; events that identify nobody are only counted
   * (K18).
   */
  public boolean recorded() {
    return reason != Reason.NOT_IDENTIFYING;
  }

  /**
   * The identifiers that this moved from one part to another.
   *
   * @param before the users as the claim met them
   */
  public List<Moved> moved(Matches before) {
    if (users.size() < 2) {
      return List.of();
    }
    List<Moved> moved = new ArrayList<>();
    for (User user : users) {
      for (Part part : user.parts()) {
        User known = before.user(part.id());
        List<Held> had = known == null ? List.of() : known.part(part.id()).identifiers();
        if (had.equals(part.identifiers())) {
          continue;
        }
        for (Held held : had) {
          UUID to = part.held(held.id()) == null ? holder(held.id()) : null;
          if (to != null) {
            moved.add(new Moved(held.id(), part.id(), to));
          }
        }
      }
    }
    return moved;
  }

  private @Nullable UUID holder(Identifier identifier) {
    for (User user : users) {
      Part part = user.holder(identifier);
      if (part != null) {
        return part.id();
      }
    }
    return null;
  }
}
