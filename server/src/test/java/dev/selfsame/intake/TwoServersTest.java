package dev.selfsame.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.testing.ClaimJson;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Replay;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two servers on one database, given overlapping claims at once, keep one order and every
 * invariant.
 */
final class TwoServersTest {

  @RegisterExtension static final TestDatabase database = TestDatabase.migrated();

  private static final long START = TestDatabase.NOW.toEpochMilli() * 1_000;

  @BeforeEach
  void empty() {
    Histories.empty(database);
  }

  @Test
  void tenThousandOverlappingClaimsKeepTheInvariants() throws Exception {
    int claims = 10_000;
    Random random = new Random(7);
    try (Pipeline one = pipeline();
        Pipeline other = pipeline()) {
      one.start();
      other.start();
      List<CompletableFuture<List<Receipt>>> answers = new ArrayList<>();
      Histories histories = new Histories(7, 400, START);
      for (int sent = 0; sent < claims; ) {
        List<Submission> group = new ArrayList<>();
        for (int i = random.nextInt(60); i >= 0 && sent < claims; i--, sent++) {
          group.add(submission(histories.next(), histories.now()));
        }
        answers.add((random.nextBoolean() ? one : other).submit(group));
        if (answers.size() % 16 == 0) {
          answers.getLast().get(60, TimeUnit.SECONDS);
        }
      }
      for (CompletableFuture<List<Receipt>> answer : answers) {
        answer.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(database.rows("SELECT count(*) FROM selfsame.ledger"))
        .containsExactly(Integer.toString(claims));
    Sweep.invariants(database);
    Replay.check(database);
  }

  @Test
  void nobodyHasTheEmailOnBothServersAndStillOnlyOneIsAdopted() throws Exception {
    try (Pipeline one = pipeline();
        Pipeline other = pipeline()) {
      one.start();
      other.start();
      for (int round = 0; round < 200; round++) {
        long at = START + round * 1_000_000L;
        String email = "race-" + round + "@example.com";
        Claim customer =
            new Claim.Customer(
                Histories.STRIPE,
                at,
                Raw.text("cus_race_" + round),
                Raw.text(email),
                Raw.ABSENT,
                false);
        Claim identify =
            new Claim.Identify(
                Histories.SEGMENT,
                at,
                Raw.text("race-" + round),
                Raw.ABSENT,
                Raw.text(email),
                Raw.ABSENT,
                Raw.ABSENT);
        var first = one.submit(List.of(submission(customer, at)));
        var second = other.submit(List.of(submission(identify, at)));
        first.get(60, TimeUnit.SECONDS);
        second.get(60, TimeUnit.SECONDS);
      }
    }
    // Whichever came first, the other joined it: S4 then K4, or K3 then S2.
    assertThat(
            database.rows(
                "SELECT count(*), count(external_id), count(billing_id) FROM users WHERE email LIKE"
                    + " 'race-%'"))
        .containsExactly("200|200|200");
    Sweep.invariants(database);
    Replay.check(database);
  }

  private static Submission submission(Claim claim, long receivedAt) {
    return new Submission(
        claim, receivedAt, null, ClaimJson.payload(claim), null, Set.of(), Map.of());
  }

  private static Pipeline pipeline() {
    return new Pipeline(
        "default", database.open().sessions("intake"), IntakeSettings.DEFAULT, names -> {});
  }
}
