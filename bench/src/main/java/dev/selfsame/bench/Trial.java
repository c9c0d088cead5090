package dev.selfsame.bench;

import dev.selfsame.bench.load.Generator;
import dev.selfsame.bench.load.Measured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A hub on a fresh data directory that is filled and put under load, in a directory that is deleted
 * with it.
 */
final class Trial implements AutoCloseable {

  /** So many events a second are made before the clock starts; a faster hub waits for the maker. */
  private static final long AHEAD_PER_SECOND = 40_000;

  /** What the load holds in memory at most. */
  private static final long MOST_AHEAD = 1_200_000;

  /**
   * One run of the load, and what it cost.
   *
   * @param measured what the load saw
   * @param after the ledger's position before the run
   * @param until and after it
   * @param wal bytes of write-ahead log
   */
  record Run(
      Measured measured,
      long after,
      long until,
      Usage usage,
      long wal,
      long checkpoints,
      long usersBefore) {

    /** Microseconds of processor time for each event. */
    double micros(double seconds) {
      return seconds * 1e6 / measured.all();
    }
  }

  private final Options options;
  private final Path directory;
  private Hub hub;
  private HubDatabase database;
  private @Nullable Generator generator;
  private int hubs;

  Trial(Options options) {
    this.options = options;
    try {
      directory =
          Files.createTempDirectory(
              Files.createDirectories(options.directory()), "selfsame-bench-");
      // PostgreSQL may run under another account, which must be able to reach its data.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Progress.say("Starting a hub in %s", directory);
    try {
      hub = start();
      database = HubDatabase.of(hub.data());
    } catch (RuntimeException e) {
      delete(directory);
      throw e;
    }
  }

  private Hub start() {
    return new Hub(
        options.program(), directory.resolve("data"), directory.resolve("gc" + ++hubs + ".log"));
  }

  /** Stops the hub and starts it again on the same data. */
  void restart() {
    stop();
    hub = start();
    database = HubDatabase.of(hub.data());
  }

  private void stop() {
    if (generator != null) {
      generator.close();
      generator = null;
    }
    database.close();
    hub.close();
  }

  Hub hub() {
    return hub;
  }

  HubDatabase database() {
    return database;
  }

  /** A path in the directory that is deleted at the end. */
  Path beside(String name) {
    return directory.resolve(name);
  }

  Memory memory() {
    return Memory.of(directory.resolve("gc" + hubs + ".log"), Memory.rssPeak(hub.pid()));
  }

  /**
   * Fills the store with so many people in place of whoever is there; the next load is about them.
   */
  void fill(long users) {
    put(users);
    if (generator != null) {
      generator.close();
    }
    generator =
        new Generator(
            new Generator.Target(
                "127.0.0.1",
                hub.port(),
                Hub.WRITE_KEY,
                users,
                options.connections,
                options.batch,
                1));
  }

  /** Fills the store without a load. */
  void put(long users) {
    put(new Preload(database.connection(), users, Instant.now()), users);
  }

  /** Fills it with people among whom there is something to review. */
  void put(Cases cases) {
    put(new Preload(database.connection(), cases.users(), cases, Instant.now()), cases.users());
  }

  private static void put(Preload people, long users) {
    Progress.say("Filling the store with %,d users, their ledger and message keys", users);
    long start = System.nanoTime();
    try {
      people.run();
    } catch (SQLException e) {
      throw new Failed("The store could not be filled: " + e.getMessage(), e);
    }
    Progress.say("Filled in %.1f s", (System.nanoTime() - start) / 1e9);
  }

  /** A run that only warms up. */
  Run warmUp(double seconds) {
    Progress.say("Warming up for %.0f s", seconds);
    return closed(seconds);
  }

  /** A run in which every connection sends when its last request is answered. */
  Run closed(double seconds) {
    long ahead = Math.min(MOST_AHEAD, (long) (seconds * AHEAD_PER_SECOND));
    return run(load -> load.measure().closed(seconds, ahead, load.atStart()));
  }

  /** A run of so many requests a second. */
  Run open(double seconds, long rate) {
    return run(load -> load.measure().open(seconds, rate, load.atStart()));
  }

  private record Started(Generator measure, Runnable atStart) {}

  private Run run(Function<Started, Measured> load) {
    Generator running = generator;
    Long postmaster = Hub.postmaster(hub.data());
    if (running == null || postmaster == null) {
      throw new Failed("There is no hub to measure. It said:\n" + hub.lastLines());
    }
    long after = database.position();
    long usersBefore = database.number("SELECT count(*) FROM selfsame.part");
    Map<String, Long> countedBefore = repeats();
    long[] before = new long[2];
    Usage[] used = new Usage[1];
    Measured measured =
        load.apply(
            new Started(
                running,
                () -> {
                  before[0] = database.walBytes();
                  before[1] = database.checkpoints();
                  used[0] = Usage.now(hub.pid(), postmaster, running.pid());
                }));
    Usage usage = Usage.now(hub.pid(), postmaster, running.pid()).since(used[0]);
    long wal = database.walBytes() - before[0];
    long checkpoints = database.checkpoints() - before[1];
    long until = database.position();
    Run run = new Run(measured, after, until, usage, wal, checkpoints, usersBefore);
    check(run, repeats().getOrDefault("repeat", 0L) - countedBefore.getOrDefault("repeat", 0L));
    Progress.say(
        "%,.0f events/s, p50 %s ms, p99 %s ms, %,d events, %d requests refused and sent again; by"
            + " second: %s",
        measured.rate(),
        Report.millis(measured.p50()),
        Report.millis(measured.p99()),
        measured.all(),
        measured.refused(),
        measured.perSecond());
    return run;
  }

  private Map<String, Long> repeats() {
    return database.counts("SELECT type, sum(count) FROM selfsame.event_count GROUP BY type");
  }

  /**
   * Every acknowledged event is there, once, decided by the rule that it was made for; whatever
   * came from other sources meanwhile.
   */
  private void check(Run run, long repeats) {
    Measured sent = run.measured();
    String range = "position > %d AND position <= %d".formatted(run.after(), run.until());
    String events = "source IN (SELECT number FROM selfsame.source WHERE channel = 'segment')";
    Map<String, Long> rules =
        database.counts(
            "SELECT rule, count(*) FROM selfsame.ledger WHERE "
                + range
                + " AND "
                + events
                + " GROUP BY rule ORDER BY 1");
    long keys = database.number("SELECT count(*) FROM selfsame.message_key WHERE " + range);
    long parts =
        database.number(
            "SELECT count(*) FROM selfsame.part WHERE created_position > %d AND created_position <= %d AND %s"
                .formatted(run.after(), run.until(), events));
    Map<String, Long> expected =
        Map.of("K3", sent.created(), "K4", sent.adopted(), "K9", sent.updated());
    long claims = sent.created() + sent.adopted() + sent.updated();
    boolean right =
        expected.entrySet().stream()
                .allMatch(rule -> rules.getOrDefault(rule.getKey(), 0L).equals(rule.getValue()))
            && rules.values().stream().mapToLong(Long::longValue).sum() == claims
            && keys == claims
            && parts == sent.created()
            && repeats == sent.repeated();
    if (!right) {
      throw new Failed(
          ("The store does not hold what was acknowledged. Sent: %s and %d repeats. Found: rules"
                  + " %s, %d message keys, %d new parts, %d repeats counted.")
              .formatted(new TreeMap<>(expected), sent.repeated(), rules, keys, parts, repeats));
    }
  }

  @Override
  public void close() {
    Progress.say("Stopping");
    stop();
    if (options.keep) {
      Progress.say("Kept: %s", directory);
    } else {
      delete(directory);
    }
  }

  static void delete(Path directory) {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
                throws IOException {
              Files.delete(folder);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      Progress.say("%s was not deleted: %s", directory, e);
    }
  }

  /** The events of a run by kind, in words. */
  static String kinds(List<Run> runs) {
    double all = runs.stream().mapToLong(run -> run.measured().all()).sum() / 100.0;
    return String.format(
        Locale.ROOT,
        "%.1f %% new users (K3), %.1f %% updates (K9), %.1f %% imports that signed up (K4), %.1f %%"
            + " repeats (K19)",
        runs.stream().mapToLong(run -> run.measured().created()).sum() / all,
        runs.stream().mapToLong(run -> run.measured().updated()).sum() / all,
        runs.stream().mapToLong(run -> run.measured().adopted()).sum() / all,
        runs.stream().mapToLong(run -> run.measured().repeated()).sum() / all);
  }
}
