package dev.selfsame.source.warehouse;

import dev.selfsame.intake.Receipt;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts what becomes of a run's rows. Not thread-safe. */
final class RunCounts {

  /** Rows by number, never by what stands in them: a log outlives an erasure. */
  private static final int SAMPLES = 20;

  private final long began = System.nanoTime();
  private final Map<Outcome, Long> outcomes = new TreeMap<>();
  private final Map<String, Long> skipped = new TreeMap<>();
  private final Map<String, Long> rejected = new TreeMap<>();
  private final Map<String, Long> codes = new TreeMap<>();
  private final List<RunResult.Sample> samples = new ArrayList<>();
  private final @Nullable Instant since;
  private final boolean shadow;
  private @Nullable Instant watermark;
  private long rows;
  private long same;
  private long repeated;
  private long flagged;
  private long back;
  private @Nullable Long left;

  /**
   * @param since where the run begins; null: at the beginning
   * @param shadow it only says what it would do
   */
  RunCounts(@Nullable Instant since, boolean shadow) {
    this.since = since;
    this.shadow = shadow;
  }

  /** The number of the row that is read now. */
  long read() {
    return ++rows;
  }

  long rows() {
    return rows;
  }

  void same() {
    same++;
  }

  void repeated() {
    repeated++;
  }

  void back() {
    back++;
  }

  void left(long rows) {
    left = rows;
  }

  void decided(long row, Receipt receipt) {
    Reason reason = receipt.reason();
    outcomes.merge(receipt.outcome(), 1L, Long::sum);
    codes.merge(receipt.rule().code(), 1L, Long::sum);
    flagged += receipt.flags().isEmpty() ? 0 : 1;
    if (reason != null) {
      Map<String, Long> by = receipt.outcome() == Outcome.REJECTED ? rejected : skipped;
      by.merge(reason.code(), 1L, Long::sum);
      if (samples.size() < SAMPLES) {
        samples.add(new RunResult.Sample(row, receipt.outcome().code(), reason.code()));
      }
    }
  }

  void done(Instant next) {
    watermark = next;
  }

  RunResult counts() {
    return new RunResult(
        rows,
        same,
        of(Outcome.CREATED),
        of(Outcome.UPDATED),
        of(Outcome.UNCHANGED) + same,
        of(Outcome.MERGED),
        Map.copyOf(skipped),
        Map.copyOf(rejected),
        Map.copyOf(codes),
        repeated,
        flagged,
        left,
        back,
        shadow,
        List.copyOf(samples),
        (System.nanoTime() - began) / 1_000_000,
        since,
        watermark);
  }

  private long of(Outcome outcome) {
    return outcomes.getOrDefault(outcome, 0L);
  }
}
