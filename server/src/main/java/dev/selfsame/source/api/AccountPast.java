package dev.selfsame.source.api;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.replay.PastClaims;
import dev.selfsame.store.LedgerLine;
import org.jspecify.annotations.Nullable;

/** Reads acts on accounts again as the ledger keeps them, among others of their channel. */
public final class AccountPast implements PastClaims {

  private final PastClaims others;

  public AccountPast(PastClaims others) {
    this.others = others;
  }

  @Override
  public @Nullable Claim read(LedgerLine row, byte[] payload, Source source) {
    return AccountPayload.is(payload)
        ? AccountPayload.claim(payload, source, row.saidAt())
        : others.read(row, payload, source);
  }
}
