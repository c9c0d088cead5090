package dev.selfsame.source.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.store.ColumnType;
import dev.selfsame.store.Database;
import dev.selfsame.store.LandedRows.Counts;
import dev.selfsame.store.ReaderQuery;
import dev.selfsame.store.TraitColumns;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of the tools' tables, landed and claimed. */
final class LandingTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static Database database;
  private static Pipeline pipeline;
  private static Landing landing;

  @BeforeAll
  static void start() {
    database = hub.open();
    pipeline =
        new Pipeline(
            "default",
            database.sessions("intake"),
            IntakeSettings.DEFAULT,
            new TraitColumns(database)::ensure);
    pipeline.start();
    landing = new Landing(database, "default", InstantSource.fixed(TestDatabase.NOW));
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
          intercom.contacts      | {"id": "i2", "user_id": "6d6c4f7e", "email": "a3@x.org"}                            | created R4 |    | a3@x.org |       | intercom_id:i2
          salesforce.leads       | {"id": "00Q1", "email": "a4@x.org", "name": "C D"}                                  | created R4 |    | a4@x.org | C D   | salesforce_id:00Q1
          salesforce.contacts    | {"id": "0031", "email": "a5@x.org", "first_name": "J", "last_name": "K"}            | created R4 |    | a5@x.org | J K   | salesforce_id:0031
          mailchimp.members      | {"id": "md5.list", "email_address": "a6@x.org", "full_name": "E"}                   | created R4 |    | a6@x.org | E     | mailchimp_id:md5.list
          hubspot.contacts       | {"id": 51, "canonical_vid": 51, "email": null, "properties_email_value": "a7@x.org", "properties_firstname_value": "F", "properties_lastname_value": "G"} | created R4 | | a7@x.org | F G | hubspot_id:51
          stripe.customers       | {"id": "cus_1", "email": "a8@x.org", "name": "H"}                                   | created S4 |    | a8@x.org | H     | stripe_id:cus_1
          chargebee.customers    | {"id": "cb1", "email": "a9@x.org", "first_name": "I", "last_name": " "}             | created S4 |    | a9@x.org | I     | chargebee_id:cb1
          segment.users          | {"id": "a10", "email": "a10@x.org", "name": "J", "plan": "pro"}                     | created K3 | a10 | a10@x.org | J    | external_id:a10
          """)
  void each_table_of_people_says_who_they_are(
      String table,
      String row,
      String decided,
      String externalId,
      String email,
      String name,
      String identifier) {
    assertThat(decided(table, row)).isEqualTo(decided);
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
    assertThat(hub.rows("SELECT id FROM %s WHERE id = '%s'".formatted(table, value)).size())
        .isEqualTo(1);
    long before = position();
    Landed again = land(table, row);
    assertThat(again.counts()).as("V0: the same row again").isEqualTo(new Counts(0, 0, 1, 0));
    assertThat(position()).isEqualTo(before);
  }

  /** What a claim is not made of may change without one. */
  @Test
  void V0_a_row_that_says_the_same_of_its_person_is_no_claim() {
    land("zendesk.users", "{\"id\": 21, \"email\": \"v0@x.org\", \"role\": \"end-user\"}");
    long before = position();
    Landed landed =
        land("zendesk.users", "{\"id\": 21, \"email\": \"v0@x.org\", \"role\": \"agent\"}");
    assertThat(landed.counts()).isEqualTo(new Counts(0, 1, 0, 0));
    assertThat(hub.rows("SELECT role FROM zendesk.users WHERE id = '21'")).containsExactly("agent");
    assertThat(position()).isEqualTo(before);
    assertThat(
            decided("zendesk.users", "{\"id\": 21, \"email\": \"v0b@x.org\", \"role\": \"agent\"}"))
        .isEqualTo("updated R1");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.landed_claim")).containsExactly("0");
  }

  @Test
  void a_record_that_is_deleted_says_so() {
    land("stripe.customers", "{\"id\": \"cus_gone\", \"email\": \"gone@x.org\"}");
    assertThat(decided("stripe.customers", "{\"id\": \"cus_gone\", \"is_deleted\": true}"))
        .isEqualTo("updated S5");
    land("zendesk.users", "{\"id\": 22, \"email\": \"zgone@x.org\", \"active\": true}");
    assertThat(
            decided("zendesk.users", "{\"id\": 22, \"email\": \"zgone@x.org\", \"active\": false}"))
        .isEqualTo("updated R8");
    assertThat(hub.rows("SELECT zendesk_id FROM user_identities WHERE email = 'zgone@x.org'"))
        .containsExactly("");
    assertThat(hub.rows("SELECT active FROM zendesk.users WHERE id = '22'")).containsExactly("f");
  }

  @Test
  void R7_a_record_that_was_merged_follows_the_other_wherever_it_stands() {
    land("salesforce.contacts", "{\"id\": \"003a\", \"email\": \"one@x.org\"}");
    land("salesforce.contacts", "{\"id\": \"003b\", \"email\": \"two@x.org\"}");
    assertThat(
            decided(
                "salesforce.contacts",
                "{\"id\": \"003b\", \"is_deleted\": true, \"master_record_id\": \"003a\"}"))
        .isEqualTo("merged R7");
    // The one that stays comes after it, in the same file.
    assertThat(
            decided(
                "hubspot.contacts",
                "{\"id\": \"72\", \"canonical_vid\": \"71\", \"email\": \"h2@x.org\"}",
                "{\"id\": \"71\", \"canonical_vid\": \"71\", \"email\": \"h@x.org\"}"))
        .isEqualTo("created R4, updated R7");
    assertThat(
            hub.rows(
                "SELECT count(DISTINCT user_id) FROM hubspot_users WHERE hubspot_id IN ('71',"
                    + " '72')"))
        .containsExactly("1");
  }

  /** Rows are read 5,000 at a time; the one that is followed is the last of its page. */
  @Test
  void R7_a_record_follows_one_that_is_still_on_its_way() {
    StringBuilder rows = new StringBuilder();
    for (int i = 1; i <= 5_000; i++) {
      rows.append("{\"id\": \"page%d\", \"canonical_vid\": \"page%d\"}\n".formatted(i, i));
    }
    rows.append("{\"id\": \"late\", \"canonical_vid\": \"page5000\"}");
    assertThat(decided(land("hubspot.contacts", rows.toString())).codes())
        .isEqualTo(Map.of("R4", 5_000L, "R7", 1L));
  }

  @Test
  void R7_a_converted_lead_follows_its_contact_when_that_arrives() {
    assertThat(
            decided(
                "salesforce.leads",
                "{\"id\": \"00Qc\", \"email\": \"lead@x.org\", \"is_converted\": true,"
                    + " \"converted_contact_id\": \"003c\"}"))
        .isEqualTo("created R4");
    // Nothing new of the contact: nothing is said again.
    assertThat(decided("salesforce.leads", "{\"id\": \"00Qother\", \"email\": \"other@x.org\"}"))
        .isEqualTo("created R4");
    assertThat(decided("salesforce.contacts", "{\"id\": \"003c\", \"email\": \"contact@x.org\"}"))
        .isEqualTo("created R4, merged R7");
    assertThat(
            hub.rows(
                "SELECT count(DISTINCT user_id) FROM salesforce_users WHERE salesforce_id IN"
                    + " ('00Qc', '003c')"))
        .containsExactly("1");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.landed_claim")).containsExactly("0");
    // A contact that is there already.
    assertThat(
            decided(
                "salesforce.leads",
                "{\"id\": \"00Qd\", \"email\": \"lead2@x.org\", \"is_converted\": true,"
                    + " \"converted_contact_id\": \"003c\"}"))
        .isEqualTo("updated R7");
  }

  @Test
  void R5_an_ambiguous_record_is_tried_again_at_every_landing() {
    land(
        "segment.users",
        "{\"id\": \"r5a\", \"email\": \"r5@x.org\"}",
        "{\"id\": \"r5b\", \"email\": \"r5@x.org\"}");
    Landed landed = land("mailchimp.members", "{\"id\": \"r5m\", \"email_address\": \"R5@x.org\"}");
    assertThat(decided(landed).codes()).isEqualTo(Map.of("R5", 1L));
    assertThat(decided(landed).again()).isEqualTo(1);
    assertThat(hub.rows("SELECT id FROM mailchimp.members WHERE id = 'r5m'"))
        .containsExactly("r5m");
    long before = position();
    land("mailchimp.audiences", "{\"id\": \"aud\", \"name\": \"All\"}");
    assertThat(
            decided(land("mailchimp.members", "{\"id\": \"r5m\", \"email_address\": \"R5@x.org\"}"))
                .again())
        .isEqualTo(1);
    assertThat(position()).as("tried without a trace").isEqualTo(before);
    land("segment.users", "{\"id\": \"r5b\", \"email\": \"r5b@x.org\"}");
    assertThat(decided("mailchimp.members", "{\"id\": \"r5n\", \"email_address\": \"r5n@x.org\"}"))
        .isEqualTo("created R4, updated R3");
    assertThat(hub.rows("SELECT segment_id FROM user_identities WHERE mailchimp_id = 'r5m'"))
        .containsExactly("r5a");
    assertThat(hub.rows("SELECT unique_email_id FROM mailchimp.lists WHERE list_member_id = 'r5m'"))
        .containsExactly("r5a");
  }

  /** G4: an older state of a record says nothing new; each vendor's form of a time is read. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          zendesk.users       | 81   | updated_at         | "2026-10-02T10:00:00Z"         | "2026-10-01T23:00:00Z"
          salesforce.contacts | 0081 | last_modified_date | "2026-10-02T10:00:00.000+0000" | "2026-10-02T10:59:00.000+0100"
          intercom.users      | i81  | updated_at         | 1790935200                     | 1790935100
          hubspot.contacts    | 82   | properties_lastmodifieddate_value | "1790935200000" | "1790935100000"
          segment.users       | s81  | received_at        | "2026-10-02 10:00:00 UTC"      | "2026-10-02 09:59:00+00"
          """)
  void the_tools_own_time_counts(
      String table, String id, String column, String later, String sooner) {
    String nameColumn = table.startsWith("hubspot") ? "properties_firstname_value" : "name";
    String row = "{\"id\": \"%s\", \"%s\": \"%s\", \"%s\": %s}";
    land(table, row.formatted(id, nameColumn, "New", column, later));
    land(table, row.formatted(id, nameColumn, "Old", column, sooner));
    String type = table.substring(0, table.indexOf('.')).replace("segment", "external") + "_id";
    assertThat(nameOf(type, id)).isEqualTo("New");
    assertThat(hub.rows("SELECT said_at FROM selfsame.ledger ORDER BY position DESC LIMIT 2"))
        .contains("1790935200000000");
  }

  @Test
  void rows_that_are_no_people_land_and_of_one_id_the_last_stays() {
    long before = position();
    Landed landed =
        land(
            "zendesk.tickets",
            "{\"id\": 1, \"requester_id\": 11, \"subject\": \"First\"}",
            "{\"id\": 2, \"subject\": \"Other\", \"created_at\": \"2026-10-01T10:00:00Z\"}",
            "{\"id\": 1, \"requester_id\": 11, \"subject\": \"Last\"}");
    assertThat(landed.decided()).isNull();
    assertThat(landed.counts()).isEqualTo(new Counts(2, 0, 0, 1));
    assertThat(land("zendesk.tickets", "{\"id\": 1, \"status\": \"solved\"}").counts())
        .isEqualTo(new Counts(0, 1, 0, 0));
    assertThat(
            hub.rows(
                "SELECT ticket_id, requester_id, subject, status FROM zendesk.tickets ORDER BY 1"))
        .containsExactly("1|11|Last|solved", "2||Other|");
    assertThat(position()).isEqualTo(before);
  }

  @Test
  void columns_that_nobody_knew_are_added_with_the_type_of_their_values() {
    Landed landed =
        land(
            "acme.orders",
            "{\"id\": 1, \"Total Price\": 19.5, \"count\": 2, \"isPaid\": true, \"placed\":"
                + " \"2026-10-01T10:00:00.000+0200\", \"zip\": \"01234\", \"mixed\": 1,"
                + " \"customer\": {\"id\": 7, \"tags\": [1, 2]}, \"never\": null}",
            "{\"id\": 2, \"Total Price\": 4, \"count\": 3000000000, \"mixed\": \"x\", \"late\":"
                + " \"y\"}");
    assertThat(landed.counts()).isEqualTo(new Counts(2, 0, 0, 0));
    assertThat(landed.newColumns())
        .containsEntry("total_price", ColumnType.DECIMAL)
        .containsEntry("count", ColumnType.INTEGER)
        .containsEntry("is_paid", ColumnType.BOOLEAN)
        .containsEntry("placed", ColumnType.TIME)
        .containsEntry("zip", ColumnType.TEXT)
        .containsEntry("mixed", ColumnType.TEXT)
        .containsEntry("customer_id", ColumnType.TEXT)
        .containsEntry("customer_tags", ColumnType.TEXT)
        .containsEntry("late", ColumnType.TEXT)
        .doesNotContainKey("never");
    assertThat(landed.renamed()).containsEntry("Total Price", "total_price");
    assertThat(
            hub.rows(
                "SELECT id, total_price, count, is_paid, placed AT TIME ZONE 'UTC', zip, mixed,"
                    + " customer_id, customer_tags, late FROM acme.orders ORDER BY 1"))
        .containsExactly(
            "1|19.5|2|t|2026-10-01 08:00:00|01234|1|7|[1,2]|",
            "2|4|3000000000|||| x||| y".replace(" ", ""));
  }

  @Test
  void any_tool_gets_its_schema_its_identifiers_and_its_column() {
    Landed landed =
        landing.land(
            LandingRequest.of("marketo.leads", "LeadId", "E-Mail", "dbId", "changed"),
            RowSource.lines(
                "leads.jsonl",
                """
                {"LeadId": 901, "E-Mail": "m1@x.org", "dbId": "m1", "name": "M One", "changed": "2026-09-01"}
                {"LeadId": 902, "E-Mail": "m2@x.org", "dbId": null, "name": "M Two", "changed": 1790000000}
                """),
            pipeline,
            LandingTest::preview,
            LandingWatch.NONE);
    assertThat(decided(landed).codes()).isEqualTo(Map.of("R4", 2L));
    assertThat(landed.renamed()).containsEntry("LeadId", "id").containsEntry("dbId", "external_id");
    assertThat(
            hub.rows(
                "SELECT segment_id, email, marketo_id FROM user_identities WHERE marketo_id IS NOT"
                    + " NULL ORDER BY 3"))
        .containsExactly("m1|m1@x.org|901", "|m2@x.org|902");
    assertThat(hub.rows("SELECT marketo_id FROM user_identities_by_email WHERE email = 'm2@x.org'"))
        .containsExactly("902");
    assertThat(hub.rows("SELECT count(*) FROM marketo_users m JOIN users u ON u.id = m.user_id"))
        .containsExactly("2");
    // The reader sees it all.
    List<String> seen = new ArrayList<>();
    database
        .readerQuery()
        .run(
            "SELECT m.user_id IS NOT NULL, l.email FROM marketo.leads l JOIN marketo_users m ON"
                + " m.marketo_id = l.id ORDER BY 2",
            Duration.ofSeconds(10),
            new ReaderQuery.Sink() {
              @Override
              public void columns(List<ReaderQuery.Column> columns) {}

              @Override
              public void row(@Nullable String[] values) {
                seen.add(values[0] + "|" + values[1]);
              }
            });
    assertThat(seen).containsExactly("t|m1@x.org", "t|m2@x.org");
    // Next time nobody has to say that they are people.
    assertThat(decided("marketo.leads", "{\"id\": 903, \"email\": \"m3@x.org\"}"))
        .isEqualTo("created R4");
    assertThat(land("marketo.leads", "{\"id\": 901, \"email\": \"m1@x.org\"}").counts())
        .isEqualTo(new Counts(0, 0, 1, 0));
  }

  @Test
  void segments_own_users_become_identifies_and_their_columns_traits() {
    assertThat(
            decided(
                "segment.users",
                "{\"user_id\": \"su1\", \"email\": \"Su1@x.org\", \"referral_source\": \"friend\","
                    + " \"seats\": 3, \"received_at\": \"2026-05-01T00:00:00Z\"}"))
        .isEqualTo("created K3");
    assertThat(
            hub.rows(
                "SELECT id, email, referral_source, seats, received_at AT TIME ZONE 'UTC' FROM"
                    + " segment.users WHERE id = 'su1'"))
        .containsExactly("su1|su1@x.org|friend|3|2026-05-01 00:00:00");
  }

  @Test
  void a_charge_has_the_plan_of_its_customers_subscription() {
    land("stripe.products", "{\"id\": \"prod_1\", \"name\": \"Team\"}");
    land(
        "stripe.plans",
        "{\"id\": \"plan_1\", \"product\": \"prod_1\"}",
        "{\"id\": \"plan_2\", \"nickname\": \"Solo\"}");
    land(
        "stripe.charges",
        "{\"id\": \"ch_1\", \"customer_id\": \"cus_p\", \"created\": \"2026-03-05T00:00:00Z\"}",
        "{\"id\": \"ch_2\", \"customer_id\": \"cus_p\", \"created\": \"2026-01-05T00:00:00Z\"}",
        "{\"id\": \"ch_3\", \"customer_id\": \"cus_q\", \"created\": \"2026-01-05T00:00:00Z\"}",
        "{\"id\": \"ch_4\", \"customer_id\": \"cus_p\", \"plan_name\": \"Said\", \"created\":"
            + " \"2026-01-05T00:00:00Z\"}");
    land(
        "stripe.subscriptions",
        "{\"id\": \"sub_1\", \"customer_id\": \"cus_p\", \"plan_id\": \"plan_2\", \"created\":"
            + " \"2026-01-01T00:00:00Z\"}",
        "{\"id\": \"sub_2\", \"customer_id\": \"cus_p\", \"created\": \"2026-03-01T00:00:00Z\"}");
    land(
        "stripe.subscription_items",
        "{\"id\": \"si_1\", \"subscription_id\": \"sub_2\", \"plan_id\": \"plan_1\"}");
    assertThat(hub.rows("SELECT id, plan_name FROM stripe.charges ORDER BY 1"))
        .containsExactly("ch_1|Team", "ch_2|Solo", "ch_3|", "ch_4|Said");
    assertThat(
            land(
                    "stripe.charges",
                    "{\"id\": \"ch_1\", \"customer_id\": \"cus_p\", \"created\":"
                        + " \"2026-03-05T00:00:00Z\"}")
                .counts())
        .isEqualTo(new Counts(0, 0, 1, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          zendesk.users   | {"email": "x@x.org"}                          | landing_column | rows, line 2: there is no column id. Name the one that tells rows apart with --id. There are: email
          zendesk.users   | {"id": null, "name": "N"}                     | landing_column | rows, line 2: there is no column id. Name the one that tells rows apart with --id. There are: name
          zendesk.users   | {"id": 1} {"id": " "}                         | landing_value  | rows, line 3: the row has no id. Each needs one; the column is id
          zendesk.users   | {"id": 1} {"id": 2, "verified": "perhaps"}    | landing_value  | rows, line 3: "perhaps" is not true or false, which the column verified of zendesk.users takes. Correct the value, or leave it empty
          zendesk.users   | {"id": 1, "updated_at": "yesterday"}          | landing_value  | rows, line 2: "yesterday" is not a time, such as 2026-03-01T12:30:00Z or seconds since 1970, which the column updated_at of zendesk.users takes. Correct the value, or leave it empty
          stripe.charges  | {"id": 1, "amount": "12 EUR"}                 | landing_value  | rows, line 2: "12 EUR" is not a whole number, which the column amount of stripe.charges takes. Correct the value, or leave it empty
          mailchimp.lists | {"id": 1, "stats_open_rate": "half"}          | landing_value  | rows, line 2: "half" is not a number, which the column stats_open_rate of mailchimp.lists takes. Correct the value, or leave it empty
          zendesk.users   | {"id": 1, "Phone": "1", "phone": "2"}         | landing_column | "Phone" and "phone" would both become the column phone. Rename one of them.
          zendesk.users   | {"id": 1, "x = 1; --": 1, "漢字": 1}          | landing_column | of the column's name "漢字" no letter or digit of ASCII is left, so that no table can have it. Rename it.
          zendesk.users   | {"id": 1, "XMIN": 2}                          | landing_column | rows, line 2: no column can be called XMIN, which PostgreSQL uses itself. Rename it
          zendesk users   | {"id": 1}                                     | landing_name   | "zendesk users" is no name of a table: give TOOL.TABLE, such as zendesk.users, each in small letters, digits and underscores, with a letter first and at most 40
          selfsame.space  | {"id": 1}                                     | landing_name   | A tool cannot be called selfsame here: the name is taken in the database. Choose another, such as selfsame_app
          public.users    | {"id": 1}                                     | landing_name   | A tool cannot be called public here: the name is taken in the database. Choose another, such as public_app
          billing.users   | {"id": 1, "email": "x@x.org"}                 | landing_name   | A tool cannot be called billing here: the name is taken in the database. Choose another, such as billing_app
          account.users   | {"id": 1, "email": "x@x.org"}                 | landing_name   | A tool cannot be called account here: the name is taken in the database. Choose another, such as account_app
          """)
  void refuses_and_leaves_the_tables_as_they_were(
      String table, String rows, String problem, String says) {
    String columns =
        "SELECT count(*) FROM information_schema.columns WHERE table_schema NOT LIKE 'pg\\_%'";
    List<String> before = hub.rows(columns);
    List<String> people = hub.rows("SELECT count(*), sum(hashtext(u::text)) FROM zendesk.users u");
    long position = position();
    assertThatThrownBy(() -> land(table, "", rows.replace("} {", "}\n{")))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.problem().code()).isEqualTo(problem))
        .hasMessageEndingWith(says);
    assertThat(hub.rows(columns)).isEqualTo(before);
    assertThat(hub.rows("SELECT count(*), sum(hashtext(u::text)) FROM zendesk.users u"))
        .isEqualTo(people);
    assertThat(position()).isEqualTo(position);
  }

  @Test
  void a_column_that_changes_its_type_is_refused() {
    land("acme.prices", "{\"id\": 1, \"amount\": 5}");
    assertThatThrownBy(() -> land("acme.prices", "{\"id\": 1, \"amount\": \"five\"}"))
        .hasMessage(
            "rows, line 1: \"five\" is not a whole number, which the column amount of acme.prices"
                + " takes. Correct the value, or leave it empty");
    assertThat(hub.rows("SELECT amount FROM acme.prices")).containsExactly("5");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nope  |      |      |      | rows, line 1: there is no column nope. There are: email, id, other
          other |      |      |      | rows, line 1: the rows have a column id, and another is named for it. Rename one, or leave the option out
                | nope |      |      | rows, line 1: there is no column nope. There are: email, id, other
                | id   | id   |      | id is named for email and for external_id: a column can be one of them
                |      |      | nope | rows, line 1: there is no column nope. There are: email, id, other
          """)
  void refuses_options_that_name_what_there_is_not(
      String id, String email, String externalId, String updatedAt, String says) {
    assertThatThrownBy(() ->
            landing.land(
                LandingRequest.of("zendesk.users", id, email, externalId, updatedAt),
                RowSource.lines("rows", "{\"id\": \"o1\", \"email\": \"o@x.org\", \"other\": 1}"),
                pipeline,
                LandingTest::preview,
                LandingWatch.NONE))
        .hasMessage(says);
  }

  @Test
  void an_end_in_the_middle_loses_no_claim() {
    AtomicInteger asked = new AtomicInteger();
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 12_000; i++) {
      rows.append("{\"id\": \"end%d\", \"email\": \"end%d@x.org\"}\n".formatted(i, i));
    }
    LandingWatch stopping =
        new LandingWatch() {
          @Override
          public void reading(long read, long size) {}

          @Override
          public void landing(long landed) {}

          @Override
          public void deciding(long decided, long claims) {
            asked.incrementAndGet();
          }

          @Override
          public boolean stopped() {
            return asked.get() > 0;
          }
        };
    assertThatThrownBy(() ->
            landing.land(
                LandingRequest.into("intercom.users"),
                RowSource.lines("rows", rows.toString()),
                pipeline,
                LandingTest::preview,
                stopping))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.problem()).isEqualTo(Problem.STOPPED))
        .hasMessageContaining(
            "The rows are in intercom.users, but not all that they say is decided");
    String known = "SELECT count(*) FROM intercom_users WHERE intercom_id LIKE 'end%'";
    assertThat(hub.rows("SELECT count(*) FROM intercom.users WHERE id LIKE 'end%'"))
        .containsExactly("12000");
    assertThat(Long.parseLong(hub.rows(known).getFirst())).isLessThan(12_000);
    assertThat(decided(land("intercom.contacts", "{\"id\": \"endx\"}")).claims())
        .isGreaterThan(1_000);
    assertThat(hub.rows(known)).containsExactly("12001");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.landed_claim")).containsExactly("0");
    assertThat(land("intercom.users", rows.toString()).counts())
        .isEqualTo(new Counts(0, 0, 12_000, 0));
  }

  @Test
  void landings_of_one_tool_take_turns() throws Exception {
    List<CompletableFuture<Landed>> landings =
        IntStream.range(0, 4)
            .mapToObj(n ->
                CompletableFuture.supplyAsync(() ->
                    land(
                        "zendesk.users",
                        IntStream.range(0, 600)
                            .mapToObj(i ->
                                "{\"id\": \"turn%d\", \"email\": \"turn%d@x.org\", \"name\": \"%d\", \"turn_column\": %d}"
                                    .formatted(i, i, n, n))
                            .toArray(String[]::new))))
            .toList();
    for (CompletableFuture<Landed> each : landings) {
      each.get();
    }
    assertThat(
            hub.rows(
                "SELECT count(*), count(DISTINCT turn_column) FROM zendesk.users WHERE id LIKE"
                    + " 'turn%'"))
        .containsExactly("600|1");
    assertThat(
            hub.rows(
                "SELECT count(*) FROM zendesk.users z JOIN zendesk_users l ON l.zendesk_id = z.id"
                    + " JOIN users u ON u.id = l.user_id WHERE z.id LIKE 'turn%' AND u.name ="
                    + " z.name"))
        .containsExactly("600");
  }

  @Test
  void a_preview_says_what_would_come_and_writes_nothing() {
    long before = position();
    try (Preview preview = preview()) {
      Landed landed =
          landing.preview(
              LandingRequest.of("pipedrive.persons", null, "mail", null, null),
              RowSource.lines(
                  "persons",
                  "{\"id\": 1, \"mail\": \"p@x.org\", \"stage\": 3}\n"
                      + "{\"id\": 2, \"mail\": \"p@x.org\"}"),
              10,
              preview,
              LandingWatch.NONE);
      assertThat(landed.counts()).isEqualTo(new Counts(2, 0, 0, 0));
      assertThat(decided(landed).codes()).isEqualTo(Map.of("R4", 1L, "R3", 1L));
      assertThat(landed.newColumns()).containsEntry("stage", ColumnType.INTEGER);
    }
    assertThat(position()).isEqualTo(before);
    assertThat(hub.rows("SELECT count(*) FROM pg_namespace WHERE nspname = 'pipedrive'"))
        .containsExactly("0");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.tool WHERE name = 'pipedrive'"))
        .containsExactly("0");
  }

  /** B6 asks whether a billing provider is connected: what a source changes is another policy. */
  @Test
  void a_tool_becomes_a_source_once_and_that_is_a_policy_of_its_own() {
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

  private static Preview preview() {
    return Preview.open("default", database.sessions("preview"));
  }

  private static Landed land(String table, String... rows) {
    return landing.land(
        LandingRequest.into(table),
        RowSource.lines("rows", String.join("\n", rows)),
        pipeline,
        LandingTest::preview,
        LandingWatch.NONE);
  }

  private static Landed.Decided decided(Landed landed) {
    return Objects.requireNonNull(landed.decided());
  }

  /** What the claims of the rows did: {@code created R4, updated R1}. */
  private static String decided(String table, String... rows) {
    long before = position();
    land(table, rows);
    return String.join(
        ", ",
        hub.rows(
            "SELECT outcome || ' ' || rule FROM selfsame.ledger WHERE position > %d ORDER BY position"
                .formatted(before)));
  }

  private static long position() {
    return Long.parseLong(hub.rows("SELECT position FROM selfsame.space").getFirst());
  }
}
