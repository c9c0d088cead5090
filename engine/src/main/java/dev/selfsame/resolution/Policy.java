package dev.selfsame.resolution;

import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Survivorship;
import dev.selfsame.identity.User;
import java.util.List;
import java.util.Map;
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
 * @param survivorship whose value of a field stands, by the field's name ({@link User#NAME}, {@link
 *     User#EMAIL}); of fields that are not in it: {@link Survivorship#LATEST}
 * @param notes what feedback about users obeys beside
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
    Limits limits,
    Map<String, Survivorship> survivorship,
    Notes notes) {

  /**
   * What notes obey.
   *
   * @param fillEmail on: P4 gives the user the email
   * @param freeMailDomains domains whose mailboxes say nothing of a company, lower case
   */
  public record Notes(boolean fillEmail, Set<String> freeMailDomains) {
    public static final Notes DEFAULT = new Notes(false, FreeMail.DOMAINS);

    public Notes {
      freeMailDomains = Set.copyOf(freeMailDomains);
    }
  }

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
    survivorship = Map.copyOf(survivorship);
    if (!User.CHOSEN.containsAll(survivorship.keySet())) {
      throw new IllegalArgumentException(
          "Survivorship is of %s; got %s".formatted(User.CHOSEN, survivorship.keySet()));
    }
  }

  /** With the latest value of every field. */
  public Policy(
      int version,
      boolean uniqueEmails,
      boolean mergeOnEmailChange,
      boolean matchOnBillingId,
      boolean matchPreviousEmails,
      Set<IdentifierType> billingProviders,
      BlockedValues blockedValues,
      List<String> neverMatchEmails,
      Limits limits) {
    this(
        version,
        uniqueEmails,
        mergeOnEmailChange,
        matchOnBillingId,
        matchPreviousEmails,
        billingProviders,
        blockedValues,
        neverMatchEmails,
        limits,
        Map.of(),
        Notes.DEFAULT);
  }

  public Policy withSurvivorship(Map<String, Survivorship> now) {
    return new Policy(
        version,
        uniqueEmails,
        mergeOnEmailChange,
        matchOnBillingId,
        matchPreviousEmails,
        billingProviders,
        blockedValues,
        neverMatchEmails,
        limits,
        now,
        notes);
  }

  public Policy withNotes(Notes now) {
    return new Policy(
        version,
        uniqueEmails,
        mergeOnEmailChange,
        matchOnBillingId,
        matchPreviousEmails,
        billingProviders,
        blockedValues,
        neverMatchEmails,
        limits,
        survivorship,
        now);
  }

  /** Whose value of the field stands. */
  public Survivorship survivorship(String field) {
    return survivorship.getOrDefault(field, Survivorship.LATEST);
  }
}
