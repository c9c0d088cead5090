package dev.selfsame.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Policy;
import dev.selfsame.resolution.Resolution;
import dev.selfsame.resolution.Stamp;
import dev.selfsame.testing.Describe;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.StoredUsers;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Live intake and plain resolution, claim by claim in memory, leave the same users. */
final class PipelineTest {

  @RegisterExtension static final TestDatabase database = TestDatabase.migrated();

  private static final long START = TestDatabase.NOW.toEpochMilli() * 1_000;

  @BeforeEach
  void empty() {
    Histories.empty(database);
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(database);
  }

  @Test
  void liveIntakeLeavesWhatPlainResolutionLeaves() throws Exception {
    for (long seed = 1; seed <= 6; seed++) {
      empty();
      Histories histories = new Histories(seed, 12, START);
      List<Submission> submissions = new ArrayList<>();
      Users users = new Users();
      List<String> decisions = new ArrayList<>();
      long position = 0;
      Random random = new Random(seed);
      for (int i = 0; i < 1_500; i++) {
        Claim claim = histories.next();
        submissions.add(submission(claim, histories.now()));
        Stamp stamp =
            new Stamp(++position, histories.now(), new UUID(random.nextLong(), random.nextLong()));
        Decision decision = Resolution.decide(claim, stamp, users, policy());
        decisions.add(position + "|" + decision.outcome().code() + "|" + decision.rule().code());
        decision.users().forEach(users::put);
        decision.accounts().forEach(users::put);
        decision.links().forEach(link -> users.link(link.account(), link.part()));
      }
      try (Pipeline pipeline = pipeline()) {
        pipeline.start();
        List<CompletableFuture<List<Receipt>>> answers = new ArrayList<>();
        for (int from = 0; from < submissions.size(); ) {
          int to = Math.min(submissions.size(), from + 1 + random.nextInt(120));
          answers.add(pipeline.submit(submissions.subList(from, to)));
          from = to;
          if (random.nextInt(4) == 0) {
            answers.getLast().get(20, TimeUnit.SECONDS);
          }
        }
        for (CompletableFuture<List<Receipt>> answer : answers) {
          answer.get(20, TimeUnit.SECONDS);
        }
      }
      List<String> ledger =
          database.rows("SELECT position, outcome, rule FROM selfsame.ledger ORDER BY position");
      for (int line = 0; line < decisions.size(); line++) {
        assertThat(ledger.get(line))
            .as("seed %d: %s", seed, submissions.get(line).claim())
            .isEqualTo(decisions.get(line));
      }
      Collection<User> stored = StoredUsers.all(database);
      assertThat(Describe.differences(stored, users.all())).as("seed %d", seed).isEmpty();
      Sweep.invariants(database);
    }
  }

  private static Policy policy() {
    Policy normal = Policy.DEFAULT;
    return new Policy(
        1,
        normal.uniqueEmails(),
        normal.mergeOnEmailChange(),
        normal.matchOnBillingId(),
        normal.matchPreviousEmails(),
        Set.of(IdentifierType.STRIPE_ID),
        normal.blockedValues(),
        normal.neverMatchEmails(),
        normal.limits());
  }

  static Submission submission(Claim claim, long receivedAt) {
    return new Submission(
        claim, receivedAt, null, "{}".getBytes(StandardCharsets.UTF_8), null, Set.of(), Map.of());
  }

  private static Pipeline pipeline() {
    return new Pipeline(
        "default", database.open().sessions("intake"), IntakeSettings.DEFAULT, names -> {});
  }
}
