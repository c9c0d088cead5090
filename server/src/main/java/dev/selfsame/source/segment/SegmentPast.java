package dev.selfsame.source.segment;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.replay.PastClaims;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Reason;
import dev.selfsame.store.LedgerLine;

/**
 * Reads Segment's messages again as the ledger keeps them. What cannot be stored in a text, such as
 * half a character, is kept as U+FFFD: an identifier that was refused for it is refused again.
 */
public final class SegmentPast implements PastClaims {

  private static final String REPAIRED = "\uFFFD";
  private static final String BROKEN = "\0";

  @Override
  public Claim read(LedgerLine row, byte[] payload, Source source) {
    Claim claim = SegmentEvents.read(payload, source, row.at()).claim();
    boolean ids = Reason.ID_MALFORMED.code().equals(row.reason());
    return switch (claim) {
      case Claim.Identify it ->
          new Claim.Identify(
              source,
              it.at(),
              asSent(it.userId(), ids),
              it.name(),
              asSent(it.email(), malformed(row, "email")),
              asSent(it.billingUserId(), malformed(row, "billingUserId")),
              asSent(it.billingId(), malformed(row, "billingId")));
      case Claim.Alias it ->
          new Claim.Alias(source, it.at(), asSent(it.previousId(), ids), asSent(it.userId(), ids));
      case Claim.Group it ->
          new Claim.Group(
              source,
              it.at(),
              asSent(it.groupId(), ids),
              asSent(it.userId(), ids),
              it.name(),
              it.domain());
      case Claim.Delete it -> new Claim.Delete(source, it.at(), asSent(it.userId(), ids));
      default -> throw new IllegalArgumentException("The payload claims nothing");
    };
  }

  private static boolean malformed(LedgerLine row, String field) {
    return row.warnings().contains(Decision.Warning.Kind.VALUE_MALFORMED.code() + ":" + field);
  }

  private static Raw asSent(Raw kept, boolean malformed) {
    return malformed && kept instanceof Raw.Text text && text.value().contains(REPAIRED)
        ? Raw.text(text.value().replace(REPAIRED, BROKEN))
        : kept;
  }
}
