package dev.selfsame.source.warehouse;

import dev.selfsame.error.Failure;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of a run's rows so far.
 *
 * @param rows read
 * @param same said what they had said when they were last applied, and so were no claims (V0)
 * @param codes claims by rule
 * @param repeated rows whose external id the result had before (V9)
 * @param flagged claims that raised something for a person to look at
 * @param left rows that were applied once and that the answer did not have; null: nobody looked
 * @param back rows that were marked as gone and are there again
 * @param shadow nothing was done: this is what would have been
 * @param samples of rows that were rejected or skipped
 * @param since what {@code $LAST_SYNC_TIMESTAMP} stood for; null: the query does not name it, or
 *     all was asked for
 * @param watermark where the next run begins; null: this one has not come to its end
 */
public record RunResult(
    long rows,
    long same,
    long created,
    long updated,
    long unchanged,
    long merged,
    Map<String, Long> skipped,
    Map<String, Long> rejected,
    Map<String, Long> codes,
    long repeated,
    long flagged,
    @Nullable Long left,
    long back,
    boolean shadow,
    List<Sample> samples,
    long millis,
    @Nullable Instant since,
    @Nullable Instant watermark) {

  /**
   * A row that was not applied.
   *
   * @param row its place in the result, from 1
   */
  public record Sample(long row, String outcome, String reason) {}

  /** How a run failed. */
  public record Broken(String code, String detail) {
    static Broken of(Failure failure) {
      return new Broken(failure.problem().code(), String.valueOf(failure.getMessage()));
    }
  }
}
