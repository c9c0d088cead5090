package dev.selfsame.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where {@code $LAST_SYNC_TIMESTAMP} is the parameter, and where it is text. */
final class QueryTextTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          SELECT 1                                                   | POSTGRESQL | SELECT 1                              | 0
          SELECT 1;                                                  | POSTGRESQL | SELECT 1                              | 0
          SELECT 1 ;  ; -- the end                                   | POSTGRESQL | ~SELECT 1 ~                           | 0
          SELECT * FROM u WHERE t > $LAST_SYNC_TIMESTAMP             | POSTGRESQL | SELECT * FROM u WHERE t > ?           | 1
          SELECT * FROM u WHERE t > '$LAST_SYNC_TIMESTAMP'           | POSTGRESQL | SELECT * FROM u WHERE t > ?           | 1
          SELECT '$LAST_SYNC_TIMESTAMP'::timestamp, $LAST_SYNC_TIMESTAMP | POSTGRESQL | SELECT ?::timestamp, ?            | 2
          SELECT 'since $LAST_SYNC_TIMESTAMP'                        | POSTGRESQL | SELECT 'since $LAST_SYNC_TIMESTAMP'   | 0
          SELECT 'it''s $LAST_SYNC_TIMESTAMP'                        | POSTGRESQL | SELECT 'it''s $LAST_SYNC_TIMESTAMP'   | 0
          SELECT "$LAST_SYNC_TIMESTAMP"                              | POSTGRESQL | SELECT "$LAST_SYNC_TIMESTAMP"         | 0
          SELECT "$LAST_SYNC_TIMESTAMP"                              | MARIADB    | SELECT ?                              | 1
          SELECT `$LAST_SYNC_TIMESTAMP`                              | MARIADB    | SELECT `$LAST_SYNC_TIMESTAMP`         | 0
          SELECT 1 /* $LAST_SYNC_TIMESTAMP; */ + 1                   | POSTGRESQL | SELECT 1 /* $LAST_SYNC_TIMESTAMP; */ + 1 | 0
          SELECT 1 /* a /* ' */ ; */ + 1                             | POSTGRESQL | SELECT 1 /* a /* ' */ ; */ + 1        | 0
          SELECT 1 -- $LAST_SYNC_TIMESTAMP;                          | POSTGRESQL | SELECT 1 -- $LAST_SYNC_TIMESTAMP;     | 0
          SELECT 1 # $LAST_SYNC_TIMESTAMP;                           | MYSQL      | SELECT 1 # $LAST_SYNC_TIMESTAMP;      | 0
          SELECT a # $LAST_SYNC_TIMESTAMP                            | POSTGRESQL | SELECT a # ?                          | 1
          SELECT $$a; $LAST_SYNC_TIMESTAMP$$                         | POSTGRESQL | SELECT $$a; $LAST_SYNC_TIMESTAMP$$    | 0
          SELECT $q$a; '$q$                                          | POSTGRESQL | SELECT $q$a; '$q$                     | 0
          SELECT 'a\\'$LAST_SYNC_TIMESTAMP'                          | MYSQL      | SELECT 'a\\'$LAST_SYNC_TIMESTAMP'     | 0
          SELECT E'a\\'$LAST_SYNC_TIMESTAMP'                         | POSTGRESQL | SELECT E'a\\'$LAST_SYNC_TIMESTAMP'    | 0
          SELECT $LAST_SYNC_TIMESTAMPS, $LAST_SYNC_TIMESTAMP         | POSTGRESQL | SELECT $LAST_SYNC_TIMESTAMPS, ?       | 1
          SELECT j ? 'a', ';' FROM t                                 | POSTGRESQL | SELECT j ?? 'a', ';' FROM t           | 0
          """)
  void theVariableIsAParameter(String query, Kind kind, String sql, int parameters) {
    assertThat(QueryText.of(query, kind)).isEqualTo(new QueryText(sql, parameters));
  }

  @Test
  void textAfterTheSemicolonIsShownWhereItStands() {
    Failure failure = refused("SELECT 1;\n  DELETE FROM users", Kind.POSTGRESQL);
    assertThat(failure)
        .hasMessage(
            """
            There is text after the semicolon; one statement is run (line 2, column 3):
              DELETE FROM users
              ^\
            """);
  }

  @Test
  void whatDoesNotEndIsShownWhereItBegins() {
    assertThat(refused("SELECT 'a", Kind.POSTGRESQL)).hasMessageContaining("line 1, column 8");
    assertThat(refused("SELECT 1 /* a", Kind.DUCKDB)).hasMessageContaining("line 1, column 10");
    assertThat(refused("SELECT $x$ a", Kind.POSTGRESQL)).hasMessageContaining("line 1, column 8");
    assertThat(refused("SELECT ?", Kind.MARIADB)).hasMessageContaining("question mark");
    assertThat(refused(" ", Kind.MARIADB)).hasMessage("The query is empty.");
    assertThat(refused(" ;", Kind.MARIADB)).hasMessage("The query is empty.");
    assertThat(refused(" ".repeat(QueryText.LONGEST) + "SELECT 1", Kind.DUCKDB))
        .hasMessageContaining("at most 100,000");
  }

  private static Failure refused(String query, Kind kind) {
    Failure failure = catchThrowableOfType(Failure.class, () -> QueryText.of(query, kind));
    assertThat(failure.problem()).isEqualTo(Problem.WAREHOUSE_QUERY);
    return failure;
  }
}
