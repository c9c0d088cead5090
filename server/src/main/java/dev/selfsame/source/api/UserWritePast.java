package dev.selfsame.source.api;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.replay.PastClaims;
import dev.selfsame.store.LedgerLine;

/** Reads the writes of callers again as the ledger keeps them. */
public final class UserWritePast implements PastClaims {

  @Override
  public Claim read(LedgerLine row, byte[] payload, Source source) {
    return UserWritePayload.claim(UserWritePayload.read(payload), source, row.saidAt());
  }
}
