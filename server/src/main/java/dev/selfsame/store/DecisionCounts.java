package dev.selfsame.store;

import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Rule;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many claims and acts of a commit were decided by which rule, by the minute of their receipt.
 */
final class DecisionCounts {

  private static final long MICROS_PER_MINUTE = 60_000_000L;

  private record Key(int source, long minute, String rule, String outcome) {}

  /**
   * @param first the least of their ledger positions
   * @param last the greatest
   */
  private record Tally(long count, long first, long last) {
    Tally and(Tally other) {
      return new Tally(
          count + other.count, Math.min(first, other.first), Math.max(last, other.last));
    }
  }

  /** In the order of the table's key, so that two servers never wait for each other crosswise. */
  private final Map<Key, Tally> counts =
      new TreeMap<>(
          Comparator.comparingInt(Key::source)
              .thenComparingLong(Key::minute)
              .thenComparing(Key::rule)
              .thenComparing(Key::outcome));

  /**
   * Counts what was decided.
   *
   * @param at time of receipt, microseconds
   */
  void add(long position, long at, int source, Rule rule, Outcome outcome) {
    long minute = Math.floorDiv(at, MICROS_PER_MINUTE);
    counts.merge(
        new Key(source, minute, rule.code(), outcome.code()),
        new Tally(1, position, position),
        Tally::and);
  }

  void write(Connection connection, int space) throws SQLException {
    if (counts.isEmpty()) {
      return;
    }
    List<Integer> sources = new ArrayList<>();
    List<Long> minutes = new ArrayList<>();
    List<String> rules = new ArrayList<>();
    List<String> outcomes = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    List<Long> firsts = new ArrayList<>();
    List<Long> lasts = new ArrayList<>();
    counts.forEach((key, tally) -> {
      sources.add(key.source());
      minutes.add(key.minute());
      rules.add(key.rule());
      outcomes.add(key.outcome());
      numbers.add(tally.count());
      firsts.add(tally.first());
      lasts.add(tally.last());
    });
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO selfsame.decision_count AS c
              (space, source, minute, rule, outcome, count, first_position, last_position)
            SELECT ?, n.*
            FROM unnest(?::int[], ?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[]) AS n
            ON CONFLICT (space, source, minute, rule, outcome) DO UPDATE SET count = c.count + excluded.count,
              first_position = least(c.first_position, excluded.first_position),
              last_position = greatest(c.last_position, excluded.last_position)
            """)) {
      statement.setInt(1, space);
      statement.setArray(2, connection.createArrayOf("int", sources.toArray()));
      statement.setArray(3, connection.createArrayOf("bigint", minutes.toArray()));
      statement.setArray(4, connection.createArrayOf("text", rules.toArray()));
      statement.setArray(5, connection.createArrayOf("text", outcomes.toArray()));
      statement.setArray(6, connection.createArrayOf("bigint", numbers.toArray()));
      statement.setArray(7, connection.createArrayOf("bigint", firsts.toArray()));
      statement.setArray(8, connection.createArrayOf("bigint", lasts.toArray()));
      statement.executeUpdate();
    }
  }
}
