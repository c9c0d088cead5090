package dev.selfsame.publish;

import dev.selfsame.access.Actor;
import dev.selfsame.alert.Alerts;
import dev.selfsame.connection.Connections;
import dev.selfsame.connection.WritableWarehouse;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.Database;
import dev.selfsame.store.PublicationLog;
import dev.selfsame.store.PublishedRows;
import dev.selfsame.store.StoredPublications;
import dev.selfsame.store.Turn;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The publications of a space: where each goes, when, and its runs, one at a time however many
 * servers there are. Thread-safe.
 */
public final class Publications implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Publications.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Actor SCHEDULE = new Actor("schedule", null);
  private static final int MOST_SECONDS = 31 * 86_400;

  /** After a failure it waits a minute, then two, four, at most an hour. */
  private static final int LONGEST_PATIENCE = 6;

  /**
   * A publication.
   *
   * @param connection null: it goes into the directory
   * @param everySeconds null: not by the clock
   * @param due when it runs by itself next; null: it does not, or when a source has run
   * @param failures runs that failed since one did not
   * @param position up to where of the ledger it is known to stand there; null: nothing does
   */
  public record Shown(
      String name,
      @Nullable String connection,
      @Nullable String schema,
      @Nullable String prefix,
      @Nullable String directory,
      @Nullable String format,
      @Nullable Integer everySeconds,
      boolean afterSyncs,
      @Nullable Instant due,
      int failures,
      @Nullable Long position,
      @Nullable Instant publishedAt,
      Instant changedAt) {}

  /** A run, by what became of it. */
  public record Run(
      UUID id,
      String publication,
      PublicationLog.State state,
      String actor,
      Instant startedAt,
      Instant changedAt,
      PublishResult result,
      PublishResult.@Nullable Broken error) {}

  private final Database database;
  private final String space;
  private final StoredPublications stored;
  private final PublicationLog log;
  private final Connections connections;
  private final Path scratch;
  private final PublishSettings settings;
  private final Alerts alerts;
  private final InstantSource clock;
  private final Consumer<Publish.Step> steps;
  private final Map<UUID, Thread> running = new ConcurrentHashMap<>();
  private volatile boolean closing;
  private @Nullable Thread scheduler;

  /**
   * @param scratch a directory for files on their way; need not be there
   */
  public Publications(
      Database database,
      String space,
      Connections connections,
      Path scratch,
      PublishSettings settings,
      InstantSource clock) {
    this(database, space, connections, scratch, settings, clock, step -> {});
  }

  /**
   * @param steps told of each step of a publish once it is taken
   */
  Publications(
      Database database,
      String space,
      Connections connections,
      Path scratch,
      PublishSettings settings,
      InstantSource clock,
      Consumer<Publish.Step> steps) {
    this.database = database;
    this.space = space;
    this.stored = new StoredPublications(database, space);
    this.log = new PublicationLog(database, space);
    this.connections = connections;
    this.scratch = scratch;
    this.settings = settings;
    this.alerts = new Alerts("publication", settings.alertUrl());
    this.clock = clock;
    this.steps = steps;
  }

  /**
   * Adds one; nothing is written there before its first run.
   *
   * @param everySeconds null: not by the clock
   * @param afterSyncs whether it runs after each run of a warehouse source
   * @throws Failure {@code PUBLICATION_EXISTS}, {@code PUBLICATION_INVALID}, or {@code NOT_FOUND}
   *     for the connection
   */
  public Shown add(
      String name,
      Target target,
      @Nullable Integer everySeconds,
      boolean afterSyncs,
      boolean replace,
      Actor actor) {
    Connections.checkName(name, Problem.PUBLICATION_INVALID, "publication");
    if (everySeconds != null && (everySeconds < 1 || everySeconds > MOST_SECONDS)) {
      throw new Failure(
          Problem.PUBLICATION_INVALID,
          "A publication runs every 1 to %d seconds; got %d".formatted(MOST_SECONDS, everySeconds));
    }
    target.check(connections);
    stored.put(name, target.place(), everySeconds, afterSyncs, replace, actor, clock.instant());
    return get(name);
  }

  public List<Shown> list() {
    return stored.list().stream().map(Publications::shown).toList();
  }

  /**
   * The one of that name.
   *
   * @throws Failure {@code NOT_FOUND}
   */
  public Shown get(String name) {
    return shown(stored.get(name));
  }

  private static Shown shown(StoredPublications.Entry entry) {
    StoredPublications.Place place = entry.place();
    return new Shown(
        entry.name(),
        place.connection(),
        place.schema(),
        place.prefix().isEmpty() ? null : place.prefix(),
        place.directory(),
        place.format(),
        entry.everySeconds(),
        entry.afterSyncs(),
        entry.due(),
        entry.failures(),
        entry.position(),
        entry.publishedAt(),
        entry.changedAt());
  }

  /**
   * Removes one with its log. What it published stays there.
   *
   * @throws Failure {@code NOT_FOUND}; {@code PUBLISH_UNDER_WAY} while it runs
   */
  public void remove(String name, Actor actor) {
    stored.get(name);
    Turn turn = stored.turn(name);
    if (turn == null) {
      throw underWay(name);
    }
    try (turn) {
      stored.remove(name, actor, clock.instant());
    }
  }

  /** One run that has the publication's turn. */
  private record Running(UUID id, StoredPublications.Entry publication, boolean full, Turn turn) {}

  /**
   * Begins a run, which goes on by itself.
   *
   * @param full all rows; and tables that somebody changed or dropped are made anew
   * @throws Failure {@code PUBLISH_UNDER_WAY} or {@code NOT_FOUND}
   */
  public Run start(String name, boolean full, Actor actor) {
    Running run = prepare(name, full, actor, false);
    if (run == null) {
      throw underWay(name);
    }
    begin(run);
    return get(run.id());
  }

  private void begin(Running run) {
    Thread thread =
        Thread.ofVirtual()
            .name("publish " + run.publication().name())
            .unstarted(() -> {
              try {
                go(run);
              } catch (Failure failure) {
                // It is in the log of runs, for whoever asked for it.
                LOG.info(
                    "The publish of {} ended: {}",
                    run.publication().name(),
                    failure.problem().code());
              } finally {
                running.remove(run.id());
              }
            });
    running.put(run.id(), thread);
    thread.start();
  }

  /**
   * Runs a publication, and returns when it is done.
   *
   * @throws Failure as {@link #start}; and what ended the run
   */
  public Run run(String name, boolean full, Actor actor) {
    Running run = prepare(name, full, actor, false);
    if (run == null) {
      throw underWay(name);
    }
    go(run);
    return get(run.id());
  }

  private static Failure underWay(String name) {
    return new Failure(
        Problem.PUBLISH_UNDER_WAY,
        "A publish of %s is under way. See how it ends with: publish log %s".formatted(name, name));
  }

  /** Null: somebody else runs it, or there is nothing to do. */
  private @Nullable Running prepare(String name, boolean full, Actor actor, boolean due) {
    stored.get(name);
    Turn turn = stored.turn(name);
    if (turn == null) {
      return null;
    }
    try {
      // What stands now that nobody else runs it.
      StoredPublications.Entry publication = stored.get(name);
      Instant now = clock.instant();
      if (due) {
        Instant at = publication.due();
        if (at == null || at.isAfter(now)) {
          turn.close();
          return null;
        }
      }
      stored.next(publication.id(), next(publication, now));
      Long position = publication.position();
      if (due && position != null && position == stored.position() && publication.failures() == 0) {
        turn.close();
        return null;
      }
      UUID id = UUID.randomUUID();
      log.begin(id, name, actor.by(), now, JSON.writeValueAsString(PublishResult.NOTHING));
      return new Running(id, publication, full, turn);
    } catch (RuntimeException e) {
      turn.close();
      throw e;
    }
  }

  private static @Nullable Instant next(StoredPublications.Entry publication, Instant now) {
    Integer every = publication.everySeconds();
    return every == null ? null : now.plusSeconds(every);
  }

  private void go(Running run) {
    Turn turn = run.turn();
    try (turn) {
      StoredPublications.Entry publication = run.publication();
      PublishResult result = PublishResult.NOTHING;
      try {
        result = publish(run);
        Long position = result.position();
        if (position != null) {
          stored.published(publication.id(), position, clock.instant());
        }
        log.end(
            run.id(),
            PublicationLog.State.DONE,
            clock.instant(),
            JSON.writeValueAsString(result),
            null);
        if (publication.failures() > 0) {
          alerts.recovered(publication.name(), clock.instant(), next(publication, clock.instant()));
        }
      } catch (RuntimeException e) {
        broken(run, result, e);
        throw e;
      }
    }
  }

  private void broken(Running run, PublishResult result, RuntimeException e) {
    Problem problem = e instanceof Failure failure ? failure.problem() : Problem.INTERNAL_ERROR;
    if (problem == Problem.INTERNAL_ERROR) {
      LOG.error("The publish of {} failed", run.publication().name(), e);
    }
    String message =
        e instanceof Failure ? String.valueOf(e.getMessage()) : "See the server's log.";
    try {
      Instant now = clock.instant();
      StoredPublications.Entry publication = run.publication();
      Instant due = afterFailure(publication, now);
      stored.failed(publication.id(), due);
      if (due != null) {
        // Who runs it by hand sees for themselves.
        alerts.failed(
            publication.name(), publication.failures() + 1, problem.code(), message, now, due);
      }
      log.end(
          run.id(),
          PublicationLog.State.FAILED,
          now,
          JSON.writeValueAsString(result),
          JSON.writeValueAsString(new PublishResult.Broken(problem.code(), message)));
    } catch (Failure away) {
      // The hub's own database is away: the next run finds one that was left.
      e.addSuppressed(away);
    }
  }

  /** A place that is away is not asked every second. */
  private static @Nullable Instant afterFailure(StoredPublications.Entry publication, Instant now) {
    if (publication.everySeconds() == null && !publication.afterSyncs()) {
      return null;
    }
    Duration patience =
        Duration.ofMinutes(Math.min(60L, 1L << Math.min(publication.failures(), LONGEST_PATIENCE)));
    Instant next = next(publication, now);
    Instant patient = now.plus(patience);
    return next == null || next.isBefore(patient) ? patient : next;
  }

  private PublishResult publish(Running run) {
    StoredPublications.Entry publication = run.publication();
    String mark = stored.mark(publication.name());
    try (Scratch files = Scratch.at(scratch.resolve(publication.name()));
        Destination to = destination(Target.of(publication.place()), mark, files);
        PublishedRows rows = PublishedRows.open(database, space)) {
      return new Publish(
              publication,
              settings.mostChanges(),
              step -> {
                steps.accept(step);
                if (step == Publish.Step.WRITTEN && !run.turn().isHeld()) {
                  // Another server may be at it already.
                  throw new Failure(
                      Problem.STOPPED,
                      "The hub's database broke off the connection that keeps other servers from"
                          + " this publication; nothing of this publish is seen. The next one"
                          + " begins where it began.");
                }
              })
          .run(rows, to, run.full(), clock.instant());
    }
  }

  private Destination destination(Target target, String mark, Scratch files) {
    return switch (target) {
      case Target.Files directory -> new FilesDestination(directory, mark, files);
      case Target.Tables tables -> {
        WritableWarehouse warehouse = connections.writable(tables.connection());
        Dialect dialect =
            switch (warehouse.kind()) {
              case POSTGRESQL -> new PostgresDialect();
              case MYSQL, MARIADB -> new MySqlDialect();
              case DUCKDB -> new DuckDbDialect(files);
              case OTHER -> {
                warehouse.close();
                throw new Failure(
                    Problem.PUBLICATION_INVALID,
                    "Publications go to postgresql, mysql, mariadb and duckdb.");
              }
            };
        yield new DatabaseDestination(warehouse, dialect, tables, mark);
      }
    };
  }

  /** From now on publications run when they are due. */
  public void schedule() {
    scheduler = Thread.ofPlatform().daemon().name("publish schedule").start(this::lookAgain);
  }

  private void lookAgain() {
    while (!closing) {
      try {
        Thread.sleep(settings.lookEvery());
        runDue();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        // A database that is away is back one day; the schedule must not end for it.
        LOG.warn("What is due could not be published: {}", e.toString());
      }
    }
  }

  /** Begins what is due, as far as this server has room. */
  void runDue() {
    for (String name : stored.due(clock.instant())) {
      if (closing || running.size() >= settings.atOnce()) {
        return;
      }
      Running run = prepare(name, false, SCHEDULE, true);
      if (run != null) {
        begin(run);
      }
    }
  }

  /**
   * The latest runs of a publication, the newest first.
   *
   * @throws Failure {@code NOT_FOUND}
   */
  public List<Run> runs(String name, int limit) {
    return log.list(stored.get(name).name(), limit).stream().map(Publications::run).toList();
  }

  /**
   * One run.
   *
   * @throws Failure {@code NOT_FOUND}
   */
  public Run get(UUID id) {
    PublicationLog.Entry entry = log.get(id);
    if (entry == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no run %s.".formatted(id));
    }
    return run(entry);
  }

  private static Run run(PublicationLog.Entry entry) {
    return new Run(
        entry.id(),
        entry.publication(),
        entry.state(),
        entry.actor(),
        entry.startedAt(),
        entry.changedAt(),
        JSON.readValue(entry.counts(), PublishResult.class),
        entry.error() == null ? null : JSON.readValue(entry.error(), PublishResult.Broken.class));
  }

  /** Waits for the runs of this server. */
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
        break;
      }
    }
    alerts.close();
  }
}
