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
 * half a character, is kept as U+FFFD, and a number that is out of range as a text: an identifier
 * that was refused for either is refused again.
 */
public final class SegmentPast implements PastClaims {

  private static final String REPAIRED = "\uFFFD";
  private static final String BROKEN = "\0";

  @Override
  public Claim read(LedgerLine row, byte[] payload, Source source) {
    Claim claim = SegmentEvents.read(payload, source, row.at()).claim();
    Why ids =
        Reason.ID_MALFORMED.code().equals(row.reason())
            ? Why.MALFORMED
            : Reason.ID_NOT_STRING.code().equals(row.reason()) ? Why.NOT_TEXT : Why.NONE;
    return switch (claim) {
      case Claim.Identify it ->
          new Claim.Identify(
              source,
              it.at(),
              asSent(it.userId(), ids),
              it.name(),
              asSent(it.email(), why(row, "email")),
              asSent(it.billingUserId(), why(row, "billingUserId")),
              asSent(it.billingId(), why(row, "billingId")));
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

  private static Why why(LedgerLine row, String field) {
    if (row.warnings().contains(Decision.Warning.Kind.VALUE_MALFORMED.code() + ":" + field)) {
      return Why.MALFORMED;
    }
    return row.warnings().contains(Decision.Warning.Kind.VALUE_NOT_TEXT.code() + ":" + field)
        ? Why.NOT_TEXT
        : Why.NONE;
  }

  private static Raw asSent(Raw kept, Why why) {
    if (!(kept instanceof Raw.Text text)) {
      return kept;
    }
    return switch (why) {
      case NONE -> kept;
      case MALFORMED -> Raw.text(text.value().replace(REPAIRED, BROKEN));
      case NOT_TEXT -> JsonCursor.isNumber(text.value()) ? new Raw.Number(text.value()) : kept;
    };
  }

  /** Why an identifier was refused, or left out. */
  private enum Why {
    NONE,
    MALFORMED,
    NOT_TEXT
  }
}
