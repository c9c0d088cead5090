package dev.selfsame.source.api;

import dev.selfsame.store.AccountQueries;
import dev.selfsame.store.AccountQueries.Gained;
import dev.selfsame.store.AccountQueries.Newcomers;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives accounts that gained a domain the users of that domain that belong to none, whoever gave it
 * to them. One walk over all users serves all accounts that wait; one that is broken off begins
 * anew, and finds nobody twice, since each link is decided like a claim.
 */
public final class TakeOvers implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TakeOvers.class);
  private static final int EVERY_SECONDS = 5;
  private static final int ACCOUNTS = 1_000;
  private static final int USERS = 500;

  private final AccountQueries accounts;
  private final AccountWrites writes;
  private final ScheduledExecutorService work =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("take-over").daemon(true).factory());

  public TakeOvers(AccountQueries accounts, AccountWrites writes) {
    this.accounts = accounts;
    this.writes = writes;
  }

  /** From now on it looks by itself. */
  public void schedule() {
    // It ends with its executor, and throws nothing.
    Future<?> unused = work.scheduleWithFixedDelay(this::look, 1, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  private void look() {
    try {
      run();
    } catch (RuntimeException e) {
      // The next turn tries again; an exception that left here would end the schedule.
      log.warn("Users were not given to companies of their domains: {}", e.getMessage());
    }
  }

  /** Does what waits. */
  public void run() {
    List<Gained> gained = accounts.gained(ACCOUNTS);
    if (gained.isEmpty()) {
      return;
    }
    @Nullable UUID after = null;
    Newcomers page;
    do {
      page = accounts.newcomers(gained, after, USERS);
      for (int from = 0; from < page.users().size(); from += USERS) {
        writes.take(page.users().subList(from, Math.min(from + USERS, page.users().size())));
      }
      after = page.last();
    } while (after != null && !Thread.currentThread().isInterrupted());
    if (after == null) {
      accounts.taken(gained);
    }
  }

  @Override
  public void close() {
    work.shutdownNow();
  }
}
