package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Who looks at a user, or at merges, waits as long in a large store as in a small one: no table is
 * read whole, and no merge of another rule is passed.
 */
final class ReviewPlansTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String SOMEBODY = "'00000000-0000-7000-8000-000000000009'::uuid";

  @BeforeAll
  static void fill() {
    hub.open();
    hub.sql(
        """
        INSERT INTO selfsame.part (space, id, compound, more_identifiers, email_shared, created_position, created_at, said_at,
          source, weak, updated_at, external_id)
        SELECT 1, gen_random_uuid(), n % 10 = 0, false, false, n, n, n, 1, false, n, 'id-' || n FROM generate_series(1, 60000) n;
        INSERT INTO selfsame.folded (space, id, created_at, updated_at)
        SELECT 1, id, 1, 1 FROM selfsame.part WHERE compound;
        INSERT INTO selfsame.merge (space, position, ordinal, survivor, absorbed, rule, merged_at, undone_position, undone_at)
        SELECT 1, n, 0, gen_random_uuid(), gen_random_uuid(), CASE WHEN n < 100 THEN 'M1' ELSE 'K10' END, n,
          CASE WHEN n % 500 = 0 THEN n END, CASE WHEN n % 500 = 0 THEN n END FROM generate_series(1, 60000) n;
        INSERT INTO selfsame.flag (space, position, ordinal, kind, users, rule, opened_at, key)
        SELECT 1, n, 0, 'email_conflict', '{}', 'K5', n, n FROM generate_series(1, 30000) n;
        INSERT INTO selfsame.flag_user (space, part, position, ordinal)
        SELECT 1, gen_random_uuid(), n, 0 FROM generate_series(1, 30000) n;
        ANALYZE selfsame.part, selfsame.folded, selfsame.merge, selfsame.flag, selfsame.flag_user;
        """);
  }

  @Test
  void a_user_is_found_by_its_id_though_some_are_merged() {
    assertThat(plan(UserQueries.BY_ID.replace(":ids::uuid[]", "ARRAY[" + SOMEBODY + "]")))
        .anyMatch(line -> line.contains("part_pkey"))
        .anyMatch(line -> line.contains("folded_pkey"))
        .noneMatch(line -> line.contains("Seq Scan"));
  }

  @Test
  void merges_by_a_rule_are_read_along_an_index() {
    assertThat(plan(MergeQueries.sql(false, true, null)))
        .anyMatch(line -> line.contains("merge_rule"))
        .noneMatch(line -> line.contains("Seq Scan on merge"));
  }

  @Test
  void merges_that_were_undone_are_read_along_an_index() {
    assertThat(plan(MergeQueries.sql(false, false, true)))
        .anyMatch(line -> line.contains("merge_undone"))
        .noneMatch(line -> line.contains("Seq Scan on merge"));
  }

  @Test
  void a_users_merges_are_read_by_the_user() {
    assertThat(plan(MergeQueries.sql(true, false, null)))
        .anyMatch(line -> line.contains("merge_survivor"))
        .anyMatch(line -> line.contains("merge_absorbed"))
        .noneMatch(line -> line.contains("Seq Scan on merge"));
  }

  @Test
  void the_flags_among_some_users_are_read_by_the_users() {
    assertThat(plan(MergeQueries.openFlags(MergeQueries.AMONG)))
        .anyMatch(line -> line.contains("flag_user_pkey"))
        .noneMatch(line -> line.contains("Seq Scan on flag") || line.contains("flag_open"));
  }

  private static List<String> plan(String sql) {
    return hub.rows(
        "EXPLAIN "
            + sql.replace("s.name = :space", "s.name = 'default'")
                .replace(":space", "1::smallint")
                .replace(":limit", "101")
                .replace(":position", "9223372036854775807")
                .replace(":ordinal", "0::smallint")
                .replace(":code", "'M1'")
                .replace(":users::uuid[]", "ARRAY[" + SOMEBODY + "]")
                .replace(":users", "ARRAY[" + SOMEBODY + "]"));
  }
}
