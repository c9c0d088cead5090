package dev.selfsame.review;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Submission;
import dev.selfsame.replay.History;
import dev.selfsame.source.Channels;
import dev.selfsame.store.Database;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.MergeQueries.StoredMerge;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.ClaimJson;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Leftovers;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two servers on one database: claims, merges, undos, moves, keeping apart, dismissals and erasures
 * of the same few users at once.
 */
final class TwoServersErasureTest {

  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final int PEOPLE = 15;
  private static final int CLAIMS = 600;
  private static final int ACTS = 120;
  private static final long SEED = Long.getLong("seed", 14);
  private static final Actor ACTOR = new Actor("token:race", "10.0.0.1");

  /** What a race may end in: what the act names had changed by the time it came. */
  private static final Set<Problem> LOST =
      EnumSet.of(
          Problem.ALREADY_UNDONE,
          Problem.ABSORBED_USER,
          Problem.ERASED_USER,
          Problem.FLAG_CLOSED,
          Problem.LAST_IDENTIFIER,
          Problem.NOT_FOUND,
          Problem.NOT_HELD,
          Problem.SAME_USER,
          Problem.UNKNOWN_FLAG,
          Problem.UNKNOWN_MERGE,
          Problem.UNKNOWN_USER);

  /** Values that the histories use of people. */
  private static final String PERSONAL = "mail[0-9]+@|\\mid-[0-9]+\\M|cus_[0-9]+";

  @BeforeEach
  void empty() {
    Histories.empty(hub);
  }

  private record Server(
      Pipeline pipeline,
      Merges merges,
      Undos undos,
      Moves moves,
      Bars bars,
      Flagged flagged,
      Erasures erasures) {}

  private static Server server(Database database) {
    Pipeline pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, names -> {});
    pipeline.start();
    UserQueries users = new UserQueries(database, "default");
    MergeQueries merges = new MergeQueries(database, "default");
    FlagQueries flags = new FlagQueries(database, "default");
    Supplier<Preview> previews = () -> Preview.open("default", database.sessions("preview"));
    InstantSource clock = InstantSource.system();
    Merges merging = new Merges(pipeline, previews, users, merges, clock);
    Bars bars = new Bars(pipeline, previews, users, flags, clock);
    return new Server(
        pipeline,
        merging,
        new Undos(
            pipeline,
            previews,
            users,
            merges,
            new LinkQueries(database, "default"),
            () -> new History(new StoredLedger(database, "default"), Channels.readers()),
            clock),
        new Moves(pipeline, previews, users, merges, clock),
        bars,
        new Flagged(pipeline, merging, bars, users, flags, clock),
        new Erasures(
            "default",
            pipeline,
            database.sessions("preview"),
            users,
            new ErasureQueries(database, "default"),
            clock));
  }

  @Test
  void whatHappensAtOnceKeepsTheInvariantsAndErasedIsErased() throws Exception {
    Database database = hub.open();
    Server one = server(database);
    Server other = server(database);
    int erased = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> claiming =
          List.of(
              threads.submit(() -> claims(one.pipeline(), SEED)),
              threads.submit(() -> claims(other.pipeline(), SEED + 1)));
      List<Future<Integer>> acting =
          List.of(
              threads.submit(() -> acts(one, new Random(SEED + 2))),
              threads.submit(() -> acts(other, new Random(SEED + 3))));
      for (Future<Integer> each : claiming) {
        assertThat(each.get(120, TimeUnit.SECONDS)).isEqualTo(CLAIMS);
      }
      for (Future<Integer> each : acting) {
        erased += each.get(120, TimeUnit.SECONDS);
      }
      assertThat(erased).as("erasures, -Dseed=%d", SEED).isGreaterThan(10);
      assertThat(hub.rows("SELECT position FROM selfsame.ledger WHERE rule = 'X0'"))
          .as("claims that failed")
          .isEmpty();
      Sweep.invariants(hub);

      // The race may have erased and barred everybody.
      somebodyElseComes(one.pipeline());
      assertThat(Leftovers.rows(hub, PERSONAL)).isNotEmpty();
      eraseAll(one);
      assertThat(Leftovers.rows(hub, PERSONAL)).as("-Dseed=%d", SEED).isEmpty();
      assertThat(hub.rows("SELECT id FROM users")).isEmpty();
      Sweep.invariants(hub);

      claims(other.pipeline(), SEED + 4);
      assertThat(Leftovers.rows(hub, PERSONAL)).as("what comes back (K22)").isEmpty();
      Sweep.invariants(hub);
    } finally {
      one.pipeline().close();
      other.pipeline().close();
    }
  }

  private static void eraseAll(Server server) {
    for (List<UUID> users = users(); !users.isEmpty(); users = users()) {
      server
          .erasures()
          .erase(
              new EraseRequest(
                  List.of(), users.stream().limit(Erasures.MOST).toList(), true, ACTOR));
      Sweep.invariants(hub);
    }
    for (int i = 0; i < PEOPLE; i++) {
      List<Identifier> all =
          List.of(
              Identifier.externalId("id-" + i),
              Identifier.email("mail" + i + "@example.com"),
              new Identifier(IdentifierType.STRIPE_ID, "cus_" + i),
              new Identifier(IdentifierType.of("zendesk_id"), "90" + i),
              new Identifier(IdentifierType.of("mailchimp_id"), "m" + i));
      server.erasures().erase(new EraseRequest(all, List.of(), true, ACTOR));
    }
  }

  private static List<UUID> users() {
    return hub.rows("SELECT id FROM users").stream().map(UUID::fromString).toList();
  }

  private static void somebodyElseComes(Pipeline pipeline) throws Exception {
    long now = Submission.micros(InstantSource.system().instant());
    Claim claim =
        new Claim.Identify(
            Histories.SEGMENT,
            now,
            Raw.text("id-" + PEOPLE),
            Raw.ABSENT,
            Raw.text("mail" + PEOPLE + "@example.com"),
            Raw.ABSENT,
            Raw.ABSENT);
    pipeline
        .submit(
            List.of(
                new Submission(
                    claim, now, null, ClaimJson.payload(claim), null, Set.of(), Map.of())))
        .get(60, TimeUnit.SECONDS);
  }

  private static int claims(Pipeline pipeline, long seed) throws Exception {
    Histories histories =
        new Histories(seed, PEOPLE, Submission.micros(InstantSource.system().instant()));
    int sent = 0;
    while (sent < CLAIMS) {
      List<Submission> group = new ArrayList<>();
      for (int i = 0; i < 5; i++, sent++) {
        Claim claim = histories.next();
        group.add(
            new Submission(
                claim, histories.now(), null, ClaimJson.payload(claim), null, Set.of(), Map.of()));
      }
      pipeline.submit(group).get(60, TimeUnit.SECONDS);
    }
    return sent;
  }

  /** Returns how many erasures went through. */
  private static int acts(Server server, Random random) throws InterruptedException {
    int erased = 0;
    for (int act = 0; act < ACTS; act++) {
      List<UUID> users = users();
      if (users.size() < 3) {
        Thread.sleep(10);
        continue;
      }
      UUID one = users.get(random.nextInt(users.size()));
      UUID other = users.get(random.nextInt(users.size()));
      try {
        switch (random.nextInt(8)) {
          case 0, 1 ->
              server.merges().merge(new MergeRequest(List.of(one, other), null, Map.of(), ACTOR));
          case 2 ->
              server
                  .moves()
                  .move(
                      new MoveRequest(
                          IdentifierType.EMAIL,
                          Raw.text("mail" + random.nextInt(PEOPLE) + "@example.com"),
                          one,
                          other,
                          null,
                          ACTOR));
          case 3 ->
              server
                  .bars()
                  .keepApart(
                      new KeepApartRequest(
                          List.of(one, other), random.nextInt(4) == 0, ACTOR, "not the same"));
          case 4 -> undo(server, random);
          case 5 -> dismiss(server, random);
          default -> {
            erase(server, one, random);
            erased++;
          }
        }
      } catch (AmbiguousIdentifier several) {
        assertThat(several).hasMessageContaining("Several users have the email");
      } catch (Failure failure) {
        if (!LOST.contains(failure.problem())) {
          throw failure;
        }
      }
    }
    return erased;
  }

  private static void undo(Server server, Random random) {
    List<StoredMerge> live = server.undos().list(null, null, Undos.State.LIVE, null, 5).merges();
    if (!live.isEmpty()) {
      server.undos().undo(live.get(random.nextInt(live.size())).place().id(), ACTOR);
    }
  }

  private static void dismiss(Server server, Random random) {
    List<String> flags =
        server.flagged().list(new Flagged.Search(null, null, null, 5, null)).page().stream()
            .map(flag -> flag.id().toString())
            .toList();
    if (!flags.isEmpty()) {
      server
          .flagged()
          .resolve(
              new Flagged.Resolve(
                  flags.get(random.nextInt(flags.size())),
                  Flagged.Action.DISMISS,
                  null,
                  Map.of(),
                  ACTOR,
                  "looked"));
    }
  }

  private static void erase(Server server, UUID user, Random random) {
    int person = random.nextInt(PEOPLE);
    EraseRequest request =
        switch (random.nextInt(4)) {
          case 0 -> named(Identifier.externalId("id-" + person));
          case 1 -> named(Identifier.email("mail" + person + "@example.com"));
          default -> new EraseRequest(List.of(), List.of(user), false, ACTOR);
        };
    server.erasures().erase(request);
  }

  private static EraseRequest named(Identifier identifier) {
    return new EraseRequest(List.of(identifier), List.of(), false, ACTOR);
  }
}
