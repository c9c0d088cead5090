package dev.selfsame.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.access.Access;
import dev.selfsame.access.Actor;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.api.PolicyApi;
import dev.selfsame.cli.SelfsameCommand;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.replay.History;
import dev.selfsame.source.Channels;
import dev.selfsame.source.land.Landing;
import dev.selfsame.source.land.LandingRequest;
import dev.selfsame.source.land.LandingWatch;
import dev.selfsame.source.land.RowSource;
import dev.selfsame.source.segment.SegmentEvents;
import dev.selfsame.store.Database;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredPolicies;
import dev.selfsame.store.StoredSources;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The policy of a real space: changed, versioned, checked, by REST and by command. */
final class PoliciesTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String SPACE = "default";
  private static final String TOKEN = "token-of-the-operator-1234";
  private static final Source SEGMENT = Source.segment(1, "segment");
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Database database;
  private static Pipeline pipeline;
  private static Pipeline second;
  private static Policies policies;
  private static HttpServer server;
  private static String readToken;

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    database = hub.open();
    StoredSources.ensure(database, SPACE, Source.billing(0, "stripe", IdentifierType.STRIPE_ID));
    pipeline = pipeline("one");
    second = pipeline("two");
    policies =
        new Policies(
            new StoredPolicies(database, SPACE),
            () -> new History(new StoredLedger(database, SPACE), Channels.readers()),
            () -> TestDatabase.NOW);
    StoredAccess access =
        new StoredAccess(
            new StoredGrants(database), new GivenSecrets(null, TOKEN), () -> TestDatabase.NOW);
    readToken = access.issueToken("reader", Access.Scope.READ).secret();
    server =
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(new PolicyApi(policies, new Bodies(16 * 1024 * 1024))),
            access,
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  private static Pipeline pipeline(String name) {
    Pipeline made =
        new Pipeline(SPACE, database.sessions(name), IntakeSettings.DEFAULT, names -> {});
    made.start();
    return made;
  }

  @AfterAll
  static void stop() {
    server.close();
    pipeline.close();
    second.close();
  }

  @BeforeEach
  void emptyUnderTheDefaults() {
    hub.sql(
        """
        DELETE FROM selfsame.flag; DELETE FROM selfsame.folded; DELETE FROM selfsame.merge;
        DELETE FROM selfsame.identifier; DELETE FROM selfsame.part; DELETE FROM selfsame.ledger;
        DELETE FROM selfsame.flag_user; DELETE FROM selfsame.flag_count; DELETE FROM selfsame.same_email;
        DELETE FROM selfsame.bar; DELETE FROM selfsame.identifier_move; DELETE FROM selfsame.unlinking; DELETE FROM selfsame.mention;
        DELETE FROM selfsame.erasure; DELETE FROM selfsame.erasure_touched; DELETE FROM selfsame.suppression;
        DELETE FROM selfsame.act; DELETE FROM selfsame.decision_count;
        UPDATE selfsame.space SET position = 0, users = 0, identified = 0, missing_billing = 0, suppressions = 0;
        """);
    policies.set(
        "sources: {segment: {trusted: true, land_pages: false}}", new Actor("test", null), false);
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void a_change_is_an_act_with_a_version_and_the_same_file_changes_nothing() {
    int before = policies.show().version().number();
    long position = position();
    StoredPolicies.Change would =
        policies.set("match_on_billing_id: true", new Actor("ann", null), true);
    assertThat(would.made()).isFalse();
    assertThat(would.differences().toString())
        .isEqualTo("[Difference[key=match_on_billing_id, before=false, after=true]]");
    assertThat(position()).isEqualTo(position);

    StoredPolicies.Change change =
        policies.set("match_on_billing_id: true", new Actor("ann", null), false);
    assertThat(change.made()).isTrue();
    assertThat(change.version()).isEqualTo(before + 1);
    assertThat(position()).isEqualTo(position + 1);
    assertThat(
            hub.rows(
                "SELECT outcome, rule, policy, payload::jsonb ->> 'act', payload::jsonb ->> 'by',"
                    + " payload::jsonb ->> 'version' FROM selfsame.ledger WHERE position = "
                    + (position + 1)))
        .containsExactly("updated|Y1|%d|policy|ann|%d".formatted(before, before + 1));
    StoredPolicies.Version version = policies.show().version();
    assertThat(version)
        .isEqualTo(new StoredPolicies.Version(before + 1, "ann", TestDatabase.NOW, position + 1));
    assertThat(policies.show().policy().get("match_on_billing_id").asBoolean()).isTrue();

    assertThat(policies.set(policies.show().yaml(), new Actor("bob", null), false).made())
        .isFalse();
    assertThat(position()).isEqualTo(position + 1);
    assertThat(policies.versions().stream().limit(2).map(StoredPolicies.Version::number))
        .containsExactly(before + 1, before);
    assertThat(decided(pipeline, "{\"type\":\"identify\",\"userId\":\"v1\"}").position())
        .isEqualTo(position + 2);
  }

  @Test
  void servers_that_run_decide_by_it_from_their_next_batch_on() {
    land("cus_t1", "t1@x.org");
    identify(pipeline, "t1", "t1old@x.org");
    identify(second, "t2", "t2old@x.org");
    policies.set("merge_on_email_change: false", new Actor("ann", null), false);
    Receipt first = identify(second, "t1", "t1@x.org");
    assertThat(first.rule().code()).isEqualTo("K10b");
    assertThat(first.flags()).containsExactly("same_email");
    land("cus_t2", "t2@x.org");
    policies.set("merge_on_email_change: true", new Actor("ann", null), false);
    assertThat(identify(pipeline, "t2", "t2@x.org").rule().code()).isEqualTo("K10");
  }

  /** Whoever hands a claim over may have read its source's settings before they changed. */
  @Test
  void a_source_is_what_the_policy_says_and_every_version_keeps_it() {
    land("cus_s1", "s1@x.org");
    identify(pipeline, "s1", "s1old@x.org");
    policies.set(
        "sources: {segment: {trusted: false, land_pages: true}}", new Actor("ann", null), false);
    int version = policies.show().version().number();
    assertThat(StoredSources.visited(database, SPACE))
        .contains(new StoredSources.Visited("segment", true));
    Receipt receipt = identify(pipeline, "s1", "s1@x.org");
    assertThat(receipt.rule().code()).isEqualTo("K10b");
    assertThat(receipt.flags()).contains("unverified_match");
    StoredSources.landVisits(database, SPACE, "segment", false);
    assertThat(policies.show().version().number()).isEqualTo(version + 1);
    assertThat(policies.show().yaml()).contains("trusted: false").contains("land_pages: false");
    new StoredGrants(database).ensureSource(SPACE, "later", false);

    StoredLedger ledger = new StoredLedger(database, SPACE);
    assertThat(source(ledger, version).trusted()).isFalse();
    assertThat(ledger.settings(version).landingVisits()).containsExactly(1);
    assertThat(ledger.settings(version + 1).landingVisits()).isEmpty();
    assertThat(source(ledger, version - 1).trusted()).isTrue();
    assertThat(ledger.settings(version).sources().values())
        .extracting(Source::name)
        .doesNotContain("later")
        .contains("stripe");
    assertThat(ledger.settings(version + 2).sources().values())
        .extracting(Source::name)
        .contains("later");
  }

  @Test
  void emails_become_unique_only_where_they_are() {
    identify(pipeline, "q1", "q@x.org");
    identify(pipeline, "q2", "q@x.org");
    List<UUID> users =
        hub.rows("SELECT id FROM users WHERE email = 'q@x.org' ORDER BY id").stream()
            .map(UUID::fromString)
            .toList();
    long position = position();
    assertThatThrownBy(() -> policies.set("emails: unique", new Actor("ann", null), false))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.EMAILS_SHARED))
        .hasMessageContaining("which is so of 1: q@x.org (")
        .hasMessageContaining("Merge those users")
        .hasMessageContaining(users.getFirst().toString())
        .hasMessageContaining(users.getLast().toString());
    assertThat(policies.set("emails: unique", new Actor("ann", null), true).shared())
        .containsExactly(new StoredPolicies.SharedEmail("q@x.org", users));
    assertThat(position()).isEqualTo(position);
    identify(pipeline, "q2", "q2@x.org");
    assertThat(policies.set("emails: unique", new Actor("ann", null), true).shared()).isEmpty();
    assertThat(policies.set("emails: unique", new Actor("ann", null), false).made()).isTrue();
    assertThat(identify(pipeline, "q3", "q@x.org").flags()).containsExactly("email_conflict");
    assertThat(policies.set("emails: unique", new Actor("ann", null), false).made()).isFalse();
  }

  @Test
  void how_many_emails_stand_against_it_is_said_and_the_first_are_named() {
    for (int i = 0; i < 130; i++) {
      identify(pipeline, "a" + i, "m%03d@x.org".formatted(i));
      identify(pipeline, "b" + i, "m%03d@x.org".formatted(i));
    }
    assertThatThrownBy(() -> policies.set("emails: unique", new Actor("ann", null), false))
        .hasMessageContaining("which is so of 130: m000@x.org (")
        .hasMessageContaining("m019@x.org")
        .hasMessageContaining(", and 110 more")
        .hasMessageNotContaining("m020@x.org");
    StoredPolicies.Change dry = policies.set("emails: unique", new Actor("ann", null), true);
    assertThat(dry.shared()).hasSize(100);
    assertThat(dry.sharedEmails()).isEqualTo(130);
    assertThat(hub.rows("SELECT email FROM selfsame.unique_email")).isEmpty();
  }

  @Test
  void the_database_holds_who_has_an_email_as_long_as_it_is_one_users() {
    policies.set("emails: unique\nnever_match_emails: [info@]", new Actor("ann", null), false);
    identify(pipeline, "u1", "one@x.org");
    identify(pipeline, "u2", "info@x.org");
    identify(pipeline, "u3", "info@x.org");
    assertThat(hub.rows("SELECT email FROM selfsame.unique_email")).containsExactly("one@x.org");

    // A second user of it, behind the rules' back.
    hub.sql(
        """
        INSERT INTO selfsame.part (space, id, compound, more_identifiers, email_shared, created_position, created_at, said_at,
          source, weak, updated_at, external_id, email)
        SELECT space, gen_random_uuid(), false, false, false, created_position, created_at, said_at,
          source, weak, updated_at, 'twin', email FROM selfsame.part WHERE external_id = 'u1'
        """);
    named("u1", "New name", "one@x.org");
    named("u4", "Mate", "four@x.org");
    assertThat(
            hub.rows("SELECT outcome, reason FROM selfsame.ledger ORDER BY position DESC LIMIT 2"))
        .containsExactly("created|", "rejected|internal_error");
    assertThat(hub.rows("SELECT name FROM users WHERE external_id = 'u1'")).containsExactly("");
    hub.sql("DELETE FROM selfsame.part WHERE external_id = 'twin'");
    named("u1", "New name", "one@x.org");
    assertThat(hub.rows("SELECT name FROM users WHERE external_id = 'u1'"))
        .containsExactly("New name");

    assertThatThrownBy(() -> policies.set("emails: unique", new Actor("ann", null), false))
        .as("info@ belongs to two once it is no mailbox of nobody's")
        .hasMessageContaining("which is so of 1: info@x.org (");
    policies.set("emails: shared", new Actor("ann", null), false);
    assertThat(hub.rows("SELECT email FROM selfsame.unique_email")).isEmpty();
    assertThat(identify(pipeline, "u5", "one@x.org").flags()).containsExactly("same_email");
    identify(pipeline, "u3", "three@x.org");
    assertThat(hub.rows("SELECT email FROM selfsame.unique_email")).isEmpty();
  }

  @Test
  void a_check_says_exactly_what_would_be_decided_otherwise() {
    identify(pipeline, "stranger", "stranger@x.org");
    land("cus_c1", "c1@x.org");
    land("cus_c2", "c2@x.org");
    identify(pipeline, "c1", "c1old@x.org");
    identify(pipeline, "c2", "c2@x.org");
    long from = position() + 1;
    long merged = identify(pipeline, "c1", "c1@x.org").position();
    identify(pipeline, "c2", "c2new@x.org");
    identify(pipeline, "c3", "c1@x.org");
    UUID survivor =
        UUID.fromString(hub.rows("SELECT id FROM users WHERE external_id = 'c1'").getFirst());
    long ledger = position();

    PolicyCheck.Report report = policies.check("merge_on_email_change: false", 3, decided -> {});
    assertThat(report.from()).isEqualTo(from);
    assertThat(report.to()).isEqualTo(ledger);
    assertThat(report.claims()).isEqualTo(3);
    assertThat(report.connected()).as("not the stranger's").isEqualTo(4);
    assertThat(report.notReproduced()).isZero();
    assertThat(report.notReplayable()).isEmpty();
    assertThat(report.changes())
        .containsExactlyInAnyOrder(
            new PolicyCheck.Changed("merged K10", "updated K10b same_email", 1, List.of(merged)),
            new PolicyCheck.Changed(
                "created K5 same_email", "created K6 same_email", 1, List.of(merged + 2)));
    assertThat(report.differing()).isEqualTo(2);
    assertThat(report.usersNow()).isEqualTo(3);
    assertThat(report.usersThen()).isEqualTo(4);
    assertThat(report.split()).isEqualTo(new PolicyCheck.Moved(1, List.of(List.of(survivor))));
    assertThat(report.merged()).isEqualTo(new PolicyCheck.Moved(0, List.of()));

    PolicyCheck.Report none = policies.check("merge_on_email_change: false", 2, decided -> {});
    assertThat(none.differing()).as("the merge was before them").isZero();
    assertThat(policies.check("{}", 1_000, decided -> {}).notReproduced()).isZero();
    assertThat(position()).isEqualTo(ledger);
  }

  @Test
  void a_check_says_whose_names_and_emails_would_stand() {
    named("n1", "Ann", "n1@x.org");
    named("n2", "Bob", "n2@x.org");
    UUID ann = UUID.fromString(hub.rows("SELECT id FROM users WHERE name = 'Ann'").getFirst());
    long from = position() + 1;
    named("n1", "Anne", "n1@x.org");
    named("n1", "Anne", "n1new@x.org");
    named("n2", "Bob", "n2@x.org");

    String file = "survivorship: {name: first, email: first}";
    PolicyCheck.Report report = policies.check(file, 3, decided -> {});
    assertThat(report.notReproduced()).isZero();
    assertThat(report.changes())
        .as("an email that loses is listed, which is a change too")
        .containsExactly(new PolicyCheck.Changed("updated K9", "unchanged K9", 1, List.of(from)));
    assertThat(report.shown())
        .containsExactly(
            new PolicyCheck.Shown(
                "email", 1, List.of(new PolicyCheck.Instead(ann, "n1new@x.org", "n1@x.org"))),
            new PolicyCheck.Shown("name", 1, List.of(new PolicyCheck.Instead(ann, "Anne", "Ann"))));
    assertThat(policies.check("{}", 3, decided -> {}).shown()).isEmpty();
    assertThat(hub.rows("SELECT name, email FROM users WHERE external_id = 'n1'"))
        .containsExactly("Anne|n1new@x.org");
  }

  @Test
  void whose_value_stands_changes_for_what_is_said_from_then_on() {
    named("v1", "Ann", "v1@x.org");
    land("cus_v1", "v1@x.org");
    policies.set(
        "survivorship: {name: [salesforce, stripe], email: first}", new Actor("ann", null), false);
    assertThat(policies.show().yaml())
        .contains(
            "survivorship:\n  email: first\n  name:\n    - \"salesforce\"\n    - \"stripe\"\n");
    assertThat(policies.set(policies.show().yaml(), new Actor("ann", null), false).made())
        .isFalse();
    assertThat(hub.rows("SELECT name, email FROM users")).containsExactly("Ann|v1@x.org");

    named("v1", "Anne", "v1new@x.org");
    assertThat(hub.rows("SELECT name, email FROM users"))
        .as("segment is not named, and so is Ann's source")
        .containsExactly("Anne|v1@x.org");
    assertThat(
            hub.rows(
                "SELECT value, current FROM user_identifiers WHERE type = 'email' ORDER BY value"))
        .containsExactly("v1@x.org|t", "v1new@x.org|f");
    assertThat(identify(second, "v2", "v1new@x.org").rule().code()).isEqualTo("K3");
    landed("{\"id\":\"cus_v1\",\"name\":\"A. Billing\",\"email\":\"v1@x.org\"}");
    named("v1", "Annie", "v1@x.org");
    assertThat(hub.rows("SELECT name FROM users WHERE external_id = 'v1'"))
        .containsExactly("A. Billing");

    policies.set("{}", new Actor("ann", null), false);
    assertThat(hub.rows("SELECT name FROM users WHERE external_id = 'v1'"))
        .as("what was decided stands")
        .containsExactly("A. Billing");
    named("v1", "Annabel", "v1new@x.org");
    assertThat(hub.rows("SELECT name, email FROM users WHERE external_id = 'v1'"))
        .containsExactly("Annabel|v1new@x.org");
    assertThat(policies.check("{}", 1_000, decided -> {}).notReproduced()).isZero();
  }

  @Test
  void traits_become_the_users_own_by_name_also_those_that_came_before() {
    decided(
        pipeline,
        "{\"type\":\"identify\",\"userId\":\"t1\",\"traits\":{\"name\":\"Tia\",\"plan\":\"pro\",\"seats\":3}}");
    assertThat(hub.rows("SELECT name FROM user_traits")).isEmpty();
    Actor ann = new Actor("ann", null);
    assertThat(policies.set("traits: [plan]", ann, false).differences().toString())
        .contains("traits", "\"none\"", "[\"plan\"]");
    assertThat(hub.rows("SELECT name, value FROM user_traits")).containsExactly("plan|\"pro\"");
    assertThat(policies.show().yaml()).contains("traits:\n  - \"plan\"\n");
    policies.set("traits: all", ann, false);
    assertThat(hub.rows("SELECT name FROM user_traits ORDER BY 1"))
        .containsExactly("plan", "seats");
  }

  @Test
  void over_REST() throws Exception {
    JsonNode shown = JSON.readTree(call("GET", "/api/policy", readToken, "", 200)).get("data");
    assertThat(shown.get("policy").get("limits").get("id_characters").asInt()).isEqualTo(400);
    assertThat(shown.get("version").asInt()).isEqualTo(policies.show().version().number());
    assertThat(call("GET", "/api/policy?format=yaml", readToken, "", 200))
        .isEqualTo(policies.show().yaml());
    assertThat(call("GET", "/api/policy?format=xml", readToken, "", 400))
        .contains("The parameter format must be yaml or json");
    call("PUT", "/api/policy", readToken, "", 403);
    assertThat(call("PUT", "/api/policy", TOKEN, "email: x", 400))
        .contains("policy_invalid")
        .contains("line 1, column 1: the policy has no key email; did you mean emails?");
    String file = "{\"limits\": {\"merges_per_user\": 50}}";
    JsonNode would =
        JSON.readTree(call("PUT", "/api/policy?dryRun=true", TOKEN, file, 200)).get("data");
    assertThat(would.get("changed").asBoolean()).isFalse();
    assertThat(would.get("differences").toString())
        .isEqualTo("[{\"key\":\"limits.merges_per_user\",\"before\":100,\"after\":50}]");
    JsonNode made = JSON.readTree(call("PUT", "/api/policy", TOKEN, file, 200)).get("data");
    assertThat(made.get("changed").asBoolean()).isTrue();
    JsonNode versions =
        JSON.readTree(call("GET", "/api/policy/versions", readToken, "", 200)).get("data");
    assertThat(versions.get(0).get("version")).isEqualTo(made.get("version"));
    assertThat(versions.get(0).get("by").asString()).startsWith("token:");
    assertThat(versions.get(0).get("position").asLong()).isEqualTo(position());
    assertThat(call("PUT", "/api/policy", TOKEN, "survivorship: {email: [salesforc]}", 400))
        .contains("policy_invalid")
        .contains("there is no source salesforc; did you mean salesforce?");
    JsonNode report =
        JSON.readTree(call("POST", "/api/policy/check?last=5", readToken, file, 200)).get("data");
    assertThat(report.get("shown").isArray()).isTrue();
    assertThat(report.get("to").asLong()).isEqualTo(position());
    assertThat(report.get("differing").asLong()).isZero();
    assertThat(report.get("changes").isArray()).isTrue();
    assertThat(call("POST", "/api/policy/check?last=0", readToken, file, 400))
        .contains("The parameter last must be from 1 to 100000");
  }

  @Test
  void whoever_changes_an_older_version_is_told() throws Exception {
    int version = policies.show().version().number();
    String first = "limits: {merges_per_user: 60}";
    assertThat(put(first, "\"" + version + "\"").statusCode()).isEqualTo(200);
    HttpResponse<String> second = put("limits: {merges_per_user: 70}", "\"" + version + "\"");
    assertThat(second.statusCode()).isEqualTo(409);
    assertThat(second.body())
        .contains("policy_changed")
        .contains("version %d stands, not %d".formatted(version + 1, version));
    assertThat(policies.show().policy().at("/limits/merges_per_user").asInt()).isEqualTo(60);
    assertThat(put(first, "nonsense").statusCode()).isEqualTo(400);
    HttpResponse<String> any = put("{}", "*");
    assertThat(any.statusCode()).isEqualTo(200);
  }

  private static HttpResponse<String> put(String file, String match) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(server.url() + "/api/policy"))
            .header("Authorization", "Bearer " + TOKEN)
            .header("If-Match", match)
            .PUT(HttpRequest.BodyPublishers.ofString(file))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void by_command() throws Exception {
    assertThat(run(0, "show")).startsWith("# version ").contains("\nemails: shared\n");
    Path file = Files.writeString(directory.resolve("policy.yaml"), "match_previous_emails: true");
    assertThat(run(0, "set", file.toString(), "--dry-run"))
        .isEqualTo(
            "match_previous_emails: false -> true\nNothing was written. This would be version %d\n"
                .formatted(policies.show().version().number() + 1));
    assertThat(run(0, "check", file.toString(), "--last", "4"))
        .contains(" claims (positions ")
        .contains("Users: ");
    String set = run(0, "set", file.toString());
    assertThat(set)
        .endsWith("Version %d stands from now on\n".formatted(policies.show().version().number()));
    assertThat(run(0, "set", file.toString())).startsWith("Nothing changes: this is version ");
    assertThat(run(0, "versions").lines().findFirst().orElse(""))
        .contains(", by cli:" + System.getProperty("user.name") + ", position " + position());
    Files.writeString(file, "limits: {id_characters: 0}");
    assertThat(run(1, "set", file.toString()))
        .isEqualTo(
            "selfsame: line 1, column 25: limits.id_characters must be a whole number from 1 to"
                + " 600; got 0\n");
    assertThat(run(1, "check", directory.resolve("none").toString())).contains("cannot be read");
    run(2, "check", file.toString(), "--last", "0");
  }

  // ---- what happens ----

  private static Receipt identify(Pipeline at, String userId, String email) {
    return decided(
        at,
        "{\"type\":\"identify\",\"userId\":\"%s\",\"traits\":{\"email\":\"%s\"}}"
            .formatted(userId, email));
  }

  private static void named(String userId, String name, String email) {
    decided(
        pipeline,
        "{\"type\":\"identify\",\"userId\":\"%s\",\"traits\":{\"name\":\"%s\",\"email\":\"%s\"}}"
            .formatted(userId, name, email));
  }

  private static Receipt decided(Pipeline at, String event) {
    Submission submission =
        SegmentEvents.read(event.getBytes(UTF_8), SEGMENT, Submission.micros(TestDatabase.NOW));
    return at.submit(List.of(submission)).join().getFirst();
  }

  private static void land(String customer, String email) {
    landed("{\"id\":\"%s\",\"email\":\"%s\"}".formatted(customer, email));
  }

  private static void landed(String row) {
    new Landing(database, SPACE, () -> TestDatabase.NOW)
        .land(
            LandingRequest.into("stripe.customers"),
            RowSource.lines("rows", row),
            pipeline,
            () -> Preview.open(SPACE, database.sessions("preview")),
            LandingWatch.NONE);
  }

  private static Source source(StoredLedger ledger, int version) {
    return Objects.requireNonNull(ledger.settings(version).sources().get(1));
  }

  private static long position() {
    return Long.parseLong(hub.rows("SELECT position FROM selfsame.space").getFirst());
  }

  private static String call(String method, String path, String token, String body, int status)
      throws Exception {
    HttpResponse<String> response =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(server.url() + path))
                .header("Authorization", "Bearer " + token)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return response.body();
  }

  private static String run(int status, String... words) {
    StringWriter out = new StringWriter();
    List<String> all = new ArrayList<>(List.of("policy"));
    all.addAll(List.of(words));
    all.addAll(2, List.of("--database-url", hub.address().full()));
    int given =
        SelfsameCommand.commandLine(
                (start, progress) -> {
                  throw new AssertionError("nothing is served");
                })
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(out, true))
            .execute(all.toArray(String[]::new));
    assertThat(given).as(out.toString()).isEqualTo(status);
    return out.toString();
  }
}
