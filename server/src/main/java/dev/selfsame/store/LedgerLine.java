package dev.selfsame.store;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of the ledger: the claim or act as it is kept, and what was decided of it.
 *
 * @param position in the ledger
 * @param at when it was received, microseconds since 1970 UTC
 * @param saidAt when it happened, as its source says, microseconds since 1970 UTC
 * @param source the number of the source that said it
 * @param policyVersion what it was decided under
 * @param part where it was written to; null where it was written to no user
 * @param flags the codes of what it raised
 * @param payload as it is kept, UTF-8 JSON; null where an erasure emptied it or nothing was kept
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares rows.
public record LedgerLine(
    long position,
    long at,
    long saidAt,
    int source,
    int policyVersion,
    @Nullable UUID part,
    String outcome,
    String rule,
    @Nullable String reason,
    List<String> checks,
    List<String> flags,
    List<String> warnings,
    byte @Nullable [] payload) {

  public LedgerLine {
    checks = List.copyOf(checks);
    flags = List.copyOf(flags);
    warnings = List.copyOf(warnings);
  }
}
