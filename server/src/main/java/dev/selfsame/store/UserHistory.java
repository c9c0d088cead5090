package dev.selfsame.store;

import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.resolution.Policy;
import dev.selfsame.store.UserQueries.Holding;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/**
 * Reads what happened to the users of one space, out of the ledger. However long a user's story is,
 * a page of it costs as much as any other.
 */
public final class UserHistory {

  private static final String COLUMNS =
      "l.position, l.at, l.said_at, l.source, l.outcome, l.rule, l.reason, l.checks, l.flags,"
          + " l.warnings, l.policy, l.part, l.before, l.payload";

  private static final String PARTS =
      """
      SELECT id FROM selfsame.part WHERE space = :space AND id = :user
      UNION ALL SELECT id FROM selfsame.part WHERE space = :space AND merged_into = :user\
      """;

  /**
   * Which lines are on a page, in the order of the index; the lines themselves are read by {@link
   * #LINES}. A claim on another user made or took back a merge with this one: merges are few. What
   * else was written to another and changed this one was noted under its name ({@link
   * Hashes#name(UUID)}).
   */
  static final String POSITIONS =
      """
      WITH p AS (%1$s),
      positions AS (
        (SELECT l.position FROM p CROSS JOIN LATERAL (
          SELECT position FROM selfsame.ledger WHERE space = :space AND part = p.id AND position < :before
          ORDER BY position DESC LIMIT :limit) l
        ORDER BY 1 DESC LIMIT :limit)
        UNION SELECT m.position FROM p JOIN selfsame.merge m ON m.space = :space AND m.survivor = p.id
        WHERE m.position < :before
        UNION SELECT m.position FROM p JOIN selfsame.merge m ON m.space = :space AND m.absorbed = p.id
        WHERE m.position < :before
        UNION SELECT m.undone_position FROM p JOIN selfsame.merge m ON m.space = :space AND m.survivor = p.id
        WHERE m.undone_position < :before
        UNION SELECT m.undone_position FROM p JOIN selfsame.merge m ON m.space = :space AND m.absorbed = p.id
        WHERE m.undone_position < :before
        UNION SELECT u.undone_position FROM p JOIN selfsame.unlinking u ON u.space = :space AND u.part = p.id
        WHERE u.undone_position < :before
        UNION (SELECT m.position FROM p CROSS JOIN LATERAL (
          SELECT position FROM selfsame.mention WHERE space = :space AND part = '%2$s' AND position < :before
            AND name = ('x' || left(encode(sha256(('user:' || p.id)::bytea), 'hex'), 16))::bit(64)::bigint
          ORDER BY position DESC LIMIT :limit) m
        ORDER BY 1 DESC LIMIT :limit))
      SELECT position FROM positions ORDER BY 1 DESC LIMIT :limit
      """
          .formatted(PARTS, new UUID(0, 0));

  /**
   * The planner takes everybody to have a few claims, and would gather and sort all of a user's for
   * a page of them.
   */
  static final List<String> IN_ORDER = List.of("enable_bitmapscan", "enable_sort");

  private static final String LINES =
      """
      SELECT %s FROM unnest(:positions::bigint[]) wanted (position)
      CROSS JOIN LATERAL (SELECT * FROM selfsame.ledger WHERE space = :space AND position = wanted.position) l
      ORDER BY l.position DESC
      """
          .formatted(COLUMNS);

  private static final String MERGES =
      """
      SELECT DISTINCT m.position, m.ordinal, m.survivor, m.absorbed, m.rule, m.merged_at, m.undone_position, m.undone_at
      FROM (%s) p CROSS JOIN LATERAL (
        SELECT * FROM selfsame.merge WHERE space = :space AND survivor = p.id
        UNION ALL SELECT * FROM selfsame.merge WHERE space = :space AND absorbed = p.id) m
      ORDER BY m.position, m.ordinal
      """
          .formatted(PARTS);

  /**
   * One line of the ledger with all that belongs to it.
   *
   * @param decision without its merges
   * @param merges those that it made, undone since or not
   * @param undone the merges that it took back
   * @param flags those that it raised and that are stored
   * @param payload the claim or act as it was sent: JSON; null where it is not kept
   */
  public record Line(
      FoundDecision decision,
      @Nullable Channel channel,
      List<PastMerge> merges,
      List<PastMerge> undone,
      List<RaisedFlag> flags,
      @Nullable String payload) {
    public Line {
      merges = List.copyOf(merges);
      undone = List.copyOf(undone);
      flags = List.copyOf(flags);
    }
  }

  /** A merge, live or undone. */
  public record PastMerge(
      String id,
      long position,
      UUID survivor,
      UUID absorbed,
      String code,
      Instant mergedAt,
      @Nullable Long undonePosition,
      @Nullable Instant undoneAt) {}

  /**
   * A flag that a claim raised.
   *
   * @param users as they were called then
   */
  public record RaisedFlag(
      String kind, List<UUID> users, @Nullable Identifier about, @Nullable Instant closedAt) {
    public RaisedFlag {
      users = List.copyOf(users);
    }
  }

  private final Database database;
  private final String spaceName;

  UserHistory(Database database, String space) {
    this.database = database;
    this.spaceName = space;
  }

  /** Answers from one moment: what it reads fits together, whatever is written meanwhile. */
  public <T extends @Nullable Object> T at(Function<Moment, T> question) {
    return database.read(handle ->
        handle.inTransaction(
            TransactionIsolationLevel.REPEATABLE_READ,
            reading ->
                question.apply(
                    new Moment(reading, SpaceSettings.read(reading.getConnection(), spaceName)))));
  }

  /** All users as of one moment. */
  public static final class Moment {
    private final Handle handle;
    private final SpaceSettings space;

    private Moment(Handle handle, SpaceSettings space) {
      this.handle = handle;
      this.space = space;
    }

    /** The last ledger position. */
    long position() {
      return space.position();
    }

    /** The name of a source by its number. */
    public String source(int number) {
      Source source = space.sources().get(number);
      return source == null ? Integer.toString(number) : source.name();
    }

    /** What values are normalised under. */
    public Policy policy() {
      return space.policy();
    }

    /** The live users that hold it, in about the order of creation. */
    public List<UUID> holders(Holding holding, int limit) {
      return UserQueries.holding(handle, space, List.of(holding), null, limit).stream()
          .map(FoundUser::id)
          .toList();
    }

    /** The user that a part belongs to today, with all its parts; null if there never was one. */
    public @Nullable User user(UUID part) {
      Snapshot snapshot = new Snapshot(false, 16);
      try {
        new UserReader(handle.getConnection(), space.number())
            .readHolders(snapshot, List.of(), List.of(part));
      } catch (SQLException e) {
        throw new ConnectionException(e);
      }
      return snapshot.users().all().stream()
          .filter(user -> user.contains(part))
          .findFirst()
          .orElse(null);
    }

    /**
     * What happened to a live user and to those it was made of, newest first.
     *
     * @param before the position at which the page before ended, or null
     */
    public List<Line> page(UUID user, @Nullable Long before, int limit) {
      IN_ORDER.forEach(setting -> handle.execute("SET LOCAL " + setting + " = off"));
      List<Long> positions =
          handle
              .createQuery(POSITIONS)
              .bind("space", space.number())
              .bind("user", user)
              .bind("before", before == null ? Long.MAX_VALUE : before)
              .bind("limit", limit)
              .mapTo(Long.class)
              .list();
      IN_ORDER.forEach(setting -> handle.execute("SET LOCAL " + setting + " TO DEFAULT"));
      return lines(positions);
    }

    /** The lines of these positions, newest first. */
    public List<Line> lines(Collection<Long> positions) {
      if (positions.isEmpty()) {
        return List.of();
      }
      return whole(
          handle
              .createQuery(LINES)
              .bind("space", space.number())
              .bindArray("positions", Long.class, List.copyOf(positions))
              .map((row, context) -> line(row))
              .list());
    }

    /** Every merge that a live user or one that it was made of had part in, in ledger order. */
    public List<PastMerge> merges(UUID user) {
      return handle
          .createQuery(MERGES)
          .bind("space", space.number())
          .bind("user", user)
          .map((row, context) -> merge(row))
          .list();
    }

    private Line line(ResultSet row) throws SQLException {
      Source source = space.sources().get(row.getInt(4));
      return new Line(
          UserQueries.decision(row, space),
          source == null ? null : source.channel(),
          List.of(),
          List.of(),
          List.of(),
          row.getString(14));
    }

    private List<Line> whole(List<Line> lines) {
      if (lines.isEmpty()) {
        return lines;
      }
      List<Long> positions = lines.stream().map(line -> line.decision().position()).toList();
      Map<Long, List<PastMerge>> made = new HashMap<>();
      merges("position", positions).forEach(merge -> add(made, merge.position(), merge));
      Map<Long, List<PastMerge>> undone = new HashMap<>();
      List<Long> undoing =
          lines.stream()
              .map(Line::decision)
              .filter(decision -> decision.outcome().equals("undone"))
              .map(FoundDecision::position)
              .toList();
      if (!undoing.isEmpty()) {
        undone(undoing, lines).forEach(merge -> add(undone, merge.undonePosition(), merge));
      }
      Map<Long, List<RaisedFlag>> flags = new HashMap<>();
      handle
          .createQuery(
              """
              SELECT position, kind, users, about_type, about_value, closed_at FROM selfsame.flag
              WHERE space = :space AND position = ANY(:positions) ORDER BY position, ordinal
              """)
          .bind("space", space.number())
          .bindArray("positions", Long.class, positions)
          .map((row, context) -> {
            add(flags, row.getLong(1), flag(row));
            return row.getLong(1);
          })
          .list();
      return lines.stream()
          .map(line -> {
            long position = line.decision().position();
            return new Line(
                line.decision(),
                line.channel(),
                made.getOrDefault(position, List.of()),
                undone.getOrDefault(position, List.of()),
                flags.getOrDefault(position, List.of()),
                line.payload());
          })
          .toList();
    }

    private List<PastMerge> merges(String column, List<Long> positions) {
      return handle
          .createQuery(
              """
              SELECT position, ordinal, survivor, absorbed, rule, merged_at, undone_position, undone_at FROM selfsame.merge
              WHERE space = :space AND %s = ANY(:positions) ORDER BY position, ordinal
              """
                  .formatted(column))
          .bind("space", space.number())
          .bindArray("positions", Long.class, positions)
          .map((row, context) -> merge(row))
          .list();
    }

    /** By the parts that the lines are about: no index leads from an undo to its merge. */
    private List<PastMerge> undone(List<Long> positions, List<Line> lines) {
      List<UUID> parts = new ArrayList<>();
      for (Line line : lines) {
        FoundDecision decision = line.decision();
        if (decision.outcome().equals("undone")) {
          if (decision.part() != null) {
            parts.add(decision.part());
          }
          if (decision.before() != null) {
            decision.before().propertyNames().forEach(part -> parts.add(UUID.fromString(part)));
          }
        }
      }
      return handle
          .createQuery(
              """
              SELECT DISTINCT m.position, m.ordinal, m.survivor, m.absorbed, m.rule, m.merged_at, m.undone_position, m.undone_at
              FROM unnest(:parts::uuid[]) p (id) CROSS JOIN LATERAL (
                SELECT * FROM selfsame.merge WHERE space = :space AND survivor = p.id
                UNION ALL SELECT * FROM selfsame.merge WHERE space = :space AND absorbed = p.id) m
              WHERE m.undone_position = ANY(:positions) ORDER BY m.position, m.ordinal
              """)
          .bind("space", space.number())
          .bindArray("parts", UUID.class, parts)
          .bindArray("positions", Long.class, positions)
          .map((row, context) -> merge(row))
          .list();
    }

    private static <T> void add(Map<Long, List<T>> to, @Nullable Long position, T value) {
      if (position != null) {
        to.computeIfAbsent(position, none -> new ArrayList<>(1)).add(value);
      }
    }

    private static PastMerge merge(ResultSet row) throws SQLException {
      long undone = row.getLong(7);
      boolean live = row.wasNull();
      return new PastMerge(
          Merge.id(row.getLong(1), row.getInt(2)),
          row.getLong(1),
          row.getObject(3, UUID.class),
          row.getObject(4, UUID.class),
          row.getString(5),
          UserQueries.time(row.getLong(6)),
          live ? null : undone,
          live ? null : UserQueries.time(row.getLong(8)));
    }

    private static RaisedFlag flag(ResultSet row) throws SQLException {
      String type = row.getString(4);
      String value = row.getString(5);
      long closed = row.getLong(6);
      Instant closedAt = row.wasNull() ? null : UserQueries.time(closed);
      return new RaisedFlag(
          row.getString(2),
          List.of((UUID[]) row.getArray(3).getArray()),
          type == null || value == null ? null : new Identifier(IdentifierType.of(type), value),
          closedAt);
    }
  }
}
