package dev.selfsame.resolution;

import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.IdentifierType.Kind;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * G2: may a rule merge these users, or give this id-less user an external id? The clauses are asked
 * in their order.
 */
final class Guard {

  private final Policy.Limits limits;
  private final boolean trusted;
  private final boolean apart;

  Guard(Policy policy, Source source) {
    this(policy, source, false);
  }

  /**
   * @param apart any two users count as kept apart
   */
  Guard(Policy policy, Source source, boolean apart) {
    this.limits = policy.limits();
    this.trusted = source.trusted();
    this.apart = apart;
  }

  /**
   * Whether a rule may merge the two.
   *
   * @param ours the claim's user
   * @param claimed the claim's own billing id, counted as held by the claim's user, or null; of a
   *     source that is not trusted it counts for nothing
   */
  Verdict merge(User ours, User theirs, @Nullable Identifier claimed) {
    return ours.identified() && theirs.identified()
        ? Verdict.TWO_EXTERNAL_IDS
        : alias(ours, theirs, claimed);
  }

  /** As {@link #merge}, for a claim that says itself that two external ids are one user's. */
  Verdict alias(User ours, User theirs, @Nullable Identifier claimed) {
    List<Identifier> held = customers(ours);
    if (claimed != null && trusted) {
      held.add(claimed);
    }
    if (twoCustomers(held, customers(theirs))) {
      return Verdict.TWO_CUSTOMERS;
    }
    if (apart || barred(ours, theirs)) {
      return Verdict.KEPT_APART;
    }
    if (!fits(limits, ours, theirs)) {
      return Verdict.LIMIT_REACHED;
    }
    return trusted ? Verdict.ALLOWED : Verdict.UNTRUSTED;
  }

  /**
   * Whether a rule may give an id-less user the claim's external id, which nobody has: there is no
   * other user to be barred.
   */
  Verdict adopt(User theirs, @Nullable Identifier claimed) {
    List<Identifier> ours = claimed == null || !trusted ? List.of() : List.of(claimed);
    if (twoCustomers(ours, customers(theirs))) {
      return Verdict.TWO_CUSTOMERS;
    }
    if (theirs.identifierCount() >= limits.identifiersPerUser()) {
      return Verdict.LIMIT_REACHED;
    }
    return trusted ? Verdict.ALLOWED : Verdict.UNTRUSTED;
  }

  /** G7: whether the two together stay within a user's bounds. */
  static boolean fits(Policy.Limits limits, User ours, User theirs) {
    return ours.merges().size() + theirs.merges().size() < limits.mergesPerUser()
        && ours.identifierCount() + theirs.identifierCount() <= limits.identifiersPerUser();
  }

  /**
   * Whether the user is a live customer of the provider, or may be: an id of unknown provider may
   * be any provider's.
   */
  static boolean customerOf(User user, IdentifierType provider) {
    for (Identifier id : customers(user)) {
      if (sameProvider(id.type(), provider)) {
        return true;
      }
    }
    return false;
  }

  /** The user's live billing ids, current or not: those whose customer is not deleted. */
  private static List<Identifier> customers(User user) {
    List<Identifier> live = new ArrayList<>();
    for (Part part : user.parts()) {
      for (Held held : part.identifiers()) {
        if (!held.deleted() && held.type().kind() == Kind.BILLING) {
          live.add(held.id());
        }
      }
    }
    return live;
  }

  /** Whether the two are live customers of one provider under different ids. */
  static boolean twoCustomers(User ours, User theirs) {
    return twoCustomers(customers(ours), customers(theirs));
  }

  /** Whether both are customers of one provider and have no id of it in common. */
  private static boolean twoCustomers(List<Identifier> ours, List<Identifier> theirs) {
    if (ours.isEmpty() || theirs.isEmpty()) {
      return false;
    }
    for (IdentifierType provider : IdentifierType.BILLING_PROVIDERS) {
      boolean both = false;
      boolean common = false;
      for (Identifier one : ours) {
        for (Identifier other : theirs) {
          if (sameProvider(one.type(), provider) && sameProvider(other.type(), provider)) {
            both = true;
            common |= one.value().equals(other.value());
          }
        }
      }
      if (both && !common) {
        return true;
      }
    }
    return false;
  }

  /**
   * Which of two orders claims arrive in must not matter: were an unknown provider one of its own,
   * the same two customers would be kept apart if the provider's records came first and be merged
   * if the event did.
   */
  private static boolean sameProvider(IdentifierType one, IdentifierType other) {
    return one.equals(other)
        || one.equals(IdentifierType.BILLING_ID)
        || other.equals(IdentifierType.BILLING_ID);
  }

  /** Bars are symmetric, so that looking from one side suffices. */
  static boolean barred(User ours, User theirs) {
    for (Part part : ours.parts()) {
      Set<UUID> bars = part.bars();
      if (!bars.isEmpty()) {
        for (Part other : theirs.parts()) {
          if (bars.contains(other.id())) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
