package dev.selfsame.store;

import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Source;
import dev.selfsame.resolution.Outcome;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** How many users there are, and what was taken of late, by source and rule. */
public final class ActivityQueries {

  /**
   * How many there are.
   *
   * @param users that live
   * @param identified those of them that have an external id
   */
  public record Totals(long users, long identified) {}

  /**
   * What was taken within a span of time.
   *
   * @param decided claims and acts by the code of the rule that decided them
   * @param counted events that identify nobody, and repeats
   */
  public record Span(Instant from, Map<String, Long> decided, long counted) {
    public Span {
      decided = Map.copyOf(decided);
    }

    public long all() {
      return decided.values().stream().mapToLong(Long::longValue).sum() + counted;
    }
  }

  /**
   * A source, and what it said of late.
   *
   * @param heardAt the minute in which it last said something; null: it never did
   * @param taken claims, and events that are only counted, since a moment
   * @param refused claims that no user came of, since then
   */
  public record Heard(Source source, @Nullable Instant heardAt, long taken, long refused) {}

  private static final long MINUTE = Duration.ofMinutes(1).toSeconds();

  /** Those that an index has by themselves. */
  private static final Set<Outcome> SELDOM =
      EnumSet.complementOf(EnumSet.of(Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED));

  private final Database database;
  private final String spaceName;

  public ActivityQueries(Database database, String space) {
    this.database = database;
    this.spaceName = space;
  }

  public Totals totals() {
    return database.read(handle ->
        handle
            .createQuery("SELECT users, identified FROM selfsame.space WHERE name = :space")
            .bind("space", spaceName)
            .map((row, context) -> new Totals(row.getLong(1), row.getLong(2)))
            .one());
  }

  /**
   * What was taken in each of the last spans, the one that is not over yet last.
   *
   * @param now the end
   * @param span whole minutes
   */
  public List<Span> spans(Instant now, Duration span, int count) {
    long step = span.toMinutes();
    long last = Math.floorDiv(now.getEpochSecond(), MINUTE * step);
    Map<Long, Map<String, Long>> decided = new TreeMap<>();
    Map<Long, Long> counted = new HashMap<>();
    database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      bound(
              handle,
              """
              SELECT minute / :step, rule, sum(count) FROM selfsame.decision_count
              WHERE space = :space AND source = ANY(:sources) AND minute >= :from GROUP BY 1, 2
              UNION ALL
              SELECT minute / :step, NULL, sum(count) FROM selfsame.event_count
              WHERE space = :space AND source = ANY(:sources) AND minute >= :from GROUP BY 1
              """,
              space,
              (last - count + 1) * step)
          .bind("step", step)
          .map((row, context) -> {
            String rule = row.getString(2);
            return rule == null
                ? counted.put(row.getLong(1), row.getLong(3))
                : decided
                    .computeIfAbsent(row.getLong(1), slot -> new HashMap<>())
                    .put(rule, row.getLong(3));
          })
          .list();
      return true;
    });
    List<Span> spans = new ArrayList<>(count);
    for (long slot = last - count + 1; slot <= last; slot++) {
      spans.add(
          new Span(
              Instant.ofEpochSecond(slot * step * MINUTE),
              decided.getOrDefault(slot, Map.of()),
              counted.getOrDefault(slot, 0L)));
    }
    return spans;
  }

  private static Query bound(Handle handle, String sql, SpaceSettings space, long fromMinute) {
    return handle
        .createQuery(sql)
        .bind("space", space.number())
        .bindArray("sources", Integer.class, space.sources().keySet().toArray())
        .bind("from", fromMinute);
  }

  /**
   * All sources, by name.
   *
   * @param since what was taken since then is counted, from the beginning of its minute
   */
  public List<Heard> sources(Instant since) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      List<Heard> heard =
          bound(
                  handle,
                  """
                  SELECT s.number,
                    greatest(
                      (SELECT max(minute) FROM selfsame.decision_count WHERE space = :space AND source = s.number),
                      (SELECT max(minute) FROM selfsame.event_count WHERE space = :space AND source = s.number)),
                    coalesce(d.taken, 0) + coalesce(e.taken, 0), coalesce(d.refused, 0)
                  FROM unnest(:sources) AS s (number)
                  LEFT JOIN LATERAL (SELECT sum(count) AS taken, sum(count) FILTER (WHERE outcome = 'rejected') AS refused
                    FROM selfsame.decision_count WHERE space = :space AND source = s.number AND minute >= :from) d ON true
                  LEFT JOIN LATERAL (SELECT sum(count) AS taken
                    FROM selfsame.event_count WHERE space = :space AND source = s.number AND minute >= :from) e ON true
                  """,
                  space,
                  Math.floorDiv(since.getEpochSecond(), MINUTE))
              .map((row, context) -> heard(row, space))
              .list();
      return heard.stream().sorted(Comparator.comparing(each -> each.source().name())).toList();
    });
  }

  private static Heard heard(ResultSet row, SpaceSettings space) throws SQLException {
    long minute = row.getLong(2);
    Instant at = row.wasNull() ? null : Instant.ofEpochSecond(minute * MINUTE);
    Source source = space.sources().get(row.getInt(1));
    if (source == null) {
      throw new IllegalStateException("The space lost a source between two looks");
    }
    return new Heard(source, at, row.getLong(3), row.getLong(4));
  }

  /**
   * The place in the ledger of the last that any source of a channel said; 0: nothing.
   *
   * @param since what was received before is not looked at
   */
  public long last(Channel channel, Instant since) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      return handle
          .createQuery(
              "SELECT coalesce(max(last_position), 0) FROM selfsame.decision_count WHERE space ="
                  + " :space AND source = ANY(:sources) AND minute >= :from")
          .bind("space", space.number())
          .bindArray(
              "sources",
              Integer.class,
              space.sources().values().stream()
                  .filter(source -> source.channel() == channel)
                  .map(Source::number)
                  .toArray())
          .bind("from", Math.floorDiv(since.getEpochSecond(), MINUTE))
          .mapTo(Long.class)
          .one();
    });
  }

  /** Claims that were refused for the same reason. */
  public record Refused(String reason, long count) {}

  /**
   * Why claims of a source were refused, what refused most first.
   *
   * @param last of how many of them, the newest
   */
  public List<Refused> refused(int source, int last) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT coalesce(reason, rule), count(*) FROM (
                  SELECT reason, rule FROM selfsame.ledger
                  WHERE space = :space AND source = :source AND outcome = 'rejected'
                  ORDER BY outcome, position DESC LIMIT :last) l
                GROUP BY 1 ORDER BY 2 DESC, 1
                """)
            .bind("space", SpaceSettings.read(handle.getConnection(), spaceName).number())
            .bind("source", source)
            .bind("last", last)
            .map((row, context) -> new Refused(row.getString(1), row.getLong(2)))
            .list());
  }

  /**
   * Places in the ledger of what a source said, the newest first.
   *
   * @param outcome null: all
   * @param before places before this one
   */
  public List<Long> positions(int source, @Nullable Outcome outcome, long before, int limit) {
    return database.read(handle -> {
      int space = SpaceSettings.read(handle.getConnection(), spaceName).number();
      // The outcome is written out, so that the plan can take the index of what is seldom.
      String of = outcome == null ? "" : " AND l.outcome = '" + outcome.code() + "'";
      if (outcome != null && SELDOM.contains(outcome)) {
        return handle
            .createQuery(
                "SELECT l.position FROM selfsame.ledger l WHERE l.space = :space AND l.source ="
                    + " :source AND l.position < :before"
                    + of
                    + " ORDER BY l.outcome, l.position DESC LIMIT :limit")
            .bind("space", space)
            .bind("source", source)
            .bind("before", before)
            .bind("limit", limit)
            .mapTo(Long.class)
            .list();
      }
      return handle
          .createQuery(
              """
              SELECT DISTINCT p.position FROM (
                SELECT minute, min(first_position) AS first, max(last_position) AS last
                FROM selfsame.decision_count l
                WHERE space = :space AND source = :source AND first_position < :before%1$s
                GROUP BY minute ORDER BY minute DESC LIMIT :limit) m
              CROSS JOIN LATERAL (
                SELECT l.position FROM selfsame.ledger l
                WHERE l.space = :space AND l.source = :source AND l.position BETWEEN m.first AND least(m.last, :before - 1)%1$s
                ORDER BY l.position DESC LIMIT :limit) p
              ORDER BY p.position DESC LIMIT :limit
              """
                  .formatted(of))
          .bind("space", space)
          .bind("source", source)
          .bind("before", before)
          .bind("limit", limit)
          .mapTo(Long.class)
          .list();
    });
  }
}
