package dev.selfsame.replay;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.store.LedgerLine;
import org.jspecify.annotations.Nullable;

/** Knows the form in which one kind of source keeps its claims, and reads them again. */
@FunctionalInterface
public interface PastClaims {

  /**
   * The claim that was decided; null where an erasure took what it said.
   *
   * @param payload the row's, which is there
   * @param source as it was set then
   * @throws IllegalArgumentException if it is no payload of this kind of source
   */
  @Nullable Claim read(LedgerLine row, byte[] payload, Source source);
}
