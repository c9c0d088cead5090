package dev.selfsame.store;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The columns of {@code segment.users} that come from traits. The view reads them out of JSON, so
 * that a new trait never alters a table: the first claim that brings one replaces the view, in a
 * short transaction of its own, before it is answered. Traits that cannot be columns stay in the
 * JSON and are counted. Thread-safe; any number of servers.
 */
public final class TraitColumns {

  /** PostgreSQL allows 1,664; a table of more than some hundred columns helps nobody. */
  static final int MOST = 500;

  private static final int LONGEST_NAME_BYTES = 63;
  private static final int TRIES = 3;
  private static final long PAUSE_NANOS = 30_000_000_000L;
  private static final Set<String> FIXED = Set.of("id", "user_id", "email", "name", "received_at");
  private static final Logger log = LoggerFactory.getLogger(TraitColumns.class);

  private final Database database;
  private final AtomicLong leftOut = new AtomicLong();
  private volatile Set<String> known = Set.of();
  private volatile boolean full;
  private volatile long pausedUntil = System.nanoTime();

  public TraitColumns(Database database) {
    this.database = database;
  }

  /**
   * Sees to it that the traits are columns. Nearly always that is known without asking the
   * database. While somebody's long query on the view keeps it from being replaced, the columns
   * come later: claims do not wait for readers for long.
   *
   * @param names top-level names of the traits of one or more claims
   * @throws SessionFailure when the database does not do it
   */
  public void ensure(Set<String> names) {
    if (known.containsAll(names)) {
      return;
    }
    Set<String> wanted = new TreeSet<>();
    for (String name : names) {
      if (!known.contains(name)) {
        if (full || !fits(name)) {
          leftOut.incrementAndGet();
        } else {
          wanted.add(name);
        }
      }
    }
    if (!wanted.isEmpty() && System.nanoTime() - pausedUntil >= 0) {
      try {
        add(wanted);
      } catch (SQLException e) {
        throw new SessionFailure(e);
      }
    }
  }

  /**
   * How often a trait came that is no column: its name is taken or too long, or there are 500
   * already.
   */
  public long leftOut() {
    return leftOut.get();
  }

  private static boolean fits(String name) {
    return !name.isEmpty()
        && !FIXED.contains(name)
        && name.indexOf('\0') < 0
        && name.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME_BYTES;
  }

  private synchronized void add(Set<String> wanted) throws SQLException {
    if (known.containsAll(wanted)) {
      return;
    }
    try (Connection connection = database.plain("trait columns")) {
      connection.setAutoCommit(false);
      for (int tried = 1; ; tried++) {
        try {
          Set<String> now = add(connection, wanted);
          connection.commit();
          known = Set.copyOf(now);
          full = now.size() >= MOST;
          return;
        } catch (SQLException e) {
          connection.rollback();
          if (!StoreFailures.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
            throw e;
          }
          if (tried == TRIES) {
            pausedUntil = System.nanoTime() + PAUSE_NANOS;
            log.warn(
                "{} new columns of segment.users come later: a long query on it is running",
                wanted.size());
            return;
          }
        }
      }
    }
  }

  private Set<String> add(Connection connection, Set<String> wanted) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '1s'");
      statement.execute("SELECT 1 FROM selfsame.chore WHERE name = 'trait columns' FOR UPDATE");
      read(statement, columns);
      Set<String> now = new HashSet<>(columns);
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO selfsame.trait_column (name, ordinal) VALUES (?, ?)")) {
        for (String name : wanted) {
          if (columns.size() < MOST && now.add(name)) {
            columns.add(name);
            insert.setString(1, name);
            insert.setInt(2, columns.size());
            insert.addBatch();
          } else if (!now.contains(name)) {
            leftOut.incrementAndGet();
          }
        }
        insert.executeBatch();
      }
      if (!full && columns.size() == MOST) {
        log.warn(
            "segment.users has {} trait columns, the most there may be: further traits are kept but"
                + " not shown",
            MOST);
      }
      statement.execute(view(columns));
      return now;
    }
  }

  /** Makes the view show the columns that the store names, where their rows were brought in. */
  static void show(Connection connection) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      read(statement, columns);
      statement.execute(view(columns));
    }
  }

  private static void read(Statement statement, List<String> columns) throws SQLException {
    try (ResultSet rows =
        statement.executeQuery("SELECT name FROM selfsame.trait_column ORDER BY ordinal")) {
      while (rows.next()) {
        columns.add(rows.getString(1));
      }
    }
  }

  /**
   * The whole view; PostgreSQL accepts it in place of the last one as long as columns are only
   * added at the end.
   */
  private static String view(List<String> columns) {
    StringBuilder view =
        new StringBuilder(
            """
            CREATE OR REPLACE VIEW segment.users AS
            SELECT external_id AS id, external_id AS user_id,
              CASE WHEN NOT CASE WHEN email_position IS NULL THEN weak ELSE email_weak END THEN email END AS email,
              CASE WHEN NOT CASE WHEN name_position IS NULL THEN weak ELSE name_weak END THEN name END AS name,
              selfsame.time(coalesce(landed_at, updated_at)) AS received_at\
            """);
    for (String column : columns) {
      view.append(",\n  traits ->> '")
          .append(column.replace("'", "''"))
          .append("' AS \"")
          .append(column.replace("\"", "\"\""))
          .append('"');
    }
    return view.append(
            """

            FROM selfsame.part WHERE space = 1 AND external_id IS NOT NULL
              AND (landed_at IS NOT NULL OR coalesce(external_source, source) IN (
                SELECT number FROM selfsame.source WHERE space = 1 AND channel = 'segment'))
            """)
        .toString();
  }
}
