package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.TestDatabase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class UserExportTest {

  @RegisterExtension static final TestDatabase database = TestDatabase.migrated();

  @BeforeEach
  void empty() {
    database.sql("TRUNCATE selfsame.part, selfsame.folded");
  }

  @Test
  void a_space_without_users_has_none() {
    assertThat(read()).isEmpty();
  }

  @Test
  void users_come_in_order_of_their_ids_with_what_they_lack_absent() {
    put(1, 3, "external_id, name", "'x-' || n, 'Žofie ' || n");
    put(2, 1, "name", "'another space'");
    database.sql("UPDATE selfsame.part SET email = '', billing_id = 'cus' WHERE created_at = 2");
    Instant second = Instant.parse("1970-01-01T00:00:00.000002Z");
    assertThat(read())
        .containsExactly(
            new UserExport.Row(id(1), "x-1", "Žofie 1", null, null, second.minusNanos(1_000)),
            new UserExport.Row(id(2), "x-2", "Žofie 2", "", "cus", second),
            new UserExport.Row(id(3), "x-3", "Žofie 3", null, null, second.plusNanos(1_000)));
  }

  /** More than the buffers between hold, so that PostgreSQL has to wait too. */
  @Test
  void an_export_may_take_longer_than_a_statement_of_the_writing_flow() throws Exception {
    put(1, 20_000, "name", "repeat('n', 1000)");
    StoreSettings impatient = new StoreSettings(8, 10, 60, 10, 5);
    long[] count = {0};
    try (Database open = Database.open(database.address(), impatient, TestDatabase.NOW)) {
      UserExport.each(
          open,
          "default",
          user -> {
            if (count[0]++ == 0) {
              pause();
            }
          });
    }
    assertThat(count[0]).isEqualTo(20_000);
  }

  private static void pause() {
    try {
      TimeUnit.SECONDS.sleep(4);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<UserExport.Row> read() {
    List<UserExport.Row> users = new ArrayList<>();
    assertThat(UserExport.each(database.open(), "default", users::add)).isEqualTo(users.size());
    return users;
  }

  private static UUID id(long number) {
    return new UUID(0, number);
  }

  /** Users with ids from 1; the last is put first. */
  private static void put(int space, int users, String columns, String values) {
    database.sql(
        """
        INSERT INTO selfsame.part (space, id, compound, more_identifiers, email_shared, created_position, created_at,
          said_at, source, weak, updated_at, %s)
        SELECT %d, lpad(to_hex(n), 32, '0')::uuid, false, false, false, n, n, n, 1, false, n, %s
        FROM generate_series(%d, 1, -1) n
        """
            .formatted(columns, space, values, users));
  }
}
