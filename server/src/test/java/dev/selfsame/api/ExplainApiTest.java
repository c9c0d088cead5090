package dev.selfsame.api;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Actor;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.replay.History;
import dev.selfsame.review.Bars;
import dev.selfsame.review.KeepApartRequest;
import dev.selfsame.review.Merges;
import dev.selfsame.review.MoveRequest;
import dev.selfsame.review.Moves;
import dev.selfsame.review.Undos;
import dev.selfsame.source.Channels;
import dev.selfsame.store.Database;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.PolicyRequest;
import dev.selfsame.store.PolicySettings;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredPolicies;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.ClaimJson;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.StringReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Timeline, fields, picture and why two are or are not one user, over REST, of users that real
 * claims through the real intake made.
 */
final class ExplainApiTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String TOKEN = "token-of-the-operator-1234";
  private static final String NOBODY = "01940000-0000-7000-8000-000000000000";
  private static final Source SEGMENT = Histories.SEGMENT;
  private static final Source STRIPE = Histories.STRIPE;
  private static final Source ZENDESK = Histories.ZENDESK;
  private static final Source CSV = Source.csv(2);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static HttpServer server;
  private static Database database;
  private static Pipeline pipeline;

  /** What became of the claim submitted last. */
  private static @Nullable Receipt last;

  private static long at = 1_767_225_600_000_000L;

  @BeforeAll
  static void start() {
    Histories.empty(hub);
    database = hub.open();
    pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, traits -> {});
    pipeline.start();
    UserQueries users = new UserQueries(database, "default");
    Lookup lookup = new Lookup(users);
    server =
        HttpServer.start(
            new HttpSettings(
                "127.0.0.1",
                0,
                null,
                null,
                null,
                64 * 1024,
                64L * 1024 * 1024,
                HttpSettings.DEFAULT.idleTimeout(),
                HttpSettings.DEFAULT.stopTimeout(),
                false),
            List.of(
                new UsersApi(lookup),
                new ExplainApi(lookup),
                new MergeApi(
                    new Merges(
                        pipeline,
                        () -> Preview.open("default", database.sessions("preview")),
                        users,
                        new MergeQueries(database, "default"),
                        InstantSource.system()),
                    new Bodies(1024 * 1024))),
            new StoredAccess(
                new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system()),
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @AfterAll
  static void stop() {
    server.close();
    pipeline.close();
  }

  @BeforeEach
  void later() {
    at += 86_400_000_000L;
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  // ---- Timeline ----

  @Test
  void K10_tells_both_users_stories_as_one_and_what_concretely_changed() throws Exception {
    UUID imported = user(stripe("cus_10", "k10@x.org", "Kay Ten"));
    UUID own = user(identify("k10", null, "Kay"));
    long merged = position(identify("k10", "k10@x.org", "Kay X"));
    identify("k10", "kay@x.org", null);

    JsonNode data = get("/api/users/" + imported + "/timeline").get("data");
    assertThat(codes(data)).containsExactly("K9", "K10", "K1", "S4");
    JsonNode merge = data.get(1);
    assertThat(merge.get("position").asLong()).isEqualTo(merged);
    assertThat(merge.get("outcome").asString()).isEqualTo("merged");
    assertThat(merge.get("sentence").asString())
        .isEqualTo(
            "One user without an id had this email: it and the user with this id were merged.");
    assertThat(merge.get("part").asString()).isEqualTo(own.toString());
    assertThat(merge.has("by")).isFalse();
    assertThat(sentences(merge))
        .containsExactlyInAnyOrder(
            "The user %s (external_id:k10) became part of %s (email:k10@x.org)."
                .formatted(own, imported),
            "Got email:k10@x.org.",
            "The name changed from “Kay” to “Kay X”.");
    assertThat(sentences(data.get(0)))
        .containsExactly(
            "The email changed from k10@x.org to kay@x.org; the earlier one no longer finds the"
                + " user.");
    JsonNode email = data.get(0).get("changes").get(0);
    assertThat(email.get("kind").asString()).isEqualTo("changed");
    assertThat(email.get("field").asString()).isEqualTo("email");
    assertThat(email.get("from").asString()).isEqualTo("k10@x.org");
    assertThat(email.get("to").asString()).isEqualTo("kay@x.org");
    assertThat(sentences(data.get(2)))
        .containsExactly(
            "A new user, %s.".formatted(own), "Got external_id:k10.", "The name became “Kay”.");
    assertThat(data.get(3).has("part")).as("the user's own").isFalse();
    assertThat(sentences(data.get(3)))
        .containsExactlyInAnyOrder(
            "A new user, %s.".formatted(imported),
            "Got email:k10@x.org.",
            "Got stripe_id:cus_10.",
            "The name became “Kay Ten”.");

    assertThat(status("/api/users/" + own + "/timeline")).isEqualTo(410);
  }

  @Test
  void K4_adoption_an_alias_and_a_linked_record_say_what_was_gained() throws Exception {
    UUID user = user(stripe("cus_4", "k4@x.org", null));
    identify("k4", "k4@x.org", null);
    submit(new Claim.Alias(SEGMENT, next(), Raw.text("k4"), Raw.text("k4-new")));
    record("404", "k4", null);
    JsonNode data = get("/api/users/" + user + "/timeline").get("data");
    assertThat(codes(data)).containsExactly("R2", "L3", "K4", "S4");
    assertThat(sentences(data.get(0))).containsExactly("Got zendesk_id:404.");
    assertThat(sentences(data.get(1)))
        .containsExactly(
            "The external id changed from k4 to k4-new; the earlier one still finds the user.");
    assertThat(sentences(data.get(2))).containsExactly("Got external_id:k4.");
  }

  @Test
  void M1_names_who_did_it_and_flags_name_what_they_are_about() throws Exception {
    UUID one = user(identifyPaying("hand-1", "cus_hand"));
    UUID two = user(identifyPaying("hand-2", "cus_hand"));
    JsonNode flagged = get("/api/users/" + two + "/timeline").get("data").get(0);
    assertThat(sentences(flagged))
        .contains(
            "Flagged billing_id_in_use for billing_id:cus_hand, with the user %s.".formatted(one));
    merge(one, two);
    JsonNode act = get("/api/users/" + one + "/timeline").get("data").get(0);
    assertThat(act.get("code").asString()).isEqualTo("M1");
    assertThat(act.get("source").asString()).isEqualTo("by hand");
    assertThat(act.get("by").asString()).isEqualTo("token:SELFSAME_TOKEN");
    assertThat(sentences(act))
        .containsExactly(
            "The user %s (external_id:hand-2) became part of %s (external_id:hand-1)."
                .formatted(two, one));
  }

  @Test
  void R1c_a_record_that_moves_is_lost_by_one_and_gained_by_the_other() throws Exception {
    identify("r1c-a", null, null);
    record("501", "r1c-a", null);
    UUID b = user(identify("r1c-b", null, null));
    record("501", "r1c-b", null);
    JsonNode data = get("/api/users/" + b + "/timeline").get("data");
    assertThat(codes(data).getFirst()).isEqualTo("R1c");
    assertThat(sentences(data.get(0)))
        .contains("Got zendesk_id:501.")
        .anyMatch(sentence -> sentence.startsWith("zendesk_id:501 moved from the user "))
        .anyMatch(sentence -> sentence.startsWith("Flagged record_moved"));
  }

  @Test
  void an_undone_merge_is_in_the_stories_of_both() throws Exception {
    UUID one = user(identify("undone-1", null, null));
    UUID two = user(stripe("cus_undone", "undone@x.org", null));
    long merge = position(identify("undone-1", "undone@x.org", null));
    undo(merge);
    assertThat(codes(get("/api/users/" + two + "/timeline").get("data")))
        .containsExactly("U1", "K10", "S4");
    JsonNode story = get("/api/users/" + one + "/timeline").get("data");
    assertThat(codes(story)).containsExactly("U1", "K10", "K1");
    assertThat(story.get(0).get("by").asString()).isEqualTo("token:test");
    assertThat(sentences(story.get(1)))
        .anyMatch(sentence -> sentence.contains("became part of") && sentence.contains("undone"));

    JsonNode why = explain(one.toString(), two.toString());
    assertThat(why.get("together").asBoolean()).isFalse();
    assertThat(kinds(why.get("grounds"))).startsWith("undone", "kept_apart");
    assertThat(why.get("grounds").get(0).get("sentence").asString())
        .contains("They were one user from ", "the merge " + merge + " by K10 was taken back.");
    String svg = body("/api/users/" + one + "/graph");
    assertThat(xml(svg).getElementsByTagName("path").getLength()).isEqualTo(2);
    assertThat(svg)
        .contains("stroke-dasharray")
        .contains("was part of external_id:undone-1 · K10 · undone 2026-")
        .contains("a user of its own today");
  }

  @Test
  void pages_join_without_gaps_and_names_stay_right_across_them() throws Exception {
    UUID user = user(identify("pages", null, "Name 0"));
    for (int i = 1; i <= 6; i++) {
      identify("pages", null, "Name " + i);
    }
    List<String> whole = new ArrayList<>();
    get("/api/users/" + user + "/timeline").get("data").forEach(one -> whole.add(one.toString()));
    assertThat(whole).hasSize(7);
    List<String> paged = new ArrayList<>();
    String next = "/api/users/" + user + "/timeline?limit=2";
    while (next != null) {
      JsonNode page = get(next);
      page.get("data").forEach(one -> paged.add(one.toString()));
      assertThat(page.get("data").size()).isLessThanOrEqualTo(2);
      JsonNode link = page.get("links").get("next");
      next = link == null ? null : link.asString();
    }
    assertThat(paged).isEqualTo(whole);
    assertThat(paged.get(3)).contains("The name changed from “Name 2” to “Name 3”.");
  }

  // ---- Why two are, or are not, one ----

  @Test
  void one_user_the_chain_joins_identifiers_across_merges_in_order() throws Exception {
    UUID imported = user(stripe("cus_chain", "chain@x.org", null));
    UUID own = user(identify("chain", null, null));
    long joined = position(identify("chain", "chain@x.org", null));
    UUID second = user(identify("chain-2", null, null));
    long byHand = merge(imported, second);
    record("777", "chain-2", null);

    JsonNode why = explain("stripe_id:cus_chain", "zendesk_id:777");
    assertThat(why.get("together").asBoolean()).isTrue();
    assertThat(why.get("summary").asString())
        .isEqualTo(
            "stripe_id:cus_chain and zendesk_id:777 are one user, %s: one merge joins them."
                .formatted(imported));
    assertThat(kinds(why.get("steps")))
        .containsExactly("created", "created", "merged", "identifier");
    JsonNode merge = why.get("steps").get(2);
    assertThat(merge.get("position").asLong()).isEqualTo(byHand);
    assertThat(merge.get("mergeId").asString()).isEqualTo(Long.toString(byHand));
    assertThat(merge.get("code").asString()).isEqualTo("M1");
    assertThat(merge.get("by").asString()).isEqualTo("token:SELFSAME_TOKEN");
    assertThat(merge.get("rule").asString()).isEqualTo("A person merged these users.");
    assertThat(why.get("steps").get(3).get("code").asString()).isEqualTo("R2");
    assertThat(why.get("sentences").get(0).asString())
        .isEqualTo("The user %s was created with stripe_id:cus_chain.".formatted(imported));

    JsonNode ids = explain(own.toString(), second.toString());
    assertThat(ids.get("summary").asString()).endsWith("2 merges join them.");
    assertThat(positions(ids.get("steps"))).isSorted().contains(joined, byHand);
    JsonNode same = explain("external_id:chain", own.toString());
    assertThat(same.get("steps")).hasSize(1);
    assertThat(same.get("summary").asString()).contains("both came to the user " + own);
  }

  @Test
  void two_users_with_one_email_K5_K11() throws Exception {
    UUID a = user(identify("same-a", "same@x.org", null));
    UUID b = user(identify("same-b", "same@x.org", null));
    identify("same-a", "same@x.org", null);
    JsonNode why = explain(a.toString(), "external_id:same-b");
    assertThat(why.get("together").asBoolean()).isFalse();
    assertThat(why.get("summary").asString())
        .isEqualTo("%s and external_id:same-b are two users, %s and %s.".formatted(a, a, b));
    assertThat(kinds(why.get("grounds")))
        .containsExactly("refused", "refused", "two_external_ids", "same_email");
    assertThat(codes(why.get("grounds"))).contains("K5", "K11");
    assertThat(why.get("grounds").get(3).get("values").get(0).asString())
        .isEqualTo("email:same@x.org");
  }

  @Test
  void two_users_K6_neither_is_adopted() throws Exception {
    UUID idless = user(stripe("cus_k6", null, null));
    identify("k6-a", "k6@x.org", null);
    stripe("cus_k6", "k6@x.org", null);
    UUID b = user(identify("k6-b", "k6@x.org", null));
    JsonNode why = explain(idless.toString(), b.toString());
    assertThat(codes(why.get("grounds"))).contains("K6");
    assertThat(kinds(why.get("grounds"))).containsExactly("refused", "same_email");
  }

  @Test
  void two_customers_the_flag_says_which_rule_refused() throws Exception {
    UUID a = user(stripe("cus_bc1", "bc@x.org", null));
    identify("bc", null, null);
    stripe("cus_bc2", null, null);
    UUID b = user(identifyPaying("bc", "cus_bc2"));
    // The provider is known by then: two live customers of one.
    JsonNode before = explain(a.toString(), b.toString());
    assertThat(kinds(before.get("grounds"))).containsExactly("nothing");
    assertThat(before.get("sentences").get(0).asString())
        .startsWith("Nothing ever said that they are one");
    identifyPaying("bc3", "cus_bc3");
    UUID c = user(identify("bc3", "bc@x.org", null));
    JsonNode why = explain(a.toString(), c.toString());
    assertThat(kinds(why.get("grounds")))
        .containsExactly("flag", "refused", "two_billing_ids", "same_email");
    JsonNode flag = why.get("grounds").get(0);
    assertThat(flag.get("flag").asString()).isEqualTo("billing_conflict");
    assertThat(flag.get("code").asString()).isEqualTo("K10b");
    assertThat(flag.get("sentence").asString())
        .startsWith("A rule would have joined them, but both are live customers of one provider.");
  }

  @Test
  void two_users_kept_apart() throws Exception {
    UUID a = user(stripe("cus_bar", "bar@x.org", null));
    UUID b = user(identify("bar", null, null));
    keepApart(a, b);
    identify("bar", "bar@x.org", null);
    JsonNode why = explain("stripe_id:cus_bar", "external_id:bar");
    assertThat(kinds(why.get("grounds")))
        .containsExactly("kept_apart", "flag", "refused", "same_email");
    assertThat(why.get("grounds").get(1).get("flag").asString()).isEqualTo("kept_apart");
    assertThat(codes(why.get("grounds"))).contains("K10b");
  }

  @Test
  void a_merge_settled_which_id_shows_also_where_it_was_said_later() throws Exception {
    UUID one = user(identify("pick_1", null, null));
    UUID two = user(identify("pick_2", null, null));
    merge(
        "{\"users\": [\"%s\", \"%s\"], \"fields\": {\"externalId\": \"%s\"}}"
            .formatted(one, two, two));
    JsonNode fields = get("/api/users/" + one + "/fields").get("data");
    assertThat(whys(field(fields, "external_id"))).containsExactly("pick_1 settled");
  }

  @Test
  void an_act_on_two_users_stands_in_both_timelines() throws Exception {
    UUID a = user(identify("both_a", "both@x.org", null));
    UUID b = user(identify("both_b", null, null));
    keepApart(a, b);
    move(Raw.text("both@x.org"), a, b);
    for (UUID user : List.of(a, b)) {
      JsonNode events = get("/api/users/" + user + "/timeline").get("data");
      assertThat(texts(events, "code")).as("%s", user).startsWith("M3", "M2");
    }
    JsonNode lost = get("/api/users/" + a + "/timeline").get("data").get(0);
    assertThat(sentences(lost))
        .anyMatch(sentence -> sentence.startsWith("email:both@x.org moved from the user " + a));
  }

  @Test
  void a_csv_row_that_names_two_merges_them() throws Exception {
    UUID a = user(stripe("cus_c6", null, null));
    UUID b = user(identify("c6", null, null));
    submit(
        new Claim.CsvRow(
            CSV,
            next(),
            Raw.ABSENT,
            Raw.text("c6"),
            Raw.ABSENT,
            Raw.ABSENT,
            Raw.text("cus_c6"),
            null));
    JsonNode why = explain(a.toString(), b.toString());
    assertThat(why.get("together").asBoolean()).isTrue();
    assertThat(codes(why.get("steps"))).contains("C6");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          -,                          external_id:x,          400, invalid_parameter, a
          external_id:errors,         -,                      400, invalid_parameter, b
          errors,                     external_id:x,          400, invalid_parameter, a
          external_id:errors,         Email:x,                400, invalid_parameter, b
          external_id:errors,         external_id:nobody,     404, unknown_user,      -
          NOBODY,                     external_id:errors,     404, unknown_user,      -
          external_id:null,           external_id:errors,     404, unknown_user,      -
          external_id:errors,         external_id:errors,     400, same_user,         -
          external_id:errors,         ' external_id:errors ', 400, same_user,         -
          email:errors@x.org,         external_id:errors,     409, several_users,     -
          """)
  void what_cannot_be_explained_is_named(
      @Nullable String a, @Nullable String b, int status, String code, @Nullable String parameter)
      throws Exception {
    identify("errors", "errors@x.org", null);
    identify("errors-2", "errors@x.org", null);
    HttpResponse<String> response = response(path(a, b).replace("NOBODY", NOBODY));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).contains("\"" + code + "\"");
    if (parameter != null) {
      assertThat(
              JSON.readTree(response.body())
                  .get("errors")
                  .get(0)
                  .get("source")
                  .get("parameter")
                  .asString())
          .isEqualTo(parameter);
    }
  }

  @Test
  void unknown_and_absorbed_users_have_no_story_of_their_own() throws Exception {
    UUID one = user(identify("gone-1", null, null));
    UUID two = user(identify("gone-2", null, null));
    merge(one, two);
    for (String below : List.of("timeline", "fields", "graph")) {
      assertThat(status("/api/users/" + NOBODY + "/" + below)).isEqualTo(404);
      assertThat(status("/api/users/nonsense/" + below)).isEqualTo(404);
      HttpResponse<String> absorbed = response("/api/users/" + two + "/" + below);
      assertThat(absorbed.statusCode()).isEqualTo(410);
      assertThat(absorbed.headers().firstValue("Link"))
          .hasValue("</api/users/%s/%s>; rel=\"canonical\"".formatted(one, below));
    }
    assertThat(status("/api/users/" + one + "/timeline?limit=0")).isEqualTo(400);
    assertThat(status("/api/users/" + one + "/timeline?cursor=nonsense")).isEqualTo(400);
    assertThat(status("/api/users/" + one + "/graph?width=3")).isEqualTo(400);
    assertThat(explain(two.toString(), one.toString()).get("together").asBoolean()).isTrue();
  }

  // ---- Fields ----

  @Test
  void each_field_says_where_its_value_comes_from_and_why_the_others_lost() throws Exception {
    UUID imported = user(stripe("cus_f", "f@x.org", "From Stripe"));
    identify("f", null, "Own");
    identify("f", "f@x.org", null);
    identify("f", "f2@x.org", null);
    long named = position(identify("f", null, "Newer"));
    record("901", "f", null);
    record("902", "f", null);
    JsonNode fields = get("/api/users/" + imported + "/fields").get("data");
    JsonNode name = field(fields, "name");
    assertThat(name.get("shown").get("value").asString()).isEqualTo("Newer");
    assertThat(name.get("shown").get("source").asString()).isEqualTo("segment");
    assertThat(name.get("shown").get("position").asLong()).isEqualTo(named);
    assertThat(name.get("others").get(0).get("value").asString()).isEqualTo("From Stripe");
    assertThat(name.get("others").get(0).get("why").asString()).isEqualTo("weak");
    JsonNode email = field(fields, "email");
    assertThat(email.get("shown").get("value").asString()).isEqualTo("f2@x.org");
    assertThat(whys(email)).containsExactlyInAnyOrder("f@x.org weak", "f@x.org replaced");
    assertThat(field(fields, "stripe_id").get("shown").get("value").asString()).isEqualTo("cus_f");
    assertThat(field(fields, "zendesk_id").get("shown").get("value").asString()).isEqualTo("901");
    assertThat(whys(field(fields, "zendesk_id"))).containsExactly("902 linked_later");

    UUID second = user(identify("f-2", "f3@x.org", "Chosen"));
    String mergeId =
        Long.toString(
            merge(
                """
                {"users": ["%1$s", "%2$s"], "fields": {"name": "%1$s", "email": "%1$s"}}
                """
                    .formatted(imported, second)));
    JsonNode settled = get("/api/users/" + imported + "/fields").get("data");
    JsonNode later = field(settled, "name").get("others").get(0);
    assertThat(later.get("value").asString()).isEqualTo("Chosen");
    assertThat(later.get("why").asString()).isEqualTo("settled");
    assertThat(later.get("mergeId").asString()).isEqualTo(mergeId);
    assertThat(whys(field(settled, "external_id"))).containsExactly("f-2 settled");

    identify("f", null, "Newest");
    assertThat(whys(field(get("/api/users/" + imported + "/fields").get("data"), "name")))
        .contains("Chosen older");
  }

  @Test
  void what_shows_by_the_policy_says_so_and_what_lost_says_why() throws Exception {
    survivorship("{\"name\": [\"zendesk\", \"segment\"], \"email\": \"first\"}");
    try {
      UUID user = user(identify("sv", "sv@x.org", "Own"));
      UUID other = user(stripe("cus_sv", "sv2@x.org", "From Stripe"));
      identify("sv", "sv2@x.org", null);
      record("951", "sv", null);
      JsonNode fields = get("/api/users/" + user + "/fields").get("data");
      JsonNode name = field(fields, "name");
      assertThat(name.get("survivorship").toString()).isEqualTo("[\"zendesk\",\"segment\"]");
      assertThat(name.get("shown").get("value").asString()).isEqualTo("Own");
      assertThat(name.get("shown").get("source").asString()).isEqualTo("segment");
      assertThat(whys(name)).containsExactly("From Stripe policy");
      assertThat(name.get("others").get(0).get("sentence").asString())
          .isEqualTo(
              "The policy puts segment before sources that it does not name, such as stripe"
                  + " (survivorship.name).");
      assertThat(name.get("others").get(0).get("part").asString()).isEqualTo(other.toString());
      JsonNode email = field(fields, "email");
      assertThat(email.get("survivorship").asString()).isEqualTo("first");
      assertThat(email.get("shown").get("value").asString()).isEqualTo("sv@x.org");
      identify("sv", "sv3@x.org", null);
      email = field(get("/api/users/" + user + "/fields").get("data"), "email");
      assertThat(whys(email)).containsExactly("sv3@x.org policy", "sv2@x.org policy");
      assertThat(email.get("others").get(0).get("sentence").asString())
          .isEqualTo(
              "The one that shows was said first (survivorship.email: first); it does not find the"
                  + " user.");
      assertThat(email.get("others").get(1).get("sentence").asString())
          .isEqualTo(
              "It comes from a billing or tool's record, which fills gaps and never outranks what"
                  + " other sources say (G5).");
    } finally {
      survivorship("{\"name\": \"latest\", \"email\": \"latest\"}");
    }
    UUID user = user(identify("sv", null, null));
    JsonNode fields = get("/api/users/" + user + "/fields").get("data");
    assertThat(field(fields, "name").has("survivorship")).isFalse();
    assertThat(whys(field(fields, "email")))
        .containsExactly("sv3@x.org not_taken", "sv2@x.org weak");
  }

  private static void survivorship(String fields) {
    ObjectNode settings = PolicySettings.defaults();
    settings.set(PolicySettings.SURVIVORSHIP, JSON.readTree(fields));
    new StoredPolicies(database, "default")
        .change(
            new PolicyRequest(settings, Map.of()),
            null,
            new Actor("test", null),
            Instant.EPOCH,
            false);
  }

  // ---- The picture ----

  @Test
  void the_picture_is_well_formed_and_says_how_much_it_leaves_out() throws Exception {
    UUID first = user(identify("many-0", "many@x.org", "Mary <Many> & co"));
    for (int i = 1; i <= 40; i++) {
      merge(first, user(identify("many-" + i, "many-" + i + "@x.org", null)));
    }
    for (int i = 0; i < 12; i++) {
      record("many-r" + i, "many-0", null);
    }
    HttpResponse<String> response = response("/api/users/" + first + "/graph");
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValue("image/svg+xml; charset=utf-8");
    assertThat(response.headers().firstValue("Content-Security-Policy")).isPresent();
    String svg = response.body();
    Document document = xml(svg);
    assertThat(document.getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo("Mary <Many> & co: 41 users that became one, 94 identifiers");
    assertThat(document.getElementsByTagName("desc").item(0).getTextContent())
        .contains("external_id:many-1 became part of external_id:many-0 by M1 on ");
    assertThat(svg)
        .contains("21 more users that became part of it, with 42 identifiers,", "are not drawn.")
        .contains("and 6 more identifiers")
        .contains("prefers-color-scheme:dark");
    assertThat(document.getElementsByTagName("path").getLength())
        .as("19 merges, one head")
        .isEqualTo(20);
  }

  // ---- How it is asked ----

  private static Claim identify(String id, @Nullable String email, @Nullable String name)
      throws Exception {
    Claim claim =
        new Claim.Identify(
            SEGMENT, next(), Raw.text(id), raw(name), raw(email), Raw.ABSENT, Raw.ABSENT);
    submit(claim);
    return claim;
  }

  private static Claim identifyPaying(String id, String billingId) throws Exception {
    Claim claim =
        new Claim.Identify(
            SEGMENT, next(), Raw.text(id), Raw.ABSENT, Raw.ABSENT, Raw.text(billingId), Raw.ABSENT);
    submit(claim);
    return claim;
  }

  private static Claim stripe(String id, @Nullable String email, @Nullable String name)
      throws Exception {
    Claim claim = new Claim.Customer(STRIPE, next(), Raw.text(id), raw(email), raw(name), false);
    submit(claim);
    return claim;
  }

  private static void record(String id, String externalId, @Nullable String email)
      throws Exception {
    submit(
        new Claim.ToolRecord(
            ZENDESK,
            next(),
            Raw.text(id),
            Raw.text(externalId),
            raw(email),
            Raw.ABSENT,
            false,
            Raw.ABSENT));
  }

  private static Raw raw(@Nullable String text) {
    return text == null ? Raw.ABSENT : Raw.text(text);
  }

  private static long next() {
    return at += 60_000_000;
  }

  private static void submit(Claim claim) throws Exception {
    byte[] payload =
        claim instanceof Claim.CsvRow
            ? "{\"type\": \"row\"}".getBytes(StandardCharsets.UTF_8)
            : ClaimJson.payload(claim);
    last =
        pipeline
            .submit(
                List.of(new Submission(claim, claim.at(), null, payload, null, Set.of(), Map.of())))
            .get()
            .getFirst();
  }

  /** The user that the claim just submitted was about. */
  private static UUID user(Claim claim) {
    return requireNonNull(received(claim).user());
  }

  private static long position(Claim claim) {
    return received(claim).position();
  }

  private static Receipt received(Claim claim) {
    assertThat(claim.at()).as("the claim submitted last").isEqualTo(at);
    return requireNonNull(last);
  }

  private static long merge(UUID one, UUID two) throws Exception {
    return merge("{\"users\": [\"%s\", \"%s\"]}".formatted(one, two));
  }

  private static long merge(String body) throws Exception {
    HttpResponse<String> response =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(server.url() + "/api/users/merge"))
                .header("Authorization", "Bearer " + TOKEN)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Long.parseLong(JSON.readTree(response.body()).get("data").get("mergeId").asString());
  }

  private static void undo(long merge) {
    new Undos(
            pipeline,
            () -> Preview.open("default", database.sessions("preview")),
            new UserQueries(database, "default"),
            new MergeQueries(database, "default"),
            new LinkQueries(database, "default"),
            () -> new History(new StoredLedger(database, "default"), Channels.readers()),
            () -> now())
        .undo(Long.toString(merge), new Actor("token:test", "10.0.0.1"));
  }

  private static void keepApart(UUID... users) {
    new Bars(
            pipeline,
            () -> Preview.open("default", database.sessions("preview")),
            new UserQueries(database, "default"),
            new FlagQueries(database, "default"),
            () -> now())
        .keepApart(
            new KeepApartRequest(List.of(users), false, new Actor("token:test", "10.0.0.1"), null));
  }

  private static void move(Raw email, UUID from, UUID to) {
    new Moves(
            pipeline,
            () -> Preview.open("default", database.sessions("preview")),
            new UserQueries(database, "default"),
            new MergeQueries(database, "default"),
            () -> now())
        .move(
            new MoveRequest(
                IdentifierType.EMAIL, email, from, to, null, new Actor("token:test", "10.0.0.1")));
  }

  private static Instant now() {
    return Instant.EPOCH.plus(next(), ChronoUnit.MICROS);
  }

  private static JsonNode explain(String a, String b) throws Exception {
    return get(path(a, b)).get("data");
  }

  private static String path(@Nullable String a, @Nullable String b) {
    List<String> query = new ArrayList<>();
    if (a != null) {
      query.add("a=" + URLEncoder.encode(a, StandardCharsets.UTF_8));
    }
    if (b != null) {
      query.add("b=" + URLEncoder.encode(b, StandardCharsets.UTF_8));
    }
    return "/api/explain?" + String.join("&", query);
  }

  private static JsonNode get(String path) throws Exception {
    return JSON.readTree(body(path));
  }

  private static String body(String path) throws Exception {
    HttpResponse<String> response = response(path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  private static int status(String path) throws Exception {
    return response(path).statusCode();
  }

  private static HttpResponse<String> response(String path) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .header("Authorization", "Bearer " + TOKEN)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static Document xml(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<String> codes(JsonNode list) {
    return texts(list, "code");
  }

  private static List<String> kinds(JsonNode list) {
    return texts(list, "kind");
  }

  private static List<String> sentences(JsonNode event) {
    return texts(event.get("changes"), "sentence");
  }

  private static List<String> texts(JsonNode list, String name) {
    List<String> texts = new ArrayList<>();
    list.forEach(one -> texts.add(one.path(name).asString("")));
    return texts;
  }

  private static List<Long> positions(JsonNode list) {
    List<Long> positions = new ArrayList<>();
    list.forEach(one -> positions.add(one.get("position").asLong()));
    return positions;
  }

  private static JsonNode field(JsonNode fields, String name) {
    for (JsonNode field : fields) {
      if (field.get("field").asString().equals(name)) {
        return field;
      }
    }
    throw new AssertionError("no field " + name + " in " + fields);
  }

  private static List<String> whys(JsonNode field) {
    List<String> whys = new ArrayList<>();
    field
        .get("others")
        .forEach(one -> whys.add(one.get("value").asString() + " " + one.get("why").asString()));
    return whys;
  }
}
