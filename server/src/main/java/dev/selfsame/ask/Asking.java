package dev.selfsame.ask;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.Database;
import dev.selfsame.store.ReaderQuery;
import dev.selfsame.store.ReaderQuery.Place;
import dev.selfsame.store.StoredAsked;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What members ask in SQL, while it runs and for a while after. Whoever asks need not wait: the
 * answer is fetched when it is there, and the question can be stopped. Thread-safe.
 */
public final class Asking implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Asking.class);

  /** How large an answer may be. */
  private static final int MOST_BYTES = 32 << 20;

  /** How many answers are kept, of everybody together. */
  private static final int KEPT = 6;

  private static final Duration KEPT_FOR = Duration.ofMinutes(10);

  /** A page that shows a running question asks every second. */
  private static final Duration LEFT_AFTER = Duration.ofSeconds(20);

  private static final int WATCHED_EVERY_MILLIS = 200;
  private static final int BUSY_SECONDS = 5;

  /** What became of a question. */
  public sealed interface Outcome {}

  public record Answered(Reply reply) implements Outcome {}

  /**
   * It failed.
   *
   * @param place where the mistake stands; null: PostgreSQL named no place
   */
  public record Failed(Problem problem, String message, @Nullable Place place) implements Outcome {}

  /**
   * It was stopped.
   *
   * @param left nobody looked at it any more
   */
  public record Cancelled(boolean left) implements Outcome {}

  /** One question that somebody asked. */
  public static final class Run {
    private final UUID id = UUID.randomUUID();
    private final UUID member;
    private final Question question;
    private final ReaderQuery query;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final long start = System.nanoTime();
    private volatile long end;
    private volatile @Nullable Outcome outcome;
    private volatile boolean cancelled;
    private volatile boolean left;

    /** When a page asked last that goes on asking; 0: none did. */
    private volatile long looked;

    private Run(UUID member, Question question, ReaderQuery query) {
      this.member = member;
      this.question = question;
      this.query = query;
    }

    public UUID id() {
      return id;
    }

    public Question question() {
      return question;
    }

    /** Null while it runs. */
    public @Nullable Outcome outcome() {
      return outcome;
    }

    /** How long it runs, or ran. */
    public Duration took() {
      return Duration.ofNanos((outcome == null ? System.nanoTime() : end) - start);
    }

    /** Waits until it has ended, but not longer than this. */
    public void await(Duration most) {
      try {
        boolean unused = ended.await(most.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Notes that somebody looks, who will look again soon unless the page is left. */
    public void looked() {
      looked = System.nanoTime();
    }

    /** Stops it, also in the database. */
    public void cancel() {
      cancelled = true;
      query.cancel();
    }
  }

  private final Database database;
  private final StoredAsked asked;
  private final Duration limit;
  private final int maxRows;
  private final int atOnce;
  private final Semaphore places;
  private final InstantSource clock;

  /** The oldest first. Guarded by this. */
  private final Map<UUID, Run> runs = new LinkedHashMap<>();

  /**
   * @param limit how long the database may work on a question
   */
  public Asking(Database database, Duration limit, AskSettings settings, InstantSource clock) {
    this.database = database;
    this.asked = new StoredAsked(database);
    this.limit = limit;
    this.maxRows = settings.maxRows();
    this.atOnce = settings.atOnce();
    this.places = new Semaphore(atOnce);
    this.clock = clock;
  }

  /** What members asked before. */
  public StoredAsked asked() {
    return asked;
  }

  public Duration limit() {
    return limit;
  }

  /**
   * Begins to answer a question.
   *
   * @throws Failure {@code TOO_BUSY} while as many others run as may
   */
  public Run ask(UUID member, Question question) {
    if (!places.tryAcquire()) {
      throw new Failure(
          Problem.TOO_BUSY,
          "%d questions are being answered, and no more at once; try again.".formatted(atOnce),
          BUSY_SECONDS,
          null);
    }
    Run run = new Run(member, question, database.readerQuery(MOST_BYTES));
    boolean begun = false;
    try {
      asked.begin(member, run.id, question.sql(), clock.instant());
      keep(run);
      Thread.ofVirtual().name("question").start(() -> work(run));
      begun = true;
    } finally {
      if (!begun) {
        places.release();
      }
    }
    Thread.ofVirtual().name("question's watch").start(() -> watch(run));
    return run;
  }

  private void work(Run run) {
    Outcome outcome;
    try {
      Reply reply = Reply.to(run.question, run.query, limit, maxRows);
      outcome = run.cancelled ? new Cancelled(run.left) : new Answered(reply);
    } catch (Failure failure) {
      outcome =
          run.cancelled
              ? new Cancelled(run.left)
              : new Failed(
                  failure.problem(), String.valueOf(failure.getMessage()), run.query.mistake());
    } catch (RuntimeException | Error e) {
      // Whatever it was: its place must become free, and whoever asked must be told.
      log.error("A question could not be answered", e);
      outcome =
          new Failed(
              Problem.INTERNAL_ERROR,
              "Something went wrong here; the server's log says what",
              null);
    }
    places.release();
    run.end = System.nanoTime();
    run.outcome = outcome;
    try {
      asked.end(run.id, word(outcome), run.took().toMillis(), rows(outcome));
    } catch (Failure failure) {
      log.warn("What became of a question could not be noted: {}", failure.getMessage());
    } finally {
      run.ended.countDown();
    }
  }

  private static String word(Outcome outcome) {
    return switch (outcome) {
      case Answered answered -> "answered";
      case Failed failed -> "failed";
      case Cancelled cancelled -> "cancelled";
    };
  }

  private static @Nullable Integer rows(Outcome outcome) {
    return outcome instanceof Answered answered ? answered.reply().rows().size() : null;
  }

  /**
   * Stops what nobody looks at any more; and once more what was stopped before the database had it.
   */
  private static void watch(Run run) {
    while (run.outcome == null) {
      long looked = run.looked;
      if (looked != 0 && System.nanoTime() - looked > LEFT_AFTER.toNanos()) {
        run.left = true;
        run.cancelled = true;
      }
      if (run.cancelled) {
        run.query.cancel();
      }
      run.await(Duration.ofMillis(WATCHED_EVERY_MILLIS));
    }
  }

  /** A member's question; null if it is not here, or not any more. */
  public synchronized @Nullable Run find(UUID member, UUID id) {
    forget();
    Run run = runs.get(id);
    return run != null && run.member.equals(member) ? run : null;
  }

  private synchronized void keep(Run run) {
    runs.put(run.id, run);
    forget();
  }

  /** What is old, and what is too much. */
  private void forget() {
    long now = System.nanoTime();
    runs.values().removeIf(run -> run.outcome != null && now - run.end > KEPT_FOR.toNanos());
    List<Run> ended = new ArrayList<>(runs.values());
    ended.removeIf(run -> run.outcome == null);
    for (Run run : ended.subList(0, Math.max(0, ended.size() - KEPT))) {
      runs.remove(run.id);
    }
  }

  /** Stops all that runs. */
  @Override
  public void close() {
    List<Run> all;
    synchronized (this) {
      all = List.copyOf(runs.values());
    }
    all.forEach(Run::cancel);
    all.forEach(run -> run.await(Duration.ofSeconds(2)));
  }
}
