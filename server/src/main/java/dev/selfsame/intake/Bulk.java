package dev.selfsame.intake;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

/**
 * Hands very many claims to an intake in their order, a good deal of them ahead of their answers,
 * and waits where the intake is full: beside live events they have time. Not thread-safe.
 *
 * @param <T> what each claim was made of
 */
public final class Bulk<T> {

  private static final int CHUNK = 250;

  /** Chunks on their way; more than the intake has in its batches would only wait. */
  private static final int IN_FLIGHT = 24;

  private static final Duration PAUSE = Duration.ofMillis(20);

  /** Is told what became of the claims, in their order. */
  public interface Answers<T> {

    /** The claims of a chunk are committed. */
    void decided(List<T> of, List<Receipt> receipts);
  }

  private record Chunk<T>(List<T> of, CompletableFuture<List<Receipt>> answer) {}

  private final Intake intake;
  private final Answers<T> answers;
  private final BooleanSupplier stopped;
  private final ArrayDeque<Chunk<T>> inFlight = new ArrayDeque<>(IN_FLIGHT);
  private List<T> of = new ArrayList<>(CHUNK);
  private List<Submission> submissions = new ArrayList<>(CHUNK);

  /**
   * @param stopped whether to wait no longer where the intake is full
   */
  public Bulk(Intake intake, Answers<T> answers, BooleanSupplier stopped) {
    this.intake = intake;
    this.answers = answers;
    this.stopped = stopped;
  }

  /**
   * Adds a claim.
   *
   * @throws Failure STOPPED; as {@link Intake#submit} else
   */
  public void add(T what, Submission submission) {
    of.add(what);
    submissions.add(submission);
    if (of.size() == CHUNK) {
      send();
    }
  }

  /** Returns when all claims are decided, and their answers told. */
  public void drain() {
    if (!of.isEmpty()) {
      send();
    }
    while (!inFlight.isEmpty()) {
      take();
    }
  }

  private void send() {
    if (inFlight.size() == IN_FLIGHT) {
      take();
    }
    inFlight.add(new Chunk<>(of, submit(submissions)));
    of = new ArrayList<>(CHUNK);
    submissions = new ArrayList<>(CHUNK);
  }

  private CompletableFuture<List<Receipt>> submit(List<Submission> chunk) {
    while (true) {
      try {
        return intake.submit(chunk);
      } catch (Failure failure) {
        if (failure.problem() != Problem.TOO_BUSY) {
          throw failure;
        }
        if (stopped.getAsBoolean()) {
          throw new Failure(Problem.STOPPED, "It was told to stop");
        }
        pause();
      }
    }
  }

  private void take() {
    Chunk<T> chunk = inFlight.remove();
    try {
      answers.decided(chunk.of(), chunk.answer().get());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Failure failure) {
        throw failure;
      }
      throw new Failure(
          Problem.INTERNAL_ERROR, "A claim could not be decided: " + e.getCause(), 0, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static Failure interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new Failure(Problem.STOPPED, "It was told to stop", 0, cause);
  }
}
