package dev.selfsame.intake;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Takes claims and acts of one space; the door that every source uses. */
public interface Intake {

  /**
   * Queues the submissions, all or none, in their order.
   *
   * @return completes with a receipt each, in order, once all of them are committed; exceptionally
   *     with a {@link dev.selfsame.error.Failure} of {@code STORE_AWAY} when the database did not
   *     take them (nothing is acknowledged then, and trying again is safe)
   * @throws dev.selfsame.error.Failure {@code TOO_BUSY} when the queue is full
   */
  CompletableFuture<List<Receipt>> submit(List<Submission> submissions);
}
