package dev.selfsame.source.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Queries on a real PostgreSQL, and addresses of databases. */
final class QueryRowsTest {
  @RegisterExtension static final TestDatabase tool = TestDatabase.empty();
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @BeforeAll
  static void fill() {
    tool.sql(
        """
        CREATE TABLE users (id bigint, plan text);
        INSERT INTO users SELECT n, 'p' || n FROM generate_series(1, 5000) n;
        CREATE SEQUENCE counter;
        """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          SELECT 1 AS id, 'Zoë' AS "Full Name"                                           | id=I:1 Full Name=T:Zoë
          SELECT 9007199254740993::int8 AS a, 12.340::numeric AS b, 2::int2 AS c         | a=I:9007199254740993 b=D:12.340 c=I:2
          SELECT 0.1::float4 AS a, 123::float8 AS b, 'nan'::float8 AS c, 'nan'::numeric AS d | a=D:0.1 b=D:123
          SELECT true AS a, false AS b, NULL::boolean AS c, '' AS d                      | a=B:true b=B:false
          SELECT '2026-01-02 03:04:05.123456+02'::timestamptz AS a                       | a=T:2026-01-02T01:04:05.123456Z
          SELECT '2026-01-02 03:04:05'::timestamp AS a, NULL::timestamp AS b             | a=T:2026-01-02T03:04:05Z
          SELECT '2026-01-02'::date AS a, '03:04:05'::time AS b                          | a=T:2026-01-02 b=T:03:04:05
          SELECT '{"b": 1.50, "a": [1]}'::json AS a, ARRAY['x', NULL, 'y"'] AS b         | a=T:{"b": 1.50, "a": [1]} b=T:["x",null,"y\\""]
          SELECT ARRAY[[1, 2], [3, 4]] AS a, 'ecb5b4a6-6f0c-4d7c-9d0e-2b1f3a4c5d6e'::uuid AS b | a=T:[[1,2],[3,4]] b=T:ecb5b4a6-6f0c-4d7c-9d0e-2b1f3a4c5d6e
          SELECT '12.50'::money::numeric AS a, B'101' AS b, 'x'::"char" AS c             | a=D:12.50 b=T:101 c=T:x
          WITH u AS (SELECT count(*) AS n FROM users) SELECT * FROM u -- all             | n=I:5000
          VALUES (1, 'x')                                                                | column1=I:1 column2=T:x
          TABLE users LIMIT 1;                                                           | id=I:1 plan=T:p1
          SELECT '?' AS a, 'x;y' AS b, '{fn now()}' AS c                                 | a=T:? b=T:x;y c=T:{fn now()}
          SELECT * FROM users WHERE id < 0                                               | ``
          """)
  void values_keep_their_kind_and_text(String sql, String row) throws IOException {
    assertThat(query(sql)).isEqualTo(row.isEmpty() ? List.of() : List.of(row));
  }

  @Test
  void rows_come_in_their_order_and_say_where_they_are() throws IOException {
    long number = 0;
    try (Rows rows = open(tool.address(), "SELECT id FROM users ORDER BY id", LIMIT)) {
      assertThat(rows.size()).isZero();
      for (Rows.Row row = rows.next(); row != null; row = rows.next()) {
        number++;
        assertThat(Objects.requireNonNull(row.cells()[0]).text()).isEqualTo("" + number);
        assertThat(row.place()).hasToString("row %d of the query".formatted(number));
      }
      assertThat(rows.next()).isNull();
    }
    assertThat(number).isEqualTo(5_000);
  }

  /** A million rows of 2 kB, gathered, would not fit in the memory of the tests. */
  @Test
  void an_answer_of_any_size_is_read_a_part_at_a_time() throws IOException {
    try (Rows rows =
        open(
            tool.address(),
            "SELECT n, repeat('x', 2000) AS x FROM generate_series(1, 1000000) n",
            LIMIT)) {
      for (int i = 0; i < 3_000; i++) {
        assertThat(rows.next()).isNotNull();
      }
    }
    assertThat(
            tool.rows(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'Selfsame' AND"
                    + " state = 'active'"))
        .containsExactly("0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          INSERT INTO users VALUES (9)                    | failed: ERROR: cannot execute INSERT in a read-only transaction
          DELETE FROM users RETURNING id                  | failed: ERROR: cannot execute DELETE in a read-only transaction
          SELECT nextval('counter')                       | failed: ERROR: cannot execute nextval() in a read-only transaction
          CREATE TABLE x (id int)                         | failed: ERROR: cannot execute CREATE TABLE in a read-only transaction
          COMMIT; DELETE FROM users                       | There are 2 statements; one SELECT is run.
          SELECT 1; SELECT 2                              | There are 2 statements; one SELECT is run.
          SET TimeZone = 'Asia/Tokyo'                     | The statement answers no rows: expected one SELECT.
          SELEC 1                                         | failed: ERROR: syntax error at or near "SELEC"
          SELECT nothing FROM users                       | failed: ERROR: column "nothing" does not exist
          SELECT 1/(3000 - n) AS a FROM generate_series(1, 5000) n | failed after row 2000: ERROR: division by zero
          -- nothing                                      | The statement answers no rows: expected one SELECT.
          ' '                                             | failed: ERROR: syntax error
          SELECT 'x'::bytea AS photo                      | the query: the column photo holds bytes (bytea), which no table takes.
          SELECT 1 AS "userId", 2 AS user_id              | the query, column 2: "userId" and "user_id" would both become the column user_id.
          SELECT 1, 2                                     | the query, column 2: two columns are called "?column?". Rename one of them.
          SELECT 1 AS "имя"                               | the query, column 1: of the column's name "имя" no letter
          SELECT 'infinity'::timestamptz AS a             | row 1 of the query: the value of a is infinite, which no table takes.
          SELECT '-infinity'::timestamp AS a              | row 1 of the query: the value of a is infinite, which no table takes.
          SELECT '-infinity'::numeric AS a                | row 1 of the query: the value of a is infinite, which no table takes.
          SELECT repeat('x', 1048577) AS a                | row 1 of the query: the value of a is longer than 1 MiB.
          """)
  void what_cannot_be_read_is_refused(String sql, String says) {
    Failure failure = catchThrowableOfType(Failure.class, () -> query(sql));
    assertThat(failure).as(says).isNotNull();
    assertThat(failure).hasMessageContaining(says);
    assertThat(failure.problem().code()).startsWith("landing_");
    assertThat(tool.rows("SELECT count(*) FROM users")).containsExactly("5000");
    assertThat(tool.rows("SELECT is_called FROM counter")).containsExactly("f");
  }

  @Test
  void a_query_that_takes_too_long_is_stopped() {
    assertThatThrownBy(
            () -> open(tool.address(), "SELECT pg_sleep(20)", Duration.ofSeconds(1)).close())
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.LANDING_QUERY))
        .hasMessageContaining("took longer than 1 s and was stopped.");
  }

  @Test
  void who_may_not_log_in_hears_so_and_no_password_is_told() throws IOException {
    DatabaseAddress address = tool.address();
    var wrong = new DatabaseAddress(address.url(), address.user(), "very-secret");
    assertThatThrownBy(() -> open(wrong, "SELECT 1", LIMIT).close())
        .hasMessageStartingWith(
            "%s does not let %s log in: ".formatted(address.place(), address.user()))
        .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("very-secret"));
    String bare = "postgresql://%s@%s".formatted(address.user(), address.place());
    try (Rows rows = QueryRows.open(bare, address.password(), "SELECT 1 AS a", LIMIT, Set.of())) {
      assertThat(RowFilesTest.said(rows)).containsExactly("a=I:1");
    }
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    for (String system : List.of("postgresql", "mysql")) {
      String nobody = "%s://me:very-secret@127.0.0.1:%d/db".formatted(system, port);
      assertThatThrownBy(() -> QueryRows.open(nobody, null, "SELECT 1", LIMIT, Set.of()).close())
          .hasMessageStartingWith("127.0.0.1:%d/db cannot be reached: ".formatted(port))
          .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("very-secret"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          postgresql://me:se%40c@host/db                     | jdbc:postgresql://host/db    | me  | se@c
          jdbc:postgresql://me@host:1234/db?sslmode=require  | jdbc:postgresql://host:1234/db | me | other
          postgres://m%2Fe:a+b@[::1]:5432/db                 | jdbc:postgresql://[::1]:5432/db | m/e | a+b
          mysql://me:x@host/db                               | jdbc:mariadb://host/db       | me  | x
          jdbc:mariadb://me:@host:3307/db                    | jdbc:mariadb://host:3307/db  | me  | ``
          """)
  void addresses_are_read(String text, String url, String user, String password) {
    assertThat(QueryAddress.parse(text, "other"))
        .isInstanceOfSatisfying(
            QueryAddress.Server.class,
            server -> {
              assertThat(server.url()).isEqualTo(url);
              assertThat(server.user()).isEqualTo(user);
              assertThat(server.password()).isEqualTo(password);
              assertThat(server.toString()).startsWith(user + "@").doesNotContain("se@c");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          oracle://me:se-cret@host/db                    | it must start with postgresql://, mysql://, mariadb:// or duckdb:
          host/db                                        | it must start with postgresql://
          postgresql://me:se-cret@host                   | it must name a host and a database
          postgresql://me:se-cret@/db                    | it must name a host
          postgresql://host/db                           | it must name a user
          postgresql://me:se-cret%@host/db               | Malformed escape pair
          postgresql://me:se-cret#x y@host/db            | Illegal character
          postgresql://me:se-cret@host/db?socketFactory=x | its option socketFactory is not known; the options are currentSchema, sslmode, sslrootcert
          mysql://me:se-cret@host/db?allowLocalInfile=1  | its option allowLocalInfile is not known; the options are sslmode, sslrootcert
          mysql://me:se-cret@host/db?sslmode=maybe       | its option sslmode must be one of disable, require, verify-ca, verify-full
          mysql://me:se-cret@host/db?sslrootcert         | its option sslrootcert must be given a value
          duckdb:                                        | it must name a file: duckdb:/path/file.db
          duckdb::memory:                                | it must name a file: duckdb:/path/file.db
          """)
  void addresses_that_cannot_be_read_are_refused_without_telling(String text, String says) {
    Failure failure = catchThrowableOfType(Failure.class, () -> QueryAddress.parse(text, "other"));
    assertThat(failure).as(says).isNotNull();
    assertThat(failure)
        .hasMessageStartingWith("The database's address cannot be read: " + says)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("se-cret"));
    assertThat(failure.problem()).isEqualTo(Problem.LANDING_QUERY);
  }

  private static List<String> query(String sql) throws IOException {
    try (Rows rows = open(tool.address(), sql, LIMIT)) {
      return RowFilesTest.said(rows);
    }
  }

  private static Rows open(DatabaseAddress address, String sql, Duration limit) {
    return QueryRows.open(address.full().replaceFirst("\\?.*", ""), null, sql, limit, Set.of());
  }
}
