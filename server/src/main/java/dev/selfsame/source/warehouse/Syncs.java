package dev.selfsame.source.warehouse;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Submission;
import dev.selfsame.store.Database;
import dev.selfsame.store.SpaceSettings;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredSyncs;
import dev.selfsame.store.SyncLog;
import dev.selfsame.store.SyncRows;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The warehouse sources of a space: what each asks, what the answer's columns mean, and its runs,
 * one at a time however many servers there are. Thread-safe.
 */
public final class Syncs implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Syncs.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The most rows of a preview. */
  public static final int MOST_PREVIEWED = 100;

  private static final Duration PREVIEWING = Duration.ofMinutes(2);
  private static final Duration SHOWN_EVERY = Duration.ofSeconds(1);

  /** What a query means that names no time, or has come to no end yet. */
  private static final Instant BEGINNING = Instant.EPOCH;

  /**
   * A source.
   *
   * @param mapping null: not configured yet
   * @param updateOnly its rows create nobody
   * @param watermark where the next run begins, by the warehouse's clock; null: at the beginning
   */
  public record Shown(
      String name,
      String connection,
      String query,
      @Nullable Mapping mapping,
      boolean updateOnly,
      @Nullable Instant watermark,
      Instant changedAt) {}

  /** A run, by what became of it so far. */
  public record Run(
      UUID id,
      String source,
      SyncLog.State state,
      String actor,
      Instant startedAt,
      Instant changedAt,
      RunResult result,
      RunResult.@Nullable Broken error) {}

  private final Database database;
  private final String space;
  private final StoredSyncs stored;
  private final SyncLog log;
  private final Connections connections;
  private final Intake intake;
  private final SyncSettings settings;
  private final InstantSource clock;
  private final Map<UUID, Thread> running = new ConcurrentHashMap<>();
  private volatile boolean closing;

  public Syncs(
      Database database,
      String space,
      Connections connections,
      Intake intake,
      SyncSettings settings,
      InstantSource clock) {
    this.database = database;
    this.space = space;
    this.stored = new StoredSyncs(database, space);
    this.log = new SyncLog(database, space);
    this.connections = connections;
    this.intake = intake;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Adds a source and its query, or gives one that is there another query.
   *
   * @throws Failure {@code SOURCE_EXISTS}, {@code SOURCE_INVALID}, {@code NOT_FOUND} for the
   *     connection, {@code WAREHOUSE_QUERY} for a query that cannot be run
   */
  public Shown add(String name, String connection, String query, boolean replace) {
    Connections.checkName(name, Problem.SOURCE_INVALID, "source");
    QueryText.of(query, connections.kind(connection));
    stored.put(name, connection, query, replace, clock.instant());
    return get(name);
  }

  public List<Shown> list() {
    return stored.list().stream().map(Syncs::shown).toList();
  }

  /**
   * The one of that name.
   *
   * @throws Failure {@code NOT_FOUND}
   */
  public Shown get(String name) {
    return shown(stored.get(name));
  }

  private static Shown shown(StoredSyncs.Entry entry) {
    return new Shown(
        entry.source().name(),
        entry.connection(),
        entry.query(),
        mapping(entry),
        !entry.source().createsUsers(),
        entry.watermark(),
        entry.changedAt());
  }

  private static @Nullable Mapping mapping(StoredSyncs.Entry entry) {
    return entry.mapping() == null ? null : JSON.readValue(entry.mapping(), Mapping.class);
  }

  /**
   * What a source's query answers first, from the beginning of time. Nothing is written.
   *
   * @param rows 1 to {@link #MOST_PREVIEWED}
   */
  public Preview preview(String name, int rows) {
    StoredSyncs.Entry entry = stored.get(name);
    return preview(entry.connection(), entry.query(), rows);
  }

  /** The same of a query that is not kept yet. */
  public Preview preview(String connection, String query, int rows) {
    if (rows < 1 || rows > MOST_PREVIEWED) {
      throw new Failure(
          Problem.SOURCE_INVALID,
          "A preview has 1 to %d rows; got %d.".formatted(MOST_PREVIEWED, rows));
    }
    QueryText text = QueryText.of(query, connections.kind(connection));
    try (Warehouse warehouse = connections.open(connection, PREVIEWING)) {
      long began = System.nanoTime();
      try (WarehouseRows answer = warehouse.rows(text, BEGINNING, rows)) {
        List<ObjectNode> first = new ArrayList<>();
        for (ObjectNode row = answer.next();
            row != null && first.size() < rows;
            row = answer.next()) {
          first.add(row);
        }
        long millis = (System.nanoTime() - began) / 1_000_000;
        return Preview.of(answer.columns(), first, text.incremental(), millis);
      }
    }
  }

  /**
   * Says what a source's columns mean. The query is asked for its columns; the next run reads from
   * the beginning.
   *
   * @throws Failure {@code SOURCE_INVALID} for a column that the query does not answer
   */
  public Shown configure(String name, Mapping mapping, boolean updateOnly, Actor actor) {
    StoredSyncs.Entry entry = stored.get(name);
    Preview preview = preview(entry.connection(), entry.query(), 1);
    mapping.check(preview.columns().stream().map(Preview.Column::name).toList());
    stored.configure(
        entry.source(), JSON.writeValueAsString(mapping), !updateOnly, actor, clock.instant());
    return get(name);
  }

  /**
   * Begins a run, which goes on by itself.
   *
   * @param full all rows, whatever was read before
   * @throws Failure {@code RUN_UNDER_WAY}, {@code SOURCE_NOT_CONFIGURED} or {@code NOT_FOUND}
   */
  public Run start(String name, boolean full, Actor actor) {
    Prepared run = prepare(name, full, actor);
    Thread thread =
        Thread.ofVirtual()
            .name("sync " + name)
            .unstarted(() -> {
              try {
                go(run, result -> {}, () -> closing);
              } catch (Failure failure) {
                // It is in the log of runs, for whoever asked for it.
                LOG.info("The run of {} ended: {}", name, failure.problem().code());
              } finally {
                running.remove(run.id());
              }
            });
    running.put(run.id(), thread);
    thread.start();
    return get(run.id());
  }

  /**
   * Runs a source, and returns when it is done.
   *
   * @param told from time to time
   * @throws Failure as {@link #start}; and what ended the run
   */
  public Run run(
      String name, boolean full, Actor actor, Consumer<RunResult> told, BooleanSupplier stopped) {
    Prepared run = prepare(name, full, actor);
    go(run, told, stopped);
    return get(run.id());
  }

  private record Prepared(
      UUID id, StoredSyncs.Entry sync, Mapping mapping, boolean full, StoredSyncs.Turn turn) {}

  private Prepared prepare(String name, boolean full, Actor actor) {
    Source source = stored.get(name).source();
    StoredSyncs.Turn turn = stored.turn(source);
    if (turn == null) {
      throw new Failure(
          Problem.RUN_UNDER_WAY,
          "A run of %s is under way. See how far it is with: source log %s".formatted(name, name));
    }
    try {
      // What stands now that nobody else runs it.
      StoredSyncs.Entry sync = stored.get(name);
      Mapping mapping = mapping(sync);
      if (mapping == null) {
        throw new Failure(
            Problem.SOURCE_NOT_CONFIGURED,
            "Nobody has said yet what the columns of %s mean: source configure %s"
                .formatted(name, name));
      }
      UUID id = UUID.randomUUID();
      log.begin(
          id,
          source,
          actor.by(),
          clock.instant(),
          JSON.writeValueAsString(new RunCounts(null).counts()));
      return new Prepared(id, sync, mapping, full, turn);
    } catch (RuntimeException e) {
      turn.close();
      throw e;
    }
  }

  private void go(Prepared run, Consumer<RunResult> told, BooleanSupplier stopped) {
    StoredSyncs.Entry sync = run.sync();
    Instant watermark = run.full() ? null : sync.watermark();
    RunCounts counts = new RunCounts(watermark);
    try {
      QueryText query = QueryText.of(sync.query(), connections.kind(sync.connection()));
      try (Warehouse warehouse = connections.open(sync.connection(), settings.queryLimit())) {
        // Before the query: what changes while it runs belongs to the next one.
        Instant next = warehouse.clock().minus(settings.overlap());
        Instant since = watermark == null ? BEGINNING : watermark;
        try (WarehouseRows rows = warehouse.rows(query, since, 0)) {
          run.mapping().check(rows.columns().stream().map(WarehouseRows.Column::name).toList());
          applying(run, counts, told, stopped).run(rows);
        }
        if (query.incremental()) {
          stored.advance(sync.source(), next);
          counts.done(next);
        }
      }
      end(run, SyncLog.State.DONE, counts, null);
      told.accept(counts.counts());
    } catch (Failure failure) {
      boolean stop = failure.problem() == Problem.STOPPED;
      end(run, stop ? SyncLog.State.INTERRUPTED : SyncLog.State.FAILED, counts, failure);
      throw failure;
    } catch (RuntimeException e) {
      LOG.error("A run of {} broke off", sync.source().name(), e);
      Failure failure =
          new Failure(
              Problem.INTERNAL_ERROR, "The run broke off: " + e.getClass().getSimpleName(), 0, e);
      end(run, SyncLog.State.FAILED, counts, failure);
      throw failure;
    } finally {
      run.turn().close();
    }
  }

  private SyncRun applying(
      Prepared run, RunCounts counts, Consumer<RunResult> told, BooleanSupplier stopped) {
    SpaceSettings now = new StoredLedger(database, space).settings();
    Source source = run.sync().source();
    long[] noted = {System.nanoTime()};
    Consumer<RunResult> noting =
        result -> {
          told.accept(result);
          if (System.nanoTime() - noted[0] > SHOWN_EVERY.toNanos()) {
            noted[0] = System.nanoTime();
            String soFar = JSON.writeValueAsString(result);
            log.change(run.id(), SyncLog.State.RUNNING, clock.instant(), soFar, null);
          }
        };
    return new SyncRun(
        source,
        run.mapping(),
        new SyncRows(database, now, source),
        new RowHashes(now.secret(), run.mapping()),
        intake,
        counts,
        noting,
        stopped,
        Submission.micros(clock.instant()));
  }

  /** A database that is away cannot note how it ended; the next run notes that it did. */
  private void end(Prepared run, SyncLog.State state, RunCounts counts, @Nullable Failure failure) {
    String error = failure == null ? null : JSON.writeValueAsString(RunResult.Broken.of(failure));
    try {
      log.change(run.id(), state, clock.instant(), JSON.writeValueAsString(counts.counts()), error);
    } catch (Failure away) {
      LOG.warn("How the run {} ended could not be noted: {}", run.id(), away.getMessage());
    }
  }

  /**
   * The latest runs of a source, the newest first.
   *
   * @throws Failure {@code NOT_FOUND}
   */
  public List<Run> runs(String name, int limit) {
    return log.list(stored.get(name).source(), limit).stream().map(Syncs::run).toList();
  }

  /** The latest run of each source that ever ran, by the sources' names. */
  public List<Run> latest() {
    return log.latest().stream().map(Syncs::run).toList();
  }

  /**
   * One run.
   *
   * @throws Failure {@code NOT_FOUND}
   */
  public Run get(UUID id) {
    SyncLog.Entry entry = log.get(id);
    if (entry == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no run %s.".formatted(id));
    }
    return run(entry);
  }

  private static Run run(SyncLog.Entry entry) {
    return new Run(
        entry.id(),
        entry.source(),
        entry.state(),
        entry.actor(),
        entry.startedAt(),
        entry.changedAt(),
        JSON.readValue(entry.counts(), RunResult.class),
        entry.error() == null ? null : JSON.readValue(entry.error(), RunResult.Broken.class));
  }

  /** Has the runs of this server end behind the page that they are at. */
  @Override
  public void close() {
    closing = true;
    for (Thread thread : running.values()) {
      try {
        thread.join(Duration.ofSeconds(30));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
