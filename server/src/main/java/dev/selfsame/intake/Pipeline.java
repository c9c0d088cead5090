package dev.selfsame.intake;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.store.Session;
import dev.selfsame.store.SessionFailure;
import dev.selfsame.store.SpaceSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The intake of one space. Two threads share the work, so that the program decides one batch while
 * PostgreSQL writes the one before it:
 *
 * <ol>
 *   <li>The preparing thread takes what waits, reads the users that it touches, on top of what the
 *       batches leave that are decided and not committed, two at most, and decides (see {@link
 *       Preparer}), all without a lock.
 *   <li>The writing thread locks the space's row and checks that the ledger stands where the batch
 *       was decided to begin. Then it writes and commits, and gives the answers.
 *   <li>Where the ledger stands elsewhere (another server wrote, an earlier batch failed), the same
 *       claims are decided again under the lock. That is the only way in which a decision can meet
 *       users that it did not see.
 * </ol>
 *
 * <p>A batch that the database refuses is halved until the claim at fault stands alone; that one is
 * rejected, its mates go through. Without a database every answer is a failure at once, and each
 * further batch tries again.
 */
public final class Pipeline implements Intake, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
  private static final int ATTEMPTS = 5;
  private static final int RETRY_AFTER_SECONDS = 1;

  /** An epoch that never comes: what is handed over under it is decided again. */
  private static final long VOID = -1;

  /** So many decided batches may wait, so that the writing thread need not wait for the other. */
  private static final int READY = 2;

  /**
   * A decided batch that waits to be written.
   *
   * @param asOf the epoch in which it was decided
   */
  private record Handed(Preparer.Prepared prepared, long asOf) {}

  private final String spaceName;
  private final Session.Connector connector;
  private final IntakeSettings settings;
  private final Consumer<Set<String>> traitColumns;
  private final Preparer preparer;
  private final Preparer repeater;
  private final Thread preparing;
  private final Thread writing;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition handed = lock.newCondition();
  private final Condition written = lock.newCondition();

  /** Guarded by the lock, as is all that follows. */
  private final ArrayDeque<Request> queue = new ArrayDeque<>();

  private int queuedClaims;
  private boolean closing;
  private boolean drained;

  /** Handed over and not taken yet, the oldest first. */
  private final ArrayDeque<Handed> ready = new ArrayDeque<>(READY);

  /** Being written. */
  private Preparer.@Nullable Prepared current;

  /**
   * The number of times that the ledger turned out to stand elsewhere than expected: what was
   * decided before is void.
   */
  private long epoch;

  private @Nullable SpaceSettings space;

  /** The connection of the writing thread, while there is one. Only that thread uses it. */
  private @Nullable Session writer;

  private volatile @Nullable String trouble = "The intake has not reached the database yet";

  /**
   * @param traitColumns makes sure that these names are columns of {@code segment.users}, before an
   *     answer is given
   */
  public Pipeline(
      String space,
      Session.Connector connector,
      IntakeSettings settings,
      Consumer<Set<String>> traitColumns) {
    this.spaceName = space;
    this.connector = connector;
    this.settings = settings;
    this.traitColumns = traitColumns;
    SplittableRandom random = new SplittableRandom();
    this.preparer = new Preparer(settings, new UserIds(random.split()));
    this.repeater = new Preparer(settings, new UserIds(random.split()));
    this.preparing =
        Thread.ofPlatform().name("intake-prepare-" + space).unstarted(this::prepareAll);
    this.writing = Thread.ofPlatform().name("intake-write-" + space).unstarted(this::writeAll);
  }

  public void start() {
    preparing.start();
    writing.start();
  }

  @Override
  public CompletableFuture<List<Receipt>> submit(List<Submission> submissions) {
    Request request = new Request(submissions);
    if (submissions.isEmpty()) {
      return request.answer();
    }
    lock.lock();
    try {
      if (closing) {
        throw new Failure(
            Problem.STORE_AWAY,
            "The hub is stopping; send the request again",
            RETRY_AFTER_SECONDS,
            null);
      }
      if (queuedClaims > 0 && queuedClaims + submissions.size() > settings.queuedClaims()) {
        throw new Failure(
            Problem.TOO_BUSY,
            "%d claims are waiting, and %d may; send these %d again later"
                .formatted(queuedClaims, settings.queuedClaims(), submissions.size()),
            RETRY_AFTER_SECONDS,
            null);
      }
      queue.add(request);
      queuedClaims += submissions.size();
      arrived.signal();
    } finally {
      lock.unlock();
    }
    return request.answer();
  }

  /** How many claims wait to be decided. */
  public int waiting() {
    lock.lock();
    try {
      return queuedClaims;
    } finally {
      lock.unlock();
    }
  }

  /** What keeps claims from being committed just now; null while all is well. */
  public @Nullable String trouble() {
    return trouble;
  }

  /** Takes no more, writes what waits, and stops. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      preparing.join();
      writing.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- the preparing thread ----

  private void prepareAll() {
    Session session = null;
    List<Request.Item> left = List.of();
    while (true) {
      List<Request.Item> items = left.isEmpty() ? take() : left;
      left = List.of();
      if (items.isEmpty()) {
        break;
      }
      boolean fresh = session == null;
      try {
        if (session == null) {
          session = Session.openReading(connector);
        }
        left = prepareOne(session, items);
      } catch (SessionFailure failure) {
        session = closed(session);
        if (failure.kind() == SessionFailure.Kind.REFUSED) {
          LOG.error("The database refused to look up what some claims name", failure);
          hand(Preparer.Prepared.undecided(items, number()), VOID);
        } else if (fresh) {
          fail(items, failure);
        } else {
          // The connection may have died long ago: a new one tells whether the database lives.
          left = items;
        }
      } catch (RuntimeException | Error bug) {
        // An Error too (no memory left, a class that is missing): a thread that ends would leave
        // all that waits without an answer.
        fail(items, bug);
        session = closed(session);
      }
    }
    closed(session);
    lock.lock();
    try {
      drained = true;
      handed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private List<Request.Item> prepareOne(Session session, List<Request.Item> items) {
    ensureColumns(items);
    SpaceSettings known = space();
    if (known == null) {
      known = session.settings(spaceName);
      session.commit();
      known(known);
    }
    if (settling(items)) {
      // Whether a flag is open is known under the lock alone: the commits before close some.
      hand(Preparer.Prepared.undecided(items, number()), VOID);
      return List.of();
    }
    List<Preparer.Prepared> before;
    long asOf;
    lock.lock();
    try {
      before = uncommitted();
      asOf = epoch;
      SpaceSettings now = space;
      known = now == null ? known : now;
    } finally {
      lock.unlock();
    }
    long base = before.isEmpty() ? known.position() : before.getLast().batch().end();
    List<Preparer.Decided> decided = before.stream().map(Preparer.Prepared::decided).toList();
    Preparer.Prepared prepared = preparer.prepare(session, known, base, items, decided);
    session.commit();
    hand(prepared, asOf);
    return prepared.rest();
  }

  private static boolean settling(List<Request.Item> items) {
    for (Request.Item item : items) {
      if (item.submission().claim() instanceof Claim.SettleFlag) {
        return true;
      }
    }
    return false;
  }

  private void ensureColumns(List<Request.Item> items) {
    Set<String> names = null;
    for (Request.Item item : items) {
      if (!item.submission().traitNames().isEmpty()) {
        if (names == null) {
          names = new LinkedHashSet<>();
        }
        names.addAll(item.submission().traitNames());
      }
    }
    if (names != null) {
      traitColumns.accept(names);
    }
  }

  /**
   * Waits for claims and takes up to a batch of them, whole requests; empty: the intake is closing
   * and nothing is left.
   */
  private List<Request.Item> take() {
    lock.lock();
    try {
      while (queue.isEmpty()
          ? !closing
          : !closing && busy() && queuedClaims < settings.busyBatchClaims()) {
        arrived.awaitUninterruptibly();
      }
      gather();
      List<Request.Item> items = new ArrayList<>(Math.min(queuedClaims, settings.batchClaims()));
      while (!queue.isEmpty()
          && (items.isEmpty()
              || items.size() + queue.peek().items().size() <= settings.batchClaims())) {
        items.addAll(queue.remove().items());
      }
      queuedClaims -= items.size();
      return items;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Leaves the processor to the threads that bring claims, for as long as each turn brings some: a
   * batch costs the same two milliseconds whether it has one claim or fifty. On an idle machine
   * this returns at once. Called under the lock.
   */
  @SuppressWarnings("ThreadPriorityCheck") // Only how many claims share a batch hangs on it.
  private void gather() {
    int seen;
    do {
      seen = queuedClaims;
      lock.unlock();
      try {
        Thread.yield();
      } finally {
        lock.lock();
      }
    } while (queuedClaims > seen && queuedClaims < settings.busyBatchClaims());
  }

  /** What was decided and may not be committed yet, in order. Asked under the lock. */
  private List<Preparer.Prepared> uncommitted() {
    List<Preparer.Prepared> batches = new ArrayList<>(1 + READY);
    if (current != null) {
      batches.add(current);
    }
    for (Handed batch : ready) {
      batches.add(batch.prepared());
    }
    return batches;
  }

  private boolean busy() {
    return current != null || !ready.isEmpty();
  }

  /** Gives the batch to the writing thread, and waits while too many are ready. */
  private void hand(Preparer.Prepared prepared, long asOf) {
    lock.lock();
    try {
      ready.add(new Handed(prepared, asOf));
      handed.signal();
      while (prepared.alone() ? busy() : ready.size() >= READY) {
        written.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- the writing thread ----

  private void writeAll() {
    while (true) {
      Preparer.Prepared prepared;
      boolean valid;
      lock.lock();
      try {
        while (ready.isEmpty() && !drained) {
          handed.awaitUninterruptibly();
        }
        if (ready.isEmpty()) {
          break;
        }
        Handed taken = ready.remove();
        prepared = taken.prepared();
        valid = taken.asOf() == epoch;
        current = prepared;
        written.signal();
      } finally {
        lock.unlock();
      }
      try {
        writeOne(prepared, valid);
      } catch (RuntimeException | Error failure) {
        fail(prepared.items(), failure);
        writer = closed(writer);
      } finally {
        lock.lock();
        try {
          current = null;
          written.signal();
          arrived.signal();
        } finally {
          lock.unlock();
        }
      }
    }
    writer = closed(writer);
  }

  private void writeOne(Preparer.Prepared prepared, boolean valid) {
    Session session = writer();
    try {
      if (valid && session.takePositions(number(), prepared.batch())) {
        session.write(number(), prepared.encoded());
        session.commit();
        committed(prepared, prepared.alone() ? null : space());
        return;
      }
    } catch (SessionFailure failure) {
      if (failure.kind() == SessionFailure.Kind.UNSURE) {
        throw failure;
      }
      LOG.warn("A batch is decided again: {}", failure.getMessage());
    }
    newEpoch();
    writeAgain(rolledBack(session), prepared.items());
    // What was decided meanwhile was decided on top of the version that is void.
    newEpoch();
  }

  /** The session without its transaction; a new one if its connection is lost. */
  private Session rolledBack(Session session) {
    try {
      session.rollback();
      return session;
    } catch (SessionFailure lost) {
      LOG.debug("The intake connects again", lost);
      writer = closed(writer);
      return writer();
    }
  }

  /** Decides and writes under the lock, in as many transactions as it takes. */
  private void writeAgain(Session session, List<Request.Item> items) {
    List<Request.Item> left = items;
    while (!left.isEmpty()) {
      left = writeLocked(session, left);
    }
  }

  private List<Request.Item> writeLocked(Session session, List<Request.Item> items) {
    for (int attempt = 1; ; attempt++) {
      try {
        session.lock(number());
        SpaceSettings now = session.settings(spaceName);
        Preparer.Prepared prepared =
            repeater.prepare(session, now, now.position(), items, List.of());
        if (!session.takePositions(number(), prepared.batch())) {
          throw new IllegalStateException("The space moved while it was locked. Indicates a bug.");
        }
        session.write(number(), prepared.encoded());
        session.commit();
        committed(prepared, prepared.alone() ? null : now);
        return prepared.rest();
      } catch (SessionFailure failure) {
        if (failure.kind() == SessionFailure.Kind.AWAY
            || failure.kind() == SessionFailure.Kind.UNSURE) {
          throw failure;
        }
        session.rollback();
        if (failure.kind() == SessionFailure.Kind.IN_THE_WAY && attempt < ATTEMPTS) {
          continue;
        }
        isolate(session, items, failure);
        return List.of();
      }
    }
  }

  /**
   * Something in these claims is refused: halves them until the one at fault stands alone, and
   * rejects that one.
   */
  private void isolate(Session session, List<Request.Item> items, SessionFailure failure) {
    if (items.size() == 1) {
      if (items.getFirst().poisonous()) {
        throw failure;
      }
      LOG.error("The database refused a claim; it was rejected", failure);
      writeAgain(session, List.of(items.getFirst().poisoned()));
      return;
    }
    int half = items.size() / 2;
    writeAgain(session, items.subList(0, half));
    writeAgain(session, items.subList(half, items.size()));
  }

  private Session writer() {
    Session open = writer;
    if (open == null) {
      open = Session.open(connector);
      writer = open;
    }
    return open;
  }

  private void committed(Preparer.Prepared prepared, @Nullable SpaceSettings settingsNow) {
    lock.lock();
    try {
      space = settingsNow == null ? null : settingsNow.at(prepared.batch().end());
    } finally {
      lock.unlock();
    }
    trouble = null;
    for (int item = 0; item < prepared.items().size(); item++) {
      Request.Item of = prepared.items().get(item);
      of.request().committed(of.index(), prepared.receipts().get(item));
    }
  }

  // ---- both ----

  private void fail(List<Request.Item> items, Throwable cause) {
    newEpoch();
    lock.lock();
    try {
      space = null;
    } finally {
      lock.unlock();
    }
    Failure answer;
    if (cause instanceof SessionFailure) {
      trouble = cause.getMessage();
      LOG.warn("{} claims were not taken: {}", items.size(), cause.getMessage());
      answer =
          new Failure(
              Problem.STORE_AWAY,
              "The database did not take the claims; nothing of them is acknowledged, send them"
                  + " again",
              RETRY_AFTER_SECONDS,
              cause);
    } else {
      LOG.error("{} claims were not taken", items.size(), cause);
      answer =
          new Failure(
              Problem.INTERNAL_ERROR, "The hub failed on these claims; its log says how", 0, cause);
    }
    for (Request.Item item : items) {
      item.request().failed(answer);
    }
  }

  private void newEpoch() {
    lock.lock();
    try {
      epoch++;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable SpaceSettings space() {
    lock.lock();
    try {
      return space;
    } finally {
      lock.unlock();
    }
  }

  private void known(SpaceSettings read) {
    lock.lock();
    try {
      if (space == null && !busy()) {
        space = read;
        number = read.number();
        trouble = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** The space's number; set before the first batch is handed over. */
  private volatile int number;

  private int number() {
    return number;
  }

  private static @Nullable Session closed(@Nullable Session session) {
    if (session != null) {
      try {
        session.close();
      } catch (SessionFailure ignored) {
        LOG.debug("A connection that failed could not be closed", ignored);
      }
    }
    return null;
  }
}
