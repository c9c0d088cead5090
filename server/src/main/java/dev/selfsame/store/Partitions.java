package dev.selfsame.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of the ledger, by month, and of the message keys, by week: made ahead, so that
 * rows do not gather in the rest partition, and those of the message keys dropped when no repeat
 * can be looked for in them any more. A partition is attached with locks that neither writers nor
 * readers of others wait for; a lock that cannot be had soon is left to the next time.
 */
final class Partitions {

  /** Repeats are recognised for 7 days; one more for clocks that differ. */
  static final int KEY_DAYS = 8;

  private static final int MONTHS_AHEAD = 2;
  private static final int WEEKS_AHEAD = 3;
  private static final Logger log = LoggerFactory.getLogger(Partitions.class);
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy_MM_dd");
  private static final Pattern LEDGER = Pattern.compile("ledger_(\\d{4}_(?:0[1-9]|1[0-2]))");
  private static final Pattern MESSAGE_KEY =
      Pattern.compile("message_key_(\\d{4}_(?:0[1-9]|1[0-2])_(?:0[1-9]|[12]\\d|3[01]))");

  private record Wanted(String parent, String name, LocalDate from, LocalDate to) {}

  private final Connection connection;

  Partitions(Connection connection) {
    this.connection = connection;
  }

  void ensure(Instant now) throws SQLException {
    LocalDate today = now.atZone(ZoneOffset.UTC).toLocalDate();
    Set<String> there = existing();
    for (Wanted wanted : wanted(today)) {
      if (!there.contains(wanted.name())) {
        inTransaction("make " + wanted.name(), statement -> make(statement, wanted));
      }
    }
    long oldest = micros(today.minusDays(KEY_DAYS));
    for (String name : there) {
      if (name.startsWith("message_key_2") && micros(week(name).plusWeeks(1)) <= oldest) {
        inTransaction(
            "drop " + name,
            statement -> statement.execute("DROP TABLE IF EXISTS selfsame." + name));
      }
    }
    inTransaction(
        "empty the rest of the message keys",
        statement ->
            statement.execute("DELETE FROM selfsame.message_key_rest WHERE at < " + oldest));
  }

  /** The names of those that should be there and are not. */
  static List<String> missing(Connection connection, Instant now) throws SQLException {
    Set<String> there = new Partitions(connection).existing();
    List<String> missing = new ArrayList<>();
    for (Wanted wanted : wanted(now.atZone(ZoneOffset.UTC).toLocalDate())) {
      if (!there.contains(wanted.name())) {
        missing.add(wanted.name());
      }
    }
    return missing;
  }

  /**
   * Makes, in the caller's transaction, those of the given names that are not there yet. Names that
   * are none of a partition by time are left out.
   */
  void make(Collection<String> names) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String name : names) {
        Matcher month = LEDGER.matcher(name);
        Matcher week = MESSAGE_KEY.matcher(name);
        if (month.matches()) {
          make(statement, ledger(LocalDate.parse(month.group(1) + "_01", DAY)));
        } else if (week.matches()) {
          make(statement, messageKey(LocalDate.parse(week.group(1), DAY)));
        }
      }
    }
  }

  private static Wanted ledger(LocalDate from) {
    String name = "ledger_%d_%02d".formatted(from.getYear(), from.getMonthValue());
    return new Wanted("ledger", name, from, from.plusMonths(1));
  }

  private static Wanted messageKey(LocalDate from) {
    return new Wanted("message_key", "message_key_" + DAY.format(from), from, from.plusWeeks(1));
  }

  private static List<Wanted> wanted(LocalDate today) {
    List<Wanted> wanted = new ArrayList<>();
    LocalDate month = today.withDayOfMonth(1);
    for (int i = 0; i <= MONTHS_AHEAD; i++) {
      wanted.add(ledger(month.plusMonths(i)));
    }
    LocalDate week = today.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    for (int i = 0; i <= WEEKS_AHEAD; i++) {
      wanted.add(messageKey(week.plusWeeks(i)));
    }
    return wanted;
  }

  private static LocalDate week(String partition) {
    return LocalDate.parse(partition.substring("message_key_".length()), DAY);
  }

  private Set<String> existing() throws SQLException {
    Set<String> names = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent IN ('selfsame.ledger'::regclass, 'selfsame.message_key'::regclass)
                """)) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  /** Rows of its range that lie in the rest partition, written when there was none, move over. */
  private static void make(Statement statement, Wanted wanted) throws SQLException {
    String table = "selfsame." + wanted.name();
    String range = "at >= %d AND at < %d".formatted(micros(wanted.from()), micros(wanted.to()));
    try (ResultSet row =
        statement.executeQuery("SELECT to_regclass('" + table + "') IS NOT NULL")) {
      row.next();
      if (row.getBoolean(1)) {
        return;
      }
    }
    statement.execute(
        "CREATE TABLE %s (LIKE selfsame.%s INCLUDING ALL)".formatted(table, wanted.parent()));
    statement.execute(
        "WITH moved AS (DELETE FROM selfsame.%s_rest WHERE %s RETURNING *) INSERT INTO %s SELECT * FROM moved"
            .formatted(wanted.parent(), range, table));
    statement.execute("ALTER TABLE %s ADD CONSTRAINT in_range CHECK (%s)".formatted(table, range));
    statement.execute(
        "ALTER TABLE selfsame.%s ATTACH PARTITION %s FOR VALUES FROM (%d) TO (%d)"
            .formatted(wanted.parent(), table, micros(wanted.from()), micros(wanted.to())));
    statement.execute("ALTER TABLE %s DROP CONSTRAINT in_range".formatted(table));
  }

  private static long micros(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toEpochSecond() * 1_000_000;
  }

  @FunctionalInterface
  private interface Work {
    void on(Statement statement) throws SQLException;
  }

  private void inTransaction(String what, Work work) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '2s'");
      statement.execute("SELECT 1 FROM selfsame.chore WHERE name = 'partitions' FOR UPDATE");
      work.on(statement);
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      if (!StoreFailures.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        throw e;
      }
      log.info("Could not {} now: others are at work; it is tried again", what);
    } finally {
      connection.setAutoCommit(true);
    }
  }
}
