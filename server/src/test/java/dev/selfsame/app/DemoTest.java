package dev.selfsame.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.cli.Program;
import dev.selfsame.resolution.Flag;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What {@code serve --demo} has to show. */
final class DemoTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir static Path data;

  /** Raised by channels and acts that are still to come, or never. */
  private static final Set<Flag.Kind> NOT_TOLD =
      EnumSet.copyOf(
          Arrays.stream(Flag.Kind.values())
              .filter(kind ->
                  Set.of(
                          // Only where emails are unique in a space; the demo's may be shared.
                          "email_conflict",
                          // By undoing or keeping apart.
                          "kept_apart",
                          "undo_conflict",
                          // By warehouses and notes.
                          "same_fallback",
                          "ambiguous_user",
                          "ambiguous_fallback",
                          // Computed from users alone; looked for below.
                          "missing_billing_id",
                          // No claim can raise it.
                          "no_row")
                      .contains(kind.code()))
              .toList());

  private static final List<String> told = new ArrayList<>();

  @BeforeAll
  static void tell() {
    try (Hub running = start()) {
      assertThat(running.url()).isNotEmpty();
    }
  }

  private static Hub start() {
    return Hub.start(
        new Program.Start(data, hub.address().full(), "127.0.0.1:0", 0, null, null, null, true),
        Map.of("SELFSAME_WRITE_KEY", "a-key-of-mine-0000", "SELFSAME_TOKEN", "a-token-of-mine-000"),
        told::add);
  }

  @AfterAll
  static void sweep() {
    Sweep.invariants(hub);
  }

  /** Seven columns in the guide, of which the second has no title: the email. */
  @Test
  void the_four_rows_of_the_guide() {
    assertThat(
            hub.rows(
                """
                SELECT segment_id, email, zendesk_id, stripe_id, salesforce_id, intercom_id FROM user_identities_by_email
                WHERE segment_id IN ('mYhgYcRBC7', '7adt7XG27c', 'QZnP7cViH1')
                ORDER BY segment_id <> 'mYhgYcRBC7', segment_id COLLATE "C", email DESC
                """))
        .containsExactly(
            "mYhgYcRBC7|ziggy@stardust.com|1303028105|cus_6ll4iGAO7X8u7L|00Q31000014XGRcEAO|55c8923f67b8d6524600037f",
            "mYhgYcRBC7|justin@biebs.com|1303028105|cus_6ll3xVVSLIZomI|00Q31000014XGRcEAO|55c8923f67b8d6524600037f",
            "7adt7XG27c|queen@beyonce.com|1472230319|cus_6u2ZcW3uC8VwZa|00Q31000014sKCqEAM|5626dfed2e028608710000ce",
            "QZnP7cViH1|kanye@kimye.com|1486907299|cus_6yrv9bwLgXN78s|00Q31000015G7kIEAS|55f6a142bd531ec6930005fa");
  }

  @Test
  void a_user_is_one_row_of_user_identities_and_one_of_each_email_in_the_other_view() {
    assertThat(
            hub.rows(
                "SELECT segment_id, count(*) FROM user_identities WHERE segment_id IN"
                    + " ('mYhgYcRBC7', '7adt7XG27c', 'QZnP7cViH1') GROUP BY 1 ORDER BY 1"))
        .containsExactly("7adt7XG27c|1", "QZnP7cViH1|1", "mYhgYcRBC7|1");
    assertThat(
            hub.rows(
                """
                SELECT user_id, email FROM user_identities_by_email
                EXCEPT ALL
                SELECT DISTINCT user_id, value FROM user_identifiers WHERE type = 'email'
                """))
        .isEmpty();
    assertThat(
            hub.rows(
                "SELECT (SELECT count(*) FROM user_identities_by_email) = (SELECT count(*) FROM"
                    + " (SELECT DISTINCT user_id, value FROM user_identifiers WHERE type ="
                    + " 'email') e)"))
        .containsExactly("t");
  }

  @Test
  void the_second_customer_came_by_S3_and_was_joined_by_hand() {
    assertThat(
            hub.rows(
                """
                SELECT d.source, d.outcome, d.code, d.flags FROM user_decisions d JOIN users u ON u.id = d.user_id
                WHERE u.external_id = 'mYhgYcRBC7' ORDER BY d.position
                """))
        .containsExactly(
            "segment|created|K3|{}",
            "zendesk|updated|R2|{}",
            "stripe|updated|S2|{}",
            "salesforce|updated|R3|{}",
            "intercom|updated|R2|{}",
            "segment|updated|K9|{}",
            "stripe|created|S3|{same_email}",
            "by hand|merged|M1|{}",
            "mailchimp|updated|R3|{}");
  }

  @Test
  void every_flag_that_the_channels_of_today_can_raise() {
    Set<String> expected =
        Arrays.stream(Flag.Kind.values())
            .filter(kind -> !NOT_TOLD.contains(kind))
            .map(Flag.Kind::code)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(
            new TreeSet<>(
                hub.rows("SELECT DISTINCT unnest(flags) FROM user_decisions WHERE flags <> '{}'")))
        .isEqualTo(expected);
    assertThat(
            hub.rows(
                "SELECT count(*) > 3 FROM users WHERE external_id IS NOT NULL AND billing_id IS"
                    + " NULL"))
        .as("missing_billing_id")
        .containsExactly("t");
    assertThat(hub.rows("SELECT count(*) BETWEEN 30 AND 60 FROM users")).containsExactly("t");
  }

  @Test
  void tickets_join_payments() {
    assertThat(
            hub.rows(
                """
                SELECT c.plan_name, count(DISTINCT t.id) FROM zendesk.tickets t
                JOIN user_identifiers z ON z.type = 'zendesk_id' AND z.value = t.requester_id
                JOIN user_identifiers s ON s.type = 'stripe_id' AND s.user_id = z.user_id
                JOIN stripe.charges c ON c.customer_id = s.value GROUP BY 1 ORDER BY 1
                """))
        .hasSize(3)
        .allMatch(row -> row.matches("(Basic|Business|Team)\\|[1-9]\\d*"));
  }

  @Test
  void a_hub_that_has_users_is_told_nothing() {
    List<String> before = hub.rows("SELECT position FROM selfsame.space");
    told.clear();
    try (Hub running = start()) {
      assertThat(running.url()).isNotEmpty();
    }
    assertThat(hub.rows("SELECT position FROM selfsame.space")).isEqualTo(before);
    assertThat(told)
        .containsExactly(
            "Telling the demo's story", "This hub has users already: they stay as they are");
  }
}
