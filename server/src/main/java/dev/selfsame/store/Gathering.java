package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Answers together what is asked at about the same time: who asks while there is nothing under way
 * is answered at once, and those who ask meanwhile form the next round. A round begins after all
 * that it answers was asked, so an answer is never older than its question. One of those who ask
 * does the work of each round; there are no threads besides. Thread-safe.
 *
 * @param <Q> what is asked
 * @param <A> the answer
 */
final class Gathering<Q, A> {

  /** Answers a round. */
  @FunctionalInterface
  interface Round<Q, A> {
    /**
     * The answers, in the order of the questions. What it throws is thrown to all who asked.
     *
     * @return of each a value or what is to be thrown to the one who asked
     */
    List<Answered<A>> answer(List<Q> asked);
  }

  /** An answer, or what came instead. */
  record Answered<A>(@Nullable A value, @Nullable RuntimeException failure) {

    A orThrow() {
      if (failure != null) {
        throw failure;
      }
      return Objects.requireNonNull(value);
    }
  }

  private static final class Waiting<Q, A> {
    private final Q asked;
    private final Thread thread = Thread.currentThread();

    /** Whom it is to answer, itself among them; null: it waits for another. */
    private volatile @Nullable List<Waiting<Q, A>> leads;

    private volatile @Nullable Answered<A> answered;

    Waiting(Q asked) {
      this.asked = asked;
    }
  }

  private final int rounds;
  private final int most;
  private final Round<Q, A> round;

  /** Who belongs to no round yet: nobody, unless all rounds are under way. Guarded by itself. */
  private final Deque<Waiting<Q, A>> waiting = new ArrayDeque<>();

  /** Rounds under way. Guarded by waiting. */
  private int underWay;

  /**
   * @param rounds at once, at most
   * @param most questions of a round
   */
  Gathering(int rounds, int most, Round<Q, A> round) {
    this.rounds = rounds;
    this.most = most;
    this.round = round;
  }

  /** The answer; waits for it, also when interrupted. */
  A ask(Q question) {
    Waiting<Q, A> own = new Waiting<>(question);
    synchronized (waiting) {
      waiting.add(own);
      if (underWay < rounds) {
        underWay++;
        own.leads = next();
      }
    }
    // An interrupt is its caller's, and not of those whom it answers.
    boolean interrupted = Thread.interrupted();
    Answered<A> answered = null;
    while (answered == null) {
      List<Waiting<Q, A>> leads = own.leads;
      if (leads == null) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      } else {
        lead(leads);
      }
      answered = own.answered;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return answered.orThrow();
  }

  /** How many wait for a round. */
  int waiting() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  /** Those who waited longest; to be called with the lock. */
  private List<Waiting<Q, A>> next() {
    List<Waiting<Q, A>> next = new ArrayList<>();
    while (next.size() < most && !waiting.isEmpty()) {
      next.add(waiting.remove());
    }
    return next;
  }

  /** Answers them, and leaves those who wait then to the first of these. */
  private void lead(List<Waiting<Q, A>> asking) {
    List<Answered<A>> answers = answers(asking.stream().map(each -> each.asked).toList());
    Waiting<Q, A> first = null;
    synchronized (waiting) {
      List<Waiting<Q, A>> next = next();
      if (next.isEmpty()) {
        underWay--;
      } else {
        first = next.getFirst();
        first.leads = next;
      }
    }
    if (first != null) {
      LockSupport.unpark(first.thread);
    }
    for (int i = 0; i < asking.size(); i++) {
      Waiting<Q, A> one = asking.get(i);
      one.answered = answers.get(i);
      LockSupport.unpark(one.thread);
    }
  }

  private List<Answered<A>> answers(List<Q> asked) {
    RuntimeException failure;
    try {
      return round.answer(asked);
    } catch (RuntimeException e) {
      failure = e;
    } catch (Error e) {
      // Those who wait would wait for ever.
      failure = new Failure(Problem.INTERNAL_ERROR, "A look-up failed: " + e, 0, e);
    }
    RuntimeException thrown = failure;
    return asked.stream().map(each -> new Answered<A>(null, thrown)).toList();
  }
}
