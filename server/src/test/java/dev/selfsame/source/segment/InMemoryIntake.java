package dev.selfsame.source.segment;

import dev.selfsame.error.Failure;
import dev.selfsame.identity.Account;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Policy;
import dev.selfsame.resolution.Resolution;
import dev.selfsame.resolution.Stamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A space in memory that decides by the real rules, and keeps what it was given. */
public final class InMemoryIntake implements Intake {

  private final Users users = new Users();
  private final Map<Submission.MessageKey, Receipt> decided = new HashMap<>();
  private final List<Submission> submissions = new ArrayList<>();
  private long position;
  private @Nullable Failure failure;
  private boolean failsLater;

  /** From now on it refuses: at once, or when it should have committed. */
  public synchronized void fail(Failure with, boolean later) {
    failure = with;
    failsLater = later;
  }

  @Override
  public synchronized CompletableFuture<List<Receipt>> submit(List<Submission> batch) {
    if (failure != null) {
      if (failsLater) {
        return CompletableFuture.failedFuture(failure);
      }
      throw failure;
    }
    List<Receipt> receipts = new ArrayList<>();
    for (Submission submission : batch) {
      submissions.add(submission);
      receipts.add(receipt(submission));
    }
    return CompletableFuture.completedFuture(receipts);
  }

  private Receipt receipt(Submission submission) {
    Submission.MessageKey key = submission.key();
    Receipt before = key == null ? null : decided.get(key);
    if (before != null && before.outcome() != Outcome.REJECTED) {
      return new Receipt(
          before.outcome(), before.rule(), before.reason(), 0, true, before.user(), before.flags());
    }
    var stamp =
        new Stamp(++position, submission.receivedAt(), new UUID(0x7000L, position | 1L << 63));
    Decision decision = Resolution.decide(submission.claim(), stamp, users, Policy.DEFAULT);
    for (User user : decision.users()) {
      users.put(user);
    }
    for (Account account : decision.accounts()) {
      users.put(account);
    }
    UUID user = decision.users().isEmpty() ? null : decision.users().getFirst().id();
    var receipt =
        new Receipt(
            decision.outcome(),
            decision.rule(),
            decision.reason(),
            position,
            false,
            user,
            List.of());
    if (key != null) {
      decided.put(key, receipt);
    }
    return receipt;
  }

  public synchronized Collection<User> users() {
    return users.all();
  }

  public synchronized List<Submission> submissions() {
    return List.copyOf(submissions);
  }
}
