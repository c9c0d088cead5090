package dev.selfsame.source.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Queries on the MariaDB that is installed; skipped where there is none. */
@Tag("slow")
final class MariaDbRowsTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static @Nullable MariaDbServer started;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    Optional<String> missing = MariaDbServer.missing();
    Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    started = MariaDbServer.start(directory);
    started.sql(
        """
        CREATE TABLE users (id BIGINT UNSIGNED, plan TEXT, active BOOLEAN, at DATETIME(6), seen TIMESTAMP(3) NULL, price DECIMAL(9,3));
        INSERT INTO users VALUES (18446744073709551615, 'Zoë 😀', TRUE, '2026-01-02 03:04:05.123456', NULL, 12.340);
        SET time_zone = '+02:00';
        UPDATE users SET seen = '2026-01-02 03:04:05.5';
        """);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (started != null) {
      started.close();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '!',
      textBlock =
          """
          SELECT id, plan, active FROM users                      | id=I:18446744073709551615 plan=T:Zoë 😀 active=B:true
          SELECT at AS `createdAt`, seen, price FROM users;       | createdAt=T:2026-01-02T03:04:05.123456Z seen=T:2026-01-02T01:04:05.500Z price=D:12.340
          SELECT 2 AS a, 0.5e0 AS b, NULL AS c, '' AS d           | a=I:2 b=D:0.5
          SELECT DATE '2026-01-02' AS a, 'x;y' AS b               | a=T:2026-01-02 b=T:x;y
          SELECT JSON_OBJECT('a', 1.50) AS a, CAST(7 AS UNSIGNED) AS b | a=T:{"a": 1.50} b=I:7
          WITH u AS (SELECT count(*) AS n FROM users) SELECT n FROM u -- all | n=I:1
          SELECT id FROM users WHERE id < 0                       | !!
          """)
  void values_keep_their_kind_and_text(String sql, String row) throws IOException {
    assertThat(query(sql, LIMIT)).isEqualTo(row.isEmpty() ? List.of() : List.of(row));
  }

  @Test
  void an_answer_of_any_size_is_read_a_part_at_a_time() throws IOException {
    try (Rows rows = open("SELECT seq AS n, repeat('x', 2000) AS x FROM seq_1_to_1000000", LIMIT)) {
      for (int i = 1; i <= 3_000; i++) {
        Rows.Row row = Objects.requireNonNull(rows.next());
        assertThat(Objects.requireNonNull(row.cells()[0]).text()).isEqualTo("" + i);
        assertThat(row.place()).hasToString("row %d of the query".formatted(i));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '!',
      textBlock =
          """
          INSERT INTO users (id) VALUES (9)        | Cannot execute statement in a READ ONLY transaction
          DELETE FROM users                        | Cannot execute statement in a READ ONLY transaction
          DROP TABLE users                         | Cannot execute statement in a READ ONLY transaction
          COMMIT; DELETE FROM users                | error in your SQL syntax
          SELECT 1; SELECT 2                       | error in your SQL syntax
          SET @a = 1                               | The statement answers no rows: expected one SELECT.
          SELEC 1                                  | error in your SQL syntax
          SELECT nothing FROM users                | Unknown column 'nothing'
          SELECT x'00ff' AS photo                  | the query: the column photo holds bytes
          SELECT 1 AS userId, 2 AS user_id         | the query, column 2: "userId" and "user_id" would both become the column user_id.
          SELECT repeat('x', 1048577) AS a         | row 1 of the query: the value of a is longer than 1 MiB.
          SELECT SLEEP(20) AS a FROM users         | took longer than 1 s and was stopped.
          """)
  void what_cannot_be_read_is_refused(String sql, String says) throws IOException {
    Failure failure = catchThrowableOfType(Failure.class, () -> query(sql, Duration.ofSeconds(1)));
    assertThat(failure).as(says).isNotNull();
    assertThat(failure).hasMessageContaining(says);
    assertThat(failure.problem().code()).startsWith("landing_");
    assertThat(query("SELECT count(*) AS n FROM users", LIMIT)).containsExactly("n=I:1");
  }

  @Test
  void who_may_not_log_in_hears_so_and_no_password_is_told() {
    String address = "mysql://tool:very-secret@" + server().place();
    Failure failure =
        catchThrowableOfType(
            Failure.class, () -> QueryRows.open(address, null, "SELECT 1", LIMIT, Set.of()));
    assertThat(failure)
        .hasMessageStartingWith(server().place() + " does not let tool log in: ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("very-secret"));
  }

  private static MariaDbServer server() {
    return Objects.requireNonNull(started);
  }

  private static List<String> query(String sql, Duration limit) throws IOException {
    try (Rows rows = open(sql, limit)) {
      return RowFilesTest.said(rows);
    }
  }

  private static Rows open(String sql, Duration limit) {
    return QueryRows.open("mariadb://tool@" + server().place(), "p@ss/word", sql, limit, Set.of());
  }
}
