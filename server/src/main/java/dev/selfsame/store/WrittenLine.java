package dev.selfsame.store;

import dev.selfsame.resolution.Split;

/**
 * A row of the ledger that was written to a part.
 *
 * @param was what it changed of the part, as it was before; when the identifiers were seen is not
 *     in it
 */
public record WrittenLine(LedgerLine line, Split.Was was) {}
