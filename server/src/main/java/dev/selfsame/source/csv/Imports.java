package dev.selfsame.source.csv;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.source.csv.ImportStatus.Broken;
import dev.selfsame.store.Database;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The imports of a server: files that were uploaded, worked through one after the other, and what
 * became of them. A restart finds them as they were.
 */
public final class Imports implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Imports.class);

  /** Characters of an import's name. */
  public static final int LONGEST_NAME = 200;

  private static final long EXPIRE_EVERY_MILLIS = 30_000;
  private static final Duration SAVE_EVERY = Duration.ofSeconds(1);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

  /** An import, and what the thread that works on it is told. */
  private static final class Job {
    private volatile ImportStatus status;

    /** No further row. */
    private volatile boolean stop;

    /** Nobody wants to know of it any more. */
    private volatile boolean forgotten;

    Job(ImportStatus status) {
      this.status = status;
    }
  }

  private final ImportFiles files;
  private final ImportSettings settings;
  private final Database database;
  private final String space;
  private final Intake intake;
  private final InstantSource clock;
  private final Thread worker = Thread.ofPlatform().name("imports").daemon().unstarted(this::work);

  /** Guarded by this, as is all that follows. */
  private final Map<UUID, Job> jobs = new HashMap<>();

  private @Nullable Job current;
  private Instant latest = Instant.EPOCH;
  private boolean closing;

  private Imports(
      ImportFiles files,
      ImportSettings settings,
      Database database,
      String space,
      Intake intake,
      InstantSource clock) {
    this.files = files;
    this.settings = settings;
    this.database = database;
    this.space = space;
    this.intake = intake;
    this.clock = clock;
  }

  /**
   * Takes up what an earlier server left, and begins to work.
   *
   * @param directory of its own; made where there is none
   */
  public static Imports open(
      Path directory,
      ImportSettings settings,
      Database database,
      String space,
      Intake intake,
      InstantSource clock) {
    Imports imports =
        new Imports(ImportFiles.open(directory), settings, database, space, intake, clock);
    imports.takeUp();
    imports.worker.start();
    return imports;
  }

  private synchronized void takeUp() {
    for (ImportStatus left : files.load()) {
      ImportStatus status = left;
      if (left.state().running()) {
        status = left.in(ImportState.INTERRUPTED, clock.instant(), lost(left));
        files.save(status);
      }
      jobs.put(status.id(), new Job(status));
      latest = status.createdAt().isAfter(latest) ? status.createdAt() : latest;
    }
  }

  private static Broken lost(ImportStatus left) {
    return Broken.of(
        Problem.STOPPED,
        left.state() == ImportState.CHECKING || left.state() == ImportState.PREVIEWING
            ? "The server ended while it was %s; nothing was written."
                .formatted(left.state().code())
            : "The server ended while it was importing. %d rows, the last of them on line %d, are known to be written, and some after them may be. Apply it again; rows that are written already change nothing."
                .formatted(left.rowsDecided(), left.line()));
  }

  /** Whether an import may have that name: it is there, short, and has no control characters. */
  public static boolean canBeCalled(String name) {
    return !name.isBlank()
        && name.length() <= LONGEST_NAME
        && name.chars().noneMatch(Character::isISOControl);
  }

  /**
   * Keeps a file on disk and queues it.
   *
   * @param in the file; not closed
   * @throws IOException when it ends early
   * @throws Failure CSV_HEADER for an empty one, TOO_BUSY when as many wait as may be kept,
   *     DISK_LOW
   */
  public ImportStatus upload(@Nullable String name, boolean preview, InputStream in)
      throws IOException {
    synchronized (this) {
      makeRoom();
    }
    UUID id = UUID.randomUUID();
    long bytes = files.spool(id, in, settings.leaveFree());
    boolean listed = false;
    try {
      if (bytes == 0) {
        throw new Failure(
            Problem.CSV_HEADER,
            "The file is empty; its first line should name columns: " + CsvColumn.allTitles());
      }
      synchronized (this) {
        makeRoom();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        latest = now.isAfter(latest) ? now : latest.plus(1, ChronoUnit.MICROS);
        Job job = new Job(ImportStatus.waiting(id, name, preview, latest, bytes));
        files.save(job.status);
        jobs.put(id, job);
        listed = true;
        notifyAll();
        return job.status;
      }
    } finally {
      if (!listed) {
        files.deleteAll(id);
      }
    }
  }

  private void makeRoom() {
    expire();
    if (closing) {
      throw new Failure(Problem.TOO_BUSY, "The hub is stopping; upload the file again.");
    }
    while (jobs.size() >= settings.kept()) {
      Job oldest =
          jobs.values().stream()
              .filter(job -> job.status.state().finished())
              .min(
                  Comparator.comparing((Job job) -> job.status.canBeApplied())
                      .thenComparing(job -> job.status.createdAt()))
              .orElseThrow(() ->
                  new Failure(
                      Problem.TOO_BUSY,
                      "%d imports wait or run, and no more are kept (imports.kept); try again when one is done."
                          .formatted(jobs.size())));
      forget(oldest);
    }
  }

  private void expire() {
    Instant end = clock.instant().minus(settings.keptFor());
    for (Job job : List.copyOf(jobs.values())) {
      if (job.status.state().finished() && !job.status.changedAt().isAfter(end)) {
        forget(job);
      }
    }
  }

  private void forget(Job job) {
    job.forgotten = true;
    job.stop = true;
    jobs.remove(job.status.id());
    if (current != job) {
      files.deleteAll(job.status.id());
    }
  }

  /**
   * Imports, newest first.
   *
   * @param before only those created before; null: all
   */
  public synchronized List<ImportStatus> list(@Nullable Instant before, int limit) {
    expire();
    return jobs.values().stream()
        .map(job -> job.status)
        .filter(status -> before == null || status.createdAt().isBefore(before))
        .sorted(Comparator.comparing(ImportStatus::createdAt).reversed())
        .limit(limit)
        .toList();
  }

  public synchronized ImportStatus get(UUID id) {
    return job(id).status;
  }

  private Job job(UUID id) {
    expire();
    Job job = jobs.get(id);
    if (job == null) {
      throw new Failure(
          Problem.NOT_FOUND,
          "There is no import with this id; finished ones are forgotten after %s."
              .formatted(settings.keptFor()));
    }
    return job;
  }

  /**
   * Queues a previewed file to be imported, or one whose import was interrupted.
   *
   * @throws Failure NOT_FOUND, IMPORT_NOT_PREVIEWED
   */
  public synchronized ImportStatus apply(UUID id) {
    Job job = job(id);
    if (!job.status.canBeApplied()) {
      throw new Failure(
          Problem.IMPORT_NOT_PREVIEWED,
          "The import is %s; one that is previewed, or was interrupted while importing, can be applied."
              .formatted(job.status.state().code()));
    }
    job.stop = false;
    update(job, status -> status.applied(clock.instant()));
    files.save(job.status);
    notifyAll();
    return job.status;
  }

  /**
   * The result file of a finished import; the caller closes it.
   *
   * @throws Failure NOT_FOUND, IMPORT_NOT_FINISHED
   */
  public synchronized InputStream result(UUID id) throws IOException {
    Job job = job(id);
    ImportState state = job.status.state();
    if (state != ImportState.PREVIEWED && state != ImportState.DONE) {
      throw new Failure(
          Problem.IMPORT_NOT_FINISHED,
          "The import is %s; there is a result when it is previewed or done."
              .formatted(state.code()));
    }
    return Files.newInputStream(files.result(id));
  }

  /**
   * The first rows of a finished import's result.
   *
   * @param outcome only rows with this one; null: all
   * @param flagged only rows that raised a flag
   * @param limit how many at most; no more than {@link ResultRows#LOOKED_AT} are looked at
   * @throws Failure NOT_FOUND, IMPORT_NOT_FINISHED
   */
  public ResultRows rows(UUID id, @Nullable String outcome, boolean flagged, int limit)
      throws IOException {
    try {
      result(id).close();
      return ResultRows.read(files.result(id), outcome, flagged, limit);
    } catch (NoSuchFileException e) {
      throw new Failure(Problem.NOT_FOUND, "The import was deleted just now.", 0, e);
    }
  }

  /**
   * Forgets an import and deletes its files. One that is importing is told to stop instead, since
   * rows of it are written.
   *
   * @return null when it is forgotten, else what it is now
   */
  public synchronized @Nullable ImportStatus remove(UUID id) {
    Job job = job(id);
    ImportState state = job.status.state();
    if (state == ImportState.IMPORTING || state == ImportState.STOPPING) {
      job.stop = true;
      if (state == ImportState.IMPORTING) {
        update(job, status -> status.in(ImportState.STOPPING, clock.instant(), null));
        files.save(job.status);
      }
      return job.status;
    }
    forget(job);
    return null;
  }

  // ---- the working thread ----

  private void work() {
    for (Job job = next(); job != null; job = next()) {
      run(job);
    }
  }

  private synchronized @Nullable Job next() {
    current = null;
    while (!closing) {
      expire();
      Job oldest =
          jobs.values().stream()
              .filter(job -> job.status.state() == ImportState.WAITING)
              .min(Comparator.comparing(job -> job.status.changedAt()))
              .orElse(null);
      if (oldest != null) {
        current = oldest;
        return oldest;
      }
      try {
        wait(EXPIRE_EVERY_MILLIS);
      } catch (InterruptedException e) {
        break;
      }
    }
    return null;
  }

  private void run(Job job) {
    UUID id = job.status.id();
    // As it is taken up: once it is previewed, somebody may apply it before this is through.
    boolean preview = job.status.preview();
    try {
      CsvFile file = checked(job);
      CsvImport.Summary summary = decide(job, file);
      files.finishResult(id);
      enter(job, preview ? ImportState.PREVIEWED : ImportState.DONE, null);
      LOG.info("Import {} is {}: {} rows", id, job.status.state().code(), summary.rows());
      if (!preview) {
        files.deleteUpload(id);
      }
    } catch (Failure failure) {
      ended(job, Broken.of(failure));
    } catch (IOException | RuntimeException | Error e) {
      LOG.error("Import {} failed in an unforeseen way", id, e);
      ended(
          job,
          Broken.of(
              Problem.INTERNAL_ERROR,
              "The import met an unforeseen error after %d rows, the last of them on line %d; the server's log has the details."
                  .formatted(job.status.rowsDecided(), job.status.line())));
    }
    synchronized (this) {
      if (job.forgotten) {
        files.deleteAll(id);
      }
    }
  }

  private CsvFile checked(Job job) throws IOException {
    if (job.status.rows() != null) {
      return CsvFile.open(files.upload(job.status.id()));
    }
    enter(job, ImportState.CHECKING, null);
    CsvFile file = CsvFile.open(files.upload(job.status.id()));
    long rows =
        file.check(bytes -> {
          update(job, status -> status.read(bytes));
          if (job.stop) {
            throw new Failure(Problem.STOPPED, "The import was stopped; nothing was written.");
          }
        });
    update(job, status -> status.checked(rows));
    return file;
  }

  private CsvImport.Summary decide(Job job, CsvFile file) throws IOException {
    boolean preview = job.status.preview();
    enter(job, preview ? ImportState.PREVIEWING : ImportState.IMPORTING, null);
    Source source = CsvSource.of(database, space);
    if (preview) {
      try (Preview only = Preview.open(space, database.sessions("preview"))) {
        return decide(job, file, only, source, settings.previewRows());
      }
    }
    return decide(job, file, intake, source, Long.MAX_VALUE);
  }

  private CsvImport.Summary decide(Job job, CsvFile file, Intake into, Source source, long limit)
      throws IOException {
    try (Writer writer = files.beginResult(job.status.id())) {
      return CsvImport.run(
          file,
          into,
          source,
          clock.instant(),
          limit,
          new CsvResult(file, writer),
          new CsvImport.Watch() {
            private Instant saved = clock.instant();

            @Override
            public void decided(CsvImport.Summary soFar, long line) {
              update(job, status -> status.decided(soFar, line));
              Instant now = clock.instant();
              if (Duration.between(saved, now).compareTo(SAVE_EVERY) >= 0) {
                saved = now;
                files.save(job.status);
              }
            }

            @Override
            public boolean stopped() {
              return job.stop;
            }
          });
    }
  }

  /** Where an import that did not come to its end stands now. */
  private void ended(Job job, Broken why) {
    // A stop that took too long interrupts; the flag would close the files that are written now.
    if (Thread.interrupted()) {
      LOG.warn("Import {} was cut off: it did not stop in time", job.status.id());
    }
    files.dropResult(job.status.id());
    ImportState state = job.status.state();
    boolean stopping;
    synchronized (this) {
      stopping = closing;
    }
    if (state == ImportState.IMPORTING || state == ImportState.STOPPING) {
      enter(
          job,
          ImportState.INTERRUPTED,
          stopping ? new Broken(Problem.STOPPED.code(), why.detail(), null, null) : why);
    } else if (stopping) {
      // Nothing was written: the next start begins anew.
      enter(job, ImportState.WAITING, null);
    } else {
      enter(job, ImportState.FAILED, why);
      files.deleteUpload(job.status.id());
    }
    LOG.info("Import {} is {}: {}", job.status.id(), job.status.state().code(), why.code());
  }

  private void enter(Job job, ImportState state, @Nullable Broken why) {
    synchronized (this) {
      update(job, status -> status.in(state, clock.instant(), why));
      // Somebody may have deleted it meanwhile; its files are not to come back.
      if (!job.forgotten) {
        files.save(job.status);
      }
    }
  }

  private synchronized void update(Job job, UnaryOperator<ImportStatus> change) {
    job.status = change.apply(job.status);
  }

  /** Stops what runs after the rows on their way; what it was is known at the next start. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      closing = true;
      for (Job job : new ArrayList<>(jobs.values())) {
        job.stop = true;
      }
      if (current != null) {
        current.stop = true;
      }
      notifyAll();
    }
    try {
      if (!worker.join(STOP_WITHIN)) {
        worker.interrupt();
        if (!worker.join(STOP_WITHIN)) {
          LOG.warn("The import that runs does not end; the next start will find it interrupted");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    files.close();
  }
}
