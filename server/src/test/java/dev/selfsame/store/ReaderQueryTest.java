package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.testing.TestDatabase;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReaderQueryTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static Database database;

  @BeforeAll
  static void open() {
    database = hub.open();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT count(*) FROM users",
        "select * from user_identities;",
        "  -- a comment\n /* and /* a nested */ one */ ((SELECT 1))",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "VALUES (1), (2)",
        "TABLE users",
        "SHOW server_version",
        "EXPLAIN SELECT * FROM users",
        "EXPLAIN ANALYZE SELECT * FROM user_identifiers WHERE value = 'x'",
        "SELECT '{\"a\": 1}'::jsonb ? 'a', ';', $$;$$",
        "SELECT * FROM pg_stat_user_tables",
        "SELECT * FROM segment.users JOIN zendesk.tickets ON true",
      })
  void reads(String sql) {
    Rows rows = run(sql);
    assertThat(rows.columns).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO zendesk.users (id) VALUES ('1')",
        "DELETE FROM users",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE zendesk.users",
        "WITH gone AS (DELETE FROM zendesk.users RETURNING *) SELECT * FROM gone",
        "EXPLAIN ANALYZE DELETE FROM zendesk.users",
        "SELECT * INTO copy FROM users",
        "SELECT * INTO TEMP copy FROM users",
        "CREATE TEMP TABLE t (x int)",
        "SELECT * FROM selfsame.part",
        "SELECT * FROM selfsame.token",
        "SELECT password FROM selfsame.reader",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY users TO STDOUT",
        "SET ROLE app",
        "BEGIN",
        "DO $$ BEGIN END $$",
        "SELECT set_config('role', 'app', false)",
        "SELECT set_config('transaction_read_only', 'off', false) UNION ALL SELECT 'x' FROM (DELETE"
            + " FROM zendesk.users) y",
      })
  void refuses_or_fails_what_is_more_than_reading(String sql) {
    assertThatThrownBy(() -> run(sql)).isInstanceOf(Failure.class);
  }

  @Test
  void says_which_right_is_missing() {
    assertThatThrownBy(() -> run("SELECT * FROM selfsame.part"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.STATEMENT_REFUSED))
        .hasMessageContaining("permission denied for schema selfsame");
    assertThatThrownBy(() -> run("SELECT 1; SELECT 2"))
        .hasMessageContaining("There are 2 statements");
    assertThatThrownBy(() -> run("DROP TABLE users"))
        .hasMessageContaining("starts with DROP")
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.STATEMENT_REFUSED));
  }

  @Test
  void says_where_a_statement_is_wrong_on_one_line() {
    assertThatThrownBy(() -> run("SELECT emial\nFROM users"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.STATEMENT_FAILED))
        .hasMessageContaining("column \"emial\" does not exist (line 1, column 8)")
        .hasMessageContaining("email")
        .message()
        .doesNotContain("\n");
  }

  @Test
  void stops_at_the_time_limit() {
    assertThatThrownBy(() ->
            database.readerQuery().run("SELECT pg_sleep(20)", Duration.ofSeconds(1), new Rows()))
        .hasMessageContaining("longer than 1 s");
  }

  @Test
  void can_be_cancelled_from_outside() throws Exception {
    ReaderQuery query = database.readerQuery();
    CompletableFuture<Void> run =
        CompletableFuture.runAsync(
            () -> query.run("SELECT pg_sleep(20)", Duration.ofSeconds(30), new Rows()));
    Thread.sleep(700);
    query.cancel();
    assertThatThrownBy(run::join).hasMessageContaining("cancelled");
  }

  @Test
  void streams_more_rows_than_it_fetches_at_a_time() {
    assertThat(run("SELECT generate_series(1, 2500)").rows).hasSize(2500).endsWith("2500");
  }

  @Test
  void a_login_whose_password_was_changed_by_hand_is_mended() {
    String role = hub.rows("SELECT role FROM selfsame.reader").getFirst();
    hub.sql("ALTER ROLE " + role + " PASSWORD 'other'");
    assertThat(run("SELECT 1").rows).containsExactly("1");
  }

  @Test
  void the_login_has_no_defects() throws Exception {
    try (var connection = hub.connect()) {
      assertThat(ReaderRole.defects(connection)).isEmpty();
    }
  }

  @Test
  void landing_tables_of_later_versions_are_open_to_readers_too() {
    hub.sql("CREATE TABLE zendesk.later (id varchar PRIMARY KEY)");
    assertThat(run("SELECT count(*) FROM zendesk.later").rows).containsExactly("0");
  }

  private static Rows run(String sql) {
    Rows rows = new Rows();
    database.readerQuery().run(sql, Duration.ofSeconds(10), rows);
    return rows;
  }
}
