package dev.selfsame.intake;

import java.time.Duration;

/**
 * Bounds of the intake of one space.
 *
 * @param queuedClaims how many may wait; more are refused with TOO_BUSY
 * @param batchClaims how many one transaction takes at most
 * @param busyBatchClaims while a batch is being written, the next is not started before so many
 *     wait: small batches must not be split in two
 * @param repeatWindow how long a message is remembered (K19)
 */
public record IntakeSettings(
    int queuedClaims, int batchClaims, int busyBatchClaims, Duration repeatWindow) {

  public static final IntakeSettings DEFAULT =
      new IntakeSettings(20_000, 2_000, 32, Duration.ofDays(7));
}
