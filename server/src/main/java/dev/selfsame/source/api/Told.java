package dev.selfsame.source.api;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.resolution.Rule;
import dev.selfsame.store.LedgerLine;
import dev.selfsame.store.StoredLedger;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How callers who wait hear what was decided, now or before. */
final class Told {

  private static final int ANSWER_SECONDS = 20;

  private Told() {}

  /** What became of it the first time. */
  static Receipt before(StoredLedger ledger, Submission.MessageKey key) {
    LedgerLine line = ledger.message(key.place(), key.message(), key.content());
    if (line == null) {
      throw new Failure(
          Problem.STORE_AWAY, "What became of this request was just forgotten; send it again");
    }
    String reason = line.reason();
    return new Receipt(
        Outcome.valueOf(line.outcome().toUpperCase(Locale.ROOT)),
        Rule.of(line.rule()),
        reason == null ? null : Reason.valueOf(reason.toUpperCase(Locale.ROOT)),
        line.position(),
        true,
        line.part(),
        line.flags(),
        line.checks(),
        line.warnings());
  }

  /**
   * Returns when all are committed.
   *
   * @throws Failure {@code TOO_BUSY} or {@code STORE_AWAY} where it is not known that all were done
   */
  static List<Receipt> decided(Intake intake, List<Submission> submissions) {
    try {
      return intake.submit(submissions).get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new Failure(
          Problem.STORE_AWAY,
          "The write was not committed within %d seconds; look whether it was done before you try again"
              .formatted(ANSWER_SECONDS),
          0,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(Problem.STORE_AWAY, "The server is stopping; try again", 0, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Failure failure) {
        throw failure;
      }
      throw new IllegalStateException("The intake failed in an unforeseen way", e.getCause());
    }
  }
}
