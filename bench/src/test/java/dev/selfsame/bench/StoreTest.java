package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.User;
import dev.selfsame.postgres.EmbeddedPostgres;
import dev.selfsame.postgres.PostgresSettings;
import dev.selfsame.store.Database;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.StoreSettings;
import dev.selfsame.store.UserQueries;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The filled store and its clones, in a real PostgreSQL. */
final class StoreTest {

  @TempDir Path directory;

  @Test
  void people_are_put_in_as_the_hub_would_and_their_rows_copied_exactly() throws SQLException {
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.open(PostgresSettings.in(directory.resolve("data")), progress -> {})) {
      Database.open(address(postgres), StoreSettings.DEFAULT, Instant.now()).close();
      try (HubDatabase database =
          new HubDatabase(
              DriverManager.getConnection(
                  postgres.jdbcUrl(), postgres.user(), postgres.password()))) {
        new Preload(database.connection(), 3_000, Instant.now()).run();
        assertThat(database.position()).isEqualTo(3_000);
        assertThat(database.number("SELECT count(*) FROM users WHERE external_id IS NOT NULL"))
            .isEqualTo(2_700);
        assertThat(
                database.number(
                    "SELECT count(*) FROM user_identities WHERE stripe_id LIKE 'cus_%'"))
            .isEqualTo(300);
        assertThat(database.number("SELECT count(DISTINCT email) FROM users")).isEqualTo(3_000);
        assertThat(
                database.number(
                    "SELECT count(*) FROM segment.users WHERE referral_source IS NOT NULL"))
            .isEqualTo(2_700);
        assertThat(database.counts("SELECT code, count(*) FROM user_decisions GROUP BY code"))
            .containsEntry("K3", 2_700L)
            .containsEntry("C5", 300L);
        assertThat(database.number("SELECT count(*) FROM ONLY selfsame.ledger_rest"))
            .as("rows outside of the month's partition")
            .isZero();

        Clones clones = new Clones(database);
        assertThat(database.number("SELECT count(*) FROM bench_one.part")).isEqualTo(3_000);
        for (long after : List.of(3_000L, 5_500L)) {
          claims(database, after, 2_500);
          Clones.Copied copied = clones.copy(after, after + 2_500);
          assertThat(copied.rows()).containsExactly(2_500L, 2_500L, 2_500L, 2_500L);
          assertThat(copied.updatedRows()).isEqualTo(0);
          assertThat(copied.best()).isPositive();
        }
        for (String table : List.of("part", "identifier", "ledger", "message_key")) {
          for (String clone : List.of("bench_one", "bench_many")) {
            assertThat(
                    database.number(
                        "SELECT count(*) FROM (SELECT * FROM selfsame.%1$s EXCEPT SELECT * FROM %2$s.%1$s) AS missing"
                            .formatted(table, clone)))
                .as("rows of %s that are not in %s", table, clone)
                .isZero();
          }
        }
        assertThat(
                database.number(
                    "SELECT count(*) FROM pg_class WHERE oid = 'bench_one.part'::regclass AND"
                        + " 'fillfactor=85' = ANY (reloptions)"))
            .isEqualTo(1);
      }
    }
  }

  @Test
  void what_is_to_review_is_put_in_as_the_hub_would_keep_it() throws SQLException {
    try (EmbeddedPostgres postgres =
            EmbeddedPostgres.open(PostgresSettings.in(directory.resolve("data")), progress -> {});
        Database store = Database.open(address(postgres), StoreSettings.DEFAULT, Instant.now());
        HubDatabase database =
            new HubDatabase(
                DriverManager.getConnection(
                    postgres.jdbcUrl(), postgres.user(), postgres.password()))) {
      Cases cases = Cases.of(3_050, 260);
      new Preload(database.connection(), 3_050, cases, Instant.now()).run();
      for (String none :
          List.of(
              // A line for each position.
              "SELECT position FROM selfsame.space EXCEPT SELECT count(DISTINCT position) FROM"
                  + " selfsame.ledger",
              "SELECT position FROM selfsame.space EXCEPT SELECT max(position) FROM"
                  + " selfsame.ledger",
              "SELECT id FROM selfsame.part WHERE merged_into IS NOT NULL AND merged_into NOT IN"
                  + " (SELECT id FROM selfsame.folded)",
              "SELECT id FROM selfsame.part WHERE compound EXCEPT SELECT id FROM selfsame.folded",
              "SELECT survivor, absorbed FROM selfsame.merge WHERE undone_at IS NULL EXCEPT SELECT"
                  + " merged_into, id FROM selfsame.part",
              "SELECT missing_billing FROM selfsame.space EXCEPT SELECT count(*) FROM"
                  + " selfsame.live_user WHERE external_id IS NOT NULL AND billing_id IS NULL",
              "SELECT email FROM selfsame.same_email EXCEPT SELECT email FROM selfsame.part GROUP"
                  + " BY 1 HAVING count(*) = 2 AND bool_and(email_shared)",
              "SELECT email FROM selfsame.part GROUP BY 1 HAVING count(*) > 1 EXCEPT SELECT email"
                  + " FROM selfsame.same_email",
              "SELECT unnest(users) FROM selfsame.flag WHERE closed_at IS NULL EXCEPT SELECT id"
                  + " FROM selfsame.part WHERE flagged",
              "SELECT id FROM selfsame.part WHERE flagged EXCEPT SELECT unnest(users) FROM"
                  + " selfsame.flag WHERE closed_at IS NULL",
              "SELECT position, ordinal, unnest(users) FROM selfsame.flag EXCEPT SELECT position,"
                  + " ordinal, part FROM selfsame.flag_user",
              "SELECT one, other FROM selfsame.bar EXCEPT SELECT id, unnest(bars) FROM"
                  + " selfsame.part",
              "SELECT other, one FROM selfsame.bar EXCEPT SELECT id, unnest(bars) FROM"
                  + " selfsame.part",
              "SELECT f.about_value FROM selfsame.flag f EXCEPT SELECT billing_id FROM"
                  + " selfsame.part",
              "SELECT payload::json ->> 'nothing' FROM selfsame.ledger WHERE payload::json ->>"
                  + " 'nothing' IS NOT NULL")) {
        assertThat(database.number("SELECT count(*) FROM (" + none + ") AS found"))
            .as(none)
            .isZero();
      }
      assertThat(database.number("SELECT count(*) FROM selfsame.bar")).isEqualTo(5);
      assertThat(
              database.counts("SELECT code, count(*) FROM user_merges GROUP BY code ORDER BY code"))
          .containsEntry("C6", 259L)
          .containsEntry("M1", 1L);
      // What people see of a merged user is what the program folds.
      UserQueries users = new UserQueries(store, "default");
      for (String id :
          database.counts("SELECT id::text, 1 FROM selfsame.folded").keySet().stream()
              .limit(60)
              .toList()) {
        FoundUser shown = Objects.requireNonNull(users.user(UUID.fromString(id)));
        assertThat(users.identifiers(shown.id()))
            .filteredOn(FoundIdentifier::current)
            .extracting(FoundIdentifier::value)
            .contains(shown.externalId(), shown.email(), shown.billingId());
        User folded = Objects.requireNonNull(users.history().at(now -> now.user(shown.id())));
        assertThat(Objects.requireNonNull(folded.name()).value()).isEqualTo(shown.name());
      }
    }
  }

  /** New users, as so many claims would leave them. */
  private static void claims(HubDatabase database, long after, int count) {
    String numbers = "generate_series(%d, %d) AS n".formatted(after + 1, after + count);
    database.execute(
        "INSERT INTO selfsame.part (space, id, compound, more_identifiers, email_shared,"
            + " created_position, created_at, said_at, source, weak, updated_at, external_id)"
            + " SELECT 1, gen_random_uuid(), false, true, false, n, 0, 0, 1, false, 0, 'claim-' ||"
            + " n FROM "
            + numbers);
    database.execute(
        "INSERT INTO selfsame.identifier SELECT space, 'email', 'old-' || created_position, id,"
            + " NULL, false, false, false, 1, 0, 1, 0, 0 FROM selfsame.part WHERE created_position"
            + " > "
            + after);
    database.execute(
        "INSERT INTO selfsame.ledger (space, position, at, said_at, source, policy, part, outcome,"
            + " rule) SELECT 1, created_position, 0, 0, 1, 1, id, 'created', 'K3' FROM"
            + " selfsame.part WHERE created_position > "
            + after);
    database.execute("INSERT INTO selfsame.message_key SELECT n, n, n, 1, n, 0 FROM " + numbers);
  }

  private static DatabaseAddress address(EmbeddedPostgres postgres) {
    return DatabaseAddress.parse(
        "postgresql://%s:%s@127.0.0.1:%d/selfsame"
            .formatted(postgres.user(), postgres.password(), postgres.port()));
  }
}
