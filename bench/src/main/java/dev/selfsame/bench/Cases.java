package dev.selfsame.bench;

import org.jspecify.annotations.Nullable;

/**
 * What there is to review among a benchmark's people, by number. Imports are merged into the user
 * before them, one in fifty of these merges is undone; two users in a hundred share an email with
 * one other; one in two hundred named another's billing id, and as often that was dismissed.
 *
 * @param users how many people there are; 0: nothing is to review
 * @param pairs how many of the first imports were merged
 */
record Cases(long users, long pairs) {

  static final Cases NONE = new Cases(0, 0);

  /** Of merges, one in so many was undone. */
  private static final int UNDONE_EVERY = 50;

  private static final int EMAIL_EVERY = 100;
  private static final int DISMISSED_EMAIL_EVERY = 1_000;
  private static final int FLAG_EVERY = 200;

  static Cases of(long users, long merges) {
    return new Cases(users, Math.min(merges, users / People.IMPORT_EVERY));
  }

  // ---- merges: pair i is the users 10 i - 1, who survives, and 10 i ----

  /** Whether another part is merged into this one today. */
  boolean survives(long number) {
    return absorbed(number + 1);
  }

  /** Whether it is merged into the one before it today. */
  boolean absorbed(long number) {
    return pair(number) > 0 && !undone(pair(number));
  }

  /** Which pair it is the import of; 0: of none. */
  long pair(long number) {
    long pair = number / People.IMPORT_EVERY;
    return number % People.IMPORT_EVERY == 0 && pair <= pairs ? pair : 0;
  }

  boolean undone(long pair) {
    return pair % UNDONE_EVERY == 0;
  }

  /** The old ones are made by hand, one in fifty: a list of them has to pass all the others. */
  boolean byHand(long pair) {
    return pair % UNDONE_EVERY == 1 && pair <= Math.max(1, pairs / 10);
  }

  long liveMerges() {
    return pairs - undoneMerges();
  }

  long undoneMerges() {
    return pairs / UNDONE_EVERY;
  }

  /** Whom an undo keeps it apart from; 0: nobody. */
  long keptApart(long number) {
    if (pair(number) > 0 && undone(pair(number))) {
      return number - 1;
    }
    return pair(number + 1) > 0 && undone(pair(number + 1)) ? number + 1 : 0;
  }

  // ---- emails ----

  /** Whose email it has: its own, or that of the one before it. */
  long email(long number) {
    return second(number) ? number - 1 : number;
  }

  boolean sharesEmail(long number) {
    return second(number) || (number < users && second(number + 1));
  }

  private boolean second(long number) {
    return users > 0
        && (number % EMAIL_EVERY == 2 || number % DISMISSED_EMAIL_EVERY == 12)
        && number <= users;
  }

  boolean emailFlagged(long number) {
    return second(number);
  }

  boolean emailDismissed(long number) {
    return number % DISMISSED_EMAIL_EVERY == 12 && second(number);
  }

  // ---- billing ids in use ----

  /** Whose billing id its claim named; 0: nobody's. */
  long billingOf(long number) {
    boolean names = number % FLAG_EVERY == 4 || number % FLAG_EVERY == 14;
    return names && number > People.IMPORT_EVERY && number <= users ? number - 4 : 0;
  }

  boolean billingDismissed(long number) {
    return number % FLAG_EVERY == 14 && billingOf(number) > 0;
  }

  /** Whether an open flag that is stored names it. */
  boolean flagged(long number) {
    return (billingOf(number) > 0 && !billingDismissed(number))
        || (number % FLAG_EVERY == 0 && billingOf(number + 4) > 0);
  }

  /** The flag that its first claim raised, or null. */
  @Nullable String raised(long number) {
    if (billingOf(number) > 0) {
      return "billing_id_in_use";
    }
    return second(number) ? "same_email" : null;
  }

  /** By which its first identify was decided. */
  String rule(long number) {
    return second(number) ? "K5" : "K3";
  }

  // ---- the ledger's lines behind those of the people ----

  long mergedAt(long pair) {
    return users + pair;
  }

  long undoneAt(long pair) {
    return users + pairs + pair / UNDONE_EVERY;
  }

  long dismissedAt(long number) {
    return users + pairs + undoneMerges() + dismissedTo(number);
  }

  long lines() {
    return pairs + undoneMerges() + dismissedTo(users);
  }

  long dismissedTo(long number) {
    return dismissedEmails(number) + dismissedFlags(number);
  }

  private static long dismissedEmails(long number) {
    return count(number, DISMISSED_EMAIL_EVERY, 12);
  }

  private static long dismissedFlags(long number) {
    return count(number, FLAG_EVERY, 14);
  }

  /** How many of the numbers from 1 leave that remainder. */
  private static long count(long number, int every, int remainder) {
    return number < remainder ? 0 : (number - remainder) / every + 1;
  }
}
