package dev.selfsame.source.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.review.EraseRequest;
import dev.selfsame.review.Erasures;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.StoredSyncs;
import dev.selfsame.store.SyncLog;
import dev.selfsame.store.Turn;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sources that ask a real PostgreSQL, and what becomes of the rows. */
final class SyncsTest extends WithWarehouse {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase warehouse = TestDatabase.empty();

  SyncsTest() {
    super(hub, warehouse);
  }

  private static long claims() {
    return Long.parseLong(hub.rows("SELECT count(*) FROM selfsame.ledger").getFirst());
  }

  // ---- rows ----

  @Test
  void rowsBecomeUsers() {
    people("1,ann@x.org,Ann", "2,bob@x.org,Bob", ",cy@x.org,Cy", "null,,Di");
    source(IDS);
    RunResult result = run();
    assertThat(users()).containsExactly("1|ann@x.org|Ann", "2|bob@x.org|Bob");
    assertThat(result.rows()).isEqualTo(4);
    assertThat(result.created()).isEqualTo(2);
    assertThat(result.rejected()).isEqualTo(Map.of("no_id", 2L));
    assertThat(result.samples())
        .containsExactly(
            new RunResult.Sample(3, "rejected", "no_id"),
            new RunResult.Sample(4, "rejected", "no_id"));
    assertThat(result.codes()).isEqualTo(Map.of("V4", 2L, "V7", 2L));
    assertThat(hub.rows("SELECT source FROM user_decisions WHERE outcome = 'created' LIMIT 1"))
        .containsExactly("users");
  }

  @Test
  void V0_a_row_that_says_what_it_said_is_no_claim() {
    people("1,ann@x.org,Ann", "2,bob@x.org,Bob");
    source(IDS);
    run();
    long before = claims();
    RunResult again = run();
    assertThat(again.same()).isEqualTo(2);
    assertThat(again.unchanged()).isEqualTo(2);
    assertThat(claims()).isEqualTo(before);
    warehouse.sql("UPDATE people SET name = 'Anna' WHERE user_id = '1'");
    RunResult changed = run();
    assertThat(changed.updated()).isEqualTo(1);
    assertThat(changed.same()).isEqualTo(1);
    assertThat(claims()).isEqualTo(before + 1);
    assertThat(users()).containsExactly("1|ann@x.org|Anna", "2|bob@x.org|Bob");
  }

  /** G4: a value without a time of its own is as old as its last change. */
  @Test
  void a_value_that_is_repeated_is_no_news() {
    people("1,ann@x.org,Ann");
    source(IDS);
    run();
    warehouse.sql("UPDATE people SET email = 'ann@y.org'");
    hub.sql("UPDATE selfsame.sync_row SET said = said");
    run();
    assertThat(
            hub.rows(
                "SELECT payload::jsonb ->> 'name', payload::jsonb ->> 'email' FROM selfsame.ledger"
                    + " ORDER BY position DESC LIMIT 1"))
        .containsExactly("|ann@y.org");
    assertThat(users()).containsExactly("1|ann@y.org|Ann");
  }

  @Test
  void a_source_that_updates_only_creates_nobody() {
    people("1,ann@x.org,Ann", ",ann@x.org,Ann");
    source(
        "SELECT * FROM people",
        new Mapping("user_id", "email", true, "name", null, null, null, null, List.of(), false),
        true);
    RunResult result = run();
    assertThat(result.skipped()).isEqualTo(Map.of("update_only", 2L));
    assertThat(users()).isEmpty();
    assertThat(syncs.get("users").updateOnly()).isTrue();
    assertThat(claims()).isEqualTo(2);
    // What was not applied is tried again.
    assertThat(run().skipped()).isEqualTo(Map.of("update_only", 2L));
  }

  @Test
  void a_fallback_id_switches_over_to_the_external_id() {
    people(",ann@x.org,Ann");
    source(
        new Mapping("user_id", "email", true, "name", "email", null, null, null, List.of(), false));
    assertThat(run().codes()).isEqualTo(Map.of("V6", 1L));
    warehouse.sql("UPDATE people SET user_id = '1'");
    assertThat(run().codes()).isEqualTo(Map.of("V3", 1L));
    assertThat(users()).containsExactly("1|ann@x.org|Ann");
    assertThat(
            hub.rows(
                "SELECT type, value FROM user_identifiers WHERE type LIKE 'fallback%' ORDER BY 1"))
        .containsExactly("fallback:users|ann@x.org");
  }

  @Test
  void accounts_come_as_one_or_as_an_array() {
    people("1,ann@x.org,Ann", "2,bob@x.org,Bob", "3,cy@x.org,Cy");
    warehouse.sql(
        "UPDATE people SET accounts = ARRAY['acme', NULL, 'initech'] WHERE user_id = '1'; UPDATE"
            + " people SET accounts = ARRAY['acme'], company = 'Acme' WHERE user_id = '2'");
    Mapping mapping =
        new Mapping("user_id", null, false, null, null, "acc", "company", null, List.of(), false);
    for (String form :
        List.of("accounts", "to_jsonb(accounts)", "to_json(accounts)::text", "accounts")) {
      source("SELECT user_id, %s AS acc, company FROM people".formatted(form), mapping, false);
      run();
      assertThat(
              hub.rows(
                  """
                  SELECT a.external_id, a.name, u.external_id FROM accounts a JOIN account_users l ON l.account_id = a.id
                  JOIN users u ON u.id = l.user_id ORDER BY 1, 3
                  """))
          .as(form)
          .containsExactly("acme|Acme|1", "acme|Acme|2", "initech||1");
    }
    warehouse.sql("UPDATE people SET accounts = NULL");
    run();
    assertThat(hub.rows("SELECT count(*) FROM account_users")).containsExactly("3");
  }

  @Test
  void accounts_are_replaced_where_the_source_says_so() {
    people("1,ann@x.org,Ann", "2,bob@x.org,Bob");
    warehouse.sql("UPDATE people SET accounts = ARRAY['acme', 'initech']");
    source(
        ACCOUNTS,
        new Mapping("user_id", null, false, null, null, "acc", null, null, List.of(), false),
        false);
    run();
    warehouse.sql("UPDATE people SET accounts = ARRAY['initech'] WHERE user_id = '1'");
    run();
    assertThat(accounts()).containsExactly("1|acme", "1|initech", "2|acme", "2|initech");

    Mapping replacing =
        new Mapping("user_id", null, false, null, null, "acc", null, null, List.of(), true);
    source(ACCOUNTS, replacing, false);
    run();
    assertThat(accounts())
        .as("a source that replaces from now on reads all rows anew")
        .containsExactly("1|initech", "2|acme", "2|initech");

    warehouse.sql(
        "UPDATE people SET accounts = CASE user_id WHEN '1' THEN ARRAY['hooli'] ELSE '{}' END");
    run();
    assertThat(accounts()).containsExactly("1|hooli");
    warehouse.sql("UPDATE people SET accounts = NULL");
    run();
    assertThat(accounts()).as("null is no change").containsExactly("1|hooli");
    warehouse.sql("UPDATE people SET accounts = ARRAY['hooli', 'acme'] WHERE user_id = '1'");
    run();
    assertThat(accounts()).containsExactly("1|acme", "1|hooli");
  }

  private static final String ACCOUNTS = "SELECT user_id, accounts AS acc FROM people";

  private static List<String> accounts() {
    return hub.rows(
        "SELECT u.external_id, a.external_id FROM account_users l JOIN accounts a ON a.id ="
            + " l.account_id JOIN users u ON u.id = l.user_id ORDER BY 1, 2");
  }

  @Test
  void picked_columns_are_the_users_traits() {
    people("1,ann@x.org,Ann");
    warehouse.sql("UPDATE people SET plan = 'pro', seats = 7");
    source(
        new Mapping(
            "user_id", null, false, null, null, null, null, null, List.of("plan", "seats"), false));
    run();
    assertThat(hub.rows("SELECT name, value FROM user_traits ORDER BY name"))
        .containsExactly("plan|\"pro\"", "seats|7");
    warehouse.sql("UPDATE people SET seats = 8");
    run();
    assertThat(hub.rows("SELECT name, value FROM user_traits ORDER BY name"))
        .containsExactly("plan|\"pro\"", "seats|8");
  }

  @Test
  void V9_the_same_id_twice_in_one_result_applies_both_in_order() {
    people("1,ann@x.org,Ann", "1,ann@x.org,Anna");
    source(IDS);
    RunResult result = run();
    assertThat(result.repeated()).isEqualTo(1);
    assertThat(users()).containsExactly("1|ann@x.org|Anna");
    assertThat(
            hub.rows("SELECT array_to_string(checks, ',') FROM selfsame.ledger ORDER BY position"))
        .containsExactly("", "V9");
  }

  @Test
  void the_rows_own_time_is_the_time_of_what_they_say() {
    people("1,ann@x.org,Ann");
    warehouse.sql("UPDATE people SET updated = '2026-01-02 03:04:05+00'");
    source(
        new Mapping(
            "user_id", null, false, "name", "email", null, null, "updated", List.of(), false));
    run();
    assertThat(hub.rows("SELECT selfsame.time(said_at) FROM selfsame.ledger"))
        .allMatch(time -> time.startsWith("2026-01-02 03:04:05"));
  }

  @Test
  void text_that_cannot_be_stored_is_mended_or_refused() {
    warehouse.sql("INSERT INTO people (user_id, name) VALUES ('a' || chr(160), ' Ann ')");
    source(IDS);
    run();
    assertThat(users()).containsExactly("a||Ann");
  }

  // ---- watermark ----

  @Test
  void the_next_run_asks_for_what_is_new_by_the_warehouses_clock() {
    people("1,ann@x.org,Ann");
    source("SELECT * FROM people WHERE loaded > $LAST_SYNC_TIMESTAMP; -- new alone", IDS, false);
    RunResult first = run();
    Instant mark = Objects.requireNonNull(first.watermark());
    Instant there =
        Instant.parse(
            warehouse
                .rows("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
                .getFirst());
    assertThat(mark)
        .isBetween(there.minus(Duration.ofMinutes(11)), there.minus(Duration.ofMinutes(9)));
    assertThat(syncs.get("users").watermark()).isNotNull();
    warehouse.sql("UPDATE people SET loaded = now() - interval '1 hour'");
    people("2,bob@x.org,Bob");
    RunResult second = run();
    assertThat(second.rows()).isEqualTo(1);
    assertThat(second.since()).isNotNull();
    Syncs.Run full = syncs.run("users", true, ANN, result -> {}, () -> false);
    assertThat(full.result().rows()).isEqualTo(2);
    assertThat(full.result().same()).isEqualTo(2);
  }

  @Test
  void a_run_that_breaks_off_loses_nothing() {
    warehouse.sql(
        "INSERT INTO people (user_id, name) SELECT n::text, 'N' FROM generate_series(1, 5000) n");
    source(IDS);
    syncs.add(
        "users",
        "dwh",
        "SELECT user_id, email, name, 1 / (CASE user_id WHEN '4900' THEN 0 ELSE 1 END) AS x FROM"
            + " (SELECT * FROM people WHERE loaded > $LAST_SYNC_TIMESTAMP ORDER BY user_id::int"
            + " OFFSET 0) p",
        true);
    Failure failure =
        catchThrowableOfType(
            Failure.class, () -> syncs.run("users", false, ANN, result -> {}, () -> false));
    assertThat(failure.problem()).isEqualTo(Problem.WAREHOUSE_QUERY);
    assertThat(syncs.get("users").watermark()).isNull();
    Syncs.Run failed = syncs.runs("users", 10).getFirst();
    assertThat(failed.state()).isEqualTo(SyncLog.State.FAILED);
    assertThat(Objects.requireNonNull(failed.error()).code()).isEqualTo("warehouse_query");
    assertThat(failed.result().created()).isEqualTo(4_000);
    syncs.add("users", "dwh", "SELECT user_id, email, name FROM people", true);
    RunResult whole = run();
    assertThat(whole.rows()).isEqualTo(5_000);
    assertThat(whole.created() + whole.same()).isEqualTo(5_000);
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("5000");
  }

  @Test
  void a_run_that_is_stopped_goes_on_from_the_same_rows() {
    warehouse.sql(
        "INSERT INTO people (user_id, name) SELECT n::text, 'N' FROM generate_series(1, 5000) n");
    source("SELECT * FROM people WHERE loaded > $LAST_SYNC_TIMESTAMP", IDS, false);
    assertThat(problem(() -> syncs.run("users", false, ANN, result -> {}, () -> true)))
        .isEqualTo(Problem.STOPPED);
    assertThat(syncs.get("users").watermark()).isNull();
    assertThat(syncs.runs("users", 1).getFirst().state()).isEqualTo(SyncLog.State.INTERRUPTED);
    RunResult next = run();
    assertThat(next.rows()).isEqualTo(5_000);
    assertThat(next.same()).isEqualTo(2_000);
  }

  // ---- one at a time ----

  @Test
  void a_source_is_run_once_at_a_time_among_all_servers() {
    source(IDS);
    StoredSyncs other = new StoredSyncs(hub.open(), SPACE);
    try (Turn turn = other.turn(other.get("users").source())) {
      assertThat(turn).isNotNull();
      assertThat(problem(() -> syncs.start("users", false, ANN))).isEqualTo(Problem.RUN_UNDER_WAY);
    }
    run();
  }

  /** What a program that was killed left is no run that goes on. */
  @Test
  void a_run_that_nobody_runs_is_interrupted() {
    source(IDS);
    run();
    hub.sql("UPDATE selfsame.sync_run SET state = 'running'");
    run();
    assertThat(hub.rows("SELECT state FROM selfsame.sync_run ORDER BY started_at"))
        .containsExactly("interrupted", "done");
  }

  // ---- erasing ----

  @Test
  void an_erasure_takes_what_the_rows_said() {
    people("1,ann@x.org,Ann", "2,bob@x.org,Bob");
    source(IDS);
    run();
    UserQueries queries = new UserQueries(database, SPACE);
    UUID ann = UUID.fromString(hub.rows("SELECT id FROM users WHERE external_id = '1'").getFirst());
    new Erasures(
            SPACE,
            pipeline,
            database.sessions("preview"),
            queries,
            new ErasureQueries(database, SPACE),
            () -> now)
        .erase(new EraseRequest(List.of(), List.of(ann), false, ANN));
    assertThat(hub.rows("SELECT count(*) FROM selfsame.sync_row")).containsExactly("1");
    // What nothing bars may come again, and is no repeat then.
    assertThat(run().created()).isEqualTo(1);
    assertThat(users()).containsExactly("1|ann@x.org|Ann", "2|bob@x.org|Bob");
  }

  // ---- preview and errors ----

  @Test
  void a_preview_shows_the_first_rows_and_what_the_columns_look_like() {
    people("1,ann@x.org,Ann", "2,bob@x.org,Bob");
    syncs.add(
        "users",
        "dwh",
        "SELECT user_id AS \"userId\", email AS contact, name, accounts AS \"accountIds\", seats,"
            + " updated AS updated_at FROM people ORDER BY user_id",
        false);
    QueryPreview preview = syncs.preview("users", 1);
    assertThat(preview.rows()).hasSize(1);
    assertThat(preview.incremental()).isFalse();
    assertThat(preview.columns())
        .extracting(column -> column.name() + " " + column.type() + " " + column.looksLike())
        .containsExactly(
            "userId text id",
            "contact text email",
            "name text name",
            "accountIds _text account",
            "seats int4 null",
            "updated_at timestamptz updated_at");
    assertThat(preview.columns().getFirst().sample()).hasToString("\"1\"");
    assertThat(syncs.preview("users", 100).rows()).hasSize(2);
    assertThat(problem(() -> syncs.preview("users", 101))).isEqualTo(Problem.SOURCE_INVALID);
  }

  @Test
  void what_is_wrong_has_a_name() {
    DatabaseAddress at = warehouse.address();
    assertThat(asking("DELETE FROM people RETURNING *")).isEqualTo(Problem.WAREHOUSE_WRITES);
    assertThat(asking("SELECT nonsense FROM people")).isEqualTo(Problem.WAREHOUSE_QUERY);
    assertThat(asking("SELECT 1; SELECT 2")).isEqualTo(Problem.WAREHOUSE_QUERY);
    assertThat(asking("SET TimeZone = 'UTC'")).isEqualTo(Problem.WAREHOUSE_QUERY);
    assertThat(asking("SELECT 1 AS a, 2 AS a")).isEqualTo(Problem.WAREHOUSE_QUERY);
    assertThat(trying(at.url(), at.user(), "wrong", Map.of())).isEqualTo(Problem.WAREHOUSE_LOGIN);
    assertThat(trying("postgresql://no.such.host.invalid:5432/x", "u", "p", Map.of()))
        .isEqualTo(Problem.WAREHOUSE_UNREACHABLE);
    assertThat(trying("postgresql://127.0.0.1:1/x", "u", "p", Map.of()))
        .isEqualTo(Problem.WAREHOUSE_UNREACHABLE);
    assertThat(trying(at.url(), at.user(), at.password(), Map.of("sslmode", "require")))
        .isEqualTo(Problem.WAREHOUSE_TLS);
    assertThat(trying("jdbc:snowflake://x", "u", "p", Map.of()))
        .isEqualTo(Problem.WAREHOUSE_DRIVER);
    for (String url :
        List.of(
            "postgresql://u:p@h/x",
            "postgresql://h/x?password=p",
            "postgresql://h",
            "duckdb:",
            "postgresql://h/x?socketFactory=a.b.C")) {
      Failure failure =
          catchThrowableOfType(
              Failure.class, () -> connections.add("x", url, "u", null, Map.of(), true, ANN));
      assertThat(failure.problem()).as(url).isEqualTo(Problem.CONNECTION_INVALID);
    }
    assertThat(
            problem(
                () -> connections.add("x", at.url(), "u", null, Map.of("sslmod", "x"), true, ANN)))
        .isEqualTo(Problem.CONNECTION_INVALID);
    source(IDS);
    assertThat(
            problem(() ->
                syncs.configure(
                    "users",
                    new Mapping(
                        "userid", null, false, null, null, null, null, null, List.of(), false),
                    false,
                    ANN)))
        .isEqualTo(Problem.SOURCE_INVALID);
    assertThat(problem(() -> connections.remove("dwh", ANN))).isEqualTo(Problem.CONNECTION_IN_USE);
    assertThat(problem(() -> syncs.add("users", "dwh", "SELECT 1", false)))
        .isEqualTo(Problem.SOURCE_EXISTS);
    assertThat(problem(() -> syncs.add("segment", "dwh", "SELECT 1", true)))
        .isEqualTo(Problem.SOURCE_EXISTS);
    syncs.add("other", "dwh", "SELECT 1 AS a", false);
    assertThat(problem(() -> syncs.start("other", false, ANN)))
        .isEqualTo(Problem.SOURCE_NOT_CONFIGURED);
  }

  @Test
  void a_query_that_takes_too_long_is_stopped() {
    syncs =
        syncs(
            new SyncSettings(
                Duration.ofMinutes(10), Duration.ofSeconds(1), Duration.ofSeconds(5), 4, null));
    source("SELECT user_id, email, name, pg_sleep(2) FROM people", IDS, false);
    people("1,,A", "2,,B");
    assertThat(problem(() -> syncs.run("users", false, ANN, result -> {}, () -> false)))
        .isEqualTo(Problem.WAREHOUSE_TIMEOUT);
  }

  @Test
  void a_password_is_kept_encrypted_and_not_shown() {
    DatabaseAddress at = warehouse.address();
    assertThat(connections.list().getFirst().hasPassword()).isTrue();
    assertThat(
            hub.rows(
                "SELECT position(%s in encode(secret, 'escape')) FROM selfsame.connection"
                    .formatted(literal(Objects.requireNonNull(at.password())))))
        .containsExactly("0");
    assertThat(hub.rows("SELECT details::text FROM selfsame.act WHERE act = 'add_connection'"))
        .hasSize(1)
        .noneMatch(details -> details.contains(Objects.requireNonNull(at.password())));
    assertThat(connections.test("dwh").now()).isNotNull();
  }

  private Problem asking(String query) {
    return problem(() -> syncs.preview("dwh", query, 10));
  }

  private Problem trying(
      String url, String user, @Nullable String password, Map<String, String> options) {
    connections.add("tried", url, user, password, options, true, ANN);
    return problem(() -> connections.test("tried"));
  }
}
