package dev.selfsame.lookup;

import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import java.util.List;

/**
 * Why a user is as it is.
 *
 * @param decisions newest first
 * @param more there are older ones beside these
 */
public record Explanation(
    FoundUser user,
    List<FoundIdentifier> identifiers,
    List<ExplainedDecision> decisions,
    boolean more) {
  public Explanation {
    identifiers = List.copyOf(identifiers);
    decisions = List.copyOf(decisions);
  }
}
