package dev.selfsame.source.api;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.replay.PastClaims;
import dev.selfsame.store.LedgerLine;

/** Reads again whom notes named, as the ledger keeps it. */
public final class NotePast implements PastClaims {

  @Override
  public Claim read(LedgerLine row, byte[] payload, Source source) {
    return NotePayload.claim(payload, source, row.saidAt());
  }
}
