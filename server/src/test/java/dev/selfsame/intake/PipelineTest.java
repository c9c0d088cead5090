package dev.selfsame.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.User;
import dev.selfsame.identity.Users;
import dev.selfsame.resolution.Decision;
import dev.selfsame.resolution.Policy;
import dev.selfsame.resolution.Resolution;
import dev.selfsame.resolution.Stamp;
import dev.selfsame.store.Session;
import dev.selfsame.testing.Describe;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.StoredUsers;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
      assertLeavesTheSame(
          "seed " + seed, history(seed), new Random(seed), IntakeSettings.DEFAULT, 120);
    }
  }

  /** Small batches that never wait: most are decided on top of several that are not committed. */
  @Test
  void batchesDecidedAheadLeaveWhatPlainResolutionLeaves() throws Exception {
    for (long seed = 11; seed <= 16; seed++) {
      empty();
      assertLeavesTheSame(
          "seed " + seed,
          history(seed),
          new Random(seed),
          new IntakeSettings(20_000, 12, 1, Duration.ofDays(7)),
          12);
    }
  }

  @Test
  void whoseValueStandsIsTheSameInBatchesDecidedAhead() throws Exception {
    for (String survivorship :
        List.of(
            "{\"name\": \"first\", \"email\": [\"stripe\", \"segment\"]}",
            "{\"name\": [\"zendesk\", \"csv\"], \"email\": \"first\"}")) {
      empty();
      database.sql(
          "UPDATE selfsame.policy SET settings = '{\"survivorship\": %s}'".formatted(survivorship));
      try {
        assertThat(policy().survivorship()).hasSize(2);
        assertLeavesTheSame(
            survivorship,
            history(21),
            new Random(21),
            new IntakeSettings(20_000, 12, 1, Duration.ofDays(7)),
            12);
        assertThat(
                database.rows(
                    "SELECT 1 FROM selfsame.merge WHERE settled -> 'survivorship' ? 'name'"))
            .isNotEmpty();
      } finally {
        database.sql("UPDATE selfsame.policy SET settings = '{}'");
      }
    }
  }

  private static List<Said> history(long seed) {
    Histories histories = new Histories(seed, 12, START);
    List<Said> said = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      Claim claim = histories.next();
      said.add(new Said(claim, histories.now()));
    }
    return said;
  }

  @Test
  void anEmailThatVeryManyHaveIsDecidedAsIfAllOfThemWereRead() throws Exception {
    List<Said> said = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      said.add(identify("user-" + i, "office@example.com"));
    }
    for (int i = 0; i < 250; i++) {
      said.add(identify("user-" + i, i % 3 == 0 ? "office@example.com" : i + "@example.com"));
      said.add(identify("other-" + i, i % 7 == 0 ? "office@example.com" : i + "@example.org"));
    }
    assertLeavesTheSame("many holders", said, new Random(1), IntakeSettings.DEFAULT, 120);
  }

  private record Said(Claim claim, long receivedAt) {}

  private static Said identify(String userId, String email) {
    Claim claim =
        new Claim.Identify(
            Histories.SEGMENT,
            START,
            Raw.text(userId),
            Raw.ABSENT,
            Raw.text(email),
            Raw.ABSENT,
            Raw.ABSENT);
    return new Said(claim, START);
  }

  /**
   * @param together up to so many claims come in one request
   */
  private void assertLeavesTheSame(
      String name, List<Said> said, Random random, IntakeSettings settings, int together)
      throws Exception {
    Users users = new Users();
    Policy policy = policy();
    List<String> decisions = new ArrayList<>();
    long position = 0;
    for (Said one : said) {
      Stamp stamp =
          new Stamp(++position, one.receivedAt(), new UUID(random.nextLong(), random.nextLong()));
      Decision decision = Resolution.decide(one.claim(), stamp, users, policy);
      decisions.add(position + "|" + decision.outcome().code() + "|" + decision.rule().code());
      decision.users().forEach(users::put);
      decision.accounts().forEach(users::put);
      decision
          .links()
          .forEach(link ->
              users.link(
                  link.account(),
                  link.part(),
                  new Users.Link(stamp.position(), one.claim().source().number())));
    }
    List<Submission> submissions =
        said.stream().map(one -> submission(one.claim(), one.receivedAt())).toList();
    try (Pipeline pipeline = pipeline(settings)) {
      pipeline.start();
      List<CompletableFuture<List<Receipt>>> answers = new ArrayList<>();
      for (int from = 0; from < submissions.size(); ) {
        int to = Math.min(submissions.size(), from + 1 + random.nextInt(together));
        answers.add(pipeline.submit(submissions.subList(from, to)));
        from = to;
        if (random.nextInt(settings.busyBatchClaims() == 1 ? 100 : 4) == 0) {
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
          .as("%s: %s", name, said.get(line).claim())
          .isEqualTo(decisions.get(line));
    }
    Collection<User> stored = StoredUsers.all(database);
    assertThat(Describe.differences(stored, users.all())).as(name).isEmpty();
    Sweep.invariants(database);
  }

  private static Policy policy() {
    try (Session session = Session.open(database.open().sessions("policy"))) {
      return session.settings("default").policy();
    }
  }

  static Submission submission(Claim claim, long receivedAt) {
    return new Submission(
        claim, receivedAt, null, "{}".getBytes(StandardCharsets.UTF_8), null, Set.of(), Map.of());
  }

  private static Pipeline pipeline(IntakeSettings settings) {
    return new Pipeline("default", database.open().sessions("intake"), settings, names -> {});
  }
}
