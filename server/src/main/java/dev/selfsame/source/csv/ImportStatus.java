package dev.selfsame.source.csv;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of an import, as the file beside the uploaded one keeps it.
 *
 * @param name what the caller calls it
 * @param preview whether it was only to be looked at so far
 * @param createdAt later than that of every import before it
 * @param changedAt when its state last changed
 * @param bytes of the file, inflated
 * @param bytesRead how many of them are checked
 * @param rows of the file, the header not counted; null until it is checked
 * @param rowsDecided how many of them were decided in this run
 * @param line where the last decided row begins; 1, the header, before the first
 * @param outcomes decided rows by outcome
 * @param codes decided rows by rule
 * @param rejected row errors by reason
 * @param flagged decided rows that raised something for a person to look at
 * @param failure why it ended early; null while nothing is wrong
 */
public record ImportStatus(
    UUID id,
    @Nullable String name,
    boolean preview,
    ImportState state,
    Instant createdAt,
    Instant changedAt,
    long bytes,
    long bytesRead,
    @Nullable Long rows,
    long rowsDecided,
    long line,
    Map<String, Long> outcomes,
    Map<String, Long> codes,
    Map<String, Long> rejected,
    long flagged,
    @Nullable Broken failure) {

  /**
   * Why an import ended early.
   *
   * @param line of the file, where something in it is wrong, else null
   * @param column counted from 1; of text that cannot be read, the character in its line
   */
  public record Broken(String code, String detail, @Nullable Long line, @Nullable Long column) {

    static Broken of(Failure failure) {
      String detail = String.valueOf(failure.getMessage());
      return failure.getCause() instanceof CsvPlace place
          ? new Broken(failure.problem().code(), detail, place.line(), place.column())
          : new Broken(failure.problem().code(), detail, null, null);
    }

    static Broken of(Problem problem, String detail) {
      return new Broken(problem.code(), detail, null, null);
    }
  }

  static ImportStatus waiting(
      UUID id, @Nullable String name, boolean preview, Instant at, long bytes) {
    return new ImportStatus(
        id,
        name,
        preview,
        ImportState.WAITING,
        at,
        at,
        bytes,
        0,
        null,
        0,
        1,
        Map.of(),
        Map.of(),
        Map.of(),
        0,
        null);
  }

  ImportStatus in(ImportState next, Instant now, @Nullable Broken why) {
    return new ImportStatus(
        id,
        name,
        preview,
        next,
        createdAt,
        now,
        bytes,
        bytesRead,
        rows,
        rowsDecided,
        line,
        outcomes,
        codes,
        rejected,
        flagged,
        why);
  }

  /** To be imported from its first row. */
  ImportStatus applied(Instant now) {
    return new ImportStatus(
        id,
        name,
        false,
        ImportState.WAITING,
        createdAt,
        now,
        bytes,
        bytesRead,
        rows,
        0,
        1,
        Map.of(),
        Map.of(),
        Map.of(),
        0,
        null);
  }

  ImportStatus read(long count) {
    return new ImportStatus(
        id,
        name,
        preview,
        state,
        createdAt,
        changedAt,
        bytes,
        count,
        rows,
        rowsDecided,
        line,
        outcomes,
        codes,
        rejected,
        flagged,
        failure);
  }

  ImportStatus checked(long count) {
    return new ImportStatus(
        id,
        name,
        preview,
        state,
        createdAt,
        changedAt,
        bytes,
        bytes,
        count,
        rowsDecided,
        line,
        outcomes,
        codes,
        rejected,
        flagged,
        failure);
  }

  ImportStatus decided(CsvImport.Summary soFar, long lastLine) {
    Map<String, Long> byOutcome = new TreeMap<>();
    soFar.outcomes().forEach((outcome, count) -> byOutcome.put(outcome.code(), count));
    return new ImportStatus(
        id,
        name,
        preview,
        state,
        createdAt,
        changedAt,
        bytes,
        bytesRead,
        rows,
        soFar.rows(),
        lastLine,
        byOutcome,
        soFar.codes(),
        soFar.rejected(),
        soFar.flagged(),
        failure);
  }

  private boolean checking() {
    return state == ImportState.CHECKING;
  }

  private long ofThisStep() {
    return checking() ? bytesRead : rowsDecided;
  }

  /**
   * Bytes a second while it is checked, rows while they are decided; null when neither is going on.
   */
  public @Nullable Double perSecond(Instant now) {
    long done = ofThisStep();
    if (!state.running() || state == ImportState.STOPPING || done == 0) {
      return null;
    }
    long millis = Math.max(1, Duration.between(changedAt, now).toMillis());
    return Math.round(done * 10_000.0 / millis) / 10.0;
  }

  /** How long the step that is going on takes still; null where that is not known. */
  public @Nullable Long secondsLeft(Instant now, long previewRows) {
    Double rate = perSecond(now);
    Long all = rows;
    if (rate == null || rate == 0 || (!checking() && all == null)) {
      return null;
    }
    long total = checking() || all == null ? bytes : preview ? Math.min(all, previewRows) : all;
    return (long) Math.ceil(Math.max(0, total - ofThisStep()) / rate);
  }

  /** Whether its rows may be written now: it is previewed, or was interrupted while importing. */
  public boolean canBeApplied() {
    return state == ImportState.PREVIEWED || (state == ImportState.INTERRUPTED && !preview);
  }
}
