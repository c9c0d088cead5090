package dev.selfsame.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Copies of the tables that a claim writes, with the same indexes and the same rows, beside the
 * hub's own in the same PostgreSQL: what COPY alone can do is measured in them. One set takes the
 * rows in one transaction, one in many, one takes the updated parts besides.
 */
final class Clones {

  /** Into which the rows are copied in one transaction. */
  private static final String ONE = "bench_one";

  /** In transactions of {@link #EVENTS} events' rows. */
  private static final String MANY = "bench_many";

  /** The rows of updated parts, as if they were new. */
  private static final String UPDATED = "bench_updated";

  private static final int EVENTS = 2_000;
  private static final List<String> TABLES = List.of("part", "identifier", "ledger", "message_key");

  /**
   * What COPY did with the rows of one run.
   *
   * @param rows new parts, identifiers, lines of the ledger, message keys
   * @param one seconds in one transaction
   * @param many seconds in transactions of 2,000 events' rows
   * @param updatedRows rows of parts that the run changed and that were there before
   * @param updated seconds for these besides, in one transaction
   */
  record Copied(List<Long> rows, double one, double many, long updatedRows, double updated) {
    /** The faster of the two ways, seconds. */
    double best() {
      return Math.min(one, many);
    }
  }

  private final HubDatabase database;
  private final Connection connection;
  private int turn;

  /** Makes the clones and fills them with what the store holds now. */
  Clones(HubDatabase database) {
    this.database = database;
    this.connection = database.connection();
    make(ONE, TABLES);
    make(MANY, TABLES);
    make(UPDATED, List.of("part"));
    database.execute("CHECKPOINT");
  }

  private void make(String schema, List<String> tables) {
    database.execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    database.execute("CREATE SCHEMA " + schema);
    for (String table : tables) {
      String clone = schema + "." + table;
      String original = "selfsame." + table;
      database.execute("CREATE TABLE %s (LIKE %s INCLUDING ALL)".formatted(clone, original));
      // LIKE leaves out the table's own parameters. The clones are never vacuumed while something
      // is measured.
      database.execute(
          """
          DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE %1$s SET (%%s)', concat_ws(', ', 'autovacuum_enabled = off',
            array_to_string(reloptions, ', '))) FROM pg_class WHERE oid = '%2$s'::regclass); END $$
          """
              .formatted(clone, original));
      database.execute("INSERT INTO %s SELECT * FROM %s".formatted(clone, original));
      database.execute("VACUUM (ANALYZE) " + clone);
    }
  }

  /** Brings the clones to where the store is, without measuring. */
  void follow(long after, long until) {
    try {
      List<Captured> rows = capture(after, until);
      copy(rows, ONE, Integer.MAX_VALUE);
      copy(rows, MANY, Integer.MAX_VALUE);
    } catch (SQLException e) {
      throw new Failed("The clones could not follow: " + e.getMessage(), e);
    }
  }

  /** Copies the rows that the claims after one position and until another left. */
  Copied copy(long after, long until) {
    try {
      List<Captured> rows = capture(after, until);
      double one;
      double many;
      // They take turns, so that neither always finds the caches warm.
      if (turn++ % 2 == 0) {
        many = copy(rows, MANY, 1);
        one = copy(rows, ONE, Integer.MAX_VALUE);
      } else {
        one = copy(rows, ONE, Integer.MAX_VALUE);
        many = copy(rows, MANY, 1);
      }
      List<Long> counts = rows.stream().map(Captured::rows).toList();
      rows = List.of(updated(after, until));
      double updated = copy(rows, UPDATED, Integer.MAX_VALUE);
      return new Copied(counts, one, many, rows.getFirst().rows(), updated);
    } catch (SQLException e) {
      throw new Failed("COPY could not be measured: " + e.getMessage(), e);
    }
  }

  /** Takes them away: they must not be in the way of what is measured next. */
  void drop() {
    for (String schema : List.of(ONE, MANY, UPDATED)) {
      database.execute("DROP SCHEMA " + schema + " CASCADE");
    }
    database.execute("CHECKPOINT");
  }

  private List<Captured> capture(long after, long until) throws SQLException {
    int pieces = (int) Math.max(1, (until - after + EVENTS - 1) / EVENTS);
    return List.of(
        captured(
            "part",
            "SELECT * FROM selfsame.part WHERE " + between("created_position", after, until),
            pieces),
        captured(
            "identifier",
            "SELECT * FROM selfsame.identifier i WHERE NOT EXISTS (SELECT FROM bench_one.identifier"
                + " o WHERE o.space = i.space AND o.type = i.type AND o.value = i.value AND o.part"
                + " = i.part)",
            pieces),
        captured(
            "ledger",
            "SELECT * FROM selfsame.ledger WHERE " + between("position", after, until),
            pieces),
        captured(
            "message_key",
            "SELECT * FROM selfsame.message_key WHERE " + between("position", after, until),
            pieces));
  }

  private static String between(String column, long after, long until) {
    return "%1$s > %2$d AND %1$s <= %3$d ORDER BY %1$s".formatted(column, after, until);
  }

  private Captured captured(String table, String query, int pieces) throws SQLException {
    long expected = database.number("SELECT count(*) FROM (" + query + ") AS rows");
    return Captured.of(connection, table, query, expected, pieces);
  }

  /**
   * The parts that were there before and that the claims changed, under ids of their own: the clone
   * has theirs.
   */
  private Captured updated(long after, long until) throws SQLException {
    List<String> columns =
        List.copyOf(
            database
                .counts(
                    "SELECT attname, attnum FROM pg_attribute WHERE attrelid ="
                        + " 'selfsame.part'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY"
                        + " attnum")
                .keySet());
    List<String> values =
        columns.stream()
            .map(column ->
                switch (column) {
                  case "id" -> "uuidv7()";
                  case "external_id" -> "external_id || '-' || " + until;
                  default -> column;
                })
            .toList();
    String query =
        "SELECT %s FROM selfsame.part WHERE created_position <= %d AND id IN (SELECT part FROM selfsame.ledger WHERE position > %d AND position <= %d)"
            .formatted(String.join(", ", values), after, after, until);
    return captured("part", query, 1);
  }

  /** Copies in transactions of so many pieces of each table; seconds, commits included. */
  private double copy(List<Captured> rows, String schema, int piecesAtOnce) throws SQLException {
    int pieces = rows.stream().mapToInt(Captured::pieces).max().orElse(0);
    connection.setAutoCommit(false);
    try {
      long start = System.nanoTime();
      for (long from = 0; from < pieces; from += piecesAtOnce) {
        for (Captured table : rows) {
          table.copyInto(
              connection, schema, (int) from, (int) Math.min(pieces, from + piecesAtOnce));
        }
        connection.commit();
      }
      return (System.nanoTime() - start) / 1e9;
    } finally {
      connection.setAutoCommit(true);
    }
  }
}
