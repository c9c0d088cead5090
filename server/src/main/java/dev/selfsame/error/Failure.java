package dev.selfsame.error;

import org.jspecify.annotations.Nullable;

/**
 * A call that failed in a foreseen way. The message states fact, number and expectation, and what
 * to do.
 */
public final class Failure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Problem problem;
  private final int retryAfterSeconds;

  public Failure(Problem problem, String message) {
    this(problem, message, 0, null);
  }

  public Failure(
      Problem problem, String message, int retryAfterSeconds, @Nullable Throwable cause) {
    super(message, cause);
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  public Problem problem() {
    return problem;
  }

  /** When to try again, in seconds; 0 where that would not help. */
  public int retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
