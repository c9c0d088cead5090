package dev.selfsame.store;

import dev.selfsame.identity.Claim;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Stamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What a batch changes that flags and bars hang on. Of most batches next to nothing: what is left
 * empty costs the commit no statement.
 */
final class Reviewed {

  /** When something happened: ledger position and time of receipt, microseconds. */
  record Moment(long position, long at) {
    static Moment of(Stamp stamp) {
      return new Moment(stamp.position(), stamp.receivedAt());
    }
  }

  /** How an act closes what it settles. */
  enum How {
    MERGE("merge"),
    KEEP_APART("keep_apart"),
    DISMISS("dismiss");

    private final String code;

    How(String code) {
      this.code = code;
    }

    String code() {
      return code;
    }
  }

  /**
   * An email that a user may have ceased to share.
   *
   * @param users those that were about it
   */
  record Recheck(Set<UUID> users, Moment when) {}

  /**
   * A flag that a person settles.
   *
   * @param users whom it is about
   */
  record Settled(List<UUID> users, Moment when) {}

  /**
   * What keeps two apart.
   *
   * @param rule of the act or undo
   */
  record Bar(Moment when, String rule) {}

  /** Two parts, the lesser id first. */
  record Pair(UUID one, UUID other) {
    static Pair of(UUID a, UUID b) {
      return a.compareTo(b) < 0 ? new Pair(a, b) : new Pair(b, a);
    }
  }

  /** Of the claim that is being taken. */
  private String rule = "";

  /**
   * By how many the live users become more, of them those with an external id, and without a
   * billing id.
   */
  int users;

  int identified;
  int missingBilling;

  /** Emails that a user newly has beside others. */
  final Map<String, Moment> joined = new LinkedHashMap<>();

  final Map<String, Recheck> rechecks = new LinkedHashMap<>();

  /** Flagged parts of users that are found, or kept apart, in another way than before. */
  final Map<UUID, Moment> touched = new LinkedHashMap<>();

  /** Flags that a person settles, by their public names. */
  final Map<String, Settled> settled = new LinkedHashMap<>();

  /** Of users: whether a person said that they need no billing id. */
  final Map<UUID, Boolean> billingDismissed = new LinkedHashMap<>();

  final List<Long> reopened = new ArrayList<>();

  /** What people did, by ledger position. */
  final Map<Long, How> acts = new HashMap<>();

  final Map<UUID, Set<UUID>> barsOfParts = new LinkedHashMap<>();
  final Map<Pair, Bar> barred = new LinkedHashMap<>();
  final Set<Pair> unbarred = new LinkedHashSet<>();

  void decided(Claim claim, Decision decision, Stamp stamp) {
    rule = decision.rule().code();
    if (decision.outcome() == Outcome.REJECTED) {
      return;
    }
    Claim act = claim;
    if (claim instanceof Claim.SettleFlag settle) {
      if (settle.act() == null) {
        acts.put(stamp.position(), How.DISMISS);
        return;
      }
      act = settle.act();
    }
    if (act instanceof Claim.MergeByHand) {
      acts.put(stamp.position(), How.MERGE);
    } else if (act instanceof Claim.KeepApart apart && !apart.lift()) {
      acts.put(stamp.position(), How.KEEP_APART);
    }
  }

  /** Whether the commit has nothing to do for review but its counts of users. */
  boolean isEmpty() {
    return joined.isEmpty()
        && rechecks.isEmpty()
        && touched.isEmpty()
        && settled.isEmpty()
        && billingDismissed.isEmpty()
        && reopened.isEmpty()
        && barsOfParts.isEmpty();
  }

  /** How what happened at a position closes flags. */
  String how(long position) {
    How how = acts.get(position);
    return how == null ? "itself" : how.code();
  }

  void recheck(String email, List<UUID> users, Stamp stamp) {
    Recheck known = rechecks.get(email);
    Set<UUID> all = new LinkedHashSet<>(users);
    if (known != null) {
      all.addAll(known.users());
    }
    rechecks.put(email, new Recheck(all, Moment.of(stamp)));
  }

  void bars(UUID part, Set<UUID> was, Set<UUID> now, Stamp stamp) {
    barsOfParts.put(part, now);
    for (UUID other : was) {
      if (!now.contains(other)) {
        Pair pair = Pair.of(part, other);
        barred.remove(pair);
        unbarred.add(pair);
      }
    }
    for (UUID other : now) {
      if (!was.contains(other)) {
        Pair pair = Pair.of(part, other);
        unbarred.remove(pair);
        barred.put(pair, new Bar(Moment.of(stamp), rule));
      }
    }
  }
}
