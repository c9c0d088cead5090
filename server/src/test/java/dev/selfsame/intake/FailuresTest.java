package dev.selfsame.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.store.Database;
import dev.selfsame.testing.ClaimJson;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens to claims when the database refuses one, goes away, or cannot keep up. */
final class FailuresTest {

  @RegisterExtension static final TestDatabase database = TestDatabase.migrated();

  private static final long NOW = TestDatabase.NOW.toEpochMilli() * 1_000;

  @BeforeEach
  void empty() {
    Histories.empty(database);
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(database);
  }

  @Test
  void aClaimThatTheDatabaseRefusesIsRejectedAloneAndItsMatesGoThrough() throws Exception {
    try (Pipeline pipeline = started(IntakeSettings.DEFAULT)) {
      List<Submission> submissions = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        submissions.add(i == 37 || i == 38 ? refused("poison-" + i) : identify("user-" + i));
      }
      List<Receipt> receipts = pipeline.submit(submissions).get(30, TimeUnit.SECONDS);
      for (int i = 0; i < 100; i++) {
        boolean poison = i == 37 || i == 38;
        assertThat(receipts.get(i).outcome())
            .as("receipt %d", i)
            .isEqualTo(poison ? Outcome.REJECTED : Outcome.CREATED);
        assertThat(receipts.get(i).reason()).isEqualTo(poison ? Reason.INTERNAL_ERROR : null);
      }
      assertThat(
              pipeline
                  .submit(List.of(identify("after")))
                  .get(30, TimeUnit.SECONDS)
                  .getFirst()
                  .outcome())
          .isEqualTo(Outcome.CREATED);
    }
    assertThat(database.rows("SELECT count(*) FROM users")).containsExactly("99");
    assertThat(
            database.rows(
                "SELECT outcome, rule, reason, payload IS NULL FROM selfsame.ledger WHERE rule ="
                    + " 'X0'"))
        .containsExactly("rejected|X0|internal_error|t", "rejected|X0|internal_error|t");
  }

  @Test
  void withoutADatabaseNothingIsAcknowledgedAndItRecoversByItself() throws Exception {
    Database open = database.open();
    try (Pipeline pipeline =
        new Pipeline("default", open.sessions("away"), IntakeSettings.DEFAULT, names -> {})) {
      pipeline.start();
      pipeline.submit(List.of(identify("before"))).get(30, TimeUnit.SECONDS);
      assertThat(pipeline.trouble()).isNull();
      String name = database.rows("SELECT current_database()").getFirst();
      database.sqlElsewhere("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
      database.sqlElsewhere(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
      try {
        for (int i = 0; i < 3; i++) {
          CompletableFuture<List<Receipt>> answer = pipeline.submit(List.of(identify("lost")));
          assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
              .isInstanceOf(ExecutionException.class)
              .cause()
              .isInstanceOfSatisfying(
                  Failure.class,
                  failure -> assertThat(failure.problem()).isEqualTo(Problem.STORE_AWAY));
          assertThat(pipeline.trouble()).isNotNull();
        }
      } finally {
        database.sqlElsewhere("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
      }
      assertThat(
              pipeline
                  .submit(List.of(identify("after")))
                  .get(30, TimeUnit.SECONDS)
                  .getFirst()
                  .outcome())
          .isEqualTo(Outcome.CREATED);
      assertThat(pipeline.trouble()).isNull();
    }
    assertThat(database.rows("SELECT external_id FROM users ORDER BY 1"))
        .containsExactly("after", "before");
  }

  @Test
  void anErrorOfTheMachineFailsItsClaimsAndTheIntakeGoesOn() throws Exception {
    try (Pipeline pipeline =
        new Pipeline(
            "default",
            database.open().sessions("intake"),
            IntakeSettings.DEFAULT,
            names -> {
              throw new OutOfMemoryError("as if");
            })) {
      pipeline.start();
      Submission plain = identify("lost");
      Submission landing =
          new Submission(plain.claim(), NOW, null, plain.payload(), null, Set.of("plan"), Map.of());
      for (int i = 0; i < 2; i++) {
        CompletableFuture<List<Receipt>> answer = pipeline.submit(List.of(landing));
        assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
            .cause()
            .isInstanceOfSatisfying(
                Failure.class,
                failure -> assertThat(failure.problem()).isEqualTo(Problem.INTERNAL_ERROR));
      }
      pipeline.submit(List.of(identify("kept"))).get(30, TimeUnit.SECONDS);
    }
    assertThat(database.rows("SELECT external_id FROM users")).containsExactly("kept");
  }

  @Test
  void aFullQueueRefusesAndKeepsWhatItHas() throws Exception {
    Pipeline pipeline =
        new Pipeline(
            "default",
            database.open().sessions("full"),
            new IntakeSettings(10, 5, 1, Duration.ofDays(7)),
            names -> {});
    List<CompletableFuture<List<Receipt>>> taken = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      taken.add(pipeline.submit(List.of(identify("queued-" + i))));
    }
    assertThatThrownBy(() -> pipeline.submit(List.of(identify("one too many"))))
        .isInstanceOf(Failure.class)
        .satisfies(thrown -> {
          assertThat(((Failure) thrown).problem()).isEqualTo(Problem.TOO_BUSY);
          assertThat(((Failure) thrown).retryAfterSeconds()).isPositive();
        });
    pipeline.start();
    for (CompletableFuture<List<Receipt>> answer : taken) {
      answer.get(30, TimeUnit.SECONDS);
    }
    pipeline.close();
    assertThat(database.rows("SELECT count(*) FROM users")).containsExactly("10");
    assertThatThrownBy(() -> pipeline.submit(List.of(identify("closed"))))
        .isInstanceOf(Failure.class);
  }

  @Test
  void aRepeatIsKnownInTheSameBatchInTheNextAndAcrossServers() throws Exception {
    Submission.MessageKey key = new Submission.MessageKey(9, 1, 2);
    try (Pipeline one = started(IntakeSettings.DEFAULT);
        Pipeline other = started(IntakeSettings.DEFAULT)) {
      List<Receipt> same =
          one.submit(List.of(keyed("u", key), keyed("u", key))).get(30, TimeUnit.SECONDS);
      assertThat(same).extracting(Receipt::repeated).containsExactly(false, true);
      assertThat(
              one.submit(List.of(keyed("u", key))).get(30, TimeUnit.SECONDS).getFirst().repeated())
          .isTrue();
      assertThat(
              other
                  .submit(List.of(keyed("u", key)))
                  .get(30, TimeUnit.SECONDS)
                  .getFirst()
                  .repeated())
          .isTrue();
      Submission changed = keyed("u", new Submission.MessageKey(9, 1, 3));
      assertThat(other.submit(List.of(changed)).get(30, TimeUnit.SECONDS).getFirst().repeated())
          .isFalse();
    }
    assertThat(database.rows("SELECT position, warnings FROM selfsame.ledger ORDER BY position"))
        .containsExactly("1|", "2|{message_id_reused:messageId}");
    assertThat(database.rows("SELECT sum(count) FROM event_counts WHERE type = 'repeat'"))
        .containsExactly("3");
  }

  @Test
  void aRejectedMessageIsNoRepeatWhenItComesAgain() throws Exception {
    Submission.MessageKey key = new Submission.MessageKey(9, 7, 8);
    try (Pipeline pipeline = started(IntakeSettings.DEFAULT)) {
      Submission anonymous =
          new Submission(
              new Claim.Identify(
                  Histories.SEGMENT,
                  NOW,
                  Raw.ABSENT,
                  Raw.ABSENT,
                  Raw.ABSENT,
                  Raw.ABSENT,
                  Raw.ABSENT),
              NOW,
              key,
              "{}".getBytes(UTF_8),
              null,
              Set.of(),
              Map.of());
      for (int i = 0; i < 2; i++) {
        Receipt receipt = pipeline.submit(List.of(anonymous)).get(30, TimeUnit.SECONDS).getFirst();
        assertThat(receipt.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(receipt.repeated()).isFalse();
      }
    }
  }

  @Test
  void lateTraitsFillInAndDoNotReplace() throws Exception {
    try (Pipeline pipeline = started(IntakeSettings.DEFAULT)) {
      pipeline.submit(List.of(traits("u", NOW, "{\"plan\":\"pro\"}"))).get(30, TimeUnit.SECONDS);
      pipeline
          .submit(List.of(traits("u", NOW - 1_000_000, "{\"plan\":\"free\",\"city\":\"Bern\"}")))
          .get(30, TimeUnit.SECONDS);
      pipeline
          .submit(
              List.of(
                  traits("u", NOW, "{\"seats\":1}"),
                  traits("u", NOW, "{\"seats\":2,\"city\":null}")))
          .get(30, TimeUnit.SECONDS);
    }
    assertThat(
            database.rows(
                "SELECT traits ->> 'plan', traits ->> 'city', traits ->> 'seats' FROM"
                    + " selfsame.part"))
        .containsExactly("pro||2");
  }

  private static Pipeline started(IntakeSettings settings) {
    Pipeline pipeline =
        new Pipeline("default", database.open().sessions("intake"), settings, names -> {});
    pipeline.start();
    return pipeline;
  }

  private static Submission traits(String userId, long at, String traits) {
    Submission plain = keyed(userId, at, null);
    return new Submission(
        plain.claim(), NOW, null, plain.payload(), traits.getBytes(UTF_8), Set.of(), Map.of());
  }

  private static Submission identify(String userId) {
    return keyed(userId, NOW, null);
  }

  private static Submission keyed(String userId, Submission.MessageKey key) {
    return keyed(userId, NOW, key);
  }

  private static Submission keyed(String userId, long at, Submission.@Nullable MessageKey key) {
    Claim claim =
        new Claim.Identify(
            Histories.SEGMENT,
            at,
            Raw.text(userId),
            Raw.ABSENT,
            Raw.ABSENT,
            Raw.ABSENT,
            Raw.ABSENT);
    return new Submission(claim, NOW, key, ClaimJson.payload(claim), null, Set.of(), Map.of());
  }

  /** PostgreSQL's text refuses a NUL: what a source must never hand on. */
  private static Submission refused(String userId) {
    Submission plain = identify(userId);
    return new Submission(
        plain.claim(), NOW, null, "{\"x\":\"\0\"}".getBytes(UTF_8), null, Set.of(), Map.of());
  }
}
