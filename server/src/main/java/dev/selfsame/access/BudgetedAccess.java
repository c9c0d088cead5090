package dev.selfsame.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Access where each token has a budget of requests: who asks for more is told when to come back, so
 * that a program gone wild does not take the server from the others. Write keys have none: what an
 * SDK is refused, it may drop.
 */
public final class BudgetedAccess implements Access {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final int REMEMBERED = 10_000;

  private final Access access;
  private final BudgetSettings settings;
  private final LongSupplier nanos;

  /** By token, when it will have used up what it asked for. */
  private final Cache<SecretHash, AtomicLong> used =
      Caffeine.newBuilder()
          .maximumSize(REMEMBERED)
          .expireAfterAccess(Duration.ofMinutes(1))
          .build();

  BudgetedAccess(Access access, BudgetSettings settings, LongSupplier nanos) {
    this.access = access;
    this.settings = settings;
    this.nanos = nanos;
  }

  /** The same access, each token's requests bounded where the settings say so. */
  public static Access of(Access access, BudgetSettings settings) {
    return settings.requestsPerSecond() == 0
        ? access
        : new BudgetedAccess(access, settings, System::nanoTime);
  }

  @Override
  public @Nullable WriteKey writeKey(String key) {
    return access.writeKey(key);
  }

  /**
   * Looks it up, as one request.
   *
   * @throws Failure {@code TOO_MANY_REQUESTS} if it has asked for more than it may
   */
  @Override
  public @Nullable Token token(String secret) {
    Token token = access.token(secret);
    if (token != null) {
      take(token, used.get(SecretHash.of(secret), none -> new AtomicLong(nanos.getAsLong())));
    }
    return token;
  }

  /** A second's worth may come at once. */
  private void take(Token token, AtomicLong until) {
    long each = SECOND / settings.requestsPerSecond();
    while (true) {
      long now = nanos.getAsLong();
      long before = until.get();
      long after = (before - now < 0 ? now : before) + each;
      long over = after - now - SECOND;
      if (over > 0) {
        throw new Failure(
            Problem.TOO_MANY_REQUESTS,
            "The token %s asks for more than its %d requests a second; slow down"
                .formatted(token.name(), settings.requestsPerSecond()),
            Math.toIntExact(Math.ceilDiv(over, SECOND)),
            null);
      }
      if (until.compareAndSet(before, after)) {
        return;
      }
    }
  }
}
