package dev.selfsame.resolution;

import dev.selfsame.identity.IdentifierType;
import java.util.List;
import java.util.Set;

/**
 * A space's settings that resolution obeys. Each decision records the version it was made under.
 *
 * @param uniqueEmails {@code emails: unique}: an email matches at most one live user (I2, G3)
 * @param mergeOnEmailChange off: K10 where the user has another email becomes K10b
 * @param matchOnBillingId on: an id-less holder of the event's billing id is matched as by email
 * @param matchPreviousEmails on: replaced emails still match
 * @param billingProviders the providers whose customers arrive here; none: B6 raises nothing
 * @param blockedValues whole values, lower case, that never identify anyone
 * @param neverMatchEmails role mailboxes, such as {@code info@}, that never match; empty: off
 */
public record Policy(
    int version,
    boolean uniqueEmails,
    boolean mergeOnEmailChange,
    boolean matchOnBillingId,
    boolean matchPreviousEmails,
    Set<IdentifierType> billingProviders,
    BlockedValues blockedValues,
    List<String> neverMatchEmails,
    Limits limits) {

  /** Bounds of one user and of one value (G7). */
  public record Limits(
      int mergesPerUser, int identifiersPerUser, int idCharacters, int emailCharacters) {
    public static final Limits DEFAULT = new Limits(100, 1_000, 400, 320);
  }

  public static final Policy DEFAULT =
      new Policy(
          1, false, true, false, false, Set.of(), BlockedValues.DEFAULT, List.of(), Limits.DEFAULT);

  public Policy {
    billingProviders = Set.copyOf(billingProviders);
    neverMatchEmails = List.copyOf(neverMatchEmails);
  }
}
