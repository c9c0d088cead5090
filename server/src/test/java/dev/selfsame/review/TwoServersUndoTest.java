package dev.selfsame.review;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Submission;
import dev.selfsame.replay.History;
import dev.selfsame.source.Channels;
import dev.selfsame.store.Database;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.MergeQueries.StoredMerge;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.ClaimJson;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two servers on one database: claims, merges, undos and moves of the same users at once. */
final class TwoServersUndoTest {

  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final int PEOPLE = 150;
  private static final int FEW = 10;
  private static final int CLAIMS = 800;
  private static final int ACTS = 100;
  private static final long SEED = Long.getLong("seed", 11);

  /** What a race may end in: what the act names had changed by the time it came. */
  private static final Set<Problem> LOST =
      EnumSet.of(
          Problem.ALREADY_UNDONE,
          Problem.ABSORBED_USER,
          Problem.UNKNOWN_USER,
          Problem.SAME_USER,
          Problem.NOT_HELD,
          Problem.LAST_IDENTIFIER);

  @BeforeEach
  void empty() {
    Histories.empty(hub);
  }

  private record Server(Pipeline pipeline, Merges merges, Undos undos, Moves moves) {}

  private static Server server(Database database) {
    Pipeline pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, names -> {});
    pipeline.start();
    UserQueries users = new UserQueries(database, "default");
    MergeQueries merges = new MergeQueries(database, "default");
    Supplier<Preview> previews = () -> Preview.open("default", database.sessions("preview"));
    InstantSource clock = InstantSource.system();
    return new Server(
        pipeline,
        new Merges(pipeline, previews, users, merges, clock),
        new Undos(
            pipeline,
            previews,
            users,
            merges,
            new LinkQueries(database, "default"),
            () -> new History(new StoredLedger(database, "default"), Channels.readers()),
            clock),
        new Moves(pipeline, previews, users, merges, clock));
  }

  @AfterEach
  void sharedAgain() {
    emails("shared");
  }

  private static void emails(String policy) {
    hub.sql(
        "UPDATE selfsame.policy SET settings = settings || '{\"emails\": \"%s\"}'"
            .formatted(policy));
  }

  @ParameterizedTest
  @ValueSource(strings = {"shared", "unique"})
  void whatHappensAtOnceIsInOneOrderAndKeepsTheInvariants(String emails) throws Exception {
    emails(emails);
    Database database = hub.open();
    Server one = server(database);
    Server other = server(database);
    List<Integer> undone = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> acting = new ArrayList<>();
      Future<Integer> first = threads.submit(() -> claims(one.pipeline(), SEED));
      Future<Integer> second = threads.submit(() -> claims(other.pipeline(), SEED + 1));
      acting.add(threads.submit(() -> acts(one, new Random(SEED + 2))));
      acting.add(threads.submit(() -> acts(other, new Random(SEED + 3))));
      assertThat(first.get(120, TimeUnit.SECONDS) + second.get(120, TimeUnit.SECONDS))
          .isEqualTo(2 * CLAIMS);
      for (Future<Integer> each : acting) {
        undone.add(each.get(120, TimeUnit.SECONDS));
      }
    } finally {
      one.pipeline().close();
      other.pipeline().close();
    }
    int all = undone.stream().mapToInt(Integer::intValue).sum();
    assertThat(all).as("merges undone, -Dseed=%d", SEED).isGreaterThan(10);
    assertThat(hub.rows("SELECT count(*) FROM user_merges WHERE undone_at IS NOT NULL"))
        .as("each once")
        .containsExactly(Integer.toString(all));
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger WHERE outcome = 'undone'"))
        .containsExactly(Integer.toString(all));
    Sweep.invariants(hub);
    if (emails.equals("unique")) {
      Sweep.uniqueEmails(hub);
      assertThat(hub.rows("SELECT position FROM selfsame.ledger WHERE reason = 'internal_error'"))
          .isEmpty();
    } else {
      assertThat(hub.rows("SELECT email FROM selfsame.unique_email")).isEmpty();
    }
  }

  private static int claims(Pipeline pipeline, long seed) throws Exception {
    Histories histories =
        new Histories(seed, PEOPLE, Submission.micros(InstantSource.system().instant()));
    int sent = 0;
    while (sent < CLAIMS) {
      List<Submission> group = new ArrayList<>();
      for (int i = 0; i < 10; i++, sent++) {
        Claim claim = histories.next();
        group.add(
            new Submission(
                claim, histories.now(), null, ClaimJson.payload(claim), null, Set.of(), Map.of()));
      }
      pipeline.submit(group).get(60, TimeUnit.SECONDS);
    }
    return sent;
  }

  /** Undoes, merges and moves what it finds; returns how many merges it undid. */
  private static int acts(Server server, Random random) throws InterruptedException {
    int undone = 0;
    for (int act = 0; act < ACTS; act++) {
      try {
        List<UUID> users = hub.rows("SELECT id FROM users").stream().map(UUID::fromString).toList();
        if (users.size() < FEW) {
          // The claims are only beginning.
          Thread.sleep(50);
          continue;
        }
        UUID one = users.get(random.nextInt(users.size()));
        UUID other = users.get(random.nextInt(users.size()));
        switch (random.nextInt(5)) {
          case 0, 1 ->
              server
                  .merges()
                  .merge(
                      new MergeRequest(
                          List.of(one, other), null, Map.of(), new Actor("test", "10.0.0.1")));
          case 2 ->
              server
                  .moves()
                  .move(
                      new MoveRequest(
                          IdentifierType.of("zendesk_id"),
                          Raw.text("90" + random.nextInt(PEOPLE)),
                          one,
                          other,
                          null,
                          new Actor("test", "10.0.0.1")));
          default -> {
            List<StoredMerge> live =
                server.undos().list(null, null, Undos.State.LIVE, null, 5).merges();
            if (!live.isEmpty()) {
              server
                  .undos()
                  .undo(
                      live.get(random.nextInt(live.size())).place().id(),
                      new Actor("test", "10.0.0.1"));
              undone++;
            }
          }
        }
      } catch (Failure failure) {
        if (!LOST.contains(failure.problem())) {
          throw failure;
        }
      }
    }
    return undone;
  }
}
