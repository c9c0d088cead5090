package dev.selfsame.intake;

import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.Users;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Keys;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.store.Snapshot;
import dev.selfsame.store.Struck;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is kept of a submission: everything, unless an erasure bars it (K22). */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
record Kept(byte @Nullable [] payload, byte @Nullable [] traits) {

  /**
   * @param keys what the submission names
   */
  static Kept of(Decision decision, Submission submission, Keys keys, Snapshot snapshot) {
    Claim claim = submission.claim();
    if (claim instanceof Claim.Erase || claim instanceof Claim.Lift) {
      // Who asked for it and when; whom it names stands nowhere.
      return new Kept(submission.payload(), null);
    }
    if (decision.reason() == Reason.SUPPRESSED || !decision.suppressed().isEmpty()) {
      return new Kept(null, null);
    }
    boolean refused =
        decision.outcome() == Outcome.REJECTED || decision.outcome() == Outcome.SKIPPED;
    Set<Identifier> barred = barred(keys, snapshot.users());
    if (barred.isEmpty()) {
      return new Kept(submission.payload(), refused ? null : submission.traits());
    }
    if (refused) {
      // With a value missing it would be refused for another reason.
      boolean act = claim.source().channel() == Channel.ACT;
      return new Kept(act ? Struck.act(submission.payload()) : null, null);
    }
    Struck struck = new Struck(barred);
    byte[] traits = submission.traits();
    return new Kept(
        from(struck, submission.payload()), traits == null ? null : from(struck, traits));
  }

  private static byte[] from(Struck struck, byte[] json) {
    return struck
        .from(new String(json, StandardCharsets.UTF_8), Set.of())
        .getBytes(StandardCharsets.UTF_8);
  }

  private static Set<Identifier> barred(Keys keys, Users users) {
    if (!users.suppresses()) {
      return Set.of();
    }
    Set<Identifier> barred = new HashSet<>(keys.identifiers());
    keys.emails().forEach(email -> barred.add(Identifier.email(email)));
    barred.removeIf(identifier -> !users.suppressed(identifier));
    return barred;
  }
}
