package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.store.Database;
import dev.selfsame.store.LandingLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The landings of a server: files that were uploaded and queries that were asked for, landed one
 * after the other. To land a file twice is to land it once, so the next server begins those anew
 * that this one does not finish; a query has a password, which is kept nowhere, and is interrupted.
 */
public final class Landings implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Landings.class);
  private static final String ORIGIN = "rest";
  private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

  /** How long the database may be away before a landing is tried again, at first and at most. */
  private static final long PAUSE_MILLIS = 2_000;

  private static final long LONGEST_PAUSE_MILLIS = 60_000;

  /** An entry that nobody has written for so long is nobody's. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  /** A landing, and what the thread that runs it is told. */
  private static final class Job implements LandingWatch {
    private final LandingRequest request;
    private final Path file;
    private final RowSource rows;
    private final boolean query;
    private @Nullable LandingNote note;
    private int tries;
    private volatile boolean stop;

    Job(LandingRequest request, Path file, RowSource rows, boolean query) {
      this.request = request;
      this.file = file;
      this.rows = rows;
      this.query = query;
    }

    LandingNote note() {
      return Objects.requireNonNull(note);
    }

    LandingStatus status() {
      return note().status();
    }

    @Override
    public void reading(long read, long size) {}

    @Override
    public void landing(long all) {}

    @Override
    public void deciding(long decided, long claims) {}

    @Override
    public boolean stopped() {
      return stop;
    }
  }

  private final LandingFiles files;
  private final LandingSettings settings;
  private final Database database;
  private final LandingLog log;
  private final String space;
  private final Intake intake;
  private final InstantSource clock;
  private final Landing landing;
  private final Thread worker = Thread.ofPlatform().name("landings").daemon().unstarted(this::work);

  /** Those that wait or run. Guarded by this, as is all that follows. */
  private final Map<UUID, Job> jobs = new HashMap<>();

  private @Nullable Job current;
  private boolean closing;

  private Landings(
      LandingFiles files,
      LandingSettings settings,
      Database database,
      String space,
      Intake intake,
      InstantSource clock) {
    this.files = files;
    this.settings = settings;
    this.database = database;
    this.log = new LandingLog(database);
    this.space = space;
    this.intake = intake;
    this.clock = clock;
    this.landing = new Landing(database, space, clock);
  }

  /**
   * Takes up what an earlier server left, and begins to work.
   *
   * @param directory of its own; made where there is none
   */
  public static Landings open(
      Path directory,
      LandingSettings settings,
      Database database,
      String space,
      Intake intake,
      InstantSource clock) {
    Landings landings =
        new Landings(LandingFiles.open(directory), settings, database, space, intake, clock);
    try {
      landings.takeUp();
    } catch (RuntimeException e) {
      landings.release();
      throw e;
    }
    landings.worker.start();
    return landings;
  }

  private synchronized void takeUp() {
    files
        .left()
        .forEach((id, file) -> {
          LandingLog.Entry entry = log.find(id);
          if (entry == null || entry.state().finished()) {
            files.delete(file);
            return;
          }
          LandingStatus status = LandingStatus.of(entry);
          if (status.asked().query() != null) {
            LandingNote.of(log, status, clock, LandingWatch.NONE)
                .interrupted(
                    new Failure(
                        Problem.STOPPED,
                        "The server ended while the query was %s, and keeps no password to ask again with. Ask for it again: rows that have landed already change nothing"
                            .formatted(
                                status.state() == LandingLog.State.WAITING
                                    ? "waiting"
                                    : "being landed")));
            files.delete(file);
            return;
          }
          LandingStatus.Asked asked = status.asked();
          Job job =
              new Job(
                  LandingStatus.request(entry, asked),
                  file,
                  rows(file, Objects.requireNonNull(asked.format())),
                  false);
          job.note = LandingNote.of(log, status, clock, job);
          job.note.waiting();
          jobs.put(id, job);
        });
  }

  private static RowSource rows(Path file, String format) {
    return RowSource.files(List.of(file), format, InputStream.nullInputStream());
  }

  /**
   * Keeps a file on disk and queues it.
   *
   * @param name what whoever sends it calls it
   * @param format {@code csv}, {@code jsonl} or {@code parquet}
   * @param in the file; not closed
   * @throws IOException when it ends early
   * @throws Failure LANDING_FILE for an empty one, LANDING_COLUMN for options that the table has no
   *     place for, TOO_BUSY when as many wait as may, DISK_LOW
   */
  public LandingStatus file(
      LandingRequest request,
      String name,
      String format,
      boolean preview,
      String actor,
      InputStream in)
      throws IOException {
    LandingColumns.checkOptions(request);
    makeRoom();
    UUID id = UUID.randomUUID();
    long bytes = files.spool(id, format, in, settings.leaveFree());
    Path file = files.file(id, format);
    boolean queued = false;
    try {
      if (bytes == 0) {
        throw new Failure(Problem.LANDING_FILE, name + ": the file is empty.");
      }
      Job job = new Job(request, file, rows(file, format), false);
      LandingStatus status =
          queue(id, job, LandingStatus.Asked.file(request, preview, name, format), actor, bytes);
      queued = true;
      return status;
    } finally {
      if (!queued) {
        files.delete(file);
      }
    }
  }

  /**
   * Queues a query on another database.
   *
   * @param password where the address has none; kept in memory alone
   * @throws Failure LANDING_QUERY, LANDING_COLUMN, TOO_BUSY, DISK_LOW
   */
  public LandingStatus query(
      LandingRequest request,
      String address,
      @Nullable String password,
      String sql,
      boolean preview,
      String actor) {
    LandingColumns.checkOptions(request);
    if (sql.isBlank() || RowFailures.flaw(sql) != null) {
      throw new Failure(
          Problem.LANDING_QUERY, "The query is empty, or no text that a database takes.");
    }
    if (QueryAddress.parse(address, password) instanceof QueryAddress.File) {
      throw new Failure(
          Problem.LANDING_QUERY,
          "A DuckDB file would be one of the server's own. Send the rows as a Parquet file"
              + " instead.");
    }
    makeRoom();
    UUID id = UUID.randomUUID();
    Job job =
        new Job(
            request,
            files.file(id, LandingFiles.QUERY),
            RowSource.query(address, password, sql, settings.queryFor()),
            true);
    files.mark(id);
    boolean queued = false;
    try {
      LandingStatus status =
          queue(id, job, LandingStatus.Asked.query(request, preview, address, sql), actor, null);
      queued = true;
      return status;
    } finally {
      if (!queued) {
        files.delete(job.file);
      }
    }
  }

  private synchronized void makeRoom() {
    if (closing) {
      throw new Failure(Problem.TOO_BUSY, "The hub is stopping; send it again.");
    }
    if (jobs.size() >= settings.waiting()) {
      throw new Failure(
          Problem.TOO_BUSY,
          "%d landings wait or run, and no more are taken (landings.waiting); try again when one is done."
              .formatted(jobs.size()));
    }
  }

  private synchronized LandingStatus queue(
      UUID id, Job job, LandingStatus.Asked asked, String actor, @Nullable Long bytes) {
    makeRoom();
    LandingNote note =
        LandingNote.begin(log, id, job.request, asked, ORIGIN, actor, bytes, clock, job);
    job.note = note;
    jobs.put(id, job);
    notifyAll();
    return note.status();
  }

  /**
   * Landings, newest first, from wherever they were started.
   *
   * @param before only those created before, or in the same moment with a smaller id; null: all
   */
  public List<LandingStatus> list(@Nullable Instant before, @Nullable UUID beforeId, int limit) {
    List<LandingStatus> all = new ArrayList<>();
    for (LandingLog.Entry entry : log.list(before, beforeId, limit)) {
      LandingStatus here = here(entry.id());
      all.add(here == null ? LandingStatus.of(entry) : here);
    }
    return all;
  }

  /**
   * One of them.
   *
   * @throws Failure NOT_FOUND
   */
  public LandingStatus get(UUID id) {
    LandingStatus here = here(id);
    return here == null ? LandingStatus.of(found(id)) : here;
  }

  private synchronized @Nullable LandingStatus here(UUID id) {
    Job job = jobs.get(id);
    return job == null ? null : job.status();
  }

  private LandingLog.Entry found(UUID id) {
    LandingLog.Entry entry = log.find(id);
    if (entry == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no landing with this id.");
    }
    return entry;
  }

  /**
   * Forgets a landing. One that runs is told to stop instead.
   *
   * @return null when it is forgotten, else what it is now
   * @throws Failure NOT_FOUND; LANDING_ELSEWHERE for one that runs, but not here
   */
  public synchronized @Nullable LandingStatus remove(UUID id) {
    Job job = jobs.get(id);
    if (job == null) {
      LandingLog.Entry entry = found(id);
      if (!entry.state().finished()
          && entry.changedAt().isAfter(clock.instant().minus(ABANDONED))) {
        throw new Failure(
            Problem.LANDING_ELSEWHERE,
            "The landing is %s, but not on this server: stop it where it was started."
                .formatted(entry.state().code()));
      }
      log.forget(id);
      return null;
    }
    job.stop = true;
    if (job == current && !job.status().state().finished()) {
      return job.status();
    }
    log.forget(id);
    jobs.remove(id);
    files.delete(job.file);
    return null;
  }

  // ---- the working thread ----

  private void work() {
    for (Job job = next(); job != null; job = next()) {
      try {
        run(job);
      } catch (RuntimeException e) {
        // Nothing that becomes of one landing keeps the others from theirs.
        LOG.error("Landing {} is left for the next start", job.status().id(), e);
        finished(job, false);
      }
    }
  }

  private synchronized @Nullable Job next() {
    current = null;
    while (!closing) {
      Job oldest =
          jobs.values().stream()
              .min(
                  Comparator.comparing((Job job) -> job.status().createdAt())
                      .thenComparing(job -> job.status().id()))
              .orElse(null);
      if (oldest != null) {
        current = oldest;
        return oldest;
      }
      try {
        wait();
      } catch (InterruptedException e) {
        break;
      }
    }
    return null;
  }

  private void run(Job job) {
    LandingNote note = job.note();
    UUID id = job.status().id();
    try {
      note.started();
      Landed landed = landed(job, note);
      note.done(landed);
      LOG.info("Landing {} into {} is done: {}", id, landed.table(), landed.counts());
      finished(job, true);
    } catch (Failure failure) {
      ended(job, note, named(job, failure));
    } catch (RuntimeException | Error e) {
      LOG.error("Landing {} failed in an unforeseen way", id, e);
      note.failed(
          new LandingStatus.Broken(
              Problem.INTERNAL_ERROR.code(),
              "The landing met an unforeseen error; the server's log has the details. Landing the"
                  + " same again changes nothing that has landed."));
      finished(job, true);
    }
  }

  private Landed landed(Job job, LandingNote note) {
    if (!job.status().asked().preview()) {
      return landing.land(job.request, job.rows, intake, this::preview, note);
    }
    try (Preview preview = preview()) {
      return landing.preview(job.request, job.rows, settings.previewRows(), preview, note);
    }
  }

  private Preview preview() {
    return Preview.open(space, database.sessions("preview"));
  }

  /** What is wrong with a file names it as whoever sent it does; where it lies is ours to know. */
  private static Failure named(Job job, Failure failure) {
    String name = job.status().asked().file();
    return name == null
        ? failure
        : new Failure(
            failure.problem(),
            String.valueOf(failure.getMessage()).replace(job.file.toString(), name),
            failure.retryAfterSeconds(),
            failure);
  }

  private void ended(Job job, LandingNote note, Failure failure) {
    // A stop that took too long interrupts; the flag would close what is written now.
    boolean cut = Thread.interrupted();
    UUID id = job.status().id();
    boolean stopping;
    synchronized (this) {
      stopping = closing;
    }
    LOG.info("Landing {} ends early: {}", id, failure.getMessage());
    if (stopping && !job.query) {
      note.waiting();
      finished(job, false);
    } else if (stopping || cut || failure.problem() == Problem.STOPPED) {
      note.interrupted(
          failure.problem() == Problem.STOPPED
              ? failure
              : new Failure(Problem.STOPPED, String.valueOf(failure.getMessage()), 0, failure));
      finished(job, true);
    } else if (failure.problem() == Problem.STORE_AWAY && !job.stop) {
      LOG.warn("Landing {} is tried again: {}", id, failure.getMessage());
      pause(Math.min(LONGEST_PAUSE_MILLIS, PAUSE_MILLIS << Math.min(job.tries, 8)), job);
      job.tries++;
    } else {
      note.failed(failure);
      finished(job, true);
    }
  }

  private synchronized void pause(long millis, Job job) {
    long end = System.nanoTime() + millis * 1_000_000;
    try {
      for (long left = millis; left > 0 && !closing && !job.stop; ) {
        wait(Math.min(left, 200));
        left = (end - System.nanoTime()) / 1_000_000;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void finished(Job job, boolean forGood) {
    jobs.remove(job.status().id());
    if (forGood) {
      files.delete(job.file);
    }
  }

  /** Stops what runs; the next start begins it anew. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      closing = true;
      jobs.values().forEach(job -> job.stop = true);
      notifyAll();
    }
    try {
      if (!worker.join(STOP_WITHIN)) {
        worker.interrupt();
        if (!worker.join(STOP_WITHIN)) {
          LOG.warn("The landing that runs does not end; the next start begins it anew");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    interruptQueries();
    files.close();
  }

  /** Queries that wait have nobody who could ask them later. */
  private synchronized void interruptQueries() {
    for (Job job : jobs.values()) {
      if (job.query && job != current) {
        try {
          job.note()
              .interrupted(
                  new Failure(
                      Problem.STOPPED, "The server ended before it was asked. Ask for it again"));
          files.delete(job.file);
        } catch (Failure failure) {
          LOG.debug("The next start will interrupt it", failure);
        }
      }
    }
  }

  private void release() {
    try {
      files.close();
    } catch (IOException e) {
      LOG.debug("The lock ends with the program", e);
    }
  }
}
