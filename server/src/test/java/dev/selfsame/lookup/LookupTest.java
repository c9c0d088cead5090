package dev.selfsame.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.SampleUsers;
import dev.selfsame.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

final class LookupTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static Lookup lookup;

  @BeforeAll
  static void users() {
    SampleUsers.insert(hub);
    lookup = new Lookup(new UserQueries(hub.open(), "default"));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          external_id:ann-1,          false, 1
          external_id:'  ann-1 ',     false, 1
          external_id:ann-0,          false, 1
          external_id:ANN-1,          false, -
          external_id:nobody,         false, -
          external_id:null,           false, -
          email:ann@x.org,            false, 1 4
          email:ANN@X.org,            false, 1 4
          email:old@x.org,            false, -
          email:old@x.org,            true,  1
          email:ann@x.org,            true,  1 4
          email:shop@x.org,           false, 2
          email:no-at-sign,           false, -
          stripe_id:cus_3,            false, 2
          stripe_id:cus_4,            false, 5
          stripe_id:4711,             false, 4
          chargebee_id:cus_3,         false, -
          billing_id:cus_3,           false, 2
          billing_id:4711,            false, 4
          zendesk_id:77,              false, 1
          intercom_id:77,             false, -
          fallback:crm:x:y,           false, -
          """)
  void finds_by_identifier(String identifier, boolean history, @Nullable String users) {
    Search search =
        new Search(null, null, null, identifier.replace("'", ""), history, null, 100, null);
    assertThat(numbers(lookup.find(search).page())).isEqualTo(users == null ? "" : users);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          bea,  -,          -,     2
          -,    bea@x.org,  -,     2
          -,    ann@x.org,  -,     1 4
          cy,   ann@x.org,  -,     4
          bea,  shop@x.org, cus_3, 2
          bea,  ann@x.org,  -,     -
          -,    -,          4711,  4
          -,    -,          cus_4, 5
          '',   -,          -,     -
          """)
  void conditions_must_all_hold(
      @Nullable String externalId,
      @Nullable String email,
      @Nullable String billingId,
      @Nullable String users) {
    Search search = new Search(externalId, email, billingId, null, false, null, 100, null);
    assertThat(numbers(lookup.find(search).page())).isEqualTo(users == null ? "" : users);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          a,    1 4
          A,    1 4
          ann-, 1
          be,   2
          shop, 2
          cus_, 2 5
          cus_4,5
          77,   1
          4,    4
          old,  -
          x,    -
          """)
  void finds_by_the_beginning_of_anything_that_matches(String q, @Nullable String users) {
    assertThat(numbers(lookup.find(beginning(q, 100, null)).page()))
        .isEqualTo(users == null ? "" : users);
    assertThat(sorted(pages(q, 1)))
        .as("a user a page, each once")
        .isEqualTo(users == null ? "" : users);
  }

  @Test
  void pages_through_everybody_in_order() {
    List<FoundUser> seen = new ArrayList<>();
    String cursor = null;
    do {
      Found<FoundUser> found =
          lookup.find(new Search(null, null, null, null, false, null, 3, cursor));
      seen.addAll(found.page());
      cursor = found.next();
    } while (cursor != null);
    assertThat(numbers(seen)).isEqualTo("1 2 4 5");
  }

  @Test
  void pages_stay_right_when_thousands_share_a_beginning_and_users_hold_several() {
    hub.sql(
        """
        INSERT INTO selfsame.part (space, id, compound, more_identifiers, email_shared, created_position, created_at, said_at,
          source, weak, updated_at, external_id, email)
        SELECT 1, ('02940000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, false, false, false, 100 + n, 0, 0, 1, false, 0,
          'zz' || n % 7 || '-' || n, 'zz' || n % 5 || '@many.org' FROM generate_series(1, 2000) n
        """);
    try {
      for (int limit : new int[] {1, 97, 1000}) {
        List<FoundUser> users = limit == 1 ? pages("zz1-1", 1) : pages("zz", limit);
        assertThat(users).doesNotHaveDuplicates();
        if (limit > 1) {
          assertThat(users).hasSize(2000);
        }
      }
    } finally {
      hub.sql("DELETE FROM selfsame.part WHERE id::text LIKE '0294%'");
    }
  }

  @Test
  void what_cannot_be_meant_is_named() {
    assertBad(new Search(null, null, null, "ann-1", false, null, 100, null), "identifier");
    assertBad(new Search(null, null, null, "Email:x", false, null, 100, null), "identifier");
    assertBad(new Search(null, null, null, "external_id:x", true, null, 100, null), "history");
    assertBad(new Search("x", null, null, null, true, null, 100, null), "history");
    assertBad(new Search("x", null, null, null, false, "y", 100, null), "q");
    assertBad(new Search(null, null, null, null, false, null, 0, null), "limit");
    assertBad(new Search(null, null, null, null, false, null, 1001, null), "limit");
    assertBad(new Search(null, null, null, null, false, null, 1, "nonsense!"), "cursor");
    assertBad(
        new Search(null, null, null, null, false, "x", 1, Cursor.of(UUID.randomUUID())), "cursor");
  }

  @Test
  void tells_what_a_user_holds_and_which_of_it_shows() {
    assertThat(lines(1))
        .containsExactly(
            "zendesk_id:77 true",
            "external_id:ann-1 true",
            "email:ann@x.org true",
            "external_id:ann-0 false",
            "email:old@x.org false");
    assertThat(lines(2))
        .containsExactly(
            "external_id:bea true",
            "email:bea@x.org true",
            "stripe_id:cus_3 true",
            "email:shop@x.org true");
  }

  @Test
  void the_published_identifiers_say_the_same() {
    for (int number : new int[] {1, 2, 4, 5}) {
      assertThat(
              hub.rows(
                  "SELECT type || ':' || value || ' ' || current FROM user_identifiers WHERE"
                      + " user_id = '"
                      + SampleUsers.id(number)
                      + "'"))
          .containsExactlyInAnyOrderElementsOf(lines(number));
    }
  }

  @Test
  void an_absorbed_id_leads_to_the_survivor() {
    assertThat(lookup.live(UUID.fromString(SampleUsers.id(3))))
        .isEqualTo(UUID.fromString(SampleUsers.id(2)));
    assertThat(lookup.live(UUID.fromString(SampleUsers.id(2))))
        .isEqualTo(UUID.fromString(SampleUsers.id(2)));
    assertThat(lookup.live(UUID.randomUUID())).isNull();
    assertThat(lookup.user(UUID.fromString(SampleUsers.id(3)))).isNull();
  }

  @Test
  void decisions_of_all_parts_come_newest_first_page_by_page() {
    UUID bea = UUID.fromString(SampleUsers.id(2));
    Found<ExplainedDecision> first = lookup.timeline(bea, 2, null);
    assertThat(first.page()).extracting(one -> one.decision().position()).containsExactly(9L, 3L);
    assertThat(first.page().getFirst().sentence()).contains("were merged");
    assertThat(first.page().getFirst().merges())
        .singleElement()
        .satisfies(merge -> assertThat(merge.id()).isEqualTo("9"));
    Found<ExplainedDecision> second = lookup.timeline(bea, 2, first.next());
    assertThat(second.page()).extracting(one -> one.decision().position()).containsExactly(2L);
    assertThat(second.next()).isNull();
  }

  @Test
  void explains_each_user_that_holds_or_held_an_email() {
    List<Explanation> explanations = lookup.explain("email:OLD@x.org");
    assertThat(explanations)
        .singleElement()
        .satisfies(explanation -> {
          assertThat(explanation.user().externalId()).isEqualTo("ann-1");
          assertThat(explanation.decisions())
              .extracting(one -> one.decision().code())
              .containsExactly("K9", "K3");
          assertThat(explanation.decisions().getFirst().checks())
              .containsExactly(
                  new ExplainedDecision.Check(
                      "K21",
                      "The user id is an earlier id of a merged user: that user was taken."));
          assertThat(explanation.decisions().getFirst().decision().before()).isNotNull();
        });
  }

  @Test
  void traits_are_the_users_own_where_the_policy_says_so() {
    hub.sql(
        "UPDATE selfsame.part SET traits = '{\"plan\": \"old\", \"x\": 1}', landed_at = 1 WHERE id"
            + " = '"
            + SampleUsers.id(3)
            + "'; UPDATE selfsame.part SET traits = '{\"plan\": \"pro\"}', landed_at = 2 WHERE id ="
            + " '"
            + SampleUsers.id(2)
            + "'");
    UUID bea = UUID.fromString(SampleUsers.id(2));
    try {
      assertThat(Objects.requireNonNull(lookup.user(bea)).traits().toString()).isEqualTo("{}");
      hub.sql("UPDATE selfsame.policy SET settings = '{\"traits\": \"all\"}'");
      assertThat(Objects.requireNonNull(lookup.user(bea)).traits())
          .isEqualTo(new JsonMapper().readTree("{\"plan\":\"pro\",\"x\":1}"));
      assertThat(hub.rows("SELECT name, value FROM user_traits ORDER BY 1"))
          .containsExactly("plan|\"pro\"", "x|1");
      hub.sql("UPDATE selfsame.policy SET settings = '{\"traits\": [\"x\"]}'");
      assertThat(Objects.requireNonNull(lookup.user(bea)).traits().toString())
          .isEqualTo("{\"x\":1}");
      assertThat(hub.rows("SELECT name, value FROM user_traits")).containsExactly("x|1");
    } finally {
      hub.sql("UPDATE selfsame.policy SET settings = '{}'");
    }
  }

  private static void assertBad(Search search, String parameter) {
    assertThatThrownBy(() -> lookup.find(search))
        .isInstanceOfSatisfying(
            BadSearch.class, bad -> assertThat(bad.parameter()).isEqualTo(parameter));
  }

  private static Search beginning(String q, int limit, @Nullable String cursor) {
    return new Search(null, null, null, null, false, q, limit, cursor);
  }

  private static List<FoundUser> pages(String q, int limit) {
    List<FoundUser> seen = new ArrayList<>();
    String cursor = null;
    do {
      Found<FoundUser> found = lookup.find(beginning(q, limit, cursor));
      seen.addAll(found.page());
      cursor = found.next();
    } while (cursor != null);
    return seen;
  }

  private static List<String> lines(int number) {
    List<String> lines = new ArrayList<>();
    for (FoundIdentifier identifier : lookup.identifiers(UUID.fromString(SampleUsers.id(number)))) {
      lines.add(identifier.type() + ":" + identifier.value() + " " + identifier.current());
    }
    return lines;
  }

  private static String numbers(List<FoundUser> users) {
    return sorted(users);
  }

  private static String sorted(List<FoundUser> users) {
    return String.join(
        " ",
        users.stream()
            .map(user -> user.id().toString().replaceFirst(".*-0*", ""))
            .sorted()
            .toList());
  }
}
