package dev.selfsame.replay;

import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Rule;
import dev.selfsame.resolution.Stamp;
import dev.selfsame.store.LedgerLine;
import dev.selfsame.store.SpaceSettings;
import dev.selfsame.store.StoredLedger;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The claims and acts of one space, as its ledger has them. Settings are read once for each
 * version: not thread-safe.
 */
public final class History {

  private static final int PAGE = 2_000;

  /** Marks ids that the ledger does not know: of what is created in a replay alone. */
  private static final long NEW = 0x8000_0000_0000_0000L;

  private final StoredLedger ledger;
  private final Map<Channel, PastClaims> readers;
  private final SpaceSettings now;
  private final Map<Integer, SpaceSettings> versions = new HashMap<>();

  /**
   * @param readers of each channel's payloads
   */
  public History(StoredLedger ledger, Map<Channel, PastClaims> readers) {
    this.ledger = ledger;
    this.readers = Map.copyOf(readers);
    this.now = ledger.settings();
  }

  /** The space as it was when this was made; its position is the last of the history. */
  public SpaceSettings now() {
    return now;
  }

  /** What was decided under in that version. */
  public SpaceSettings settings(int version) {
    return versions.computeIfAbsent(version, ledger::settings);
  }

  /** From which position on which hashed identifiers are barred. */
  Map<ByteBuffer, Long> suppressed() {
    return now.suppressions() == 0 ? Map.of() : ledger.suppressed(now.number());
  }

  /** Parts that had to do with erased ones. */
  Set<UUID> touched() {
    return ledger.touched(now.number());
  }

  /** The live users that parts belong to. */
  Set<UUID> live(Collection<UUID> parts) {
    return ledger.live(now.number(), parts);
  }

  /**
   * Tells the rows behind one position and up to another, in their order.
   *
   * @param told of each
   */
  public void tell(long after, long to, Consumer<Past> told) {
    rows(after, to, row -> told.accept(read(row)));
  }

  /** The same rows, not read yet. */
  public void rows(long after, long to, Consumer<LedgerLine> told) {
    long last = after;
    for (List<LedgerLine> page = page(last, to); !page.isEmpty(); page = page(last, to)) {
      page.forEach(told);
      last = page.getLast().position();
    }
  }

  private List<LedgerLine> page(long after, long to) {
    return ledger.rows(now.number(), after, to, PAGE);
  }

  /** What the row was. */
  public Past read(LedgerLine row) {
    if (row.rule().equals(Rule.Y1.code())) {
      return new Past.Lost(row, Past.Why.SETTING);
    }
    if (erases(row)) {
      return new Past.Lost(row, Past.Why.ERASURE);
    }
    if (row.rule().equals(Rule.X0.code())) {
      return new Past.Lost(row, Past.Why.INTERNAL_ERROR);
    }
    byte[] payload = row.payload();
    if (payload == null) {
      return new Past.Lost(row, Past.Why.NO_PAYLOAD);
    }
    Source source = settings(row.policyVersion()).sources().get(row.source());
    PastClaims reader = source == null ? null : readers.get(source.channel());
    if (source == null || reader == null) {
      return new Past.Lost(row, Past.Why.UNREADABLE);
    }
    try {
      Claim claim = reader.read(row, payload, source);
      return claim == null
          ? new Past.Lost(row, Past.Why.NO_PAYLOAD)
          : new Past.Said(row, claim, new Stamp(row.position(), row.at(), newId(row)));
    } catch (IllegalArgumentException unreadable) {
      return new Past.Lost(row, Past.Why.UNREADABLE);
    }
  }

  private static boolean erases(LedgerLine row) {
    return row.rule().equals(Rule.E1.code())
        || row.rule().equals(Rule.E2.code())
        || row.outcome().equals(Outcome.ERASED.code());
  }

  private static UUID newId(LedgerLine row) {
    UUID part = row.part();
    boolean created =
        row.outcome().equals(Outcome.CREATED.code())
            || (row.rule().equals(Rule.U2.code()) && row.outcome().equals(Outcome.UNDONE.code()));
    return part != null && created ? part : new UUID(row.position(), NEW);
  }
}
