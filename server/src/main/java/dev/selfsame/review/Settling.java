package dev.selfsame.review;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The flag that an act settles: the act is done only while the flag is open.
 *
 * @param flag its public name
 * @param reason what the person says of it
 */
record Settling(String flag, @Nullable String reason) {

  /** The act, on that condition. */
  Claim by(Claim act, String actor) {
    return new Claim.SettleFlag(act.source(), act.at(), actor, flag, List.of(), act);
  }

  /** Adds to what the ledger keeps of the act. */
  void note(Map<String, Object> payload) {
    payload.put("flag", flag);
    if (reason != null) {
      payload.put("reason", reason);
    }
  }

  static Failure closed() {
    return new Failure(
        Problem.FLAG_CLOSED, "The flag is closed already; nothing was done. Look how it was");
  }
}
