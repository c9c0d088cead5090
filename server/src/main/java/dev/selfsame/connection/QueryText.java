package dev.selfsame.connection;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;

/**
 * A query as its driver is to prepare it: {@code $LAST_SYNC_TIMESTAMP}, alone or as the whole of a
 * text, is a parameter; inside a longer text, a name or a comment it stays as it stands.
 *
 * @param sql one statement, without a semicolon at its end
 * @param parameters how often the time stands in it
 */
public record QueryText(String sql, int parameters) {

  public static final String VARIABLE = "$LAST_SYNC_TIMESTAMP";

  /** Longer queries than anybody writes. */
  public static final int LONGEST = 100_000;

  /** Whether a run may ask for what is new alone. */
  public boolean incremental() {
    return parameters > 0;
  }

  /**
   * Reads a query.
   *
   * @throws Failure {@code WAREHOUSE_QUERY}, which shows where, if it is empty, does not end what
   *     it begins, has something after a semicolon, or a question mark where the driver would take
   *     it for a parameter
   */
  public static QueryText of(String query, Kind kind) {
    if (query.isBlank()) {
      throw new Failure(Problem.WAREHOUSE_QUERY, "The query is empty.");
    }
    if (query.length() > LONGEST) {
      throw new Failure(
          Problem.WAREHOUSE_QUERY,
          "The query has %,d characters; expected at most %,d.".formatted(query.length(), LONGEST));
    }
    return new Scan(query, kind).read();
  }

  private static final class Scan {
    private final String query;
    private final Kind kind;
    private final StringBuilder sql = new StringBuilder();
    private int at;
    private int parameters;

    /** Where the semicolon stands that ended the statement; -1: none yet. */
    private int end = -1;

    Scan(String query, Kind kind) {
      this.query = query;
      this.kind = kind;
    }

    QueryText read() {
      while (at < query.length()) {
        char c = query.charAt(at);
        int from = at;
        if (query.startsWith("--", at) || (c == '#' && kind.mysql())) {
          line();
        } else if (query.startsWith("/*", at)) {
          block();
        } else if (end >= 0) {
          if (!Character.isWhitespace(c) && c != ';') {
            throw broken(at, "There is text after the semicolon; one statement is run");
          }
          at++;
          continue;
        } else if (c == '\'' || c == '"' || c == '`') {
          quoted(c);
          continue;
        } else if (c == '$') {
          dollar();
          continue;
        } else if (c == ';') {
          end = at++;
          continue;
        } else if (c == '?') {
          question();
          continue;
        } else {
          at++;
        }
        if (end < 0) {
          sql.append(query, from, at);
        }
      }
      if (sql.toString().isBlank()) {
        throw new Failure(Problem.WAREHOUSE_QUERY, "The query is empty.");
      }
      return new QueryText(sql.toString(), parameters);
    }

    private void line() {
      int stop = query.indexOf('\n', at);
      at = stop < 0 ? query.length() : stop;
    }

    /** PostgreSQL's may stand in one another. */
    private void block() {
      int begin = at;
      int depth = 0;
      do {
        if (at >= query.length()) {
          throw broken(begin, "The comment that begins here does not end");
        }
        if (query.startsWith("*/", at)) {
          depth--;
          at += 2;
        } else if (query.startsWith("/*", at) && (depth == 0 || kind == Kind.POSTGRESQL)) {
          depth++;
          at += 2;
        } else {
          at++;
        }
      } while (depth > 0);
    }

    private void quoted(char quote) {
      int begin = at;
      boolean backslash = kind == Kind.POSTGRESQL ? quote == '\'' && afterE(begin) : kind.mysql();
      boolean escapes = backslash && quote != '`';
      at++;
      while (true) {
        if (at >= query.length()) {
          throw broken(
              begin,
              "The %s that begins here does not end".formatted(quote == '\'' ? "text" : "name"));
        }
        char c = query.charAt(at);
        if (c == '\\' && escapes) {
          at += 2;
        } else if (c != quote) {
          at++;
        } else if (at + 1 < query.length() && query.charAt(at + 1) == quote) {
          at += 2;
        } else {
          at++;
          break;
        }
      }
      boolean text = quote == '\'' || (quote == '"' && kind.mysql());
      if (text && query.substring(begin + 1, at - 1).equals(VARIABLE)) {
        parameter();
      } else {
        sql.append(query, begin, at);
      }
    }

    /** E'…', in which a backslash escapes. */
    private boolean afterE(int quote) {
      return quote > 0
          && "eE".indexOf(query.charAt(quote - 1)) >= 0
          && (quote == 1 || !word(query.charAt(quote - 2)));
    }

    private void dollar() {
      int after = at + VARIABLE.length();
      boolean within = at > 0 && word(query.charAt(at - 1));
      if (query.startsWith(VARIABLE, at)
          && !within
          && (after == query.length() || !word(query.charAt(after)))) {
        at = after;
        parameter();
        return;
      }
      int close = within || kind.mysql() ? -1 : tagEnd();
      if (close < 0) {
        sql.append('$');
        at++;
        return;
      }
      String tag = query.substring(at, close + 1);
      int stop = query.indexOf(tag, close + 1);
      if (stop < 0) {
        throw broken(at, "The text that begins here does not end");
      }
      sql.append(query, at, stop + tag.length());
      at = stop + tag.length();
    }

    /** Where $tag$ ends that begins here; -1: there is none. */
    private int tagEnd() {
      int i = at + 1;
      while (i < query.length() && query.charAt(i) != '$' && word(query.charAt(i))) {
        if (i == at + 1 && Character.isDigit(query.charAt(i))) {
          return -1;
        }
        i++;
      }
      return i < query.length() && query.charAt(i) == '$' ? i : -1;
    }

    private void question() {
      if (kind != Kind.POSTGRESQL) {
        throw broken(at, "A question mark would be taken for a parameter");
      }
      // An operator of PostgreSQL's; its driver takes two for one.
      sql.append("??");
      at++;
    }

    private void parameter() {
      sql.append('?');
      parameters++;
    }

    private static boolean word(char c) {
      return c == '_' || c == '$' || Character.isLetterOrDigit(c);
    }

    private Failure broken(int where, String why) {
      int lineStart = query.lastIndexOf('\n', where - 1) + 1;
      int lineEnd = query.indexOf('\n', where);
      String line = query.substring(lineStart, lineEnd < 0 ? query.length() : lineEnd);
      long number = query.substring(0, where).chars().filter(c -> c == '\n').count() + 1;
      int column = where - lineStart;
      int from = Math.max(0, column - 60);
      String shown = line.substring(from, Math.min(line.length(), column + 60)).replace('\t', ' ');
      return new Failure(
          Problem.WAREHOUSE_QUERY,
          "%s (line %d, column %d):%n%s%n%s^"
              .formatted(why, number, column + 1, shown, " ".repeat(column - from)));
    }
  }
}
