package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.Program;
import dev.selfsame.cli.SelfsameCommand;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Flag;
import dev.selfsame.store.Database;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Export then import is a no-op, by command and by REST, on a store in which everything there is to
 * flag is flagged.
 */
final class EveryFlagTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static final JsonMapper JSON = new JsonMapper();
  private static final String TOKEN = "sst_a_token_for_tests";

  /** Nothing in this test raises these: it undoes nothing; accounts' rows are to come. */
  private static final Set<Flag.Kind> TO_COME =
      EnumSet.of(
          Flag.Kind.MISSING_BILLING_ID,
          Flag.Kind.SAME_FALLBACK,
          Flag.Kind.KEPT_APART,
          Flag.Kind.AMBIGUOUS_USER,
          Flag.Kind.AMBIGUOUS_FALLBACK,
          Flag.Kind.NO_ROW,
          Flag.Kind.UNDO_CONFLICT);

  private static final Source SEGMENT = Histories.SEGMENT;
  private static final Source STRIPE = Histories.STRIPE;
  private static final Source ZENDESK = Histories.ZENDESK;
  private static final Source STRANGERS =
      new Source(
          14,
          "strangers",
          Channel.RECORD,
          false,
          false,
          new IdentifierType("zendesk_id"),
          true,
          true);
  private static final Source CSV = Source.csv(2);
  private static final Source BY_HAND = Source.acts(3);

  /** What a reader sees. Of identifiers all but last_seen, which tells of the import itself. */
  private static final List<String> PUBLISHED =
      List.of(
          "SELECT * FROM users ORDER BY id",
          "SELECT * FROM user_identities ORDER BY user_id",
          "SELECT user_id, type, value, current, source, first_seen FROM user_identifiers ORDER BY"
              + " 1, 2, 3",
          "SELECT * FROM user_merges ORDER BY merge_id",
          "SELECT * FROM user_decisions WHERE position <= %d ORDER BY position",
          "SELECT * FROM user_traits ORDER BY 1, 2",
          "SELECT * FROM accounts ORDER BY 1",
          "SELECT * FROM account_users ORDER BY 1, 2",
          "SELECT kind, users, about_type, about_value, opened_at, closed_at FROM selfsame.flag"
              + " ORDER BY position, ordinal");

  @TempDir Path directory;
  private long at = Instant.now().toEpochMilli() * 1_000;
  private final Set<String> raised = new TreeSet<>();

  @Test
  void a_file_that_was_exported_changes_nothing_whatever_is_flagged() throws Exception {
    Histories.empty(hub);
    hub.sql(
        """
        INSERT INTO selfsame.source (space, number, name, channel, settings) VALUES
          (1, 14, 'strangers', 'record', '{"id_type": "zendesk_id", "external_id_is_ours": true, "trusted": false}')
        """);
    Database database = hub.open();
    policy(2, "{\"emails\": \"unique\"}");
    claims(
        database,
        identify("g3", "g3@x.org", null),
        stripe("cus_g3", null),
        stripe("cus_g3", "g3@x.org"));
    policy(3, "{\"limits\": {\"merges_per_user\": 1}}");
    claims(
        database,
        identify("full", null, null),
        record(ZENDESK, "70", null, "seventy@x.org"),
        record(ZENDESK, "70", "full", null),
        identify("one-more", null, null),
        new Claim.Alias(SEGMENT, at, text("full"), text("one-more")));
    policy(4, "{}");
    claims(
        database,
        // Two customers whom an alias calls one person.
        stripe("cus_a", "a@x.org"),
        identify("a", "a@x.org", null),
        stripe("cus_b", "b@x.org"),
        identify("b", "b@x.org", null),
        new Claim.Alias(SEGMENT, at, text("a"), text("b")),
        // Billing ids: another one's, one that nobody knows, none.
        identify("c", "c@x.org", "cus_a"),
        identify("d", "d@x.org", "cus_nobody_knows"),
        identify("e", "=e@x.org", null),
        // The same email: two identified users, and a customer among them.
        identify("f", "shared@x.org", null),
        identify("g", "shared@x.org", null),
        stripe("cus_h", "shared@x.org"),
        // Records that move, merge, and differ in case.
        identify("i", null, null),
        record(ZENDESK, "51", "i", null),
        identify("j", null, null),
        record(ZENDESK, "51", "j", null),
        identify("k", null, null),
        record(ZENDESK, "61", "k", null),
        identify("l", null, null),
        record(ZENDESK, "62", "l", null),
        new Claim.ToolRecord(
            ZENDESK, at, text("62"), Raw.ABSENT, Raw.ABSENT, Raw.ABSENT, false, text("61")),
        identify("M", "m@x.org", null),
        record(ZENDESK, "71", "m", "m@x.org"),
        // Someone's word.
        record(ZENDESK, "81", null, "n@x.org"),
        identify("n", null, null),
        record(STRANGERS, "81", "n", null),
        // Imported, with the email of somebody else.
        new Claim.CsvRow(
            CSV, at, Raw.ABSENT, text("o"), text("'=O"), text("c@x.org"), text("cus_o"), null),
        // Accounts, and two that a person makes one.
        new Claim.Group(SEGMENT, at, text("acme"), text("a"), text("Acme"), text("acme.org")),
        identify("p", "p@x.org", null),
        identify("q", "q@x.org", null));
    List<UUID> both =
        hub.rows("SELECT id FROM users WHERE external_id IN ('p', 'q') ORDER BY id").stream()
            .map(UUID::fromString)
            .toList();
    claims(database, new Claim.MergeByHand(BY_HAND, at, "ann", both, both.getFirst(), Map.of()));
    assertThat(raised)
        .isEqualTo(
            EnumSet.complementOf(EnumSet.copyOf(TO_COME)).stream()
                .map(Flag.Kind::code)
                .collect(Collectors.toCollection(TreeSet::new)));
    assertThat(hub.rows("SELECT count(*) FROM users WHERE billing_id IS NULL").getFirst())
        .isNotEqualTo("0");
    Sweep.invariants(hub);

    long position = Long.parseLong(hub.rows("SELECT position FROM selfsame.space").getFirst());
    Map<String, List<String>> before = published(position);
    int users = Objects.requireNonNull(before.get(PUBLISHED.getFirst())).size();
    assertThat(users).isGreaterThan(20);

    Path file = directory.resolve("users.csv");
    assertThat(run("export", file.toString())).contains("%d users".formatted(users));
    assertThat(run("import", file.toString(), "--preview"))
        .startsWith("Preview, nothing was written\n")
        .contains("unchanged  %,12d%n".formatted(users));
    assertUnchanged(before, position);
    String imported = run("import", file.toString());
    assertThat(imported.lines().map(line -> line.replaceAll(" +", " ")))
        .startsWith("rows " + users, "unchanged " + users);
    assertUnchanged(before, position);

    Program.Start start =
        new Program.Start(
            directory.resolve("data"),
            hub.address().full(),
            "127.0.0.1:0",
            0,
            null,
            null,
            null,
            false);
    try (Hub serving =
        Hub.start(
            start,
            Map.of("SELFSAME_TOKEN", TOKEN, "SELFSAME_WRITE_KEY", "wk_for_this_test"),
            line -> {})) {
      String exported = send(serving, "/api/exports/users.csv", null).body();
      assertThat(exported).hasLineCount(users + 1);
      for (String query : List.of("?preview=true", "")) {
        HttpResponse<String> accepted = send(serving, "/api/imports" + query, exported);
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        JsonNode done = finished(serving, JSON.readTree(accepted.body()).at("/data/id").asString());
        assertThat(done.get("outcomes").toString())
            .as(done.toString())
            .isEqualTo("{\"unchanged\":%d}".formatted(users));
        assertUnchanged(before, position);
      }
    }
    Sweep.invariants(hub);
  }

  private static JsonNode finished(Hub serving, String id) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      JsonNode one = JSON.readTree(send(serving, "/api/imports/" + id, null).body()).get("data");
      String state = one.get("state").asString();
      if (state.equals("done") || state.equals("previewed")) {
        return one;
      }
      assertThat(System.nanoTime()).as("waited a minute; last: %s", one).isLessThan(end);
      Thread.sleep(10);
    }
  }

  private static HttpResponse<String> send(Hub serving, String path, @Nullable String body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(serving.url() + path))
            .header("Authorization", "Bearer " + TOKEN);
    if (body != null) {
      request.POST(BodyPublishers.ofString(body));
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  private static Map<String, List<String>> published(long position) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    for (String query : PUBLISHED) {
      all.put(query, hub.rows(query.formatted(position)));
    }
    return all;
  }

  private static void assertUnchanged(Map<String, List<String>> before, long position) {
    Map<String, List<String>> after = published(position);
    for (String query : PUBLISHED) {
      assertThat(after.get(query)).as(query).isEqualTo(Objects.requireNonNull(before.get(query)));
    }
  }

  private static void policy(int version, String settings) {
    hub.sql(
        "INSERT INTO selfsame.policy (space, version, settings) VALUES (1, %d, '%s'); UPDATE selfsame.space SET policy_version = %d"
            .formatted(version, settings, version));
  }

  /** Decides them one after the other, under the policy of now. */
  private void claims(Database database, Claim... claims) throws Exception {
    try (Pipeline intake =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, names -> {})) {
      intake.start();
      List<Submission> all = new ArrayList<>();
      for (Claim claim : claims) {
        all.add(
            new Submission(
                claim, at, null, "{}".getBytes(StandardCharsets.UTF_8), null, Set.of(), Map.of()));
      }
      for (Receipt receipt : intake.submit(all).get(30, TimeUnit.SECONDS)) {
        raised.addAll(receipt.flags());
      }
    }
    at += 1_000;
  }

  private Claim identify(String id, @Nullable String email, @Nullable String billingId) {
    return new Claim.Identify(
        SEGMENT,
        at,
        text(id),
        text("Name of " + id),
        Raw.text(email),
        Raw.text(billingId),
        Raw.ABSENT);
  }

  private Claim stripe(String id, @Nullable String email) {
    return new Claim.Customer(STRIPE, at, text(id), Raw.text(email), text("Customer"), false);
  }

  private Claim record(
      Source source, String id, @Nullable String externalId, @Nullable String email) {
    return new Claim.ToolRecord(
        source,
        at,
        text(id),
        Raw.text(externalId),
        Raw.text(email),
        text("Requester"),
        false,
        Raw.ABSENT);
  }

  private static Raw text(String value) {
    return Raw.text(value);
  }

  private String run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(1, List.of("--database-url", hub.address().full()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        SelfsameCommand.commandLine(
                (start, progress) -> {
                  throw new AssertionError("nothing is served");
                })
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(all.toArray(String[]::new));
    assertThat(status).as(err.toString()).isZero();
    return out.toString();
  }
}
