package dev.selfsame.source.warehouse;

import java.time.Duration;

/**
 * Bounds of runs.
 *
 * @param overlap how much of the time before a run the next one asks for again: rows that became
 *     visible late
 * @param queryLimit how long a warehouse may work on a query at a stretch
 */
public record SyncSettings(Duration overlap, Duration queryLimit) {
  public static final SyncSettings DEFAULT =
      new SyncSettings(Duration.ofMinutes(10), Duration.ofHours(1));
}
