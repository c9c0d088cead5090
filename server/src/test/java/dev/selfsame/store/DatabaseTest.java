package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.testing.TestDatabase;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class DatabaseTest {
  @RegisterExtension static final TestDatabase fresh = TestDatabase.empty();

  @Test
  void servers_that_start_together_on_an_empty_database_migrate_it_once() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
      List<Future<Database>> starts = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        starts.add(threads.submit(fresh::open));
      }
      for (Future<Database> start : starts) {
        assertThat(start.get().writable()).isTrue();
      }
    }
    assertThat(
            fresh.rows(
                "SELECT count(*), count(DISTINCT version) FROM selfsame.migration WHERE version IS"
                    + " NOT NULL"))
        .containsExactly(migrations().length + "|" + migrations().length);
    assertThat(fresh.rows("SELECT count(*) FROM selfsame.reader")).containsExactly("1");
  }

  @Test
  void the_newest_migration_is_the_one_that_the_program_knows() throws Exception {
    assertThat(Arrays.stream(migrations()).max()).hasValue(Migrations.LATEST);
  }

  /** The numbers of those that the program brings. */
  private static int[] migrations() throws Exception {
    URL first = Objects.requireNonNull(Migrations.class.getResource("/db/migration/V1__store.sql"));
    try (Stream<Path> files = Files.list(Path.of(first.toURI()).resolveSibling(""))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("V\\d+__.*"))
          .mapToInt(name -> Integer.parseInt(name.substring(1, name.indexOf("__"))))
          .toArray();
    }
  }

  @Test
  void partitions_of_the_coming_weeks_are_made_and_old_message_keys_dropped() throws Exception {
    Database database = fresh.open();
    String partitions =
        "SELECT relname FROM pg_class WHERE relname ~ '^(ledger|message_key)_(2|rest)' AND relkind"
            + " = 'r' ORDER BY 1";
    assertThat(fresh.rows(partitions))
        .containsExactly(
            "ledger_2026_11",
            "ledger_2026_12",
            "ledger_2027_01",
            "ledger_rest",
            "message_key_2026_11_16",
            "message_key_2026_11_23",
            "message_key_2026_11_30",
            "message_key_2026_12_07",
            "message_key_rest");
    long march = TestDatabase.NOW.plus(Duration.ofDays(110)).toEpochMilli() * 1_000;
    fresh.sql("INSERT INTO selfsame.message_key VALUES (1, 1, 1, 1, 1, " + march + ")");
    fresh.sql(
        "INSERT INTO selfsame.ledger (space, position, at, said_at, source, policy, outcome, rule)"
            + " VALUES (1, 1, "
            + march
            + ", 0, 1, 1, 'created', 'K1')");
    assertThat(
            fresh.rows(
                "SELECT c.relname FROM selfsame.ledger l JOIN pg_class c ON c.oid = l.tableoid"))
        .containsExactly("ledger_rest");
    database.upkeep(TestDatabase.NOW.plus(Duration.ofDays(110)));
    assertThat(fresh.rows(partitions))
        .contains("ledger_2026_11", "ledger_2027_03", "message_key_2027_03_08")
        .doesNotContain("message_key_2026_11_16", "message_key_2026_12_07");
    assertThat(
            fresh.rows(
                "SELECT c.relname FROM selfsame.ledger l JOIN pg_class c ON c.oid = l.tableoid"))
        .as("rows that lay in the rest moved over")
        .containsExactly("ledger_2027_03");
    assertThat(
            fresh.rows(
                "SELECT c.relname FROM selfsame.message_key k JOIN pg_class c ON c.oid ="
                    + " k.tableoid"))
        .containsExactly("message_key_2027_03_08");
    fresh.sql("DELETE FROM selfsame.ledger");
  }

  @Test
  void a_writing_connection_plans_for_a_full_table() throws Exception {
    try (Connection connection = fresh.open().connect("writer");
        Statement statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT current_setting('plan_cache_mode'), current_setting('enable_seqscan')")) {
      row.next();
      assertThat(row.getString(1)).isEqualTo("force_generic_plan");
      assertThat(row.getString(2)).isEqualTo("off");
    }
  }

  @Test
  void updates_planned_while_there_was_no_part_do_not_read_all_parts_later() throws Exception {
    String sql = new PartUpdates(Set.of(PartColumns.Group.NAME), false, 1, 0).sql();
    int parameters = 0;
    while (sql.contains("?")) {
      sql = sql.replaceFirst("\\?", "\\$" + ++parameters);
    }
    StringBuilder plan = new StringBuilder();
    try (Connection connection = fresh.open().connect("writer");
        Statement statement = connection.createStatement()) {
      statement.execute("PREPARE u AS " + sql);
      String nulls = String.join(", ", Collections.nCopies(parameters, "NULL"));
      try (var row = statement.executeQuery("EXPLAIN EXECUTE u(" + nulls + ")")) {
        while (row.next()) {
          plan.append(row.getString(1)).append('\n');
        }
      }
    }
    assertThat(plan).contains("Index Cond: ((space = v.space) AND (id = v.id))");
  }

  @Test
  void a_wrong_login_an_unknown_database_and_a_missing_server_are_told_apart() {
    DatabaseAddress right = fresh.address();
    assertProblem(
        right.as(right.user(), "wrong"), Problem.STORE_LOGIN, "password authentication failed");
    assertProblem(
        new DatabaseAddress(
            right.url().replaceFirst("/[^/]*$", "/nowhere"), right.user(), right.password()),
        Problem.STORE_LOGIN,
        "nowhere");
    assertProblem(
        DatabaseAddress.parse("postgresql://app:none@127.0.0.1:1/x"),
        Problem.STORE_AWAY,
        "127.0.0.1:1");
  }

  @Test
  void a_user_without_rights_is_told_what_to_grant() {
    fresh.sql("DROP ROLE IF EXISTS weakling; CREATE ROLE weakling LOGIN PASSWORD 'w'");
    try {
      fresh.sql("DROP DATABASE IF EXISTS small");
      fresh.sql("CREATE DATABASE small");
      String place = fresh.address().place();
      DatabaseAddress url =
          DatabaseAddress.parse(
              "postgresql://weakling:w@" + place.substring(0, place.indexOf('/')) + "/small");
      assertProblem(url, Problem.STORE_RIGHTS, "OWNER TO weakling");
      fresh.sql("ALTER DATABASE small OWNER TO weakling");
      Database owned = Database.open(url, StoreSettings.DEFAULT, TestDatabase.NOW);
      try (owned) {
        assertThat(owned.writable()).isTrue();
        assertThatThrownBy(
                () -> owned.readerQuery().run("SELECT 1", Duration.ofSeconds(5), new Rows()))
            .isInstanceOfSatisfying(
                Failure.class,
                failure -> assertThat(failure.problem()).isEqualTo(Problem.READER_MISSING))
            .hasMessageContaining("ALTER ROLE weakling CREATEROLE");
      }
      fresh.sql("ALTER ROLE weakling CREATEROLE");
      try (Database now = Database.open(url, StoreSettings.DEFAULT, TestDatabase.NOW)) {
        Rows rows = new Rows();
        now.readerQuery().run("SELECT count(*) FROM users", Duration.ofSeconds(5), rows);
        assertThat(rows.rows).containsExactly("0");
      }
    } finally {
      fresh.sql("DROP DATABASE IF EXISTS small WITH (FORCE)");
    }
  }

  @Test
  void a_schema_of_a_newer_program_is_refused() {
    fresh.open();
    fresh.sql(
        "INSERT INTO selfsame.migration (installed_rank, version, description, type, script,"
            + " installed_by, execution_time, success) VALUES (99, '99', 'x', 'SQL', 'x', 'x', 0,"
            + " true)");
    try {
      assertThatThrownBy(fresh::open)
          .isInstanceOfSatisfying(
              Failure.class,
              failure -> assertThat(failure.problem()).isEqualTo(Problem.STORE_UNFIT))
          .hasMessageContaining(
              "newer Selfsame (schema 99; this one knows " + Migrations.LATEST + ")");
    } finally {
      fresh.sql("DELETE FROM selfsame.migration WHERE installed_rank = 99");
    }
  }

  private static void assertProblem(DatabaseAddress url, Problem problem, String words) {
    assertThatThrownBy(() -> Database.open(url, StoreSettings.DEFAULT, TestDatabase.NOW))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.problem()).isEqualTo(problem))
        .hasMessageContaining(words);
  }
}
