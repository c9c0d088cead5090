package dev.selfsame.intake;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Identifier;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Keys;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Policy;
import dev.selfsame.resolution.Reason;
import dev.selfsame.resolution.Rule;
import dev.selfsame.store.Snapshot;
import dev.selfsame.store.Struck;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is kept of a submission: everything, unless an erasure bars it (K22). */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
record Kept(byte @Nullable [] payload, byte @Nullable [] traits) {

  static Kept of(Decision decision, Submission submission, Snapshot snapshot, Policy policy) {
    if (submission.claim() instanceof Claim.Erase) {
      // Who asked for it and when; whom it names stands nowhere.
      return new Kept(submission.payload(), null);
    }
    if (decision.reason() == Reason.SUPPRESSED || !decision.suppressed().isEmpty()) {
      return new Kept(null, null);
    }
    byte[] payload =
        decision.checks().contains(Rule.K22)
            ? struck(submission, snapshot, policy)
            : submission.payload();
    boolean lands = decision.outcome() != Outcome.REJECTED && decision.outcome() != Outcome.SKIPPED;
    return new Kept(payload, lands ? submission.traits() : null);
  }

  /** The payload without what is suppressed. */
  private static byte[] struck(Submission submission, Snapshot snapshot, Policy policy) {
    Keys keys = Keys.of(submission.claim(), policy);
    Set<Identifier> barred = new HashSet<>(keys.identifiers());
    keys.emails().forEach(email -> barred.add(Identifier.email(email)));
    barred.removeIf(identifier -> !snapshot.users().suppressed(identifier));
    String payload = new String(submission.payload(), StandardCharsets.UTF_8);
    return new Struck(barred).from(payload, Set.of()).getBytes(StandardCharsets.UTF_8);
  }
}
