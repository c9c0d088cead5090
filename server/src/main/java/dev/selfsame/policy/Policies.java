package dev.selfsame.policy;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.replay.History;
import dev.selfsame.store.PolicyRequest;
import dev.selfsame.store.PolicySettings;
import dev.selfsame.store.StoredPolicies;
import dev.selfsame.store.StoredPolicies.Change;
import dev.selfsame.store.StoredPolicies.Standing;
import dev.selfsame.store.StoredPolicies.Version;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The policy of a space: shown, checked against what was claimed so far, and changed. Thread-safe.
 */
public final class Policies {

  public static final int MOST_CHARACTERS = PolicyFile.MOST_CHARACTERS;

  /** How many claims a check may be of. */
  public static final int MOST_CHECKED = PolicyCheck.MOST;

  private static final int MOST_VERSIONS = 1_000;
  private static final int NAMED = 20;

  private final StoredPolicies stored;
  private final Supplier<History> histories;
  private final InstantSource clock;

  /** A check takes memory as a space does: one at a time. */
  private final ReentrantLock checking = new ReentrantLock();

  /**
   * @param histories the space's ledger as it is now
   */
  public Policies(StoredPolicies stored, Supplier<History> histories, InstantSource clock) {
    this.stored = stored;
    this.histories = histories;
    this.clock = clock;
  }

  /**
   * The policy that stands.
   *
   * @param yaml as a file that says all of it, and may be set again
   */
  public record Shown(Version version, JsonNode policy, String yaml) {}

  public Shown show() {
    Standing standing = stored.standing();
    JsonNode whole = PolicySettings.whole(standing.space());
    return new Shown(standing.version(), whole, PolicyFile.write(whole));
  }

  /** The versions, the newest first: at most a thousand. */
  public List<Version> versions() {
    return stored.versions(MOST_VERSIONS);
  }

  /** The same, whatever version stands. */
  public Change set(String file, Actor actor, boolean dryRun) {
    return set(file, null, actor, dryRun);
  }

  /**
   * Makes the file the policy. A file that says what stands already changes nothing.
   *
   * @param from the version that it was made from; null: whatever stands
   * @param actor who wants it
   * @param dryRun only says what would come of it, and what stands against it
   * @throws Failure POLICY_INVALID, naming what is wrong and where; POLICY_CHANGED where another
   *     version stands by now; EMAILS_SHARED where it says that emails are unique and they are not:
   *     then nothing was changed
   */
  public Change set(String file, @Nullable Integer from, Actor actor, boolean dryRun) {
    Change change = stored.change(read(file), from, actor, clock.instant(), dryRun);
    if (!change.shared().isEmpty() && !dryRun) {
      throw new Failure(Problem.EMAILS_SHARED, shared(change));
    }
    return change;
  }

  /**
   * What the file would have decided otherwise of the last claims; see {@link PolicyCheck}.
   *
   * @param last how many
   * @param told how many were decided, from time to time
   * @throws Failure TOO_BUSY while another is being checked
   */
  public PolicyCheck.Report check(String file, int last, LongConsumer told) {
    PolicyRequest request = read(file);
    if (!checking.tryLock()) {
      throw new Failure(Problem.TOO_BUSY, "Another policy is being checked; try again later");
    }
    try {
      return new PolicyCheck(histories.get(), stored.candidate(request)).run(last, told);
    } finally {
      checking.unlock();
    }
  }

  /** A policy as a file that says the same. */
  public static String yaml(JsonNode policy) {
    return PolicyFile.write(policy);
  }

  private PolicyRequest read(String file) {
    return PolicyFile.read(file, stored.standing().space());
  }

  private static String shared(Change change) {
    long more = change.sharedEmails() - Math.min(change.shared().size(), NAMED);
    return "Emails cannot be unique while several users have the same, which is so of %d: %s%s. Merge those users (selfsame merge), or give them different emails, or list mailboxes that belong to nobody in never_match_emails"
        .formatted(
            change.sharedEmails(),
            change.shared().stream()
                .limit(NAMED)
                .map(one -> "%s (%s)".formatted(one.email(), users(one.users())))
                .collect(Collectors.joining(", ")),
            more > 0 ? ", and %d more".formatted(more) : "");
  }

  private static String users(List<UUID> users) {
    return users.stream().limit(NAMED).map(UUID::toString).collect(Collectors.joining(", "))
        + (users.size() > NAMED ? ", and %d more".formatted(users.size() - NAMED) : "");
  }
}
