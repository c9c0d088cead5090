package dev.selfsame.source.csv;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Imports a file that was checked: its rows in their order, as many at a time as the intake takes,
 * and what became of each.
 */
public final class CsvImport {

  private static final int CHUNK = 250;

  /** Chunks on their way; more than the intake has in its batches would only wait. */
  private static final int IN_FLIGHT = 24;

  private static final Duration PAUSE = Duration.ofMillis(20);

  /**
   * What became of the rows.
   *
   * @param rows how many were decided
   * @param outcomes rows by outcome
   * @param codes rows by rule
   * @param rejected row errors by reason
   * @param flagged rows that raised something for a person to look at
   */
  public record Summary(
      long rows,
      Map<Outcome, Long> outcomes,
      Map<String, Long> codes,
      Map<String, Long> rejected,
      long flagged) {

    public long of(Outcome outcome) {
      return outcomes.getOrDefault(outcome, 0L);
    }
  }

  /** Looks on while the rows are decided, and may end it. */
  public interface Watch {

    /**
     * A chunk of rows is committed.
     *
     * @param soFar what became of all rows until now
     * @param line where the last of them begins
     */
    void decided(Summary soFar, long line);

    /** Whether no further row is to be taken; those on their way are finished. */
    boolean stopped();
  }

  private record Chunk(List<CsvRows.Row> rows, CompletableFuture<List<Receipt>> answer) {}

  private final CsvFile file;
  private final Intake intake;
  private final CsvClaims claims;
  private final @Nullable CsvResult result;
  private final Watch watch;
  private final ArrayDeque<Chunk> inFlight = new ArrayDeque<>(IN_FLIGHT);
  private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
  private final Map<String, Long> codes = new TreeMap<>();
  private final Map<String, Long> rejected = new TreeMap<>();
  private long decided;
  private long flagged;
  private long lastLine = 1;

  private CsvImport(
      CsvFile file, Intake intake, CsvClaims claims, @Nullable CsvResult result, Watch watch) {
    this.file = file;
    this.intake = intake;
    this.claims = claims;
    this.result = result;
    this.watch = watch;
  }

  /**
   * Imports the rows and returns when the last is committed.
   *
   * @param limit so many rows at most
   * @param result where every row's decision goes, also when the import stops half way; or null
   * @param told how many rows were decided, from time to time
   * @throws Failure STORE_AWAY when the database went away: the rows up to the line that it names
   *     are written, the others are not
   */
  public static Summary run(
      CsvFile file,
      Intake intake,
      Source source,
      Instant now,
      long limit,
      @Nullable CsvResult result,
      LongConsumer told)
      throws IOException {
    Watch watch =
        new Watch() {
          @Override
          public void decided(Summary soFar, long line) {
            told.accept(soFar.rows());
          }

          @Override
          public boolean stopped() {
            return false;
          }
        };
    return run(file, intake, source, now, limit, result, watch);
  }

  /**
   * As above, for somebody who may end it half way.
   *
   * @throws Failure STOPPED when the watch said so; as STORE_AWAY, it says up to which line rows
   *     are written
   */
  public static Summary run(
      CsvFile file,
      Intake intake,
      Source source,
      Instant now,
      long limit,
      @Nullable CsvResult result,
      Watch watch)
      throws IOException {
    long at = Submission.micros(now);
    return new CsvImport(file, intake, new CsvClaims(file, source, at), result, watch).run(limit);
  }

  private Summary run(long limit) throws IOException {
    try (CsvRows rows = file.rows(bytes -> {})) {
      long taken = 0;
      CsvRows.Row row = rows.next();
      boolean cut = watch.stopped();
      while (row != null && taken < limit && !cut) {
        List<CsvRows.Row> chunk = new ArrayList<>(CHUNK);
        List<Submission> submissions = new ArrayList<>(CHUNK);
        while (row != null && chunk.size() < CHUNK && taken < limit) {
          chunk.add(row);
          submissions.add(claims.submission(row));
          taken++;
          row = rows.next();
        }
        if (inFlight.size() == IN_FLIGHT) {
          take(inFlight.remove());
        }
        CompletableFuture<List<Receipt>> answer = submit(submissions);
        if (answer == null) {
          cut = true;
        } else {
          inFlight.add(new Chunk(chunk, answer));
          cut = row != null && taken < limit && watch.stopped();
        }
      }
      while (!inFlight.isEmpty()) {
        take(inFlight.remove());
      }
      if (cut) {
        throw stopped(new Failure(Problem.STOPPED, "It was told to stop"));
      }
    } finally {
      if (result != null) {
        result.flush();
      }
    }
    return summary();
  }

  private Summary summary() {
    return new Summary(
        decided,
        Collections.unmodifiableMap(new EnumMap<>(outcomes)),
        Collections.unmodifiableMap(new TreeMap<>(codes)),
        Collections.unmodifiableMap(new TreeMap<>(rejected)),
        flagged);
  }

  /**
   * Waits where the intake is full: beside live events an import has time. Null when it was told to
   * stop meanwhile.
   */
  private @Nullable CompletableFuture<List<Receipt>> submit(List<Submission> submissions) {
    while (true) {
      try {
        return intake.submit(submissions);
      } catch (Failure failure) {
        if (failure.problem() != Problem.TOO_BUSY) {
          throw stopped(failure);
        }
        if (watch.stopped()) {
          return null;
        }
        pause();
      }
    }
  }

  private void take(Chunk chunk) throws IOException {
    List<Receipt> receipts;
    try {
      receipts = chunk.answer().get();
    } catch (ExecutionException e) {
      throw stopped(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopped(e);
    }
    for (int i = 0; i < receipts.size(); i++) {
      CsvRows.Row row = chunk.rows().get(i);
      Receipt receipt = receipts.get(i);
      count(receipt);
      if (result != null) {
        result.write(row, receipt);
      }
      lastLine = row.line();
    }
    decided += receipts.size();
    watch.decided(summary(), lastLine);
  }

  private void count(Receipt receipt) {
    outcomes.merge(receipt.outcome(), 1L, Long::sum);
    codes.merge(receipt.rule().code(), 1L, Long::sum);
    if (receipt.outcome() == Outcome.REJECTED && receipt.reason() != null) {
      rejected.merge(receipt.reason().code(), 1L, Long::sum);
    }
    flagged += receipt.flags().isEmpty() ? 0 : 1;
  }

  private Failure stopped(Throwable cause) {
    Problem problem = cause instanceof Failure failure ? failure.problem() : Problem.INTERNAL_ERROR;
    return new Failure(
        problem,
        "The import stopped after %d rows, the last of them on line %d: these are written. Import the file again; rows that are written already change nothing. (%s)"
            .formatted(decided, lastLine, cause.getMessage()),
        0,
        cause);
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopped(e);
    }
  }
}
