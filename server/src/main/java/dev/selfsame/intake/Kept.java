package dev.selfsame.intake;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.Raw;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Keys;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Policy;
import dev.selfsame.resolution.Reason;
import dev.selfsame.resolution.Rule;
import dev.selfsame.store.Snapshot;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is kept of a submission: everything, unless an erasure bars it (K22). */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
record Kept(byte @Nullable [] payload, byte @Nullable [] traits) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Kept of(Decision decision, Submission submission, Snapshot snapshot, Policy policy) {
    if (decision.reason() == Reason.SUPPRESSED || decision.outcome() == Outcome.ERASED) {
      return new Kept(null, null);
    }
    byte[] payload =
        decision.checks().contains(Rule.K22)
            ? struck(submission, snapshot, policy)
            : submission.payload();
    boolean lands = decision.outcome() != Outcome.REJECTED && decision.outcome() != Outcome.SKIPPED;
    return new Kept(payload, lands ? submission.traits() : null);
  }

  /** The payload without the traits that are suppressed. */
  private static byte[] struck(Submission submission, Snapshot snapshot, Policy policy) {
    if (!(submission.claim() instanceof Claim.Identify identify)) {
      return submission.payload();
    }
    JsonNode event = JSON.readTree(submission.payload());
    if (event.get("traits") instanceof ObjectNode traits) {
      strike(traits, "email", without(identify, identify.email(), Raw.ABSENT), snapshot, policy);
      strike(
          traits,
          "billingUserId",
          without(identify, Raw.ABSENT, identify.billingUserId()),
          snapshot,
          policy);
      strike(
          traits,
          "billingId",
          without(identify, Raw.ABSENT, identify.billingId()),
          snapshot,
          policy);
    }
    return JSON.writeValueAsBytes(event);
  }

  /** The claim with that one trait alone, so that its keys are that trait's. */
  private static Claim without(Claim.Identify claim, Raw email, Raw billingId) {
    return new Claim.Identify(
        claim.source(), claim.at(), Raw.ABSENT, Raw.ABSENT, email, billingId, Raw.ABSENT);
  }

  private static void strike(
      ObjectNode traits, String name, Claim alone, Snapshot snapshot, Policy policy) {
    Keys keys = Keys.of(alone, policy);
    boolean barred = false;
    for (Identifier identifier : keys.identifiers()) {
      barred |= snapshot.users().suppressed(identifier);
    }
    for (String email : keys.emails()) {
      barred |= snapshot.users().suppressed(Identifier.email(email));
    }
    if (barred) {
      traits.remove(name);
    }
  }
}
