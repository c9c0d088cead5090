package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.store.Gathering.Answered;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many who ask at once are answered together, each with its own answer. */
@Timeout(60)
final class GatheringTest {

  private static List<Answered<Integer>> doubled(List<Integer> asked) {
    return asked.stream().map(one -> new Answered<>(one * 2, null)).toList();
  }

  @Test
  void everybody_gets_the_own_answer_in_few_rounds_at_once() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger mostAtOnce = new AtomicInteger();
    AtomicInteger rounds = new AtomicInteger();
    AtomicInteger longest = new AtomicInteger();
    Gathering<Integer, Integer> gathering =
        new Gathering<>(
            2,
            8,
            asked -> {
              mostAtOnce.accumulateAndGet(now.incrementAndGet(), Math::max);
              longest.accumulateAndGet(asked.size(), Math::max);
              rounds.incrementAndGet();
              Thread.onSpinWait();
              now.decrementAndGet();
              return doubled(asked);
            });
    try (ExecutorService threads = Executors.newFixedThreadPool(32)) {
      List<Callable<Boolean>> callers = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        int caller = i;
        callers.add(() -> {
          for (int call = 0; call < 2_000; call++) {
            int asked = caller * 10_000 + call;
            if (gathering.ask(asked) != asked * 2) {
              return false;
            }
          }
          return true;
        });
      }
      for (Future<Boolean> caller : threads.invokeAll(callers)) {
        assertThat(caller.get()).isTrue();
      }
    }
    assertThat(mostAtOnce.get()).isLessThanOrEqualTo(2);
    assertThat(longest.get()).isBetween(2, 8);
    assertThat(rounds.get()).isBetween(32 * 2_000 / 8, 32 * 2_000 - 1);
  }

  @Test
  void who_asks_while_a_round_goes_on_is_answered_by_one_that_begins_later() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<List<Integer>> rounds = new ArrayList<>();
    Gathering<Integer, Integer> gathering =
        new Gathering<>(
            1,
            10,
            asked -> {
              rounds.add(asked);
              if (asked.contains(0)) {
                begun.countDown();
                await(go);
              }
              return doubled(asked);
            });
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<Integer>> answers = new ArrayList<>();
      answers.add(threads.submit(() -> gathering.ask(0)));
      await(begun);
      for (int i = 1; i <= 3; i++) {
        int asked = i;
        answers.add(threads.submit(() -> gathering.ask(asked)));
      }
      while (gathering.waiting() < 3) {
        Thread.onSpinWait();
      }
      go.countDown();
      for (int i = 0; i <= 3; i++) {
        assertThat(answers.get(i).get()).isEqualTo(i * 2);
      }
    }
    assertThat(rounds).hasSize(2);
    assertThat(rounds.getFirst()).containsExactly(0);
    assertThat(rounds.getLast()).containsExactlyInAnyOrder(1, 2, 3);
    assertThat(gathering.ask(4)).as("nothing is left under way").isEqualTo(8);
  }

  @Test
  void a_question_that_cannot_be_answered_concerns_its_asker_alone() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    Gathering<Integer, Integer> gathering =
        new Gathering<>(
            1,
            10,
            asked -> {
              await(go);
              return asked.stream()
                  .map(one ->
                      one == 2
                          ? new Answered<Integer>(null, new IllegalArgumentException("two"))
                          : new Answered<>(one * 2, null))
                  .toList();
            });
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      Future<Integer> one = threads.submit(() -> gathering.ask(1));
      Future<Integer> two = threads.submit(() -> gathering.ask(2));
      Future<Integer> three = threads.submit(() -> gathering.ask(3));
      go.countDown();
      assertThat(one.get()).isEqualTo(2);
      assertThat(three.get()).isEqualTo(6);
      assertThatThrownBy(two::get).hasRootCauseMessage("two");
    }
  }

  @Test
  void a_round_that_fails_fails_for_all_of_it_and_the_next_goes_on() {
    AtomicInteger rounds = new AtomicInteger();
    Gathering<Integer, Integer> gathering =
        new Gathering<>(
            1,
            10,
            asked -> {
              switch (rounds.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("away");
                case 2 -> throw new AssertionError("broken");
                default -> {}
              }
              return doubled(asked);
            });
    assertThatThrownBy(() -> gathering.ask(1)).hasMessage("away");
    assertThatThrownBy(() -> gathering.ask(1)).hasMessageContaining("broken");
    assertThat(gathering.ask(1)).isEqualTo(2);
  }

  @Test
  void an_interrupt_is_kept_and_the_answer_too() throws Exception {
    Gathering<Integer, Integer> gathering = new Gathering<>(1, 10, GatheringTest::doubled);
    Thread.currentThread().interrupt();
    assertThat(gathering.ask(5)).isEqualTo(10);
    assertThat(Thread.interrupted()).isTrue();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
