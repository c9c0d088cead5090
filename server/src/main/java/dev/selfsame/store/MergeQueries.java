package dev.selfsame.store;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Instead;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Source;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads merges, live and undone, and what hangs on them: for people who review them. */
public final class MergeQueries {

  /** Which merge: the ledger position that made it, and which of that position's. */
  public record Place(long position, int ordinal) {
    /** Before every merge, in the order of lists. */
    public static final Place NEWEST = new Place(Long.MAX_VALUE, 0);

    private static final Pattern ID = Pattern.compile("(\\d{1,18})(?:\\.(\\d{1,4}))?");

    /** The one of that public name; null if none can be called that. */
    public static @Nullable Place of(String id) {
      Matcher matcher = ID.matcher(id);
      if (!matcher.matches()) {
        return null;
      }
      String ordinal = matcher.group(2);
      return new Place(
          Long.parseLong(matcher.group(1)), ordinal == null ? 0 : Integer.parseInt(ordinal));
    }

    public String id() {
      return Merge.id(position, ordinal);
    }
  }

  /**
   * A merge as the ledger has it.
   *
   * @param survivor the users' ids at that time
   * @param source of the claim that made it
   * @param by the person who made it; null: a rule did
   * @param undoneAt null while it is live, as are the two that follow
   */
  public record StoredMerge(
      Place place,
      UUID survivor,
      UUID absorbed,
      String code,
      Instant mergedAt,
      String source,
      @Nullable String by,
      @Nullable Instant undoneAt,
      @Nullable Long undonePosition,
      @Nullable String undoneBy) {}

  /**
   * What an undo must know of the ledger.
   *
   * @param instead how parts would stand, had the merging claim not merged
   * @param left identifiers that left the merged user's parts since, and which
   */
  public record Facts(List<Instead> instead, Map<Identifier, UUID> left) {
    public Facts {
      instead = List.copyOf(instead);
      left = Map.copyOf(left);
    }
  }

  /** An open flag. */
  public record OpenFlag(
      String id, String kind, List<UUID> users, @Nullable Named identifier, String code) {
    public OpenFlag {
      users = List.copyOf(users);
    }
  }

  /** An identifier by type and value. */
  public record Named(String type, String value) {}

  /** An account and one part that belongs to it. */
  public record AccountOf(UUID id, String externalId, @Nullable String name, UUID part) {}

  private static final String MERGES =
      """
      SELECT m.position, m.ordinal, m.survivor, m.absorbed, m.rule, m.merged_at, m.undone_at, m.undone_position,
        l.source, CASE WHEN s.channel = 'act' THEN l.payload END, u.payload
      FROM (SELECT * FROM %s WHERE space = :space AND %s ORDER BY position DESC, ordinal DESC LIMIT :limit) m
      LEFT JOIN selfsame.ledger l ON l.space = m.space AND l.position = m.position AND l.at = m.merged_at
      LEFT JOIN selfsame.source s ON s.space = l.space AND s.number = l.source
      LEFT JOIN selfsame.ledger u ON u.space = m.space AND u.position = m.undone_position AND u.at = m.undone_at
      ORDER BY m.position DESC, m.ordinal DESC
      """;

  private static final String ALL = "selfsame.merge";

  /** A user has few merges: read by its indexes, before anything is put in order. */
  private static final String OF_USERS =
      """
      (SELECT %1$s FROM selfsame.merge WHERE space = :space AND survivor = ANY(:users)
       UNION SELECT %1$s FROM selfsame.merge WHERE space = :space AND absorbed = ANY(:users)) of\
      """
          .formatted(
              "space, position, ordinal, survivor, absorbed, rule, merged_at, undone_at,"
                  + " undone_position");

  private final Database database;
  private final String spaceName;

  public MergeQueries(Database database, String space) {
    this.database = database;
    this.spaceName = space;
  }

  /**
   * Merges, the newest first.
   *
   * @param user of this user or of one that it was made of; null: of all
   * @param code made by this rule; null: by any
   * @param undone whether they are undone; null: both
   * @param after where the page before ended
   */
  public List<StoredMerge> list(
      @Nullable UUID user,
      @Nullable String code,
      @Nullable Boolean undone,
      Place after,
      int limit) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      Query query = handle.createQuery(sql(user != null, code != null, undone));
      if (user != null) {
        query.bindArray("users", UUID.class, partsOf(handle, space, user));
      }
      if (code != null) {
        query.bind("code", code);
      }
      return query
          .bind("space", space.number())
          .bind("position", after.position())
          .bind("ordinal", after.ordinal())
          .bind("limit", limit)
          .map((row, context) -> merge(row, space))
          .list();
    });
  }

  static String sql(boolean ofUser, boolean ofRule, @Nullable Boolean undone) {
    StringBuilder where = new StringBuilder("(position, ordinal) < (:position, :ordinal)");
    if (ofRule) {
      where.append(" AND rule = :code");
    }
    if (undone != null) {
      where.append(undone ? " AND undone_at IS NOT NULL" : " AND undone_at IS NULL");
    }
    return MERGES.formatted(ofUser ? OF_USERS : ALL, where);
  }

  /** A user and those that it was made of. */
  private static List<UUID> partsOf(Handle handle, SpaceSettings space, UUID user) {
    return handle
        .createQuery(
            """
            SELECT :user::uuid UNION
            SELECT id FROM selfsame.part WHERE space = :space AND merged_into = :user
            """)
        .bind("user", user)
        .bind("space", space.number())
        .mapTo(UUID.class)
        .list();
  }

  /** The merge, or null. */
  public @Nullable StoredMerge merge(Place place) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      return handle
          .createQuery(MERGES.formatted(ALL, "position = :position AND ordinal = :ordinal"))
          .bind("space", space.number())
          .bind("position", place.position())
          .bind("ordinal", place.ordinal())
          .bind("limit", 1)
          .map((row, context) -> merge(row, space))
          .findOne()
          .orElse(null);
    });
  }

  /** Whether a claim of that ledger position merged users that were erased since. */
  public boolean erased(long position) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT EXISTS (SELECT FROM selfsame.ledger l JOIN selfsame.space s ON s.number = l.space
                WHERE s.name = :space AND l.position = :position AND l.outcome = 'merged'
                  AND NOT EXISTS (SELECT FROM selfsame.merge m WHERE m.space = l.space AND m.position = l.position))
                """)
            .bind("space", spaceName)
            .bind("position", position)
            .mapTo(Boolean.class)
            .one());
  }

  /** What the ledger knows of the merge, now. */
  public Facts facts(StoredMerge merge) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      String instead =
          handle
              .createQuery(
                  "SELECT coalesce(instead::text, '{}') FROM selfsame.merge WHERE space = :space"
                      + " AND position = :position AND ordinal = :ordinal")
              .bind("space", space.number())
              .bind("position", merge.place().position())
              .bind("ordinal", merge.place().ordinal())
              .mapTo(String.class)
              .findOne()
              .orElse(null);
      Map<Identifier, UUID> left = new LinkedHashMap<>();
      handle
          .createQuery(
              """
              SELECT v.type, v.value, v.from_part FROM selfsame.part a
              JOIN selfsame.part p ON p.space = a.space
                AND (p.id = coalesce(a.merged_into, a.id) OR p.merged_into = coalesce(a.merged_into, a.id))
              JOIN selfsame.identifier_move v ON v.from_part = p.id AND v.space = p.space
              WHERE a.space = :space AND a.id = :absorbed AND v.position > :position
              ORDER BY v.position DESC, v.ordinal LIMIT 1000
              """)
          .bind("space", space.number())
          .bind("absorbed", merge.absorbed())
          .bind("position", merge.place().position())
          .map((row, context) ->
              left.putIfAbsent(
                  new Identifier(IdentifierType.of(row.getString(1)), row.getString(2)),
                  row.getObject(3, UUID.class)))
          .list();
      return new Facts(InsteadJson.read(instead), left);
    });
  }

  /** The flags that the claim or act of that position raised and that are open. */
  public List<OpenFlag> raised(long position) {
    return flags("f.position = :position", query -> query.bind("position", position));
  }

  static final String AMONG =
      """
      f.users <@ :users::uuid[] AND cardinality(f.users) > 1
        AND (f.position, f.ordinal) IN (
          SELECT u.position, u.ordinal FROM selfsame.flag_user u WHERE u.part = ANY(:users) AND u.space = s.number)\
      """;

  /** Open flags of which every user is one of these. */
  public List<OpenFlag> among(Collection<UUID> users) {
    return flags(AMONG, query -> query.bindArray("users", UUID.class, List.copyOf(users)));
  }

  private List<OpenFlag> flags(String where, UnaryOperator<Query> bound) {
    return database.read(handle ->
        bound
            .apply(handle.createQuery(openFlags(where)).bind("space", spaceName))
            .map((row, context) -> flag(row))
            .list());
  }

  static String openFlags(String where) {
    return """
    SELECT f.position, f.ordinal, f.kind, f.users, f.about_type, f.about_value, f.rule
    FROM selfsame.flag f JOIN selfsame.space s ON s.number = f.space
    WHERE s.name = :space AND f.closed_at IS NULL AND %s ORDER BY f.position, f.ordinal LIMIT 1000
    """
        .formatted(where);
  }

  private static OpenFlag flag(ResultSet row) throws SQLException {
    String type = row.getString(5);
    String value = row.getString(6);
    return new OpenFlag(
        new FlagId.Stored(row.getLong(1), row.getInt(2)).toString(),
        row.getString(3),
        List.of((UUID[]) row.getArray(4).getArray()),
        type == null || value == null ? null : new Named(type, value),
        row.getString(7));
  }

  /** The accounts that the parts belong to, a row for each of both. */
  public List<AccountOf> accounts(Collection<UUID> parts) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT a.id, a.external_id, a.name, l.part FROM selfsame.space s
                JOIN selfsame.account_part l ON l.space = s.number AND l.part = ANY(:parts)
                JOIN selfsame.account a ON a.space = s.number AND a.id = l.account
                WHERE s.name = :space ORDER BY a.external_id, l.part LIMIT 1000
                """)
            .bind("space", spaceName)
            .bindArray("parts", UUID.class, List.copyOf(parts))
            .map((row, context) ->
                new AccountOf(
                    row.getObject(1, UUID.class),
                    row.getString(2),
                    row.getString(3),
                    row.getObject(4, UUID.class)))
            .list());
  }

  private static StoredMerge merge(ResultSet row, SpaceSettings space) throws SQLException {
    long undoneAt = row.getLong(7);
    boolean undone = !row.wasNull();
    long undonePosition = row.getLong(8);
    int number = row.getInt(9);
    Source source = space.sources().get(number);
    return new StoredMerge(
        new Place(row.getLong(1), row.getInt(2)),
        row.getObject(3, UUID.class),
        row.getObject(4, UUID.class),
        row.getString(5),
        UserQueries.time(row.getLong(6)),
        source == null ? Integer.toString(number) : source.name(),
        by(row.getString(10)),
        undone ? UserQueries.time(undoneAt) : null,
        undone ? undonePosition : null,
        by(row.getString(11)));
  }

  /** Who did it, as the act's payload says; null where an erasure took that. */
  static @Nullable String by(@Nullable String payload) {
    if (payload == null) {
      return null;
    }
    JsonNode by = Json.MAPPER.readTree(payload).get("by");
    return by == null || !by.isString() ? null : by.asString();
  }
}
