package dev.selfsame.source.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Receipt;
import dev.selfsame.store.Database;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Rows of the tools' tables, landed and claimed. */
final class LandingTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static Pipeline pipeline;
  private static Landing landing;

  @BeforeAll
  static void start() {
    Database database = hub.open();
    pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, traits -> {});
    pipeline.start();
    landing = new Landing(database, "default", pipeline, InstantSource.fixed(TestDatabase.NOW));
  }

  @AfterAll
  static void stop() {
    pipeline.close();
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          zendesk.users          | {"id": 11, "external_id": "a1", "email": "a1@x.org", "name": "A"}                   | created R4 | a1 | a1@x.org | A     | zendesk_id:11
          intercom.users         | {"id": "i1", "user_id": "a2", "email": "a2@x.org", "name": "B"}                     | created R4 | a2 | a2@x.org | B     | intercom_id:i1
          intercom.contacts      | {"id": "i2", "user_id": null, "email": "a3@x.org"}                                  | created R4 |    | a3@x.org |       | intercom_id:i2
          salesforce.leads       | {"id": "00Q1", "email": "a4@x.org", "name": "C D"}                                  | created R4 |    | a4@x.org | C D   | salesforce_id:00Q1
          salesforce.contacts    | {"id": "0031", "email": "a5@x.org"}                                                 | created R4 |    | a5@x.org |       | salesforce_id:0031
          mailchimp.list_members | {"id": "md5.list", "email_address": "a6@x.org", "full_name": "E"}                   | created R4 |    | a6@x.org | E     | mailchimp_id:md5.list
          hubspot.contacts       | {"id": 51, "email": null, "properties_email_value": "a7@x.org", "properties_firstname_value": "F", "properties_lastname_value": "G"} | created R4 | | a7@x.org | F G | hubspot_id:51
          stripe.customers       | {"id": "cus_1", "email": "a8@x.org", "name": "H"}                                   | created S4 |    | a8@x.org | H     | stripe_id:cus_1
          chargebee.customers    | {"id": "cb1", "email": "a9@x.org", "first_name": "I", "last_name": " "}             | created S4 |    | a9@x.org | I     | chargebee_id:cb1
          """)
  void each_table_of_people_says_who_they_are(
      String table,
      String row,
      String decided,
      String externalId,
      String email,
      String name,
      String identifier)
      throws Exception {
    Receipt receipt = land(table, row).getFirst();
    assertThat(receipt.outcome().code() + " " + receipt.rule().code()).isEqualTo(decided);
    String type = identifier.substring(0, identifier.indexOf(':'));
    String value = identifier.substring(identifier.indexOf(':') + 1);
    assertThat(
            hub.rows(
                """
                SELECT u.external_id, u.email, u.name, i.source FROM users u JOIN user_identifiers i ON i.user_id = u.id
                WHERE i.type = '%s' AND i.value = '%s'
                """
                    .formatted(type, value)))
        .containsExactly(
            "%s|%s|%s|%s"
                .formatted(
                    externalId == null ? "" : externalId,
                    email,
                    name == null ? "" : name,
                    table.substring(0, table.indexOf('.'))));
    assertThat(hub.rows("SELECT id FROM %s WHERE id = '%s'".formatted(table, value)))
        .containsExactly(value);
    assertThat(
            hub.rows(
                "SELECT payload::jsonb ->> 'table' FROM selfsame.ledger WHERE position = %d"
                    .formatted(receipt.position())))
        .containsExactly(table);
    Receipt again = land(table, row).getFirst();
    assertThat(again.outcome().code()).as("the same row again").isEqualTo("unchanged");
  }

  @Test
  void a_record_that_is_deleted_or_was_merged_says_so() throws Exception {
    land("stripe.customers", "{\"id\": \"cus_gone\", \"email\": \"gone@x.org\"}");
    assertThat(
            land("stripe.customers", "{\"id\": \"cus_gone\", \"is_deleted\": true}")
                .getFirst()
                .rule()
                .code())
        .isEqualTo("S5");
    land("salesforce.contacts", "{\"id\": \"003a\", \"email\": \"one@x.org\"}");
    land("salesforce.contacts", "{\"id\": \"003b\", \"email\": \"two@x.org\"}");
    Receipt merged =
        land(
                "salesforce.contacts",
                "{\"id\": \"003b\", \"is_deleted\": true, \"master_record_id\": \"003a\"}")
            .getFirst();
    assertThat(merged.outcome().code() + " " + merged.rule().code()).isEqualTo("merged R7");
    land("hubspot.contacts", "{\"id\": \"71\", \"canonical_vid\": \"71\", \"email\": \"h@x.org\"}");
    assertThat(
            land("hubspot.contacts", "{\"id\": \"72\", \"canonical_vid\": \"71\"}")
                .getFirst()
                .rule()
                .code())
        .isEqualTo("R7");
    assertThat(
            hub.rows(
                "SELECT count(DISTINCT user_id) FROM user_identifiers WHERE type = 'hubspot_id' AND"
                    + " value IN ('71', '72')"))
        .containsExactly("1");
  }

  /** G4: an older state of a record says nothing new; a time nobody can read is now. */
  @Test
  void the_tools_own_time_counts() throws Exception {
    land(
        "zendesk.users",
        "{\"id\": 81, \"name\": \"New\", \"updated_at\": \"2026-10-02T10:00:00Z\"}",
        "{\"id\": 81, \"name\": \"Old\", \"updated_at\": \"2026-10-01T23:00:00+02:00\"}");
    assertThat(nameOf("zendesk_id", "81")).isEqualTo("New");
    land("zendesk.users", "{\"id\": 81, \"name\": \"Now\"}");
    assertThat(nameOf("zendesk_id", "81")).isEqualTo("Now");
  }

  @Test
  void rows_that_are_no_people_land_and_of_one_id_the_last_stays() throws Exception {
    String before = hub.rows("SELECT position FROM selfsame.space").getFirst();
    assertThat(
            land(
                "zendesk.tickets",
                "{\"id\": 1, \"requester_id\": 11, \"subject\": \"First\"}",
                "{\"id\": 2, \"subject\": \"Other\", \"created_at\": \"2026-10-01T10:00:00Z\"}",
                "{\"id\": 1, \"requester_id\": 11, \"subject\": \"Last\"}"))
        .isEmpty();
    land("zendesk.tickets", "{\"id\": 1, \"status\": \"solved\"}");
    assertThat(
            hub.rows(
                "SELECT ticket_id, requester_id, subject, status FROM zendesk.tickets ORDER BY 1"))
        .containsExactly("1|11|Last|solved", "2||Other|");
    assertThat(hub.rows("SELECT position FROM selfsame.space")).containsExactly(before);
    assertThat(land("zendesk.users")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          zendesk.users   | {"email": "x@x.org"}                | A row of zendesk.users has no id: each needs one
          zendesk.users   | {"id": null}                        | A row of zendesk.users has no id: each needs one
          zendesk.users   | {"id": 1, "emial": "x@x.org"}       | zendesk.users has no column emial
          zendesk.users   | {"id": 1, "x\\" = 1; --": "x"}      | zendesk.users has no column x" = 1; --
          zendesk.tickets | {"id": 1, "ticket_id": "1"}         | zendesk.tickets has no column ticket_id
          zendesk.people  | {"id": 1}                           | There is no landing table zendesk.people
          selfsame.space  | {"id": 1}                           | There is no landing table selfsame.space
          public.users    | {"id": 1}                           | There is no landing table public.users
          segment.users   | {"id": 1}                           | There is no landing table segment.users
          """)
  void refuses(String table, String row, String says) {
    String before = hub.rows("SELECT position FROM selfsame.space").getFirst();
    assertThatThrownBy(() -> land(table, row))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.INVALID_PARAMETER))
        .hasMessage(says);
    assertThat(hub.rows("SELECT position FROM selfsame.space")).containsExactly(before);
  }

  /** B6 asks whether a billing provider is connected: what a source changes is another policy. */
  @Test
  void a_tool_becomes_a_source_once_and_that_is_a_policy_of_its_own() throws Exception {
    land("stripe.customers", "{\"id\": \"cus_first\"}");
    String version = hub.rows("SELECT policy_version FROM selfsame.space").getFirst();
    land("stripe.customers", "{\"id\": \"cus_second\"}");
    assertThat(hub.rows("SELECT policy_version FROM selfsame.space")).containsExactly(version);
    assertThat(
            hub.rows(
                "SELECT channel, settings ->> 'id_type' FROM selfsame.source WHERE name ="
                    + " 'stripe'"))
        .containsExactly("billing|stripe_id");
    assertThat(
            hub.rows(
                "SELECT count(*) FROM selfsame.policy p JOIN selfsame.space s ON s.number = p.space"
                    + " AND s.policy_version = p.version"))
        .containsExactly("1");
  }

  private static String nameOf(String type, String value) {
    return hub.rows(
            "SELECT u.name FROM users u JOIN user_identifiers i ON i.user_id = u.id WHERE i.type = '%s' AND i.value = '%s'"
                .formatted(type, value))
        .getFirst();
  }

  private static List<Receipt> land(String table, String... rows) throws Exception {
    List<ObjectNode> read = new ArrayList<>();
    for (String row : rows) {
      read.add((ObjectNode) JSON.readTree(row));
    }
    int dot = table.indexOf('.');
    return landing.land(table.substring(0, dot), table.substring(dot + 1), read).get();
  }
}
