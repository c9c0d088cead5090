package dev.selfsame.source.warehouse;

import dev.selfsame.connection.WarehouseRows;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Bulk;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.store.SyncRows;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Applies the rows of one answer: those that say what they said before are counted (V0), the others
 * are claims. While claims are decided, the next rows are read. What rows said is noted when their
 * claims are committed, so that an end at any point loses nothing: the next run reads the same
 * rows.
 */
final class SyncRun {

  private static final int PAGE = 2_000;

  /**
   * Of what claims on their way say, UTF-8; beyond, no further row is read before they are decided.
   */
  private static final long MOST_BYTES = 16 << 20;

  private final Source source;
  private final Mapping mapping;
  private final SyncRows known;
  private final RowHashes hashes;
  private final RunCounts counts;
  private final Consumer<RunResult> told;
  private final BooleanSupplier stopped;
  private final long now;
  private final boolean shadow;
  private final @Nullable SeenRows seen;
  private final Repeats repeats = new Repeats();
  private final Bulk<Sent> bulk;

  /** What rows say that were sent and are not noted yet, by their names. */
  private final Map<ByteBuffer, byte[]> underWay = new HashMap<>();

  /** What is to be noted, by the rows' names. */
  private final Map<ByteBuffer, SyncRows.Applied> applied = new LinkedHashMap<>();

  /** Rows that were marked as gone and are here again. */
  private final Map<ByteBuffer, byte[]> back = new LinkedHashMap<>();

  private long bytesUnderWay;

  /**
   * @param now when the rows were received, microseconds since 1970 UTC
   * @param told after every page
   * @param shadow what the rows say is not noted, since nothing becomes of it
   * @param seen is told the names of all rows; null: nobody wants to know
   */
  SyncRun(
      Source source,
      Mapping mapping,
      SyncRows known,
      RowHashes hashes,
      Intake intake,
      RunCounts counts,
      Consumer<RunResult> told,
      BooleanSupplier stopped,
      long now,
      boolean shadow,
      @Nullable SeenRows seen) {
    this.source = source;
    this.mapping = mapping;
    this.known = known;
    this.hashes = hashes;
    this.counts = counts;
    this.told = told;
    this.stopped = stopped;
    this.now = now;
    this.shadow = shadow;
    this.seen = seen;
    this.bulk = new Bulk<>(intake, this::answered, stopped);
  }

  /** A row on its way. */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
  private record Row(
      long number,
      byte @Nullable [] name,
      byte[] said,
      RowPayload payload,
      @Nullable JsonNode time) {}

  /** What is left of it once its claim is on its way. */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
  private record Sent(long number, byte @Nullable [] name, byte[] said, int bytes) {}

  /**
   * Applies all rows.
   *
   * @throws Failure {@code STOPPED} when it was told to; as the rows and the intake throw else
   */
  void run(WarehouseRows rows) {
    try {
      List<Row> page = page(rows);
      while (!page.isEmpty()) {
        apply(page);
        told.accept(counts.counts());
        if (stopped.getAsBoolean()) {
          throw new Failure(
              Problem.STOPPED, "The run was told to stop. The next one reads all again.");
        }
        page = page(rows);
      }
    } catch (Failure failure) {
      try {
        settle();
      } catch (Failure another) {
        failure.addSuppressed(another);
      }
      throw failure;
    }
    settle();
    told.accept(counts.counts());
  }

  private List<Row> page(WarehouseRows rows) {
    List<Row> page = new ArrayList<>();
    while (page.size() < PAGE) {
      ObjectNode read = rows.next();
      if (read == null) {
        break;
      }
      RowPayload payload = new RowPayload(read, mapping);
      JsonNode time = mapping.updatedAt() == null ? null : read.get(mapping.updatedAt());
      byte[] name = hashes.name(payload);
      if (seen != null) {
        saw(seen, name);
        saw(seen, hashes.formerName(payload));
      }
      page.add(new Row(counts.read(), name, hashes.said(payload, time), payload, time));
    }
    return page;
  }

  private static void saw(SeenRows seen, byte @Nullable [] name) {
    if (name != null) {
      seen.add(name);
    }
  }

  private void apply(List<Row> page) {
    List<byte[]> names = new ArrayList<>();
    for (Row row : page) {
      if (row.name() != null) {
        names.add(row.name());
      }
    }
    Map<ByteBuffer, SyncRows.Known> before = known.known(names);
    for (Row row : page) {
      byte[] name = row.name();
      if (name != null) {
        ByteBuffer key = ByteBuffer.wrap(name);
        boolean again = row.payload().get(RowPayload.EXTERNAL_ID) != null && repeats.again(name);
        if (again) {
          counts.repeated();
          row.payload().again();
        }
        byte[] last = last(name, before.get(key));
        if (last != null && Arrays.equals(last, row.said())) {
          counts.same();
          continue;
        }
        if (last != null && mapping.updatedAt() == null) {
          hashes.leaveOutRepeated(row.payload(), row.said(), last);
        }
        underWay.put(key, row.said());
      }
      send(row);
    }
    if (applied.size() + back.size() >= PAGE) {
      note();
    }
  }

  /** What a row of that name said last; null: there was none. */
  private byte @Nullable [] last(byte[] name, SyncRows.@Nullable Known noted) {
    ByteBuffer key = ByteBuffer.wrap(name);
    if (noted != null && noted.gone() && back.put(key, name) == null) {
      counts.back();
    }
    byte[] sent = underWay.get(key);
    return sent != null || noted == null ? sent : noted.said();
  }

  private void send(Row row) {
    byte[] payload = row.payload().bytes();
    bytesUnderWay += payload.length;
    bulk.add(
        new Sent(row.number(), row.name(), row.said(), payload.length), submission(row, payload));
    if (bytesUnderWay > MOST_BYTES) {
      bulk.drain();
    }
  }

  private void answered(List<Sent> rows, List<Receipt> receipts) {
    for (int i = 0; i < receipts.size(); i++) {
      Sent row = rows.get(i);
      Receipt receipt = receipts.get(i);
      bytesUnderWay -= row.bytes();
      counts.decided(row.number(), receipt);
      byte[] name = row.name();
      boolean taken = receipt.outcome() != Outcome.REJECTED && receipt.outcome() != Outcome.SKIPPED;
      if (name != null && taken && !shadow) {
        applied.put(
            ByteBuffer.wrap(name), new SyncRows.Applied(name, row.said(), receipt.position()));
      } else if (name != null) {
        underWay.remove(ByteBuffer.wrap(name), row.said());
      }
    }
  }

  /** Waits until all that was sent is decided, and notes it. */
  private void settle() {
    bulk.drain();
    note();
  }

  private void note() {
    if (shadow) {
      return;
    }
    known.back(List.copyOf(back.values()));
    known.applied(List.copyOf(applied.values()), now);
    // What was sent since of the same name is not noted by this.
    applied.forEach((name, row) -> underWay.remove(name, row.said()));
    applied.clear();
    back.clear();
  }

  private Submission submission(Row row, byte[] payload) {
    Instant time = time(row.time());
    long at = time == null ? now : Math.min(Submission.micros(time), now);
    Claim claim = RowPayload.claim(payload, source, at);
    Map<String, String> warnings = new HashMap<>();
    row.payload().repaired().forEach(field -> warnings.put(field, "text_repaired"));
    return new Submission(claim, now, null, payload, row.payload().traits(), Set.of(), warnings);
  }

  /** ISO-8601, without a zone: UTC; null for anything else, which nobody can read. */
  private static @Nullable Instant time(@Nullable JsonNode value) {
    if (value == null || !value.isString()) {
      return null;
    }
    String text = value.asString().strip().replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) ", "$1T");
    try {
      if (text.length() == 10) {
        return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
      }
      boolean zoned = text.matches(".*(Z|[+-]\\d\\d:\\d\\d)$");
      Instant time =
          zoned
              ? OffsetDateTime.parse(text).toInstant()
              : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
      return Math.abs(time.getEpochSecond()) < 1L << 40 ? time : null;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
