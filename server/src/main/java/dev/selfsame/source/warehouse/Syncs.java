package dev.selfsame.source.warehouse;

import dev.selfsame.access.Actor;
import dev.selfsame.alert.Alerts;
import dev.selfsame.connection.Connections;
import dev.selfsame.connection.QueryText;
import dev.selfsame.connection.Warehouse;
import dev.selfsame.connection.WarehouseRows;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.store.Database;
import dev.selfsame.store.StoredPublications;
import dev.selfsame.store.StoredSyncs;
import dev.selfsame.store.SyncLog;
import dev.selfsame.store.Turn;
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
import java.util.function.Supplier;
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
  private static final Duration ABANDONED_EVERY = Duration.ofMinutes(1);
  private static final Actor SCHEDULE = new Actor("schedule", null);

  /**
   * A source.
   *
   * @param mapping null: not configured yet
   * @param updateOnly its rows create nobody
   * @param watermark where the next run begins, by the warehouse's clock; null: at the beginning
   * @param schedule how often or when it runs by itself; null: it does not
   * @param due when it runs by itself next
   * @param failures scheduled runs that failed since one did not
   * @param shadow its runs only say what they would do
   */
  public record Shown(
      String name,
      String connection,
      String query,
      @Nullable Mapping mapping,
      boolean updateOnly,
      @Nullable Instant watermark,
      @Nullable String schedule,
      boolean paused,
      @Nullable Instant due,
      int failures,
      LeftRows leftRows,
      boolean shadow,
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

  private final StoredSyncs stored;
  private final SyncLog log;
  private final Connections connections;
  private final SyncTools tools;
  private final InstantSource clock;
  private final Map<UUID, Thread> running = new ConcurrentHashMap<>();
  private volatile boolean closing;
  private @Nullable Thread scheduler;

  /**
   * @param previews makes an intake that writes nothing, for runs that only say what they would do
   */
  public Syncs(
      Database database,
      String space,
      Connections connections,
      Intake intake,
      Supplier<Preview> previews,
      SyncSettings settings,
      InstantSource clock) {
    this.stored = new StoredSyncs(database, space);
    this.log = new SyncLog(database, space);
    this.connections = connections;
    this.clock = clock;
    this.tools =
        new SyncTools(
            database,
            space,
            stored,
            log,
            new StoredPublications(database, space),
            connections,
            intake,
            previews,
            settings,
            new Alerts("source", settings.alertUrl()),
            clock);
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
        entry.operation().schedule(),
        entry.operation().paused(),
        entry.operation().due(),
        entry.operation().failures(),
        LeftRows.of(entry.operation().leftRows()),
        entry.operation().shadow(),
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
  public QueryPreview preview(String name, int rows) {
    StoredSyncs.Entry entry = stored.get(name);
    return preview(entry.connection(), entry.query(), rows);
  }

  /** The same of a query that is not kept yet. */
  public QueryPreview preview(String connection, String query, int rows) {
    if (rows < 1 || rows > MOST_PREVIEWED) {
      throw new Failure(
          Problem.SOURCE_INVALID,
          "A preview has 1 to %d rows; got %d.".formatted(MOST_PREVIEWED, rows));
    }
    QueryText text = QueryText.of(query, connections.kind(connection));
    try (Warehouse warehouse = connections.open(connection, PREVIEWING)) {
      long began = System.nanoTime();
      try (WarehouseRows answer = warehouse.rows(text, Running.BEGINNING, rows)) {
        List<ObjectNode> first = new ArrayList<>();
        for (ObjectNode row = answer.next();
            row != null && first.size() < rows;
            row = answer.next()) {
          first.add(row);
        }
        long millis = (System.nanoTime() - began) / 1_000_000;
        return QueryPreview.of(answer.columns(), first, text.incremental(), millis);
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
    QueryPreview preview = preview(entry.connection(), entry.query(), 1);
    mapping.check(preview.columns().stream().map(QueryPreview.Column::name).toList());
    stored.configure(
        entry.source(), JSON.writeValueAsString(mapping), !updateOnly, actor, clock.instant());
    return get(name);
  }

  /**
   * Says how a source runs from now on.
   *
   * @param schedule null: by hand alone
   * @throws Failure {@code SOURCE_INVALID}, {@code SOURCE_NOT_CONFIGURED} or {@code NOT_FOUND}
   */
  public Shown operate(
      String name,
      @Nullable String schedule,
      boolean paused,
      LeftRows leftRows,
      boolean shadow,
      Actor actor) {
    StoredSyncs.Entry entry = stored.get(name);
    Schedule when = schedule == null ? null : Schedule.of(schedule);
    if (when != null && entry.mapping() == null) {
      throw notConfigured(name);
    }
    Instant now = clock.instant();
    StoredSyncs.Operation is = entry.operation();
    boolean same = when != null && when.text().equals(is.schedule()) && is.due() != null;
    Instant due = when == null ? null : same ? is.due() : when.first(now);
    stored.operate(
        entry.source(),
        new StoredSyncs.Operation(
            when == null ? null : when.text(), paused, due, is.failures(), leftRows.code(), shadow),
        actor,
        now);
    return get(name);
  }

  private static Failure notConfigured(String name) {
    return new Failure(
        Problem.SOURCE_NOT_CONFIGURED,
        "Nobody has said yet what the columns of %s mean: source configure %s"
            .formatted(name, name));
  }

  /**
   * Begins a run, which goes on by itself.
   *
   * @param full all rows, whatever was read before
   * @throws Failure {@code RUN_UNDER_WAY}, {@code SOURCE_NOT_CONFIGURED} or {@code NOT_FOUND}
   */
  public Run start(String name, boolean full, Actor actor) {
    Running run = prepare(name, full, actor, false);
    if (run == null) {
      throw underWay(name);
    }
    begin(name, run);
    return get(run.id());
  }

  private void begin(String name, Running run) {
    Thread thread =
        Thread.ofVirtual()
            .name("sync " + name)
            .unstarted(() -> {
              try {
                run.go(result -> {}, () -> closing);
              } catch (Failure failure) {
                // It is in the log of runs, for whoever asked for it.
                LOG.info("The run of {} ended: {}", name, failure.problem().code());
              } finally {
                running.remove(run.id());
              }
            });
    running.put(run.id(), thread);
    thread.start();
  }

  /**
   * Runs a source, and returns when it is done.
   *
   * @param told from time to time
   * @throws Failure as {@link #start}; and what ended the run
   */
  public Run run(
      String name, boolean full, Actor actor, Consumer<RunResult> told, BooleanSupplier stopped) {
    Running run = prepare(name, full, actor, false);
    if (run == null) {
      throw underWay(name);
    }
    run.go(told, stopped);
    return get(run.id());
  }

  private static Failure underWay(String name) {
    return new Failure(
        Problem.RUN_UNDER_WAY,
        "A run of %s is under way. See how far it is with: source log %s".formatted(name, name));
  }

  /** Null: somebody else runs it, or did just now what was due. */
  private @Nullable Running prepare(String name, boolean full, Actor actor, boolean due) {
    Source source = stored.get(name).source();
    Turn turn = stored.turn(source);
    if (turn == null) {
      return null;
    }
    try {
      // What stands now that nobody else runs it.
      StoredSyncs.Entry sync = stored.get(name);
      Instant now = clock.instant();
      Instant dueAt = sync.operation().due();
      if (due && (sync.operation().paused() || dueAt == null || dueAt.isAfter(now))) {
        turn.close();
        return null;
      }
      Mapping mapping = mapping(sync);
      if (mapping == null) {
        throw notConfigured(name);
      }
      UUID id = UUID.randomUUID();
      log.begin(
          id,
          source,
          actor.by(),
          now,
          JSON.writeValueAsString(new RunCounts(null, sync.operation().shadow()).counts()));
      return new Running(id, sync, mapping, full, turn, tools, now);
    } catch (RuntimeException e) {
      turn.close();
      throw e;
    }
  }

  /**
   * Has a source's run end, whichever server runs it; it does within seconds.
   *
   * @throws Failure {@code NO_RUN} if none is under way; {@code NOT_FOUND}
   */
  public Run cancel(String name, Actor actor) {
    UUID id = log.cancel(stored.get(name).source(), actor.by());
    if (id == null) {
      throw new Failure(Problem.NO_RUN, "No run of %s is under way.".formatted(name));
    }
    return get(id);
  }

  /** From now on sources run when they are due. */
  public void schedule() {
    scheduler = Thread.ofPlatform().daemon().name("sync schedule").start(this::lookAgain);
  }

  private void lookAgain() {
    Instant abandoned = Instant.MIN;
    while (!closing) {
      try {
        Thread.sleep(tools.settings().lookEvery());
        Instant now = clock.instant();
        if (abandoned.isBefore(now.minus(ABANDONED_EVERY))) {
          interruptAbandoned();
          abandoned = now;
        }
        runDue();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        // A database that is away is back one day; the schedule must not end for it.
        LOG.warn("What is due could not be run: {}", e.toString());
      }
    }
  }

  /** Begins what is due, as far as this server has room. */
  void runDue() {
    for (String name : stored.due(clock.instant())) {
      if (closing || running.size() >= tools.settings().atOnce()) {
        return;
      }
      Running run = prepare(name, false, SCHEDULE, true);
      if (run != null) {
        begin(name, run);
      }
    }
  }

  /** Runs of servers that are no more: nobody has their turn. */
  void interruptAbandoned() {
    for (SyncLog.Entry each : log.latest()) {
      if (each.state() == SyncLog.State.RUNNING && !running.containsKey(each.id())) {
        Source source = stored.get(each.source()).source();
        Turn turn = stored.turn(source);
        if (turn != null) {
          try (turn) {
            log.interrupt(source);
          }
        }
      }
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
    if (scheduler != null) {
      scheduler.interrupt();
    }
    for (Thread thread : running.values()) {
      try {
        thread.join(Duration.ofSeconds(30));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    tools.alerts().close();
  }
}
