package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Matches;

/** The one door of the rules: what a claim does to the users it meets. */
public final class Resolution {

  private Resolution() {}

  /**
   * Decides a claim. Total: every claim gets a decision, a refusal is one too.
   *
   * @param matches what the space holds of the claim's identifiers ({@link Keys#of}); nothing else
   *     is asked of it
   * @throws StaleMatches if the matches no longer tell how many users have the claim's email
   */
  public static Decision decide(Claim claim, Stamp stamp, Matches matches, Policy policy) {
    Draft draft = new Draft(claim, stamp, matches, policy);
    return switch (claim) {
      case Claim.Identify identify -> Segment.identify(identify, draft);
      case Claim.Alias alias -> Segment.alias(alias, draft);
      case Claim.Group group -> Segment.group(group, draft);
      case Claim.Delete delete -> Segment.delete(delete, draft);
      case Claim.Event event -> Decision.skipped(Rule.K18, Reason.NOT_IDENTIFYING);
      case Claim.Customer customer -> Billing.customer(customer, draft);
      case Claim.ToolRecord record -> Records.record(record, draft);
      case Claim.CsvRow row -> Csv.row(row, draft);
      case Claim.MergeByHand act -> ByHand.merge(act, draft);
      case Claim.Erase act -> ByHand.erase(act, draft);
      case Claim.Lift act -> ByHand.lift(act, draft);
    };
  }
}
