package dev.selfsame.source.warehouse;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.replay.PastClaims;
import dev.selfsame.store.LedgerLine;

/** Reads the rows of warehouses again as the ledger keeps them ({@link RowPayload}). */
public final class WarehousePast implements PastClaims {

  @Override
  public Claim read(LedgerLine row, byte[] payload, Source source) {
    return RowPayload.claim(payload, source, row.saidAt());
  }
}
