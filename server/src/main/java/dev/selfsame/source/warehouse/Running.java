package dev.selfsame.source.warehouse;

import dev.selfsame.connection.QueryText;
import dev.selfsame.connection.Warehouse;
import dev.selfsame.connection.WarehouseRows;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Submission;
import dev.selfsame.store.SpaceSettings;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredSyncs;
import dev.selfsame.store.SyncLog;
import dev.selfsame.store.SyncRows;
import dev.selfsame.store.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * One run of a source, from its query to the note of how it ended; it has the source's turn. While
 * it goes on, a second thread notes how far it is and looks whether it is to end.
 */
final class Running {

  private static final Logger LOG = LoggerFactory.getLogger(Running.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration NOTED_EVERY = Duration.ofSeconds(1);

  /** What a query means that names no time, or has come to no end yet. */
  static final Instant BEGINNING = Instant.EPOCH;

  private final UUID id;
  private final StoredSyncs.Entry sync;
  private final Mapping mapping;
  private final boolean full;
  private final Turn turn;
  private final SyncTools tools;
  private final Instant begun;
  private volatile boolean cancelled;
  private volatile boolean lostTurn;

  Running(
      UUID id,
      StoredSyncs.Entry sync,
      Mapping mapping,
      boolean full,
      Turn turn,
      SyncTools tools,
      Instant begun) {
    this.id = id;
    this.sync = sync;
    this.mapping = mapping;
    this.full = full;
    this.turn = turn;
    this.tools = tools;
    this.begun = begun;
  }

  UUID id() {
    return id;
  }

  /**
   * Goes through all of it, and gives the turn back.
   *
   * @param told from time to time
   * @throws Failure what ended it early; it is noted by then
   */
  void go(Consumer<RunResult> told, BooleanSupplier stopped) {
    boolean shadow = sync.operation().shadow();
    Instant watermark = full ? null : sync.watermark();
    RunCounts counts = new RunCounts(watermark, shadow);
    try {
      read(counts, watermark, told, stopped);
      end(SyncLog.State.DONE, counts, null);
      told.accept(counts.counts());
    } catch (Failure failure) {
      SyncLog.State state =
          cancelled
              ? SyncLog.State.CANCELLED
              : lostTurn || stopped.getAsBoolean() || failure.problem() == Problem.STOPPED
                  ? SyncLog.State.INTERRUPTED
                  : SyncLog.State.FAILED;
      // A query that is made to end says that it took too long.
      Failure why =
          state == SyncLog.State.FAILED
              ? failure
              : new Failure(
                  Problem.STOPPED,
                  state == SyncLog.State.CANCELLED
                      ? "The run was cancelled. The next one reads the same rows."
                      : (lostTurn
                              ? "The hub's database broke off the connection that keeps other"
                                  + " servers from this source."
                              : "The server was stopping.")
                          + " The next run reads the same rows.");
      end(state, counts, why);
      throw why;
    } catch (RuntimeException e) {
      LOG.error("A run of {} broke off", sync.source().name(), e);
      Failure failure =
          new Failure(
              Problem.INTERNAL_ERROR, "The run broke off: " + e.getClass().getSimpleName(), 0, e);
      end(SyncLog.State.FAILED, counts, failure);
      throw failure;
    } finally {
      turn.close();
    }
  }

  private void read(
      RunCounts counts,
      @Nullable Instant watermark,
      Consumer<RunResult> told,
      BooleanSupplier stopped) {
    StoredSyncs.Operation operation = sync.operation();
    QueryText query = QueryText.of(sync.query(), tools.connections().kind(sync.connection()));
    LeftRows leftRows = LeftRows.of(operation.leftRows());
    boolean whole = watermark == null || !query.incremental();
    try (Warehouse warehouse =
            tools.connections().open(sync.connection(), tools.settings().queryFor());
        Watch watch = new Watch(counts.counts(), warehouse, stopped);
        Shadow shadow = operation.shadow() ? new Shadow(tools.previews()) : null;
        SeenRows seen = whole && leftRows != LeftRows.KEEP ? SeenRows.open() : null) {
      // Before the query: what changes while it runs belongs to the next one.
      Instant next = warehouse.clock().minus(tools.settings().overlap());
      Instant since = watermark == null ? BEGINNING : watermark;
      SpaceSettings now = new StoredLedger(tools.database(), tools.space()).settings();
      Source source = sync.source();
      SyncRows known = new SyncRows(tools.database(), now, source);
      Intake intake = shadow == null ? tools.intake() : shadow;
      try (WarehouseRows rows = warehouse.rows(query, since, 0)) {
        mapping.check(rows.columns().stream().map(WarehouseRows.Column::name).toList());
        new SyncRun(
                source,
                mapping,
                known,
                new RowHashes(now.secret(), mapping),
                intake,
                counts,
                result -> {
                  watch.latest = result;
                  told.accept(result);
                },
                () -> cancelled || lostTurn || stopped.getAsBoolean(),
                Submission.micros(tools.clock().instant()),
                shadow != null,
                seen)
            .run(rows);
      }
      if (seen != null) {
        // An answer without a row is a mistake far more often than the end of all users.
        boolean mark = leftRows == LeftRows.MARK && shadow == null && counts.rows() > 0;
        counts.left(seen.left(known, mark, tools.clock().instant()));
      }
      if (query.incremental() && shadow == null) {
        tools.stored().advance(source, next);
        counts.done(next);
      }
    }
  }

  /** Notes how far the run is, and has it end when somebody wants that. */
  private final class Watch implements AutoCloseable {
    private final Warehouse warehouse;
    private final BooleanSupplier stopped;
    private final Thread thread;
    private volatile RunResult latest;
    private volatile boolean done;

    Watch(RunResult first, Warehouse warehouse, BooleanSupplier stopped) {
      this.latest = first;
      this.warehouse = warehouse;
      this.stopped = stopped;
      this.thread = Thread.ofVirtual().name("watch " + sync.source().name()).start(this::watch);
    }

    private void watch() {
      while (!done) {
        try {
          Thread.sleep(NOTED_EVERY);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
        look();
      }
    }

    private synchronized void look() {
      if (done) {
        return;
      }
      try {
        String soFar = JSON.writeValueAsString(latest);
        cancelled =
            tools.log().change(id, SyncLog.State.RUNNING, tools.clock().instant(), soFar, null);
      } catch (Failure away) {
        LOG.debug("How far the run {} is could not be noted: {}", id, away.getMessage());
      }
      // Somebody else may begin by now.
      lostTurn = !turn.isHeld();
      if (cancelled || lostTurn || stopped.getAsBoolean()) {
        warehouse.cancel();
      }
    }

    /** After this it notes nothing any more. */
    @Override
    public void close() {
      synchronized (this) {
        done = true;
      }
      thread.interrupt();
    }
  }

  /** A database that is away cannot note how it ended; the next run notes that it did. */
  private void end(SyncLog.State state, RunCounts counts, @Nullable Failure failure) {
    RunResult.Broken broken = failure == null ? null : RunResult.Broken.of(failure);
    Instant now = tools.clock().instant();
    try {
      tools
          .log()
          .change(
              id,
              state,
              now,
              JSON.writeValueAsString(counts.counts()),
              broken == null ? null : JSON.writeValueAsString(broken));
      if (!sync.operation().shadow()) {
        // Also after one that broke off: some of its rows may be in.
        tools.publications().afterSync(now);
      }
      if (state != SyncLog.State.INTERRUPTED) {
        schedule(state, now, broken);
      }
    } catch (Failure away) {
      LOG.warn("How the run {} ended could not be noted: {}", id, away.getMessage());
    }
  }

  /** When it runs next by itself. One that was interrupted is still due. */
  private void schedule(SyncLog.State state, Instant now, RunResult.@Nullable Broken broken) {
    String name = sync.source().name();
    StoredSyncs.Operation operation = tools.stored().get(name).operation();
    String said = operation.schedule();
    if (said == null) {
      return;
    }
    Instant due = Schedule.of(said).next(begun, now);
    int failures = operation.failures();
    switch (state) {
      case DONE -> failures = 0;
      case FAILED -> {
        failures++;
        due = now.plus(Schedule.patience(failures));
      }
      case CANCELLED, INTERRUPTED, RUNNING -> {}
    }
    tools.stored().ran(sync.source(), said, due, failures);
    if (failures == 0 && operation.failures() > 0) {
      tools.alerts().recovered(name, now, due);
    } else if (state == SyncLog.State.FAILED && broken != null) {
      tools.alerts().failed(name, failures, broken.code(), broken.detail(), now, due);
    }
  }
}
