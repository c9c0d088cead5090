package dev.selfsame.source.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parquet files as DuckDB writes them, broken ones, and queries on DuckDB files. */
final class DuckDbRowsTest {

  private static final Set<String> WHOLE = Set.of("address", "plan_terms");
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          1 AS id, 'Zoë' AS "Name"                                        | id=I:1 Name=T:Zoë
          9007199254740993 AS a, 18446744073709551615::UBIGINT AS b       | a=I:9007199254740993 b=I:18446744073709551615
          12.340::DECIMAL(18,3) AS a, 0.1::DECIMAL(38,20) AS b            | a=D:12.340 b=D:0.10000000000000000000
          123.0::DOUBLE AS a, 0.1::FLOAT AS b, 1e20::DOUBLE AS c          | a=D:123 b=D:0.1 c=D:100000000000000000000
          1e300::DOUBLE AS a, 'nan'::DOUBLE AS b, -0.5::DOUBLE AS c       | a=D:1E+300 c=D:-0.5
          true AS a, NULL::BOOLEAN AS b, '' AS c                          | a=B:true
          TIMESTAMP '2026-01-02 03:04:05.123456' AS a                     | a=T:2026-01-02T03:04:05.123456Z
          TIMESTAMPTZ '2026-01-02 03:04:05+02' AS a                       | a=T:2026-01-02T01:04:05Z
          TIMESTAMP_NS '1969-12-31 23:59:59.5' AS a, NULL::TIMESTAMP AS b | a=T:1969-12-31T23:59:59.500Z
          DATE '2026-01-02' AS a, TIME '03:04:05' AS b                    | a=T:2026-01-02 b=T:03:04:05
          'ecb5b4a6-6f0c-4d7c-9d0e-2b1f3a4c5d6e'::UUID AS a               | a=T:ecb5b4a6-6f0c-4d7c-9d0e-2b1f3a4c5d6e
          {'id': 'p', 'of': {'x': 1, 'y': [1, 2]}} AS plan                | plan.id=T:p plan.of.x=I:1 plan.of.y=T:[1,2]
          NULL::STRUCT(a INTEGER, b STRUCT(c INTEGER)) AS s, 1 AS z       | z=I:1
          {'city': 'Bonn', 'n': 9007199254740993} AS "Address"            | Address=T:{"city":"Bonn","n":9007199254740993}
          {'terms': {'a': 1}, 'it''s "q"': 2} AS plan                     | plan.terms=T:{"a":1} plan.it's "q"=I:2
          [1.50::DECIMAL(9,2), NULL] AS a, MAP {'k': true} AS b           | a=T:[1.5,null] b=T:{"k":true}
          [{'a': 1}, {'a': 2}] AS "list ""of"" a's"                       | list "of" a's=T:[{"a":1},{"a":2}]
          """)
  void values_of_parquet_keep_their_kind_and_text(String select, String row) throws Exception {
    try (Rows rows = open(parquet("x.parquet", "SELECT " + select))) {
      assertThat(RowFilesTest.said(rows)).containsExactly(row);
    }
  }

  @Test
  void rows_come_in_their_order_and_say_where_they_are() throws Exception {
    Path file = parquet("a[1]*?'s.parquet", "SELECT range AS id FROM range(100000)");
    parquet("a1s.parquet", "SELECT 'other' AS id");
    long number = 0;
    try (Rows rows = open(file)) {
      assertThat(rows.size()).isEqualTo(Files.size(file));
      for (Rows.Row row = rows.next(); row != null; row = rows.next()) {
        assertThat(Objects.requireNonNull(row.cells()[0]).text()).isEqualTo("" + number);
        number++;
        if (number == 50_000) {
          assertThat(row.place()).hasToString(file + ", row 50000");
          assertThat(rows.read()).isEqualTo(rows.size() / 2);
        }
      }
      assertThat(rows.read()).isEqualTo(rows.size());
    }
    assertThat(number).isEqualTo(100_000);
  }

  @Test
  void a_directory_may_mix_parquet_with_others() throws Exception {
    Files.createDirectory(directory.resolve("year=2026"));
    parquet("year=2026/b.parquet", "SELECT 2 AS \"ID\", 'x' AS extra");
    Files.writeString(directory.resolve("year=2026/a.csv"), "id\n1\n");
    Files.writeString(directory.resolve("year=2026/c.jsonl"), "{\"id\":3}");
    try (Rows rows = open(directory.resolve("year=2026"))) {
      assertThat(RowFilesTest.said(rows)).containsExactly("id=U:1", "id=I:2 extra=T:x", "id=I:3");
      assertThat(rows.read()).isEqualTo(rows.size());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          SELECT 1 AS id, 'x'::BLOB AS photo       | LANDING_COLUMN | : the column photo holds bytes (BLOB), which no table takes. Leave it out, or make text of it.
          SELECT {'raw': 'x'::BLOB} AS a           | LANDING_COLUMN | : the column a.raw holds bytes (BLOB)
          SELECT 1 AS "userId", 2 AS "user id"     | LANDING_COLUMN | : "userId" and "user id" would both become the column user_id. Rename one of them.
          SELECT 1 AS a_b, {'b': 1} AS a           | LANDING_COLUMN | : "a_b" and "a.b" would both become the column a_b. Rename one of them.
          SELECT 1 AS "имя"                        | LANDING_COLUMN | : of the column's name "имя" no letter or digit of ASCII is left
          SELECT concat('x', chr(0)) AS a          | LANDING_FILE   | , row 1: the value of a holds a NUL.
          SELECT 'inf'::DOUBLE AS a                | LANDING_FILE   | , row 1: the value of a is infinite, which no table takes.
          SELECT 'infinity'::TIMESTAMP AS a        | LANDING_FILE   | , row 1: the value of a is infinite, which no table takes.
          SELECT repeat('x', 1048577) AS a         | LANDING_LIMIT  | , row 1: the value of a is longer than 1 MiB.
          SELECT CASE range WHEN 2 THEN repeat('ü', 524289) ELSE 'x' END AS a FROM range(3) | LANDING_LIMIT | , row 3: the value of a is longer than 1 MiB.
          """)
  void parquet_that_no_table_takes_is_refused(String select, String problem, String says)
      throws Exception {
    refused(parquet("x.parquet", select), Problem.valueOf(problem), says);
  }

  @Test
  void too_many_columns_and_too_long_rows_are_refused() throws Exception {
    var wide = new StringBuilder("SELECT 1 AS c1");
    var long17 = new StringBuilder("SELECT repeat('x', 1048576) AS c1");
    for (int i = 2; i <= 501; i++) {
      wide.append(", 1 AS c").append(i);
      if (i <= 17) {
        long17.append(", repeat('x', 1048576) AS c").append(i);
      }
    }
    refused(
        parquet("x.parquet", wide.toString()),
        Problem.LANDING_LIMIT,
        ": \"c501\" would be column 501; at most 500 are read.");
    refused(
        parquet("x.parquet", long17.toString()),
        Problem.LANDING_LIMIT,
        ", row 1: the values of this row are longer than 16 MiB together.");
  }

  @Test
  void a_broken_parquet_file_is_refused() throws Exception {
    Path file =
        parquet("x.parquet", "SELECT range AS id, 'name ' || range AS n FROM range(100000)");
    byte[] whole = Files.readAllBytes(file);
    for (int length : List.of(1, 4, 12, whole.length / 2, whole.length - 1)) {
      Files.write(file, Arrays.copyOf(whole, length));
      refused(file, Problem.LANDING_FILE, ": it cannot be read as Parquet, and may be cut short: ");
    }
    Files.write(file, new byte[0]);
    refused(file, Problem.LANDING_FILE, ": the file is empty.");
    Files.writeString(file, "id,name\n1,x\n");
    refused(file, Problem.LANDING_FILE, ": it cannot be read as Parquet, and may be cut short: ");
    byte[] damaged = whole.clone();
    Arrays.fill(damaged, whole.length / 4, whole.length / 2, (byte) 0x5A);
    Files.write(file, damaged);
    refused(file, Problem.LANDING_FILE, ": it cannot be read as Parquet, and may be cut short: ");
  }

  // ---- Queries ----

  @Test
  void a_query_on_a_duckdb_file_is_rows() throws Exception {
    String address = "duckdb:" + database();
    assertThat(query(address, "SELECT id, plan FROM users WHERE id > 1 ORDER BY id DESC; "))
        .containsExactly("id=I:3 plan.id=T:p3", "id=I:2 plan.id=T:p2");
    assertThat(
            query(
                "jdbc:" + address,
                "-- all of them\nWITH u AS (FROM users) SELECT count(*) AS n FROM u -- so many"))
        .containsExactly("n=I:3");
    try (Rows rows = QueryRows.open(address, null, "FROM users", LIMIT, WHOLE)) {
      assertThat(Objects.requireNonNull(rows.next()).place()).hasToString("row 1 of the query");
      assertThat(rows.size()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          INSERT INTO users VALUES (9, NULL)                     | The query is not one SELECT:
          SELECT 1; DROP TABLE users                             | The query is not one SELECT:
          SELECT 1; SELECT 2                                     | There are 2 statements; one SELECT is run.
          SELECT 1) AS q; COPY users TO 'out.csv'; SELECT * FROM (SELECT 1 | The query is not one SELECT:
          COPY users TO 'out.csv'                                | The query is not one SELECT:
          ATTACH 'other.db'                                      | The query is not one SELECT:
          SELEC 1                                                | The query is not one SELECT:
          ;                                                      | There are 0 statements; one SELECT is run.
          ' '                                                    | The query is not one SELECT:
          SELECT nothing FROM users                              | The query on
          SELECT CAST(concat('x', id) AS INTEGER) AS a FROM users | The query on
          SELECT 1 AS "имя"                                      | the query: of the column's name
          SELECT 'x'::BLOB AS b                                  | the query: the column b holds bytes (BLOB)
          """)
  void what_is_no_query_is_refused(String sql, String says) throws Exception {
    Path database = database();
    byte[] before = Files.readAllBytes(database);
    Failure failure = catchThrowableOfType(Failure.class, () -> query("duckdb:" + database, sql));
    assertThat(failure).as(says).isNotNull();
    assertThat(failure).hasMessageStartingWith(says);
    assertThat(failure.problem()).isIn(Problem.LANDING_QUERY, Problem.LANDING_COLUMN);
    assertThat(Files.readAllBytes(database)).isEqualTo(before);
    assertThat(Path.of("out.csv")).doesNotExist();
    assertThat(Path.of("other.db")).doesNotExist();
  }

  @Test
  void a_duckdb_file_that_is_none_is_refused() throws IOException {
    assertThatThrownBy(() -> query("duckdb:/nowhere/x.db", "SELECT 1"))
        .hasMessage("There is no DuckDB file /nowhere/x.db.");
    Path file = Files.writeString(directory.resolve("x.db"), "no database");
    assertThatThrownBy(() -> query("duckdb:" + file, "SELECT 1"))
        .hasMessageStartingWith("The query on " + file + " failed: ");
  }

  @Test
  void a_query_that_takes_too_long_is_stopped() throws Exception {
    String address = "duckdb:" + database();
    assertThatThrownBy(() ->
            QueryRows.open(
                    address,
                    null,
                    "SELECT count(*) AS n FROM range(100000000000) a WHERE a.range % 7 = 3",
                    Duration.ofSeconds(1),
                    WHOLE)
                .next())
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.LANDING_QUERY))
        .hasMessageContaining("took longer than 1 s");
  }

  @Test
  void what_fails_says_why_at_once_and_midway() throws Exception {
    String address = "duckdb:" + database();
    assertThatThrownBy(
            () -> query(address, "SELECT CAST(concat('x', id) AS INTEGER) AS a FROM users"))
        .hasMessageContaining("Could not convert string 'x1' to INT32");
    assertThatThrownBy(() ->
            query(
                address,
                "SELECT CASE range WHEN 3000000 THEN CAST('x' AS INTEGER) ELSE 1 END AS a FROM"
                    + " range(4000000)"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.LANDING_QUERY))
        .hasMessageMatching(
            "(?s)the query, after row \\d+: Conversion Error: Could not convert string 'x' to"
                + " INT32.*");
  }

  private Path database() throws SQLException {
    Path file = directory.resolve("tool.db");
    if (!Files.exists(file)) {
      duckdb(
          file.toString(),
          "CREATE TABLE users AS SELECT range + 1 AS id, {'id': 'p' || (range + 1)} AS plan FROM"
              + " range(3)");
    }
    return file;
  }

  private static List<String> query(String address, String sql) throws IOException {
    try (Rows rows = QueryRows.open(address, null, sql, LIMIT, WHOLE)) {
      return RowFilesTest.said(rows);
    }
  }

  private Path parquet(String name, String select) throws SQLException {
    Path file = directory.resolve(name);
    duckdb(
        "",
        "COPY (%s) TO '%s' (FORMAT parquet)".formatted(select, file.toString().replace("'", "''")));
    return file;
  }

  private static void duckdb(String database, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Rows open(Path path) {
    return RowFiles.open(List.of(path), null, WHOLE, InputStream.nullInputStream());
  }

  private static void refused(Path file, Problem problem, String says) {
    Failure failure =
        catchThrowableOfType(
            Failure.class,
            () -> {
              try (Rows rows = open(file)) {
                RowFilesTest.said(rows);
              }
            });
    assertThat(failure).as(says).isNotNull();
    assertThat(failure.getMessage()).startsWith(file + says);
    assertThat(failure.problem()).isEqualTo(problem);
  }
}
