package dev.selfsame.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Access;
import dev.selfsame.access.Actor;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.connection.Connections;
import dev.selfsame.connection.Drivers;
import dev.selfsame.error.Failure;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Claim.LinkAccount.Linking;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.resolution.Decision;
import dev.selfsame.review.Bars;
import dev.selfsame.review.EraseRequest;
import dev.selfsame.review.Erasures;
import dev.selfsame.review.KeepApartRequest;
import dev.selfsame.review.MergeRequest;
import dev.selfsame.review.Merges;
import dev.selfsame.review.MoveRequest;
import dev.selfsame.review.Moves;
import dev.selfsame.review.Undos;
import dev.selfsame.secret.Secrets;
import dev.selfsame.source.Channels;
import dev.selfsame.source.api.AccountWrite;
import dev.selfsame.source.api.AccountWrites;
import dev.selfsame.source.api.NoteWrite;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.source.api.TakeOvers;
import dev.selfsame.source.api.UserWrite;
import dev.selfsame.source.api.UserWrites;
import dev.selfsame.source.csv.CsvExport;
import dev.selfsame.source.csv.CsvFile;
import dev.selfsame.source.csv.CsvImport;
import dev.selfsame.source.csv.CsvSource;
import dev.selfsame.source.land.Landing;
import dev.selfsame.source.land.LandingRequest;
import dev.selfsame.source.land.LandingWatch;
import dev.selfsame.source.land.RowSource;
import dev.selfsame.source.segment.Handover;
import dev.selfsame.source.segment.SegmentSettings;
import dev.selfsame.source.segment.TrackingApi;
import dev.selfsame.source.warehouse.Mapping;
import dev.selfsame.source.warehouse.SyncSettings;
import dev.selfsame.source.warehouse.Syncs;
import dev.selfsame.store.AccountQueries;
import dev.selfsame.store.Database;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.NewNote;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.PolicyRequest;
import dev.selfsame.store.PolicySettings;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredPolicies;
import dev.selfsame.store.StoredSources;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.Describe;
import dev.selfsame.testing.StoredUsers;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the ledger keeps is what was decided: of every channel, by way of the real sources into the
 * real store, read again and decided again (I6).
 */
final class ReplayTest {

  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase dwh = TestDatabase.empty();

  private static final String SPACE = "default";
  private static final int PEOPLE = 7;
  private static final long SEED = 20261122;

  private static final Map<Long, Claim> decided = new ConcurrentHashMap<>();
  private static Database database;
  private static Pipeline pipeline;
  private static Intake intake;
  private static HttpServer server;
  private static HttpClient client;
  private static String webKey;
  private static String serverKey;
  private static String eraserKey;
  private static Instant now = TestDatabase.NOW;

  @TempDir private Path directory;
  private final Random random = new Random(SEED);

  /** What a warehouse says, beside all else. */
  private final Random nights = new Random(SEED);

  /** Whether it replaces accounts. */
  private final Random replacing = new Random(SEED);

  private final Random calls = new Random(SEED + 2);

  private final Random feedback = new Random(SEED + 3);

  private final Random companies = new Random(SEED + 4);

  /** The fewer, the more claims meet. */
  private int people = PEOPLE;

  @BeforeAll
  static void start() {
    database = hub.open();
    StoredGrants grants = new StoredGrants(database);
    grants.ensureSource(SPACE, "web", false);
    StoredAccess access = new StoredAccess(grants, GivenSecrets.NONE, () -> now);
    webKey = access.issueWriteKey("web", SPACE, "web").secret();
    serverKey = access.issueWriteKey("server", SPACE, "segment").secret();
    hub.sql(
        "INSERT INTO selfsame.source (space, number, name, channel, settings) SELECT 1, max(number)"
            + " + 1, 'eraser', 'segment', '{\"may_erase\": true}' FROM selfsame.source");
    eraserKey = access.issueWriteKey("eraser", SPACE, "eraser").secret();
    StoredSources.ensure(database, SPACE, Source.billing(0, "stripe", IdentifierType.STRIPE_ID));
    pipeline =
        new Pipeline(SPACE, database.sessions("intake"), IntakeSettings.DEFAULT, names -> {});
    pipeline.start();
    intake =
        submissions ->
            pipeline
                .submit(submissions)
                .thenApply(receipts -> {
                  for (int i = 0; i < receipts.size(); i++) {
                    Receipt receipt = receipts.get(i);
                    if (receipt.position() > 0) {
                      decided.put(receipt.position(), submissions.get(i).claim());
                    }
                  }
                  return receipts;
                });
    server = server(access);
    client = HttpClient.newHttpClient();
  }

  private static HttpServer server(Access access) {
    HttpSettings http = HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false);
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    TrackingApi api =
        new TrackingApi(
            access,
            new Handover(space -> intake, () -> now, SegmentSettings.DEFAULT, metrics),
            new Bodies(http.bodyMemory()),
            SegmentSettings.DEFAULT,
            null,
            metrics);
    return HttpServer.start(http, List.of(api), access, List::of, metrics);
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
    pipeline.close();
  }

  @Test
  void I6_claims_read_again_are_those_that_were_decided_and_give_the_same_users() throws Exception {
    for (int round = 0; round < 30; round++) {
      now = now.plusSeconds(random.nextInt(200_000));
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> track(random.nextBoolean() ? webKey : serverKey);
        case 3, 4 -> land();
        case 5 -> editedExport();
        case 6 -> mergeByHand();
        case 7 -> undo();
        case 8 -> moveIdentifier();
        case 9 -> keepApart();
        case 10 -> unlink();
        default -> settings(round);
      }
      if (nights.nextInt(4) == 0) {
        warehouse();
      }
      if (calls.nextInt(3) == 0) {
        call();
      }
      if (feedback.nextInt(3) == 0) {
        note();
      }
      if (companies.nextInt(3) == 0) {
        accounts();
      }
    }
    survivorship(0);
    track(serverKey);
    land();
    warehouse();
    call();
    note();
    accounts();
    survivorship(1);
    call();
    track(serverKey);
    land();
    editedExport();
    mergeByHand();
    keepApart();
    moveIdentifier();
    undo();
    unlink();
    track(serverKey);
    Sweep.invariants(hub);

    History history = history();
    Replay replay = Replay.of(history);
    Set<String> kinds = new TreeSet<>();
    Set<Integer> versions = new HashSet<>();
    history.tell(
        0,
        history.now().position(),
        past -> {
          if (past instanceof Past.Lost row && row.why() == Past.Why.SETTING) {
            return;
          }
          assertThat(past).as("seed %d", SEED).isInstanceOf(Past.Said.class);
          Past.Said said = (Past.Said) past;
          long position = said.row().position();
          kinds.add(said.claim().getClass().getSimpleName());
          versions.add(said.row().policyVersion());
          assertThat(printable(said.claim().toString()))
              .as("seed %d, the claim at %d, kept as %s", SEED, position, payload(said))
              .isEqualTo(
                  printable(
                      kept(Objects.requireNonNull(decided.get(position)))
                          .of(said.claim().source())
                          .toString()));
          Decision decision = replay.decide(said);
          assertThat(Replay.same(decision, said.row()))
              .as("seed %d, decided again at %d: %s, was %s", SEED, position, decision, said.row())
              .isTrue();
        });
    assertThat(kinds)
        .containsExactlyInAnyOrder(
            "Alias",
            "ApiUser",
            "CsvRow",
            "Customer",
            "Delete",
            "DeleteAccount",
            "Group",
            "Identify",
            "KeepApart",
            "LinkAccount",
            "MergeAccounts",
            "MergeByHand",
            "MoveIdentifier",
            "Note",
            "PutAccount",
            "ToolRecord",
            "UndoLink",
            "UndoMerge",
            "WarehouseRow");
    assertThat(versions).hasSizeGreaterThan(2);
    assertThat(Describe.differences(StoredUsers.all(hub), replay.users())).isEmpty();
    assertThat(ids(replay)).isEqualTo(new TreeSet<>(hub.rows("SELECT id FROM users")));

    anErasureTakesItsRowsAway();
    whoeverAnErasureTouchedIsListedAndTheOthersAreTheSame();
  }

  /** Runs on what the test before it left: erased users are taken as they are, and listed. */
  private void anErasureTakesItsRowsAway() throws Exception {
    post(serverKey, "{\"type\":\"identify\",\"userId\":\"gone\",\"traits\":{\"name\":\"G\"}}");
    post(serverKey, "{\"type\":\"identify\",\"userId\":\"stays\",\"traits\":{\"name\":\"S\"}}");
    post(eraserKey, "{\"type\":\"delete\",\"userId\":\"gone\"}");
    post(serverKey, "{\"type\":\"identify\",\"userId\":\"gone\",\"traits\":{\"name\":\"G\"}}");
    History history = history();
    Replay replay = Replay.of(history);
    List<String> lost = new ArrayList<>();
    history.tell(
        0,
        history.now().position(),
        past -> {
          switch (past) {
            case Past.Said said ->
                assertThat(Replay.same(replay.decide(said), said.row()))
                    .as("%s", said.row())
                    .isTrue();
            case Past.Lost row -> {
              if (row.why() != Past.Why.SETTING) {
                lost.add(row.row().outcome() + " " + row.why().code());
              }
            }
          }
        });
    assertThat(lost).containsExactly("created no_payload", "erased erasure", "skipped no_payload");
    assertThat(ids(replay)).isEqualTo(new TreeSet<>(hub.rows("SELECT id FROM users")));
  }

  /** The same again among more people, some of whom are erased. */
  private void whoeverAnErasureTouchedIsListedAndTheOthersAreTheSame() throws Exception {
    people = 250;
    int erased = 0;
    for (int round = 0; round < 40; round++) {
      now = now.plusSeconds(random.nextInt(200_000));
      switch (random.nextInt(12)) {
        case 0, 1, 2, 3 -> track(random.nextBoolean() ? webKey : serverKey);
        case 4, 5 -> land();
        case 6 -> mergeByHand();
        case 7 -> undo();
        case 8 -> moveIdentifier();
        case 9 -> keepApart();
        default -> erased += erase();
      }
    }
    Sweep.invariants(hub);
    assertThat(erased).as("seed %d", SEED).isPositive();

    History history = history();
    long end = history.now().position();
    Touched touched = new Touched(history);
    history.tell(0, end, touched::add);
    Set<String> left = new TreeSet<>();
    touched.users().forEach(user -> left.add(user.toString()));
    Replay replay = Replay.of(history);
    history.tell(
        0,
        end,
        past -> {
          if (past instanceof Past.Said said && !touched.has(said)) {
            Decision decision = replay.decide(said);
            assertThat(Replay.same(decision, said.row()))
                .as("seed %d: %s, was %s", SEED, decision, said.row())
                .isTrue();
          }
        });
    List<User> others =
        StoredUsers.all(hub).stream().filter(user -> !left.contains(user.id().toString())).toList();
    assertThat(others).as("seed %d, users that no erasure touched", SEED).hasSizeGreaterThan(20);
    assertThat(left).as("seed %d, users that one did", SEED).isNotEmpty();
    assertThat(Describe.differences(others, replay.users())).isEmpty();
    assertThat(ids(replay))
        .isEqualTo(new TreeSet<>(others.stream().map(user -> user.id().toString()).toList()));
  }

  /**
   * What the ledger knows of a merge is not kept with its undo; nor when the parts of a link were
   * created.
   */
  private static Claim kept(Claim claim) {
    return switch (claim) {
      case Claim.UndoMerge act ->
          new Claim.UndoMerge(
              act.source(),
              act.at(),
              act.actor(),
              act.position(),
              act.ordinal(),
              act.survivor(),
              act.absorbed(),
              List.of(),
              Map.of());
      case Claim.UndoLink act ->
          new Claim.UndoLink(
              act.source(),
              act.at(),
              act.actor(),
              act.position(),
              act.asOf(),
              act.part(),
              new Instead(timeless(act.stays().made()), timeless(act.stays().apart())),
              timeless(act.goes()),
              act.left(),
              act.merges(),
              act.accounts(),
              act.shared());
      default -> claim;
    };
  }

  private static Part timeless(Part part) {
    return new Part(part.id(), 0, 0, part.name(), part.identifiers(), part.bars());
  }

  private static History history() {
    return new History(new StoredLedger(database, SPACE), Channels.readers());
  }

  private static Set<String> ids(Replay replay) {
    Set<String> ids = new TreeSet<>();
    for (User user : replay.users()) {
      ids.add(user.id().toString());
    }
    return ids;
  }

  private static String payload(Past.Said said) {
    byte[] payload = said.row().payload();
    return payload == null ? "" : new String(payload, UTF_8);
  }

  /** What no text can hold is kept as U+FFFD, and read as something that is refused as well. */
  private static String printable(String text) {
    StringBuilder printable = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      printable.append(c == 0 || Character.isSurrogate(c) ? '\uFFFD' : c);
    }
    return printable.toString();
  }

  // ---- what happens ----

  /** A night of a warehouse's source: some people are there again, some say something else. */
  private void warehouse() {
    dwh.sql(
        "CREATE TABLE IF NOT EXISTS people (p text, f text, n text, e text, a text[], c text, t"
            + " int, u timestamptz)");
    for (int i = 2 + nights.nextInt(12); i > 0; i--) {
      dwh.sql(
          "INSERT INTO people VALUES (%s, %s, %s, %s, %s, %s, %d, %s)"
              .formatted(
                  cell("'u%d'", people),
                  cell("' Mail%d@x.org'", people),
                  cell("'W%d'", 4),
                  cell("'mail%d@x.org'", people),
                  cell("'{a%d,null,b,null}'", 3),
                  cell("'A%d'", 2),
                  nights.nextInt(3),
                  cell("timestamptz '" + now + "' - interval '%d hours'", 50)));
    }
    boolean email = nights.nextBoolean();
    boolean timed = nights.nextBoolean();
    Syncs syncs =
        new Syncs(
            database,
            SPACE,
            new Connections(
                database,
                SPACE,
                Secrets.of(directory, Map.of()),
                new Drivers(directory.resolve("drivers")),
                () -> now),
            intake,
            () -> Preview.open("default", database.sessions("preview")),
            SyncSettings.DEFAULT,
            () -> now);
    try (syncs) {
      DatabaseAddress address = dwh.address();
      new Connections(
              database,
              SPACE,
              Secrets.of(directory, Map.of()),
              new Drivers(directory.resolve("drivers")),
              () -> now)
          .add(
              "dwh",
              address.url(),
              address.user(),
              address.password(),
              Map.of(),
              true,
              Actor.PROGRAM);
      syncs.add("dwh_users", "dwh", "SELECT * FROM people ORDER BY ctid", true);
      syncs.configure(
          "dwh_users",
          new Mapping(
              "p",
              "f",
              email,
              "n",
              "e",
              "a",
              "c",
              timed ? "u" : null,
              List.of("t"),
              replacing.nextBoolean()),
          nights.nextInt(3) == 0,
          Actor.PROGRAM);
      syncs.run("dwh_users", false, Actor.PROGRAM, result -> {}, () -> false);
    }
  }

  private String cell(String form, int of) {
    return nights.nextInt(4) == 0 ? "NULL" : form.formatted(nights.nextInt(of));
  }

  private void track(String key) throws Exception {
    List<String> events = new ArrayList<>();
    for (int i = 1 + random.nextInt(12); i > 0; i--) {
      String times =
          random.nextInt(4) == 0
              ? ",\"timestamp\":\"%s\"".formatted(now.minusMillis(random.nextInt(400_000_000)))
              : "";
      String all =
          ",\"messageId\":\"m%d\",\"context\":{\"ip\":\"::1\"}%s"
              .formatted(random.nextInt(), times);
      events.add(
          switch (random.nextInt(9)) {
            case 0 ->
                "{\"type\":\"alias\",\"previousId\":%s,\"userId\":%s%s}".formatted(id(), id(), all);
            case 1 ->
                "{\"type\":\"group\",\"groupId\":\"a%d\",\"userId\":%s,\"traits\":{\"name\":\"A\",\"domain\":\"X.org\"}%s}"
                    .formatted(random.nextInt(3), id(), all);
            case 2 -> "{\"type\":\"delete\",\"userId\":%s%s}".formatted(id(), all);
            default ->
                "{\"type\":\"identify\",\"userId\":%s,\"traits\":{%s\"plan\":\"pro\"}%s}"
                    .formatted(id(), traits(), all);
          });
    }
    post(key, String.join(",", events));
  }

  private void post(String key, String events) throws Exception {
    String sentAt =
        random.nextBoolean() ? ",\"sentAt\":\"%s\"".formatted(now.minusSeconds(60)) : "";
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create(server.url() + "/v1/batch"))
                .header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString((key + ":").getBytes(UTF_8)))
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"batch\":[%s],\"context\":{\"app\":{\"name\":\"x\"}}%s}"
                            .formatted(events, sentAt)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
  }

  /** As JSON: mostly a text, at times a number, or what can be no id. */
  private String id() {
    return switch (random.nextInt(25)) {
      case 0 -> "true";
      case 1 -> "\"\\ud800broken" + random.nextInt(2) + "\"";
      case 2 -> "\"nul\\u0000\"";
      case 3 -> "\" null \"";
      case 4 -> "\"�\"";
      case 5 -> "17";
      case 6 -> "41e9992";
      default -> "\"u" + random.nextInt(people) + "\"";
    };
  }

  private String traits() {
    String email =
        switch (random.nextInt(12)) {
          case 0 -> "\"half\\ud801@x.org\"";
          case 1 -> "\"none\"";
          case 2 -> "null";
          default -> "\" Mail" + random.nextInt(people) + "@X.org\"";
        };
    String billing = random.nextInt(3) == 0 ? "\"billingUserId\":" + customer() + "," : "";
    String other = random.nextInt(6) == 0 ? "\"billingId\":" + customer() + "," : "";
    String name = random.nextInt(3) == 0 ? "" : "\"name\":\"N\\u0000" + random.nextInt(9) + "\",";
    return "\"email\":" + email + "," + billing + other + name;
  }

  private String customer() {
    return switch (random.nextInt(12)) {
      case 0 -> "\"c\\udc00\"";
      case 1 -> "-7e-1001";
      default -> "\"cus_" + random.nextInt(people) + "\"";
    };
  }

  private void land() {
    int person = random.nextInt(people);
    String email = random.nextInt(5) == 0 ? "null" : "\"mail" + random.nextInt(people) + "@x.org\"";
    String at = now.minusSeconds(random.nextInt(500_000)).toString();
    land(
        "stripe.customers",
        "{\"id\":\"cus_%d\",\"email\":%s,\"name\":\"C%d\",\"is_deleted\":%s}"
            .formatted(person, email, random.nextInt(9), random.nextInt(6) == 0));
    land(
        "zendesk.users",
        "{\"id\":\"90%d\",\"external_id\":%s,\"email\":%s,\"name\":\"Z\",\"updated_at\":\"%s\"}"
            .formatted(
                random.nextInt(people),
                random.nextBoolean() ? "null" : "\"u" + random.nextInt(people) + "\"",
                email,
                at));
    land(
        "salesforce.leads",
        "{\"id\":\"s%d\",\"email\":%s,\"first_name\":\" L\",\"last_name\":\"M\",\"master_record_id\":%s}"
            .formatted(
                random.nextInt(people),
                email,
                random.nextInt(3) == 0 ? "\"s" + random.nextInt(people) + "\"" : "null"));
    land(
        "segment.users",
        "{\"id\":\"u%d\",\"email\":%s,\"name\":\"S\",\"plan\":\"p%d\",\"billing_user_id\":\"cus_%d\",\"received_at\":\"%s\"}"
            .formatted(random.nextInt(people), email, random.nextInt(9), person, at));
  }

  private static void land(String table, String row) {
    new Landing(database, SPACE, () -> now)
        .land(
            LandingRequest.into(table),
            RowSource.lines("rows", row),
            intake,
            () -> Preview.open(SPACE, database.sessions("preview")),
            LandingWatch.NONE);
  }

  /** The users as a file, with some of its cells changed, and rows that are new. */
  private void editedExport() throws Exception {
    StringWriter exported = new StringWriter();
    CsvExport.write(database, SPACE, now, exported, rows -> {});
    List<String> lines = new ArrayList<>();
    for (String line : exported.toString().lines().toList()) {
      boolean title = lines.isEmpty();
      lines.add(
          title || random.nextInt(3) > 0
              ? line
              : line.replace("mail1@", "mail2@").replace(",N", ",M"));
      if (!title && random.nextInt(4) == 0) {
        lines.add(
            ",%s,\"N, \"\"%d\",mail%d@x.org,,,"
                .formatted(
                    random.nextBoolean() ? "" : "u" + random.nextInt(people + 3),
                    random.nextInt(9),
                    random.nextInt(people)));
      }
    }
    CsvFile file =
        CsvFile.open(
            Files.writeString(directory.resolve("users.csv"), String.join("\n", lines) + "\n"));
    CsvImport.run(
        file, intake, CsvSource.of(database, SPACE), now, Long.MAX_VALUE, null, rows -> {});
  }

  /** Several writes by the Users API, some of which stand against what others have. */
  private void call() {
    UserWrites writes =
        new UserWrites(
            SPACE,
            database,
            intake,
            () -> Preview.open(SPACE, database.sessions("preview")),
            new UserQueries(database, SPACE),
            () -> now);
    List<UUID> live =
        hub.rows("SELECT id FROM users ORDER BY id").stream().map(UUID::fromString).toList();
    List<UserWrite> several = new ArrayList<>();
    for (int i = 1 + calls.nextInt(8); i > 0; i--) {
      Map<String, String> texts = new HashMap<>();
      Set<String> cleared = new HashSet<>();
      field("external_id", "u" + calls.nextInt(people), texts, cleared);
      field("name", "Called " + calls.nextInt(3), texts, cleared);
      field("email", " Mail" + calls.nextInt(people) + "@X.org", texts, cleared);
      field("billing_id", "cus_" + calls.nextInt(people), texts, cleared);
      field("zendesk_id", calls.nextInt(9) == 0 ? "none" : "9" + calls.nextInt(9), texts, cleared);
      UUID user = live.isEmpty() || calls.nextInt(3) == 0 ? null : one(live);
      several.add(new UserWrite(i, calls.nextInt(30) == 0 ? new UUID(1, 2) : user, texts, cleared));
    }
    writes.write(several, new Actor("token:caller", "10.0.0.1"), null);
  }

  /** Several notes, of both channels; some of their users belong to companies. */
  private void note() {
    NoteWrites writes =
        new NoteWrites(
            SPACE,
            database,
            intake,
            new UserQueries(database, SPACE),
            new NoteQueries(database, SPACE, () -> now),
            () -> now);
    for (int i = 1 + feedback.nextInt(8); i > 0; i--) {
      int company = feedback.nextInt(8);
      writes.write(
          new NoteWrite(
              feedback.nextInt(3) == 0 ? null : "intercom",
              feedback.nextInt(3) == 0 ? null : "u" + feedback.nextInt(people),
              feedback.nextInt(3) == 0 ? null : " Mail" + feedback.nextInt(people) + "@X.org",
              company < 3 ? "account-" + company : null,
              company > 1 && company < 5 ? company == 4 ? "gmail.com" : "x.org" : null,
              new NewNote(
                  new UUID(feedback.nextLong(), feedback.nextLong()),
                  "A note",
                  "It says something",
                  null,
                  List.of(),
                  null),
              Map.of()),
          new Actor("token:caller", "10.0.0.1"),
          null);
    }
  }

  /** Several acts on accounts, some of which stand against what there is. */
  private void accounts() {
    Supplier<Preview> previews = () -> Preview.open(SPACE, database.sessions("preview"));
    UserQueries users = new UserQueries(database, SPACE);
    AccountWrites writes = new AccountWrites(SPACE, database, intake, previews, users, () -> now);
    Actor by = new Actor("token:caller", "10.0.0.1");
    for (int i = 4 + companies.nextInt(8); i > 0; i--) {
      String account = "account-" + companies.nextInt(4);
      List<UUID> live =
          hub.rows("SELECT id FROM users ORDER BY id").stream().map(UUID::fromString).toList();
      switch (companies.nextInt(8)) {
        case 0 -> writes.delete(account, by);
        case 1 -> writes.merge(account, "account-" + companies.nextInt(4), by);
        case 2, 3 -> {
          if (!live.isEmpty()) {
            Linking[] linkings = {Linking.LINKED, Linking.CHOSEN, Linking.UNLINKED};
            writes.link(
                account,
                live.get(companies.nextInt(live.size())),
                linkings[companies.nextInt(3)],
                by);
          }
        }
        default ->
            writes.write(
                new AccountWrite(
                    account,
                    companies.nextInt(3) == 0,
                    companies.nextBoolean() ? "Called " + companies.nextInt(3) : null,
                    companies.nextBoolean() ? (companies.nextBoolean() ? "x.org" : "y.org") : null,
                    Set.of(),
                    companies.nextBoolean() ? Map.of("plan", "pro") : Map.of()),
                by,
                null);
      }
    }
    new TakeOvers(new AccountQueries(database, SPACE), writes).run();
  }

  private UUID one(List<UUID> live) {
    return live.get(calls.nextInt(live.size()));
  }

  private void field(String name, String value, Map<String, String> texts, Set<String> cleared) {
    switch (calls.nextInt(10)) {
      case 0, 1, 2 -> texts.put(name, value);
      case 3 -> cleared.add(name);
      default -> {}
    }
  }

  private void mergeByHand() {
    List<UUID> live =
        hub.rows("SELECT id FROM users ORDER BY id").stream().map(UUID::fromString).toList();
    if (live.size() < 4) {
      return;
    }
    int first = random.nextInt(live.size() - 1);
    List<UUID> users = List.of(live.get(first), live.get(first + 1));
    Merges merges =
        new Merges(
            intake,
            () -> Preview.open(SPACE, database.sessions("preview")),
            new UserQueries(database, SPACE),
            new MergeQueries(database, SPACE),
            () -> now);
    merges.merge(
        new MergeRequest(
            users,
            random.nextBoolean() ? null : users.getLast(),
            Map.of(),
            new Actor("token:test", "10.0.0.1")));
    try {
      merges.merge(
          new MergeRequest(
              List.of(users.getFirst(), new UUID(1, 2)),
              null,
              Map.of(),
              new Actor("x", "10.0.0.1")));
    } catch (Failure refused) {
      assertThat(refused.problem().code()).isIn("unknown_user", "absorbed_user");
    }
  }

  /** Takes back some merge, by a rule or by hand, in the middle of a chain or at its end. */
  private void undo() {
    Undos undos = undos();
    List<MergeQueries.StoredMerge> live =
        undos.list(null, null, Undos.State.LIVE, null, 100).merges();
    if (!live.isEmpty()) {
      undos.undo(
          live.get(random.nextInt(live.size())).place().id(), new Actor("token:test", "10.0.0.1"));
    }
  }

  /** Takes back an adoption or link, of those that can be. */
  private void unlink() {
    List<String> links =
        new ArrayList<>(
            hub.rows(
                "SELECT position FROM selfsame.ledger WHERE rule IN ('K4', 'S2', 'R3', 'R3b') ORDER"
                    + " BY 1"));
    Collections.shuffle(links, random);
    for (String link : links) {
      try {
        undos().undo(link, new Actor("token:test", "10.0.0.1"));
        return;
      } catch (Failure refused) {
        assertThat(refused.problem().code())
            .isIn("already_undone", "not_held", "last_identifier", "unknown_merge", "erased_user");
      }
    }
  }

  private Undos undos() {
    return new Undos(
        intake,
        () -> Preview.open(SPACE, database.sessions("preview")),
        new UserQueries(database, SPACE),
        new MergeQueries(database, SPACE),
        new LinkQueries(database, SPACE),
        () -> new History(new StoredLedger(database, SPACE), Channels.readers()),
        () -> now);
  }

  private int erase() {
    List<UUID> live =
        hub.rows("SELECT id FROM users ORDER BY id").stream().map(UUID::fromString).toList();
    if (live.size() < 10) {
      return 0;
    }
    new Erasures(
            SPACE,
            intake,
            database.sessions("preview"),
            new UserQueries(database, SPACE),
            new ErasureQueries(database, SPACE),
            () -> now)
        .erase(
            new EraseRequest(
                List.of(),
                List.of(live.get(random.nextInt(live.size()))),
                random.nextBoolean(),
                new Actor("token:test", null)));
    return 1;
  }

  private void keepApart() {
    List<UUID> live =
        hub.rows("SELECT id FROM users ORDER BY id").stream().map(UUID::fromString).toList();
    if (live.size() < 2) {
      return;
    }
    int first = random.nextInt(live.size() - 1);
    new Bars(
            intake,
            () -> Preview.open(SPACE, database.sessions("preview")),
            new UserQueries(database, SPACE),
            new FlagQueries(database, SPACE),
            () -> now)
        .keepApart(
            new KeepApartRequest(
                List.of(live.get(first), live.get(first + 1)),
                random.nextInt(4) == 0,
                new Actor("token:test", "10.0.0.1"),
                null));
  }

  private void moveIdentifier() {
    List<String> held =
        hub.rows(
            "SELECT user_id || ' ' || type || ' ' || value FROM user_identifiers WHERE value NOT"
                + " LIKE '% %' ORDER BY 1");
    List<UUID> live =
        hub.rows("SELECT id FROM users ORDER BY id").stream().map(UUID::fromString).toList();
    if (held.isEmpty()) {
      return;
    }
    String[] moved = held.get(random.nextInt(held.size())).split(" ", 3);
    Moves moves =
        new Moves(
            intake,
            () -> Preview.open(SPACE, database.sessions("preview")),
            new UserQueries(database, SPACE),
            new MergeQueries(database, SPACE),
            () -> now);
    try {
      moves.move(
          new MoveRequest(
              IdentifierType.of(moved[1]),
              Raw.text(moved[2]),
              UUID.fromString(moved[0]),
              live.get(random.nextInt(live.size())),
              random.nextBoolean() ? null : (Boolean) random.nextBoolean(),
              new Actor("token:test", "10.0.0.1")));
    } catch (Failure refused) {
      assertThat(refused.problem().code()).isIn("same_user", "last_identifier", "not_held");
    }
  }

  /** A new version of the policy between the claims, once by each kind of change. */
  private void settings(int round) {
    if (random.nextBoolean()) {
      survivorship(random.nextInt(3));
    } else {
      StoredSources.landVisits(database, SPACE, "web", round % 2 == 0);
    }
  }

  private static void survivorship(int which) {
    ObjectNode settings = PolicySettings.defaults();
    ObjectNode fields = settings.putObject(PolicySettings.SURVIVORSHIP);
    switch (which) {
      case 0 -> fields.put("name", "first").put("email", "first");
      case 1 -> {
        fields.putArray("name").add("csv").add("zendesk").add("server");
        fields.putArray("email").add("stripe");
      }
      default -> fields.put("name", "latest").put("email", "latest");
    }
    new StoredPolicies(database, SPACE)
        .change(new PolicyRequest(settings, Map.of()), null, new Actor("test", null), now, false);
  }
}
