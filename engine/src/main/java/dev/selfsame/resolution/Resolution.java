package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Matches;
import dev.selfsame.identity.User;
import java.util.List;

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
    Decision decision = row(claim, stamp, draft);
    if (draft.joined().isEmpty() || decision.users().isEmpty()) {
      return decision;
    }
    return decision.withInstead(
        Undo.instead(decision, draft.joined(), apart(claim, stamp, matches, policy)));
  }

  /**
   * The users as the claim would leave them if nothing might be joined; as far as it changes them.
   */
  private static List<User> apart(Claim claim, Stamp stamp, Matches matches, Policy policy) {
    if (claim instanceof Claim.MergeByHand) {
      return List.of();
    }
    return row(claim, stamp, new Draft(claim, stamp, matches, policy, true)).users();
  }

  private static Decision row(Claim claim, Stamp stamp, Draft draft) {
    return switch (claim) {
      case Claim.Identify identify -> Segment.identify(identify, draft);
      case Claim.Alias alias -> Segment.alias(alias, draft);
      case Claim.Group group -> Segment.group(group, draft);
      case Claim.Delete delete -> Segment.delete(delete, draft);
      case Claim.Event event -> Decision.skipped(Rule.K18, Reason.NOT_IDENTIFYING);
      case Claim.Customer customer -> Billing.customer(customer, draft);
      case Claim.ToolRecord record -> Records.record(record, draft);
      case Claim.CsvRow row -> Csv.row(row, draft);
      case Claim.WarehouseRow row -> Warehouse.row(row, draft);
      case Claim.ApiUser api -> Api.write(api, draft);
      case Claim.Note note -> Notes.note(note, draft);
      case Claim.AccountAct act -> Accounts.decide(act, draft);
      case Claim.MergeByHand act -> ByHand.merge(act, draft);
      case Claim.Erase act -> ByHand.erase(act, draft);
      case Claim.Lift act -> ByHand.lift(act, draft);
      case Claim.UndoMerge act -> Undo.merge(act, draft);
      case Claim.UndoLink act -> Unlink.decide(act, stamp, draft);
      case Claim.MoveIdentifier act -> ByHand.move(act, draft);
      case Claim.KeepApart act -> ByHand.keepApart(act, draft);
      case Claim.SettleFlag settle -> ByHand.settle(settle, stamp, draft);
    };
  }
}
