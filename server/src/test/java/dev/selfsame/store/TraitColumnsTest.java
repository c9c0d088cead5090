package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class TraitColumnsTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase crowded = TestDatabase.migrated();

  @Test
  void a_new_trait_is_a_column_at_once_with_its_values() throws Exception {
    hub.sql(
        """
        INSERT INTO selfsame.part (space, id, compound, more_identifiers, email_shared, created_position, created_at, said_at,
          source, weak, updated_at, external_id, email, name, email_position, email_weak, traits, landed_at)
        VALUES
          (1, gen_random_uuid(), false, false, false, 1, 0, 0, 1, false, 0, 'u1', 'a@x.org', 'Ann', NULL, NULL,
            '{"plan": "pro", "Größe \\"x\\" ''y''": 7, "referral_source": "ad"}', 1000000),
          (1, gen_random_uuid(), false, false, false, 2, 0, 0, 1, true, 0, 'u2', 'b@x.org', 'Bea', 2, false, '{}', 0),
          (1, gen_random_uuid(), false, false, false, 3, 0, 0, 1, true, 0, NULL, 'c@x.org', 'Cy', NULL, NULL, NULL, NULL),
          (1, gen_random_uuid(), false, false, false, 4, 0, 0, 1, false, 0, 'u4', NULL, NULL, NULL, NULL, NULL, NULL),
          (1, gen_random_uuid(), false, false, false, 5, 0, 0, 2, false, 0, 'of a sheet', NULL, NULL, NULL, NULL, NULL, NULL)
        """);
    String odd = "Größe \"x\" 'y'";
    new TraitColumns(hub.open()).ensure(Set.of("plan", odd));
    assertThat(
            hub.rows(
                "SELECT id, user_id, email, name, received_at = 'epoch'::timestamptz + interval"
                    + " '1s', referral_source, plan, \"Größe \"\"x\"\" 'y'\" FROM segment.users"
                    + " ORDER BY id"))
        .containsExactly("u1|u1|a@x.org|Ann|t|ad|pro|7", "u2|u2|b@x.org||f|||", "u4|u4|||f|||");
  }

  @Test
  void names_that_cannot_be_columns_are_left_out_and_counted() throws Exception {
    TraitColumns columns = new TraitColumns(hub.open());
    columns.ensure(
        new TreeSet<>(Set.of("email", "id", "", "x".repeat(64), "ü".repeat(32), "fits")));
    assertThat(columns.leftOut()).isEqualTo(5);
    assertThat(hub.rows("SELECT name FROM selfsame.trait_column WHERE name IN ('fits', 'email')"))
        .containsExactly("fits");
  }

  @Test
  void the_501st_trait_stays_in_the_json() throws Exception {
    TraitColumns columns = new TraitColumns(crowded.open());
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < 510; i++) {
      names.add("trait_%03d".formatted(i));
    }
    columns.ensure(names);
    columns.ensure(Set.of("late"));
    assertThat(crowded.rows("SELECT count(*) FROM selfsame.trait_column")).containsExactly("500");
    assertThat(
            crowded.rows(
                "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'segment' AND"
                    + " table_name = 'users'"))
        .containsExactly("505");
    assertThat(columns.leftOut()).isEqualTo(12);
  }

  @Test
  void two_servers_that_meet_different_new_traits_keep_both() throws Exception {
    List<TraitColumns> servers =
        List.of(new TraitColumns(hub.open()), new TraitColumns(hub.open()));
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> claims = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        int number = i;
        claims.add(
            threads.submit(() -> {
              servers.get(number % 2).ensure(Set.of("race_" + number / 4, "own_" + number));
              return null;
            }));
      }
      for (Future<?> claim : claims) {
        claim.get();
      }
    }
    assertThat(hub.rows("SELECT count(*) FROM selfsame.trait_column WHERE name ~ '^(race|own)_'"))
        .containsExactly("100");
    assertThat(
            hub.rows(
                "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'segment' AND"
                    + " column_name ~ '^(race|own)_'"))
        .containsExactly("100");
  }

  @Test
  void a_long_query_on_the_view_delays_a_column_but_not_for_long_the_claim() throws Exception {
    TraitColumns columns = new TraitColumns(hub.open());
    try (Connection reader = hub.connect();
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      statement.execute("SELECT * FROM segment.users");
      long start = System.nanoTime();
      columns.ensure(Set.of("patient"));
      assertThat(System.nanoTime() - start).isLessThan(8_000_000_000L);
    }
    assertThat(hub.rows("SELECT count(*) FROM selfsame.trait_column WHERE name = 'patient'"))
        .containsExactly("0");
    new TraitColumns(hub.open()).ensure(Set.of("patient"));
    assertThat(hub.rows("SELECT count(*) FROM selfsame.trait_column WHERE name = 'patient'"))
        .containsExactly("1");
  }
}
