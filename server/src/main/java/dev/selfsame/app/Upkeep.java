package dev.selfsame.app;

import dev.selfsame.store.Database;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the program does by itself while it runs: asks the database every second whether it is
 * there, and looks after it.
 */
final class Upkeep implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

  private final Database database;
  private final InstantSource clock;
  private final ScheduledExecutorService probe = executor("probe");
  private final ScheduledExecutorService work = executor("upkeep");
  private volatile boolean reachable = true;

  Upkeep(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
    // Both end with their executors, and throw nothing.
    Future<?> unusedProbe = probe.scheduleWithFixedDelay(this::probe, 1, 1, TimeUnit.SECONDS);
    Future<?> unusedWork = work.scheduleWithFixedDelay(this::work, 1, 1, TimeUnit.HOURS);
  }

  /** What stands against serving now, in words. */
  List<String> obstacles() {
    return reachable ? List.of() : List.of("the database does not answer, or does not take writes");
  }

  private void probe() {
    boolean now = writable();
    if (now != reachable) {
      log.warn(
          now ? "The database is back" : "The database does not answer, or does not take writes");
      reachable = now;
    }
  }

  private boolean writable() {
    try {
      return database.writable();
    } catch (RuntimeException e) {
      // An exception that left here would end the schedule.
      log.error("The database could not be asked", e);
      return false;
    }
  }

  private void work() {
    try {
      database.upkeep(clock.instant());
    } catch (RuntimeException e) {
      // The next hour tries again; an exception that left here would end the schedule.
      log.warn("The partitions could not be looked after: {}", e.getMessage());
    }
  }

  private static ScheduledExecutorService executor(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().name(name).daemon(true).factory());
  }

  @Override
  public void close() {
    probe.shutdownNow();
    work.shutdownNow();
  }
}
