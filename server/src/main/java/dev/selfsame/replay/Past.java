package dev.selfsame.replay;

import dev.selfsame.identity.Claim;
import dev.selfsame.resolution.Stamp;
import dev.selfsame.store.LedgerLine;
import java.util.Locale;

/** A row of the ledger, read again. */
public sealed interface Past {

  LedgerLine row();

  /**
   * A claim or act that can be decided again.
   *
   * @param stamp as it was: what the claim created has the id that it got
   */
  record Said(LedgerLine row, Claim claim, Stamp stamp) implements Past {}

  /** A row that cannot be decided again. */
  record Lost(LedgerLine row, Why why) implements Past {}

  /** Why a row cannot be decided again. */
  enum Why {
    /** Nothing is kept of what it said: an erasure emptied it, or it expired. */
    NO_PAYLOAD,
    /** It erased users or lifted what that barred, and whom it names is not kept. */
    ERASURE,
    /** The program or its database failed on it, and nothing came of it. */
    INTERNAL_ERROR,
    /** The act changed what comes after it, not a user: each later row has its version. */
    SETTING,
    /** Its payload is none that its source writes, or the source is gone. */
    UNREADABLE;

    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
