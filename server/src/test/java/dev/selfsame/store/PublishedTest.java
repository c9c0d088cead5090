package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.SampleUsers;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What everyone who reads SQL relies on. */
final class PublishedTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static Database database;

  /** Every table that a reader may read, with its columns and their types, in order. */
  private static final String COLUMNS =
      """
      SELECT n.nspname || '.' || c.relname || E'\\n' || string_agg(
        '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod), E'\\n' ORDER BY a.attnum) || E'\\n'
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind IN ('r', 'v') AND n.nspname NOT IN ('selfsame', 'pg_catalog', 'information_schema')
      GROUP BY n.nspname, c.relname ORDER BY n.nspname <> 'public', n.nspname, c.relname
      """;

  @BeforeAll
  static void open() {
    database = hub.open();
    SampleUsers.insert(hub);
  }

  /** Columns are added at the end, and never renamed, retyped or taken away. */
  @Test
  void tables_and_columns_are_as_promised() throws IOException {
    assertThat(String.join("\n", hub.rows(COLUMNS))).isEqualTo(golden());
  }

  @Test
  void a_reader_may_read_all_of_them_and_none_of_the_programs_own() {
    String role = hub.rows("SELECT role FROM selfsame.reader").getFirst();
    assertThat(
            hub.rows(
                """
                SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'v', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                  AND (has_table_privilege('%1$s', c.oid, 'SELECT') <> (n.nspname <> 'selfsame')
                    OR has_table_privilege('%1$s', c.oid, 'INSERT') OR has_table_privilege('%1$s', c.oid, 'UPDATE')
                    OR has_table_privilege('%1$s', c.oid, 'DELETE') OR has_table_privilege('%1$s', c.oid, 'TRUNCATE'))
                """
                    .formatted(role)))
        .isEmpty();
  }

  @Test
  void no_name_hides_one_of_postgresqls() {
    assertThat(
            hub.rows(
                """
                SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
                  AND c.relname IN (SELECT relname FROM pg_class o JOIN pg_namespace m ON m.oid = o.relnamespace
                    WHERE m.nspname IN ('pg_catalog', 'information_schema'))
                """))
        .isEmpty();
    assertThat(
            hub.rows(
                "SELECT word FROM pg_get_keywords() WHERE catcode = 'R' AND word IN (SELECT relname"
                    + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE"
                    + " n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast'))"))
        .as("names that would have to be quoted")
        .isEmpty();
  }

  @Test
  void one_row_per_live_user_in_users_and_identities() {
    assertThat(run("SELECT external_id, email, name, billing_id FROM users ORDER BY id").rows)
        .containsExactly(
            "ann-1|ann@x.org|Ann|null",
            "bea|bea@x.org|Bea|cus_3",
            "cy|ann@x.org|null|4711",
            "null|dan@x.org|null|cus_5");
    assertThat(
            run("SELECT segment_id, email, zendesk_id, stripe_id, salesforce_id FROM"
                    + " user_identities ORDER BY user_id")
                .rows)
        .containsExactly(
            "ann-1|ann@x.org|77|null|null",
            "bea|bea@x.org|null|cus_3|null",
            "cy|ann@x.org|null|null|null",
            "null|dan@x.org|null|cus_5|null");
    assertThat(
            run("SELECT merge_id, absorbed_id, survivor_id, code, undone_at FROM user_merges").rows)
        .containsExactly("9|" + SampleUsers.id(3) + "|" + SampleUsers.id(2) + "|K10|null");
    assertThat(
            run("SELECT position, user_id, code FROM user_decisions ORDER BY 1 DESC LIMIT 2").rows)
        .containsExactly("10|null|K16", "9|" + SampleUsers.id(2) + "|K10");
  }

  /**
   * The queries of the warehouse guides in circulation, with their typing mistakes mended and
   * nothing else.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        SELECT zendesk.external_id, users.user_id FROM zendesk.tickets zendesk
        JOIN segment.users users ON zendesk.external_id = users.user_id
        """,
        """
        SELECT zu.external_id, users.id AS user_id, t.id AS ticket_id FROM zendesk.tickets t
        JOIN zendesk.users zu ON zu.id = t.requester_id JOIN segment.users users ON lower(zu.external_id) = lower(users.id)
        """,
        """
        SELECT segment.id AS segment_id, segment.email AS email, zendesk.id AS zendesk_id, stripe.id AS stripe_id,
          salesforce.id AS salesforce_id, intercom.id AS intercom_id
        FROM segment.users segment
        LEFT JOIN zendesk.users zendesk ON ( zendesk.external_id = segment.id OR zendesk.email = segment.email )
        LEFT JOIN stripe.customers stripe ON stripe.email = segment.email
        LEFT JOIN salesforce.leads salesforce ON salesforce.email = segment.email
        LEFT JOIN intercom.users intercom ON ( intercom.user_id = segment.id OR intercom.email = segment.email )
        GROUP BY 1,2,3,4,5,6
        """,
        """
        SELECT segment.referral_source, COUNT(zendesk.id) AS count_of_tickets FROM zendesk.tickets zendesk
        LEFT JOIN user_identities users ON zendesk.requester_id = users.zendesk_id
        LEFT JOIN segment.users segment ON users.segment_id = segment.id GROUP BY 1 ORDER BY 2 DESC
        """,
        """
        SELECT stripe.plan_name, COUNT(zendesk.ticket_id) AS count_of_tickets FROM zendesk.tickets zendesk
        LEFT JOIN user_identities users ON zendesk.requester_id = users.zendesk_id
        LEFT JOIN stripe.charges stripe ON users.stripe_id = stripe.customer_id GROUP BY 1 ORDER BY 2 DESC
        """,
        """
        WITH tier AS (SELECT DISTINCT ON (s.customer_id) s.customer_id, COALESCE(p.name, s.plan_id) AS plan_name
          FROM stripe.subscriptions s LEFT JOIN stripe.plans pl ON pl.id = s.plan_id LEFT JOIN stripe.products p ON p.id = pl.product
          WHERE s.status IN ('active','trialing','past_due') AND s.is_deleted IS NOT TRUE ORDER BY s.customer_id, s.created DESC),
        pt AS (SELECT u.zendesk_id, min(t.plan_name) AS plan_name
          FROM (SELECT DISTINCT zendesk_id, stripe_id FROM user_identities WHERE zendesk_id IS NOT NULL) u
          JOIN tier t ON t.customer_id = u.stripe_id GROUP BY 1)
        SELECT COALESCE(pt.plan_name,'(no plan)') AS plan_name, COUNT(z.id) AS count_of_tickets
        FROM zendesk.tickets z LEFT JOIN pt ON pt.zendesk_id = z.requester_id GROUP BY 1 ORDER BY 2 DESC, 1
        """,
      })
  void warehouse_queries_in_circulation_run(String sql) {
    assertThat(run(sql).columns).isNotEmpty();
  }

  @Test
  void the_compatibility_columns_follow() {
    hub.sql("INSERT INTO zendesk.tickets (id) VALUES ('6128164851599')");
    assertThat(run("SELECT ticket_id FROM zendesk.tickets").rows).containsExactly("6128164851599");
  }

  @Test
  void the_programs_own_lists_name_all_of_them() {
    Set<String> views =
        new TreeSet<>(
            hub.rows(
                "SELECT table_name FROM information_schema.views WHERE table_schema = 'public'"));
    assertThat(new TreeSet<>(ReaderRole.PUBLISHED)).isEqualTo(views);
    List<String> schemas =
        hub.rows(
            "SELECT nspname FROM pg_namespace WHERE nspname !~"
                + " '^(pg_|information_schema$|public$|selfsame$)'");
    assertThat(new TreeSet<>(ReaderRole.LANDING)).isEqualTo(new TreeSet<>(schemas));
  }

  private static Rows run(String sql) {
    Rows rows = new Rows();
    database.readerQuery().run(sql, Duration.ofSeconds(10), rows);
    return rows;
  }

  private static String golden() throws IOException {
    try (InputStream in = PublishedTest.class.getResourceAsStream("published.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
