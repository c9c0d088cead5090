package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.store.IdentityQueries.Having;
import dev.selfsame.testing.TestDatabase;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A page of a filtered list reads indexes, looks at so many users and no more, and misses none. */
final class UserListPlansTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final int USERS = 300_000;

  /** Users are created a minute apart from 2025 on; each tenth thousandth is known to csv too. */
  @BeforeAll
  static void fill() {
    hub.open();
    hub.sql(
        """
        INSERT INTO selfsame.part (space, id, compound, more_identifiers, email_shared, created_position, created_at, said_at,
          source, weak, updated_at, external_id, email, email_source, billing_type, billing_id)
        SELECT 1, (lpad(to_hex(1735689600000 + n * 60000), 12, '0') || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid,
          false, false, false, n, (1735689600000 + n * 60000) * 1000, n, 1, false, n, 'id-' || n,
          'mail-' || n || '@x.org', CASE WHEN n % 10000 = 0 THEN 2 END,
          CASE WHEN n % 10 > 0 THEN 'stripe_id' END, CASE WHEN n % 10 > 0 THEN 'cus_' || n END
        FROM generate_series(1, 300000::bigint) n;
        INSERT INTO selfsame.identifier (space, type, value, part, current, deleted, weak, source, at, position, first_seen, last_seen)
        SELECT 1, 'zendesk_id', created_position, id, true, false, true, 3, 1, 1, 1, 1 FROM selfsame.part
        WHERE created_position % 50000 = 7;
        ANALYZE selfsame.part; ANALYZE selfsame.identifier; ANALYZE selfsame.folded; ANALYZE selfsame.flag;
        """);
  }

  private static List<String> explain(UserFilter filter, boolean newestFirst) {
    String conditions =
        hub.open()
            .read(handle ->
                UserConditions.sql(SpaceSettings.read(handle.getConnection(), "default"), filter));
    boolean whole = filter.equals(UserFilter.NONE);
    String at = newestFirst ? id(200_000) : id(136_000);
    String stop = newestFirst ? id(136_000) : id(200_000);
    return hub.rows(
        "EXPLAIN "
            + UserQueries.betweenSql(
                    UserQueries.range("u.id", whole, true, whole, true, newestFirst) + conditions,
                    newestFirst)
                .replace(":space", "1::smallint")
                .replace(":limit", "51")
                .replace(":at", at)
                .replace(":stop", stop));
  }

  private static String id(int number) {
    return "'%s'::uuid"
        .formatted(
            hub.rows("SELECT id FROM selfsame.part WHERE created_position = " + number).getFirst());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void no_list_reads_the_users_whole(boolean newestFirst) {
    for (UserFilter filter :
        List.of(
            UserFilter.NONE,
            new UserFilter("csv", false, false, null, null),
            new UserFilter(null, true, false, null, null),
            new UserFilter(null, false, true, null, null),
            new UserFilter(
                "csv", true, true, LocalDate.of(2025, 2, 1), LocalDate.of(2025, 3, 1)))) {
      assertThat(explain(filter, newestFirst))
          .as("%s", filter)
          .anyMatch(line -> line.contains("part_pkey"))
          .noneMatch(line -> line.contains("Seq Scan on part"));
    }
    assertThat(
            hub.rows(
                "EXPLAIN "
                    + UserQueries.stepSql("", newestFirst)
                        .replace(":space", "1::smallint")
                        .replace(":step", "3999")))
        .anyMatch(line -> line.contains("Index Only Scan") && line.contains("part_pkey"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_page_of_identities_looks_at_no_more_users_than_it_may(boolean beyond) {
    for (String sql :
        List.of(
            IdentityQueries.pageSql(List.of("zendesk"), null, beyond),
            IdentityQueries.pageSql(List.of("zendesk"), new Having("zendesk", true), beyond),
            IdentityQueries.lastSql(beyond))) {
      assertThat(
              hub.rows(
                  "EXPLAIN "
                      + sql.replace(":space", "1::smallint")
                          .replace(":looked", "20000")
                          .replace(":skipped", "19999")
                          .replace(":limit", "51")
                          .replace(":before", id(200_000))))
          .as(sql)
          .anyMatch(line -> line.contains("part_pkey"))
          .noneMatch(line -> line.contains("Seq Scan on part"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pages_of_what_few_are_end_early_and_miss_nobody(boolean newestFirst) {
    assertThat(all(new UserFilter("csv", false, false, null, null), newestFirst))
        .as("told one value")
        .hasSize(USERS / 10_000);
    assertThat(all(new UserFilter("by hand", false, false, null, null), newestFirst))
        .as("an identifier beside")
        .hasSize(USERS / 50_000);
    assertThat(all(new UserFilter("csv", true, true, null, null), newestFirst))
        .hasSize(USERS / 10_000);
    assertThat(
            all(
                new UserFilter(
                    null, true, false, LocalDate.of(2025, 2, 1), LocalDate.of(2025, 2, 1)),
                newestFirst))
        .as("a day of them")
        .hasSize(24 * 60 / 10);
  }

  @Test
  void a_page_looks_at_no_more_than_it_says() {
    UserQueries users = new UserQueries(hub.open(), "default");
    UserQueries.Listed page =
        users.listed(new UserFilter("by hand", true, false, null, null), null, true, 50);
    assertThat(page.users()).isEmpty();
    assertThat(page.next()).isNotNull();
    assertThat(
            hub.rows("SELECT count(*) FROM selfsame.part WHERE id >= '%s'".formatted(page.next())))
        .containsExactly(Integer.toString(UserQueries.MOST_LOOKED_AT));
  }

  private static Set<UUID> all(UserFilter filter, boolean newestFirst) {
    UserQueries users = new UserQueries(hub.open(), "default");
    Set<UUID> all = new HashSet<>();
    UUID from = null;
    do {
      UserQueries.Listed page = users.listed(filter, from, newestFirst, 50);
      page.users().forEach(user -> assertThat(all.add(user.id())).isTrue());
      from = page.next();
    } while (from != null);
    return all;
  }
}
