package dev.selfsame.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BudgetedAccessTest {

  /** Two tokens, ann's and bob's. */
  private static final Access TOKENS =
      new Access() {
        @Override
        public @Nullable WriteKey writeKey(String key) {
          return null;
        }

        @Override
        public @Nullable Token token(String token) {
          return List.of("ann", "bob").contains(token) ? new Token(token, Scope.READ) : null;
        }
      };

  private final AtomicLong now = new AtomicLong(-5);

  private BudgetedAccess access(int requests) {
    return new BudgetedAccess(TOKENS, new BudgetSettings(requests), now::get);
  }

  private static int asked(BudgetedAccess access, String token) {
    int asked = 0;
    while (asked < 1_000) {
      try {
        assertThat(access.token(token)).isNotNull();
      } catch (Failure failure) {
        assertThat(failure.problem()).isEqualTo(Problem.TOO_MANY_REQUESTS);
        break;
      }
      asked++;
    }
    return asked;
  }

  @Test
  void a_token_may_ask_so_often_a_second() {
    BudgetedAccess access = access(10);
    assertThat(asked(access, "ann")).isEqualTo(10);
    now.addAndGet(Duration.ofMillis(300).toNanos());
    assertThat(asked(access, "ann")).as("what came back meanwhile").isEqualTo(3);
    now.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(asked(access, "ann")).as("no more than a second's worth is saved").isEqualTo(10);
  }

  @Test
  void who_asks_for_more_is_told_when_to_come_back() {
    BudgetedAccess access = access(1);
    assertThat(asked(access, "ann")).isEqualTo(1);
    Failure refused = catchThrowableOfType(Failure.class, () -> access.token("ann"));
    assertThat(refused.retryAfterSeconds()).isEqualTo(1);
    assertThat(refused)
        .hasMessage("The token ann asks for more than its 1 requests a second; slow down");
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(asked(access, "ann")).isEqualTo(1);
  }

  @Test
  void each_token_has_its_own_budget() {
    BudgetedAccess access = access(2);
    assertThat(asked(access, "ann")).isEqualTo(2);
    assertThat(asked(access, "bob")).isEqualTo(2);
    assertThat(access.token("nobody")).isNull();
  }

  @Test
  void requests_at_once_get_no_more_than_there_is() throws Exception {
    BudgetedAccess access = access(100);
    try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        counts.add(callers.submit(() -> asked(access, "ann")));
      }
      int all = 0;
      for (Future<Integer> count : counts) {
        all += count.get();
      }
      assertThat(all).isEqualTo(100);
    }
  }

  @Test
  void without_a_bound_nothing_is_counted() {
    assertThat(BudgetedAccess.of(TOKENS, BudgetSettings.DEFAULT)).isSameAs(TOKENS);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BudgetSettings(-1))
        .withMessage("A token may be allowed 0 (no bound) to 1000000 requests a second; got -1");
  }
}
