package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The page of flags reads indexes in their order, whatever there is: no table is read whole and no
 * more is sorted than a page.
 */
final class FlagPlansTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  @BeforeAll
  static void fill() {
    hub.open();
    hub.sql(
        """
        INSERT INTO selfsame.part (space, id, compound, more_identifiers, email_shared, created_position, created_at, said_at,
          source, weak, updated_at, external_id, email)
        SELECT 1, gen_random_uuid(), false, false, true, n, n, n, 1, false, n, 'id-' || n, 'mail-' || n / 2 || '@x.org'
        FROM generate_series(1, 60000) n;
        INSERT INTO selfsame.same_email (space, key, email, opened_at)
        SELECT 1, gen_random_uuid(), 'mail-' || n || '@x.org', n FROM generate_series(1, 30000) n;
        INSERT INTO selfsame.flag (space, position, ordinal, kind, users, rule, opened_at, key)
        SELECT 1, n, 0, 'email_conflict', '{}', 'K5', n, n FROM generate_series(1, 30000) n;
        ANALYZE selfsame.part; ANALYZE selfsame.same_email; ANALYZE selfsame.flag;
        ANALYZE selfsame.folded;
        """);
  }

  @Test
  void a_page_of_stored_flags_reads_their_index() {
    assertThat(
            plan(
                FlagQueries.storedSql(false, true)
                    .replace(":kinds::text[]", "ARRAY['email_conflict','kept_apart']")))
        .anyMatch(line -> line.contains("flag_open_page"))
        .noneMatch(line -> line.contains("Seq Scan"));
  }

  @Test
  void a_page_of_shared_emails_reads_their_index() {
    assertThat(plan(FlagQueries.sameEmailSql(false, true)))
        .anyMatch(line -> line.contains("same_email_open_page"))
        .noneMatch(line -> line.contains("Seq Scan") || line.contains("Sort"));
  }

  @Test
  void a_page_of_users_without_a_billing_id_reads_no_table_whole() {
    assertThat(plan(FlagQueries.missingBillingSql(false)))
        .anyMatch(line -> line.contains("part_missing_billing"))
        .noneMatch(line -> line.contains("Seq Scan on part"));
  }

  private static List<String> plan(String sql) {
    return hub.rows(
        "EXPLAIN "
            + sql.replace(":space", "1::smallint")
                .replace(":limit", "101")
                .replace(":position", "9223372036854775807")
                .replace(":ordinal", "0::smallint")
                .replace(":at", "50000")
                .replace(":key", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid"));
  }
}
