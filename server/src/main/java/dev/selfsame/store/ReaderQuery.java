package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * One statement of a person or a tool, under the readers' login, on a connection of its own. What
 * it may touch is held by that login's rights; the checks here only say early and clearly what
 * cannot work. Used once; may be cancelled from another thread.
 */
public final class ReaderQuery {

  private static final Set<String> READING =
      Set.of("SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN");

  /** Those that can stand in another's FROM. */
  private static final Set<String> LIMITED = Set.of("SELECT", "WITH", "VALUES", "TABLE");

  private static final int ROWS_AT_A_TIME = 1_000;

  /**
   * One column of a result.
   *
   * @param type PostgreSQL's name of it, such as {@code int8} or {@code _text}
   */
  public record Column(String name, String type) {}

  /** Receives a result row by row, so that any number of rows fits in memory. */
  public interface Sink {
    void columns(List<Column> columns);

    /** The values as PostgreSQL writes them, in the order of the columns; null for NULL. */
    void row(@Nullable String[] values);
  }

  /** A place in a statement, both from 1. */
  public record Place(int line, int column) {}

  /** A statement as it is run, and where the text that was given stands in it. */
  private record Run(String head, String statement, String tail, String given) {
    String sql() {
      return head + statement + tail;
    }
  }

  private final Database database;
  private final String space;
  private final int mostBytes;
  private volatile @Nullable Place mistake;
  private volatile @Nullable Statement running;
  private volatile boolean cancelled;

  /**
   * @param mostBytes how large what is read at a time may be; 0: as large as it is
   */
  ReaderQuery(Database database, String space, int mostBytes) {
    this.database = database;
    this.space = space;
    this.mostBytes = mostBytes;
  }

  /** Where in the text PostgreSQL saw a mistake, once it failed; null: it named no place. */
  public @Nullable Place mistake() {
    return mistake;
  }

  /**
   * Runs the statement and hands its rows to the sink.
   *
   * @param limit how long PostgreSQL may work on it at a stretch
   */
  public void run(String sql, Duration limit, Sink sink) {
    runStatement(new Run("", single(sql), "", sql), limit, ROWS_AT_A_TIME, sink);
  }

  /**
   * The same, of at most so many rows, all of which are in memory at a time. Unlike a result that
   * is read piece by piece, PostgreSQL may work on this one with several processes.
   */
  public void run(String sql, Duration limit, int mostRows, Sink sink) {
    String statement = single(sql);
    if (LIMITED.contains(firstWord(statement))) {
      // In one line with the first, so that the lines in errors are those of the text.
      runStatement(
          new Run("SELECT * FROM (", statement, "\n) answer LIMIT " + mostRows, sql),
          limit,
          0,
          sink);
    } else {
      runStatement(new Run("", statement, "", sql), limit, ROWS_AT_A_TIME, sink);
    }
  }

  private void runStatement(Run run, Duration limit, int fetch, Sink sink) {
    try (Connection connection = database.reader().connect(space, mostBytes)) {
      try (Statement setting = connection.createStatement()) {
        setting.execute("SET TimeZone = 'UTC'");
        setting.execute("SET statement_timeout = " + limit.toMillis());
      }
      connection.setNetworkTimeout(
          Runnable::run, Math.toIntExact(limit.plusSeconds(10).toMillis()));
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      try (Statement reading = connection.createStatement()) {
        reading.setEscapeProcessing(false);
        reading.setFetchSize(fetch);
        running = reading;
        if (cancelled) {
          return;
        }
        try (ResultSet rows = reading.executeQuery(run.sql())) {
          read(rows, sink);
        }
      } finally {
        running = null;
      }
    } catch (SQLException e) {
      throw failure(e, run, limit);
    }
  }

  /** Stops the statement, wherever it is. */
  public void cancel() {
    cancelled = true;
    Statement now = running;
    if (now != null) {
      try {
        now.cancel();
      } catch (SQLException e) {
        // It has ended meanwhile, or its server is gone; either way nothing runs any more.
        return;
      }
    }
  }

  private static void read(ResultSet rows, Sink sink) throws SQLException {
    ResultSetMetaData meta = rows.getMetaData();
    int width = meta.getColumnCount();
    List<Column> columns = new ArrayList<>(width);
    for (int i = 1; i <= width; i++) {
      columns.add(new Column(meta.getColumnLabel(i), meta.getColumnTypeName(i)));
    }
    sink.columns(columns);
    while (rows.next()) {
      @Nullable String[] values = new @Nullable String[width];
      for (int i = 0; i < width; i++) {
        values[i] = rows.getString(i + 1);
      }
      sink.row(values);
    }
  }

  /**
   * The one statement in the text. The driver would run several one after the other: ask its own
   * parser how many there are.
   */
  private static String single(String sql) {
    String word = firstWord(sql);
    if (word.isEmpty()) {
      throw new Failure(Problem.STATEMENT_FAILED, "There is no statement.");
    }
    if (!READING.contains(word)) {
      throw new Failure(
          Problem.STATEMENT_REFUSED,
          "A statement that starts with %s is not run: expected one SELECT, WITH, VALUES, TABLE, SHOW or EXPLAIN."
              .formatted(word));
    }
    List<NativeQuery> statements;
    try {
      statements = Parser.parseJdbcSql(sql, true, false, true, false, false);
    } catch (SQLException e) {
      throw new Failure(Problem.STATEMENT_FAILED, StoreFailures.said(e), 0, e);
    }
    if (statements.size() != 1) {
      throw new Failure(
          Problem.STATEMENT_REFUSED,
          "There are %d statements; one is run at a time.".formatted(statements.size()));
    }
    // Without a semicolon at its end.
    return statements.getFirst().nativeSql;
  }

  /**
   * The first word in capitals, after blanks, comments and opening brackets; of a word that is
   * none, its first character.
   */
  static String firstWord(String sql) {
    int at = 0;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (Character.isWhitespace(c) || c == '(') {
        at++;
      } else if (sql.startsWith("--", at)) {
        int end = sql.indexOf('\n', at);
        at = end < 0 ? sql.length() : end;
      } else if (sql.startsWith("/*", at)) {
        at = afterComment(sql, at);
      } else {
        int end = at;
        while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
          end++;
        }
        return sql.substring(at, Math.max(end, at + 1)).toUpperCase(Locale.ROOT);
      }
    }
    return "";
  }

  private static int afterComment(String sql, int start) {
    int depth = 0;
    int at = start;
    do {
      if (sql.startsWith("/*", at)) {
        depth++;
        at += 2;
      } else if (sql.startsWith("*/", at)) {
        depth--;
        at += 2;
      } else {
        at++;
      }
    } while (depth > 0 && at < sql.length());
    return at;
  }

  private Failure failure(SQLException e, Run run, Duration limit) {
    String state = String.valueOf(e.getSQLState());
    if (state.equals(StoreFailures.CANCELLED)) {
      return cancelled
          ? new Failure(Problem.STATEMENT_FAILED, "The statement was cancelled.", 0, e)
          : new Failure(
              Problem.STATEMENT_FAILED,
              "The statement took longer than %d s and was stopped; a higher limit is --timeout SECONDS, of a server the setting store.querySeconds."
                  .formatted(limit.toSeconds()),
              0,
              e);
    }
    if (mostBytes > 0 && String.valueOf(e.getMessage()).contains("maxResultBuffer")) {
      return new Failure(
          Problem.STATEMENT_FAILED,
          "The answer is larger than %,d MB and is not read: ask for fewer rows or shorter values."
              .formatted(mostBytes >> 20),
          0,
          e);
    }
    if (StoreFailures.away(e.getSQLState())) {
      return StoreFailures.of(e, database.address());
    }
    boolean refused =
        state.equals(StoreFailures.NOT_ALLOWED) || state.equals(StoreFailures.READ_ONLY);
    return new Failure(
        refused ? Problem.STATEMENT_REFUSED : Problem.STATEMENT_FAILED, words(e, run), 0, e);
  }

  private String words(SQLException e, Run run) {
    ServerErrorMessage message =
        e instanceof PSQLException server ? server.getServerErrorMessage() : null;
    if (message == null) {
      return StoreFailures.said(e);
    }
    Place place = place(message.getPosition(), run);
    mistake = place;
    boolean atEnd = message.getPosition() > run.head().length() + length(run.statement());
    StringBuilder words =
        new StringBuilder(
            atEnd && StoreFailures.SYNTAX.equals(e.getSQLState())
                ? "syntax error at end of input"
                : String.valueOf(message.getMessage()));
    if (place != null) {
      words.append(" (line %d, column %d)".formatted(place.line(), place.column()));
    }
    for (String more : new @Nullable String[] {message.getDetail(), message.getHint()}) {
      if (more != null) {
        words.append(". ").append(more.replaceFirst("\\.$", ""));
      }
    }
    return words.toString().replace('\n', ' ');
  }

  /** PostgreSQL counts characters, from 1, in what it was sent. */
  private static @Nullable Place place(int position, Run run) {
    int at = position - 1 - run.head().length();
    if (position < 1 || at < 0) {
      return null;
    }
    String statement = run.statement();
    int end = statement.offsetByCodePoints(0, Math.min(at, length(statement)));
    // What the driver took off at the beginning counts, too.
    int lead = Math.max(0, run.given().indexOf(statement));
    String before = run.given().substring(0, lead) + statement.substring(0, end);
    int lines = Math.toIntExact(before.chars().filter(c -> c == '\n').count());
    return new Place(lines + 1, before.length() - before.lastIndexOf('\n'));
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
